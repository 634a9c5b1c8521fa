"""Why a figure is not there: which file or cell, as far as files, the reading of them and the last publication tell.

Belongs here: finding the cause of figures that are missing, and grouping them by it. Does not belong here: what follows
from it (losses.py), and any decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.base import Text
from catalog.indicators import load_registry
from catalog.lake import IN_USE, NOT_READ
from medpanel.changes.both import EARLIER, LATER, NOW, Both
from medpanel.runs.warehouse import quote

if TYPE_CHECKING:
    import pandas as pd

FIGURE = ("entity_level", "entity_code", "year", "indicator")
_DISAGREE = "conflict"
SHOWN = 3


@dataclass(frozen=True)
class Cause:
    """One cause and the figures it takes away, as (level, code, year, indicator)."""

    text: Text
    figures: tuple[tuple[str, int, int, str], ...]


@dataclass(frozen=True)
class FileFate:
    """What became of a file of the earlier publication. `there`: a file with its name or its bytes is loaded."""

    path: str
    there: bool
    text: Text


def first_few(items: Sequence[str], language: str, shown: int = SHOWN) -> str:
    """The first items, and how many more there are."""
    rest = len(items) - shown
    if language == "zh":
        return "、".join(items[:shown]) + (f"等{len(items)}项" if rest > 0 else "")
    return ", ".join(items[:shown]) + (f" and {rest} more" if rest > 0 else "")


def spans(years: Iterable[int]) -> str:
    """Years, successive ones as a span."""
    ordered = sorted(set(years))
    starts = [year for year in ordered if year - 1 not in ordered]
    ends = [year for year in ordered if year + 1 not in ordered]
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in zip(starts, ends, strict=True))


def named(indicators: Iterable[str]) -> Text:
    """Indicators by id and Chinese label."""
    known, ids = load_registry().indicators, sorted(set(indicators))
    chinese = [f"{known[one].label.zh} {one}" if one in known else one for one in ids]
    return Text(en=first_few(ids, "en"), zh=first_few(chinese, "zh"))


def of_files(both: Both) -> dict[str, FileFate]:
    """The fate of every file the earlier publication had loaded, by its path."""
    side = _state(both)
    if not both.have("source_file", "path", "sha256", "status", sides=(EARLIER, side)):
        return {}
    now = both.frame(f"SELECT path, sha256, status, problem, file_id FROM {side}.source_file")
    loaded = set(now.loc[now["status"].isin(IN_USE), "sha256"])
    present = {str(row["path"]): row for row in now.to_dict("records")}
    files = both.rows(f"SELECT path, sha256 FROM {EARLIER}.source_file WHERE status IN {IN_USE} ORDER BY path")
    return {str(path): _fate(both, side, str(path), sha256 in loaded, present.get(str(path))) for path, sha256 in files}


def _fate(both: Both, side: str, path: str, elsewhere: bool, now: Mapping[Any, Any] | None) -> FileFate:
    if elsewhere or (now is not None and now["status"] in IN_USE):
        return FileFate(path, True, Text(en=f"{path}: loaded", zh=f"{path}：已载入"))
    if now is None:
        return FileFate(path, False, Text(en=f"{path}: the file is not there any more", zh=f"{path}：文件已不存在"))
    refusals = both.relation(side, "rejected_row", "file_id", "reason", "reason_zh")
    chinese = both.rows(
        f"SELECT reason_zh FROM {refusals} WHERE file_id = ? AND reason = ?", [now["file_id"], now["problem"]]
    )
    problem = str(now["problem"]).split("\n")[0].removeprefix(f"{path}: ")
    said = str(chinese[0][0]).split("\n")[0].removeprefix(f"{path}：") if chinese else problem
    if now["status"] == NOT_READ:
        return FileFate(path, False, Text(en=f"{path} is not read now: {problem}", zh=f"{path}现不读取：{said}"))
    return FileFate(path, False, Text(en=f"{path} is refused now: {problem}", zh=f"{path}现被拒绝：{said}"))


def causes_of(both: Both, missing: pd.DataFrame) -> list[Cause]:
    """Figures grouped by why they are not there, the cause of most of them first.

    `missing`: FIGURE. Where the earlier publication had the figure, the fate of its file and cell is asked too.
    """
    if missing.empty:
        return []
    both.connection.register("missing", missing[list(FIGURE)].drop_duplicates())
    try:
        rows = _looked_up(both)
    finally:
        both.connection.unregister("missing")
    files = of_files(both)
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(_key(row, files), []).append(row)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return [Cause(_text(key, members, files), tuple(map(_figure, members))) for key, members in ordered]


def _state(both: Both) -> str:
    """Where the reading of files now is known: the lake, else the later publication."""
    return NOW if both.have("source_file", sides=(NOW,)) else LATER


# What is known of each missing figure: its place in the earlier publication; the cells now refused that would have held
# it, and the reason; the reason why its former cell is refused; a cell that is empty; an edition that has it.
_LOOKED_UP = {
    "before": (
        (EARLIER, ("observation", "source_file")),
        "SELECT {figure}, any_value(f.path) AS path, any_value(o.file_id) AS file_id, any_value(o.sheet) AS sheet, "
        "any_value(o.cell) AS cell FROM {side}.observation o JOIN {side}.source_file f ON o.file_id = f.file_id "
        "WHERE o.chosen GROUP BY ALL",
    ),
    "refused": (
        (NOW, ("refused_cell", "rejected_row", "source_file")),
        "SELECT {figure}, list(DISTINCT f.path ORDER BY f.path) AS paths, min(x.code) AS code, "
        "arg_min(x.reason, f.path) AS reason, arg_min(x.reason_zh, f.path) AS reason_zh FROM {side}.refused_cell o "
        "JOIN {side}.rejected_row x ON o.file_id = x.file_id AND o.sheet = x.sheet AND o.cell = x.cell "
        "JOIN {side}.source_file f ON o.file_id = f.file_id GROUP BY ALL",
    ),
    "empty": (
        (NOW, ("missing_cell", "source_file")),
        "SELECT {figure}, min(f.path) AS path FROM {side}.missing_cell o "
        "JOIN {side}.source_file f ON o.file_id = f.file_id GROUP BY ALL",
    ),
    "withheld": (
        (LATER, ("observation",)),
        "SELECT {figure}, min(o.vintage) AS vintage FROM {side}.observation o WHERE NOT o.chosen GROUP BY ALL",
    ),
    "read": (
        (NOW, ("observation",)),
        "SELECT {figure}, min(o.vintage) AS vintage FROM {side}.observation o GROUP BY ALL",
    ),
}


def _looked_up(both: Both) -> list[dict[str, Any]]:
    """Every missing figure with a struct or None for each of _LOOKED_UP, and for what is known of its former cell."""
    names = [
        name for name, ((side, tables), _) in _LOOKED_UP.items() if all(both.have(t, sides=(side,)) for t in tables)
    ]
    asked = "".join(
        f", {name} AS ({_LOOKED_UP[name][1].format(side=_LOOKED_UP[name][0][0], figure=_columns('o'))})"
        for name in names
    )
    joins = "".join(f" LEFT JOIN {name} USING ({', '.join(FIGURE)})" for name in names)
    side = _state(both)
    cell = bool("before" in names and both.have("rejected_row", "cell", "reason_zh", sides=(side,)))
    if cell:
        joins += (
            f" LEFT JOIN {side}.rejected_row x ON x.file_id = before.file_id AND x.sheet = before.sheet "
            "AND x.cell = before.cell AND before.cell <> ''"
        )
    columns = "".join(f", {name}" for name in [*names, *(["x"] if cell else [])])
    sql = f"WITH m AS (FROM missing){asked} SELECT {_columns('m')}{columns} FROM m{joins} ORDER BY ALL"
    found = both.connection.execute(sql)
    heads = [one[0] for one in found.description or []]
    return [dict(zip(heads, row, strict=True)) for row in found.fetchall()]


def _columns(alias: str) -> str:
    return ", ".join(f"{alias}.{quote(name)}" for name in FIGURE)


def _of(row: dict[str, Any], name: str) -> dict[str, Any] | None:
    """What was found under a name; None if nothing was, or it was not asked."""
    found: dict[str, Any] | None = row.get(name)
    return found if found is not None and any(value is not None for value in found.values()) else None


def _key(row: dict[str, Any], files: Mapping[str, FileFate]) -> tuple[str, ...]:
    """What figures with the same cause share: the kind of cause, then its files."""
    before, refused, former = _of(row, "before"), _of(row, "refused"), _of(row, "x")
    if refused is not None:
        kind = _DISAGREE if _DISAGREE in refused["code"].split("+") else "refused"
        return (kind, *refused["paths"], "" if kind == _DISAGREE else refused["code"])
    if before is not None and before["path"] in files and not files[before["path"]].there:
        return ("file", before["path"])
    if former is not None and before is not None:
        if _DISAGREE in former["code"].split("+"):
            return (_DISAGREE, *sorted({before["path"], *_named_in(former["reason"], files)}), "")
        return ("refused", before["path"], former["code"])
    if (empty := _of(row, "empty")) is not None:
        return ("empty", empty["path"])
    if (withheld := _of(row, "withheld") or _of(row, "read")) is not None:
        return ("withheld", withheld["vintage"])
    return ("no longer", before["path"]) if before is not None else ("nowhere",)


def _named_in(reason: str, files: Iterable[str]) -> list[str]:
    return [path for path in files if path in reason]


def _figure(row: dict[str, Any]) -> tuple[str, int, int, str]:
    level, code, year, indicator = (row[name] for name in FIGURE)
    return str(level), int(code), int(year), str(indicator)


def _text(key: tuple[str, ...], rows: Sequence[dict[str, Any]], files: Mapping[str, FileFate]) -> Text:
    """The cause of a group in words."""
    kind, *which = key
    what, years = named(str(row["indicator"]) for row in rows), spans(int(row["year"]) for row in rows)
    paths = ", ".join(one for one in which if one)
    if kind == _DISAGREE:
        return Text(
            en=f"files disagree about {what.en} {years} within one edition: {paths}",
            zh=f"同一版本的文件对{what.zh} {years} 的数值不一致：{paths}",
        )
    if kind == "refused":
        said = _of(rows[0], "refused") or _of(rows[0], "x") or {}
        return Text(en=str(said["reason"]).split("\n")[0], zh=str(said["reason_zh"]).split("\n")[0])
    if kind == "file":
        return files[which[0]].text
    if kind == "empty":
        return Text(
            en=f"{paths}: the cells of {what.en} {years} are empty", zh=f"{paths}：{what.zh} {years} 的单元格为空"
        )
    if kind == "withheld":
        return Text(
            en=f"the series of {what.en} is made of another edition than {paths}, which has the figures of {years}",
            zh=f"{what.zh} 的序列改用其他版本，而 {years} 的数值仅见于版本 {paths}",
        )
    if kind == "no longer":
        return Text(
            en=f"{paths}: the file is loaded, but {what.en} {years} cannot be read from it any more",
            zh=f"{paths}：文件已载入，但其中已读不到{what.zh} {years}",
        )
    return Text(en=f"no file has {what.en} {years}", zh=f"没有文件包含{what.zh} {years}")
