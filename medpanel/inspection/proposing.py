"""The entry of sources.yaml an undeclared file needs: what its cells show by themselves, and blanks for the rest.

A proposal is read with before it is shown, so that what it says would load has loaded. It proposes columns that hold
provinces, cities and years, and names the registry knows; it never proposes a unit, a vintage or a direction.
"""

from __future__ import annotations

import datetime as dt
import glob
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog import Registry, Source, Sources
from ingestion import FileReading, read_file
from ingestion.grid import Sheet
from ingestion.headers import find_indicator, split_unit
from ingestion.paths import relative_name
from ingestion.places import Place, place_or_problem
from ingestion.probe import Probe
from ingestion.problems import Problem, Refusal
from ingestion.reading import read_grid
from ingestion.regions import is_figure, region_or_problem
from ingestion.years import parse_year_cell

_UNDECLARED = "undeclared"
BLANK = "…"
# A column holds places when nearly all its cells are some; a panel has at least this many rows.
_MOST, _FEWEST_ROWS, _HEADER_DEPTH, _LOOKED_AT = 0.9, 8, 10, 400
# Refusals for want of a declaration.
_SILENT = frozenset({"unknown_indicator", "no_indicator", "no_unit", "unknown_unit"})


@dataclass(frozen=True)
class Proposal:
    """What reading with the proposed entry yields, and the entry as lines of YAML, without the dash of the list."""

    reading: FileReading
    lines: tuple[str, ...]


def stand_in() -> Sources:
    """A declaration of nothing, for any file."""
    return _only(_entry("*"))


def propose(root: Path, path: Path, registry: Registry) -> Proposal:
    """The entry for one file below `root`, tried out."""
    name = relative_name(path, root)
    keys: dict[str, Any] = {}
    figures: tuple[str, ...] = ()
    reading = _read(root, path, keys, registry)
    if not reading.source_file["rows_loaded"]:
        found, headers = _panel(path)
        trial = _read(root, path, found, registry) if found else reading
        if found and trial.source_file["layout"] is not None:
            keys, figures, reading = found, headers, trial
    return Proposal(reading, tuple(_lines(name, keys, figures, reading, registry)))


def _entry(match: str, **keys: Any) -> Source:
    # A fixed day: the stand-in must equal itself, also around midnight.
    who = {"vintage": _UNDECLARED, "publisher": _UNDECLARED, "licence": _UNDECLARED, "accessed": dt.date(2000, 1, 1)}
    return Source.model_validate({"match": match, **who, **keys})


def _only(source: Source) -> Sources:
    return Sources(data_kind="real", studies=(), vintages=(_UNDECLARED,), files=(source,))


def _read(root: Path, path: Path, keys: dict[str, Any], registry: Registry) -> FileReading:
    return read_file(root, path, _only(_entry("*", **keys)), registry)


def _panel(path: Path) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Keys of a long panel when a column holds places and another years, and the headers of its columns of numbers."""
    probe = Probe(path)
    try:
        sheets = read_grid(probe.content, probe.suffix, _entry("*")).filled
    except Refusal:
        return {}, ()
    if not sheets:
        return {}, ()
    sheet = sheets[0]
    for row in (0,) if sheet.header else range(1, min(len(sheet.rows), _HEADER_DEPTH) + 1):
        headers = sheet.header or sheet.rows[row - 1]
        year = _column(sheet, row, headers, lambda text: parse_year_cell(text) is not None)
        for entity, level in ((_is_province, "province"), (_is_city, "city")):
            place = _column(sheet, row, headers, entity)
            if year and place:
                level_key = {"panel": {"entity_level": level}} if level == "city" else {}
                columns = {"entity_column": headers[place - 1], "year_column": headers[year - 1]}
                return {"layout": "long_panel", **level_key, **columns}, _figures(sheet, row, headers, year)
    return {}, ()


def _figures(sheet: Sheet, row: int, headers: tuple[str, ...], year: int) -> tuple[str, ...]:
    """Headers of the columns of numbers, but for years and codes of units."""
    return tuple(
        header
        for column, header in enumerate(headers, start=1)
        if column != year
        and _column(sheet, row, headers[:column], is_figure, column)
        and not _column(sheet, row, headers[:column], _is_place, column)
    )


def _column(
    sheet: Sheet, row: int, headers: tuple[str, ...], fits: Callable[[str], bool], first: int = 1
) -> int | None:
    """The first column, from `first` on, with a header whose cells below nearly all fit."""
    for column, header in enumerate(headers[first - 1 :], start=first):
        last = min(len(sheet.rows), row + _LOOKED_AT)
        cells = [text for r in range(row + 1, last + 1) if (text := sheet.cell(r, column))]
        if header and len(cells) >= _FEWEST_ROWS and sum(map(fits, cells)) >= _MOST * len(cells):
            return column
    return None


def _is_province(text: str) -> bool:
    return not isinstance(region_or_problem(text), Problem)


def _is_place(text: str) -> bool:
    return _is_province(text) or _is_city(text)


def _is_city(text: str) -> bool:
    return isinstance(place_or_problem(text, level="prefecture"), Place)


def _lines(
    name: str, keys: dict[str, Any], figures: tuple[str, ...], reading: FileReading, registry: Registry
) -> list[str]:
    lines = [
        f"match: {_pattern(name)}",
        f"vintage: {BLANK}      # edition or download date / 版本或下载日期",
        f"publisher: {BLANK}    # 发布机构",
        f"licence: {BLANK}      # 许可",
        f"accessed: {dt.date.today().isoformat()}",
    ]
    lines += [f"{key}: {_value(value)}" for key, value in keys.items()]
    if figures:
        lines.append("columns:        # or other_columns: set_aside / 或搁置其余列 other_columns: set_aside")
        for header in figures:
            text, unit, _ = split_unit(header, registry)
            lines.append(
                f"  {_text(header)}: {{indicator: {find_indicator(text, registry) or BLANK}, unit: {unit or BLANK}}}"
            )
    elif any(record["code"] in _SILENT for record in reading.rejected_row):
        lines += [f"indicator: {BLANK}    # id in catalog/indicators.yaml / 指标", f"unit: {BLANK}         # 单位"]
    return lines


def _value(value: str | dict[str, str]) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_text(text)}" for key, text in value.items()) + "}"
    return _text(value)


def _pattern(path: str) -> str:
    """A pattern that matches this path only, as a YAML text."""
    return _text(glob.escape(path))


def _text(text: str) -> str:
    """A YAML scalar; quoted wherever plain text could be read as something else."""
    plain = re.fullmatch(r"[^\W\d][\w./() -]*", text) and text.lower() not in {"y", "n", "yes", "no", "on", "off"}
    return text if plain and not text.endswith(" ") else json.dumps(text, ensure_ascii=False)
