"""The entry of sources.yaml an undeclared file needs: what its cells show by themselves, and blanks for the rest.

A proposal of a panel is read with before it is shown, so that what it says would load has loaded. Proposed are columns
that hold provinces, cities and years, and names the registry knows; never a unit, a vintage or a direction.
"""

import datetime as dt
import glob
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog import Registry, Source, Sources
from catalog.declarations.survey import load_survey_catalog
from ingestion import FileReading, read_file
from ingestion.formats.grid import Sheet
from ingestion.formats.probe import Probe
from ingestion.paths import relative_name
from ingestion.problems import Refusal
from ingestion.reading import read_grid
from ingestion.vocabulary.headers import find_indicator, split_unit
from ingestion.vocabulary.regions import is_figure
from ingestion.vocabulary.years import parse_year_cell
from medpanel.inspection.columns import BLANK, column_of, is_city, is_place, is_province, yaml_text

_UNDECLARED = "undeclared"
_SURVEY_SUFFIXES = {".dta": "read_dta", ".sav": "read_sav"}
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
        lines = _survey_lines(path) or (_flow_lines(sheet) if sheet else [])
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


def _survey_lines(path: Path) -> list[str]:
    """The lines of an entry for microdata whose variables are those of a known wave; none for other files."""
    names = {name.casefold() for name in _variables(path)}
    for wave, fields in load_survey_catalog().field_maps.items():
        if names and names >= {name.casefold() for name in fields.named.values()}:
            year = wave.rpartition("_")[2]
            asked = year if year.isdigit() else BLANK
            return ["layout: cmds", f"survey: {{wave: {asked}, fields: {wave}}}   # year of the interviews / 调查年份"]
    return []


def _variables(path: Path) -> list[str]:
    import pyreadstat

    reader = _SURVEY_SUFFIXES.get(path.suffix.lower())
    if reader is None:
        return []
    try:
        _, meta = getattr(pyreadstat, reader)(str(path), metadataonly=True)
    except Exception:  # a damaged file: the reading's own refusal says so
        return []
    return list(meta.column_names)


def _flow_lines(sheet: Sheet) -> list[str]:
    """The lines of an entry for a table with two columns of cities and one of figures; none for other tables."""
    if len(sheet.rows) < 2:
        return []
    headers = sheet.header or sheet.rows[0]
    row = 0 if sheet.header else 1
    first = column_of(sheet, row, headers, is_city)
    second = first and column_of(sheet, row, headers, is_city, first + 1)
    if not first or not second:
        return []
    figures = [
        column
        for column in range(1, len(headers) + 1)
        if column not in (first, second) and column_of(sheet, row, headers[:column], is_figure, column)
    ]
    if not figures:
        return []
    ends = f"{yaml_text(headers[first - 1])} or {yaml_text(headers[second - 1])}"
    return [
        "layout: flow_edges",
        "flow:",
        f"  network: {BLANK}",
        f"  direction: {BLANK}     # in, out or both: no header can be trusted to say / 方向须声明，不能由表头推断",
        f"  origin: {BLANK}        # {ends}",
        f"  destination: {BLANK}   # {ends}",
        f"  weight: {yaml_text(headers[figures[-1] - 1])}",
        f"  unit: {BLANK}          # persons, index or percent / 人数、指数或百分比",
        f"  period: {BLANK}        # 2020, 2020-01 or 2020-01-15; or period_column / 时期",
    ]
