"""The state of a workspace in a few lines: what is current, whether it is up to date, what runs, what takes room.

Belongs here: gathering and wording them. Does not belong here: judging a run or a publication.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import duckdb

from catalog.base import CatalogError, Text
from medpanel.notices.outcome import TRIGGERS, last_outcome
from medpanel.notices.page import PAGE, headline
from medpanel.publishing import history
from medpanel.publishing.links import current_name
from medpanel.reuse import linking
from medpanel.runs import run_lock
from medpanel.runs.workspace import Workspace

_SHOWN_FILES = 3
_KINDS = {
    "synthetic": Text(en="SYNTHETIC: generated, not statistics", zh="合成数据，非统计数据"),
    "real": Text(en="real", zh="真实数据"),
}


def state_of(workspace: Workspace) -> Iterator[tuple[str, str]]:
    """Label and text of each line. Raises PublishError if it cannot be told which publication is current."""
    root = workspace.root
    if current_name(root) is None:
        yield (
            "Current / 当前发布",
            f"none in {root}; publish with `medpanel run --data {shlex.quote(str(root))}` / 尚无发布，请运行该命令",
        )
    else:
        one = history.find(root, "current")
        yield "Current / 当前发布", one.name
        yield from _damaged(one) if one.problem else _current(one)
        yield from _rolled_back(root)
        yield "Input files / 输入文件", _files(workspace, one)
    if running := run_lock.under_way(root):
        yield "Under way / 正在运行", f"{running[0]} / {running[1]}"
    yield from _last_run(workspace)
    yield from _room(workspace)


def _damaged(one: history.Kept) -> Iterator[tuple[str, str]]:
    yield (
        "Damaged / 已损坏",
        f"{one.problem}; go back to another: `medpanel rollback previous --reason …` / 可恢复较早发布",
    )


def _current(one: history.Kept) -> Iterator[tuple[str, str]]:
    kind = kind_of(one)
    yield "Data / 数据", f"{kind.en} / {kind.zh}"
    yield "Published / 发布", ", ".join([f"{one.said('finished_at')} UTC", *_by(one)])
    if reason := one.said("accepted_loss"):
        yield "Loss accepted / 接受内容减少", reason
    yield from _years(one)
    yield "Checks / 检查", f"{one.checks - one.failed} of {one.checks} passed / 通过"
    yield "Size / 大小", f"{one.size / 1e6:.1f} MB"


def kind_of(one: history.Kept) -> Text:
    """Whether its data are real or synthetic, in words."""
    kind = one.said("data_kind")
    return _KINDS.get(kind, Text(en=kind, zh=kind))


def _by(one: history.Kept) -> Iterator[str]:
    """Who published it where, and what started the run, as far as it is on record."""
    if person := one.said("person"):
        yield f"{person}@{host}" if (host := one.said("host")) else person
    if trigger := one.said("trigger"):
        said = TRIGGERS.get(trigger)
        yield f"started by / 触发: {said.en} / {said.zh}" if said else trigger


def _years(one: history.Kept) -> Iterator[tuple[str, str]]:
    """The last complete year of each study if that is on record, else the years of the figures."""
    with duckdb.connect(str(one.database), read_only=True) as connection:
        tables = {str(name) for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        windows: list[tuple[str, int, int, int | None]] = []
        if "study_window" in tables:
            asked = "SELECT study, first_year, last_year, newest_year FROM study_window ORDER BY study"
            windows = connection.execute(asked).fetchall()
        for study, first, last, newest in windows:
            newer = f"; newest year with data {newest} / 最新数据年份" if newest and newest > last else ""
            yield "Years / 年份", f"{study}: {first}–{last} complete / 完整{newer}"
        if not windows and "observation" in tables:
            [(first, last)] = connection.execute("SELECT min(year), max(year) FROM observation").fetchall()
            if first is not None:
                yield "Years / 年份", f"{first}–{last}"


def _rolled_back(root: Path) -> Iterator[tuple[str, str]]:
    if last := history.last_rollback(root):
        text = f"{last['at']}, {last['person']}, from {last['from']}: {last['reason']}"
        yield "Rolled back / 已恢复旧发布", f"{text}. The next run replaces it / 下次运行将取代它"


def _files(workspace: Workspace, one: history.Kept) -> str:
    """Whether the input files are those published; which are not."""
    if one.problem:
        return "not compared, the publication cannot be read / 发布无法读取，未比较"
    try:
        ways, count = differing(workspace, one)
    except (CatalogError, OSError) as error:
        return f"not compared / 未比较: {error}"
    told = [f"{len(paths)} {way}: {_first(paths)}" for way, paths in ways.items()]
    if told:
        return f"differ from those published / 与已发布者不同: {'; '.join(told)}"
    return f"as published / 与已发布者一致 ({count})"


def differing(workspace: Workspace, one: history.Kept) -> tuple[dict[str, list[str]], int]:
    """Input files that are not those of a publication, by what is other about them; and how many there are.

    Raises CatalogError or OSError if they cannot be told.
    """
    present = _present(workspace)
    with duckdb.connect(str(one.database), read_only=True) as connection:
        rows = connection.execute("SELECT path, sha256 FROM source_file").fetchall()
    published = {str(path): sha256 for path, sha256 in rows}
    ways = {
        "new / 新增": sorted(present.keys() - published.keys()),
        "changed / 更改": sorted(
            path for path in present.keys() & published.keys() if present[path] != published[path] is not None
        ),
        "gone / 缺失": sorted(published.keys() - present.keys()),
    }
    return {way: paths for way, paths in ways.items() if paths}, len(present)


def _present(workspace: Workspace) -> dict[str, str]:
    """Hash of every input file by its name, as they are now; of something that cannot be read its state."""
    import hashlib

    from ingestion.build.lake import input_files, relative_name

    sources, root = workspace.sources()
    found = {}
    for path in input_files(root, sources):
        if path.is_file():
            with path.open("rb") as stream:
                found[relative_name(path, root)] = hashlib.file_digest(stream, "sha256").hexdigest()
        else:
            found[relative_name(path, root)] = "not a file"
    return found


def _first(paths: list[str]) -> str:
    more = f" … + {len(paths) - _SHOWN_FILES}" if len(paths) > _SHOWN_FILES else ""
    return ", ".join(paths[:_SHOWN_FILES]) + more


def _last_run(workspace: Workspace) -> Iterator[tuple[str, str]]:
    """A run that did not succeed since the current publication was made current."""
    last, link = last_outcome(workspace), workspace.root / "current"
    since = link.lstat().st_mtime if link.is_symlink() else 0.0
    if last is not None and last.outcome != "success" and last.ended > since:
        said = headline(last)
        yield "Last run / 上次运行", f"{said.en} / {said.zh}; see / 见 {workspace.root / PAGE}"


def _room(workspace: Workspace) -> Iterator[tuple[str, str]]:
    root = workspace.root
    published = root / "publications"
    count = len(history.folders.finished(root))
    yield "Publications / 发布", f"{count}, {linking.size([published]) / 1e6:.1f} MB"
    yield "Kept results / 保留结果", f"{linking.alone([workspace.cache]) / 1e6:.1f} MB beside publications / 另占"
    yield "Records of runs / 运行记录", f"{linking.size([workspace.dagster_home]) / 1e6:.1f} MB"
