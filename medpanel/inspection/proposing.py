"""The entry of sources.yaml an undeclared file needs: what its cells show by themselves, and blanks for the rest.

A proposal of a panel is read with before it is shown, so that what it says would load has loaded. Proposed are columns
that hold provinces, cities and years, and names the registry knows; never a unit, a vintage or a direction.
"""

from __future__ import annotations

import datetime as dt
import glob
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog import Registry, Source, Sources
from ingestion import FileReading, read_file
from ingestion.formats.grid import Sheet
from ingestion.formats.probe import Probe
from ingestion.paths import relative_name
from ingestion.problems import Refusal
from ingestion.reading import read_grid
from ingestion.vocabulary.headers import find_indicator, split_unit
from ingestion.vocabulary.years import parse_year_cell
from medpanel.inspection.columns import BLANK, column_of, is_city, is_figure, is_place, is_province, yaml_text
from medpanel.inspection.kinds import flow_lines, survey_lines

_UNDECLARED = "undeclared"
_HEADER_DEPTH = 10
# Refusals for want of a declaration.
_SILENT = frozenset({"unknown_indicator", "no_indicator", "no_unit", "unknown_unit"})


@dataclass(frozen=True)
class Proposal:
    """What reading with the proposed entry yields, and the entry as lines of YAML, without the dash of the list."""

    reading: FileReading
    lines: tuple[str, ...]


@dataclass(frozen=True)
class _Panel:
    """Keys of the entry of a long panel, and the headers of its columns of figures."""

    keys: dict[str, Any]
    figures: tuple[str, ...]


def stand_in() -> Sources:
    """A declaration of nothing, for any file."""
    return _only(_entry())


def propose(root: Path, path: Path, registry: Registry) -> Proposal:
    """The entry for one file below `root`, tried out."""
    reading = _read(root, path, {}, registry)
    lines: list[str] = []
    if not reading.source_file["rows_loaded"]:
        sheet = _first_sheet(path)
        lines = survey_lines(path) or (flow_lines(sheet) if sheet else [])
        panel = _panel(sheet) if sheet and not lines else None
        trial = _read(root, path, panel.keys, registry) if panel else reading
        if panel and trial.source_file["layout"] is not None:
            reading, lines = trial, _panel_lines(panel, registry)
    if not lines and any(record["code"] in _SILENT for record in reading.rejected_row):
        lines = [f"indicator: {BLANK}    # id in catalog/indicators.yaml / 指标", f"unit: {BLANK}         # 单位"]
    return Proposal(reading, (*_who(relative_name(path, root)), *lines))


def _entry(**keys: Any) -> Source:
    # A fixed day: the stand-in must equal itself, also around midnight.
    who = {"vintage": _UNDECLARED, "publisher": _UNDECLARED, "licence": _UNDECLARED, "accessed": dt.date(2000, 1, 1)}
    return Source.model_validate({"match": "*", **who, **keys})


def _only(source: Source) -> Sources:
    return Sources(data_kind="real", studies=(), vintages=(_UNDECLARED,), files=(source,))


def _read(root: Path, path: Path, keys: dict[str, Any], registry: Registry) -> FileReading:
    return read_file(root, path, _only(_entry(**keys)), registry)


def _first_sheet(path: Path) -> Sheet | None:
    probe = Probe(path)
    try:
        sheets = read_grid(probe.content, probe.suffix, _entry()).filled
    except Refusal:
        return None
    return sheets[0] if sheets else None


def _panel(sheet: Sheet) -> _Panel | None:
    """The panel a sheet is when a column holds places and another years."""
    for row in (0,) if sheet.header else range(1, min(len(sheet.rows), _HEADER_DEPTH) + 1):
        headers = sheet.header or sheet.rows[row - 1]
        year = column_of(sheet, row, headers, lambda text: parse_year_cell(text) is not None)
        for fits, level in ((is_province, {}), (is_city, {"panel": {"entity_level": "city"}})):
            place = column_of(sheet, row, headers, fits)
            if year and place:
                columns = {"entity_column": headers[place - 1], "year_column": headers[year - 1]}
                keys = {"layout": "long_panel", **level, **columns}
                return _Panel(keys, _figures(sheet, row, headers, year))
    return None


def _figures(sheet: Sheet, row: int, headers: tuple[str, ...], year: int) -> tuple[str, ...]:
    """Headers of the columns of numbers, but for years and codes of units."""
    return tuple(
        header
        for column, header in enumerate(headers, start=1)
        if column != year
        and column_of(sheet, row, headers[:column], is_figure, column)
        and not column_of(sheet, row, headers[:column], is_place, column)
    )


def _who(name: str) -> list[str]:
    return [
        # A pattern that matches this path only.
        f"match: {yaml_text(glob.escape(name))}",
        f"vintage: {BLANK}      # edition or download date / 版本或下载日期",
        f"publisher: {BLANK}    # 发布机构",
        f"licence: {BLANK}      # 许可",
        f"accessed: {dt.date.today().isoformat()}",
    ]


def _panel_lines(panel: _Panel, registry: Registry) -> list[str]:
    lines = [f"{key}: {_value(value)}" for key, value in panel.keys.items()]
    if panel.figures:
        lines.append("columns:        # or other_columns: set_aside / 或搁置其余列 other_columns: set_aside")
    for header in panel.figures:
        text, unit, _ = split_unit(header, registry)
        known = find_indicator(text, registry) or BLANK
        lines.append(f"  {yaml_text(header)}: {{indicator: {known}, unit: {unit or BLANK}}}")
    return lines


def _value(value: str | dict[str, str]) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {yaml_text(text)}" for key, text in value.items()) + "}"
    return yaml_text(value)
