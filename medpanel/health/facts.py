"""The facts: what is published and how old it is, checks, files, the last run, the service, queue, disk, backup.

Belongs here: one function a fact, each with its verdict: good, a note, or bad. Showing them: page.py and the command.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import duckdb

from catalog.base import CatalogError, Text
from medpanel.notices.backups import last_backup
from medpanel.notices.outcome import last_outcome
from medpanel.notices.page import PAGE, headline
from medpanel.publishing import PublishError, history
from medpanel.publishing.links import current_name
from medpanel.publishing.state import differing, kind_of
from medpanel.runs import run_lock
from medpanel.runs.workspace import Workspace

State = Literal["good", "note", "bad"]
# A refresh a year, and a month to do it in.
_OLDEST_DAYS = 400
_BACKUP_DAYS = 8
# A publication is built beside the ones there are, from files of about its size.
_ROOM = 3
_LEAST_ROOM = 10**9
_SHOWN = 3


@dataclass(frozen=True)
class Fact:
    """One line: what it is about, whether that is well, and what was found."""

    name: Text
    state: State
    said: Text


@dataclass(frozen=True)
class Queue:
    """Dagster's runs that wait, and those under way."""

    waiting: int
    running: int


def facts_of(workspace: Workspace, queue: Queue | None, now: dt.datetime, service: bool = True) -> list[Fact]:
    """Every fact. `queue`: None where Dagster was not asked; `service`: whether one is expected to run."""
    facts = [*_published(workspace, now), _last_run(workspace), _service(workspace, service)]
    return [*facts, *_queue(workspace, queue), _room(workspace), _backup(workspace, now)]


def _published(workspace: Workspace, now: dt.datetime) -> Iterator[Fact]:
    name = Text(en="Publication", zh="当前发布")
    try:
        if current_name(workspace.root) is None:
            yield Fact(name, "bad", Text(en="nothing has been published yet", zh="尚无发布"))
            return
        one = history.find(workspace.root, "current")
    except PublishError as error:
        yield Fact(name, "bad", Text(en=str(error), zh=str(error)))
        return
    if one.problem:
        yield Fact(
            name,
            "bad",
            Text(
                en=f"{one.name} is damaged: {one.problem}; `medpanel rollback previous --reason …` goes back",
                zh=f"{one.name} 已损坏：{one.problem}；可用 medpanel rollback previous --reason … 恢复较早发布",
            ),
        )
        return
    yield _age(one, name, now)
    yield _checks(one)
    yield _files(workspace, one)


def _age(one: history.Kept, name: Text, now: dt.datetime) -> Fact:
    kind = kind_of(one)
    finished = one.manifest.get("finished_at")
    if not isinstance(finished, dt.datetime):
        return Fact(name, "note", Text(en=f"{one.name}, {kind.en}", zh=f"{one.name}，{kind.zh}"))
    days = (now.astimezone(dt.UTC).replace(tzinfo=None) - finished).days
    late = days > _OLDEST_DAYS
    return Fact(
        name,
        "bad" if late else "good",
        Text(
            en=f"{one.name}, {kind.en}, {days} days old" + (": the yearly refresh was missed" if late else ""),
            zh=f"{one.name}，{kind.zh}，{days}天前" + ("：错过了年度更新" if late else ""),
        ),
    )


def _checks(one: history.Kept) -> Fact:
    name = Text(en="Checks", zh="检查")
    if not one.failed:
        return Fact(name, "good", Text(en=f"all {one.checks} passed", zh=f"{one.checks}项全部通过"))
    with duckdb.connect(str(one.database), read_only=True) as connection:
        asked = "SELECT table_name, check_name FROM check_result WHERE passed IS DISTINCT FROM true ORDER BY ALL"
        failed = [f"{table}: {check}" for table, check in connection.execute(asked).fetchall()]
    shown = _first(failed)
    # What must pass stops a publication, so that these are warnings.
    return Fact(
        name,
        "note",
        Text(
            en=f"{one.failed} of {one.checks} warn: {shown}",
            zh=f"{one.checks}项中{one.failed}项提示：{shown}",
        ),
    )


