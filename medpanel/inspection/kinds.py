"""Files that are no panel, told by what their columns hold: survey microdata and tables of flows.

Belongs here: the lines an entry needs for them. What a file cannot say of itself (direction, unit, wave) stays blank.
"""

from __future__ import annotations

from pathlib import Path

from catalog.declarations.survey import load_survey_catalog
from ingestion.formats.grid import Sheet
from medpanel.inspection.columns import BLANK, column_of, is_city, is_figure, yaml_text

_SURVEY_SUFFIXES = {".dta": "read_dta", ".sav": "read_sav"}


def survey_lines(path: Path) -> list[str]:
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


def flow_lines(sheet: Sheet) -> list[str]:
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