def _files(workspace: Workspace, one: history.Kept) -> Fact:
    name = Text(en="Input files", zh="输入文件")
    try:
        ways, count = differing(workspace, one)
    except (CatalogError, OSError) as error:
        return Fact(name, "bad", Text(en=f"cannot be compared: {error}", zh=f"无法比较：{error}"))
    if not ways:
        return Fact(name, "good", Text(en=f"as published ({count})", zh=f"与已发布者一致（{count}个）"))
    told = [(f"{len(paths)} {{}}: {_first(paths)}", *way.split(" / ")) for way, paths in ways.items()]
    return Fact(
        name,
        "note",
        Text(
            en="other than published: " + "; ".join(text.format(en) for text, en, _ in told),
            zh="与已发布者不同：" + "；".join(text.format(zh) for text, _, zh in told),
        ),
    )


def _last_run(workspace: Workspace) -> Fact:
    name, last = Text(en="Last run", zh="上次运行"), last_outcome(workspace)
    if last is None:
        return Fact(name, "note", Text(en="none on record", zh="无记录"))
    said, when = headline(last), f"{dt.datetime.fromtimestamp(last.ended).astimezone():%Y-%m-%d %H:%M}"
    state: State = {"success": "good", "cancelled": "note"}.get(last.outcome, "bad")  # type: ignore[assignment]
    page = "" if state == "good" else str(workspace.root / PAGE)
    return Fact(
        name,
        state,
        Text(
            en=f"{said.en}, {when}" + (f"; why: {page}" if page else ""),
            zh=f"{said.zh}，{when}" + (f"；原因见 {page}" if page else ""),
        ),
    )


def _service(workspace: Workspace, expected: bool) -> Fact:
    name, holder = Text(en="Service", zh="服务"), run_lock.held_by(workspace.service_lock)
    if holder is not None:
        return Fact(
            name,
            "good",
            Text(en=holder[0].replace("another run", "runs"), zh=holder[1].replace("另一个运行", "正在运行")),
        )
    return Fact(
        name,
        "bad" if expected else "note",
        Text(
            en="does not run: nothing starts by itself; `systemctl start` its unit, or `medpanel watch`",
            zh="未运行，不会自动更新；请用 systemctl start 启动其单元，或运行 medpanel watch",
        ),
    )


def _queue(workspace: Workspace, queue: Queue | None) -> Iterator[Fact]:
    name, running = Text(en="Runs", zh="运行"), run_lock.under_way(workspace.root)
    under_way = Text(
        en=running[0].replace("another run", "one under way") if running else "none under way",
        zh=running[1].replace("另一个运行", "正在运行") if running else "无正在进行的运行",
    )
    if queue is None:
        yield Fact(name, "good", under_way)
        return
    stuck = queue.waiting > 0 and run_lock.held_by(workspace.service_lock) is None
    yield Fact(
        name,
        "bad" if stuck else "good",
        Text(
            en=f"{under_way.en}, {queue.waiting} waiting" + (" for a service that does not run" if stuck else ""),
            zh=f"{under_way.zh}，{queue.waiting}个排队" + ("，而服务未运行" if stuck else ""),
        ),
    )


def _room(workspace: Workspace) -> Fact:
    free = shutil.disk_usage(workspace.root).free
    try:
        size = history.find(workspace.root, "current").size
    except PublishError:
        size = 0
    wanted = max(_LEAST_ROOM, _ROOM * size)
    return Fact(
        Text(en="Disk", zh="磁盘"),
        "good" if free >= wanted else "bad",
        Text(
            en=f"{free / 1e9:.1f} GB free, a run may need {wanted / 1e9:.1f}",
            zh=f"剩余{free / 1e9:.1f} GB，一次运行可能需要{wanted / 1e9:.1f} GB",
        ),
    )


def _backup(workspace: Workspace, now: dt.datetime) -> Fact:
    name, last = Text(en="Backup", zh="备份"), last_backup(workspace)
    if last is None:
        return Fact(name, "note", Text(en="none on record: `medpanel backup`", zh="无记录，请运行 medpanel backup"))
    folder, taken_at = last
    days = (now.astimezone(dt.UTC) - dt.datetime.fromisoformat(taken_at)).days
    return Fact(
        name,
        "good" if days <= _BACKUP_DAYS else "note",
        Text(en=f"{days} days old, {folder}", zh=f"{days}天前，{folder}"),
    )


def _first(names: list[str]) -> str:
    more = f" … + {len(names) - _SHOWN}" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
