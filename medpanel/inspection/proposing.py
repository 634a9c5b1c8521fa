"""The entry of sources.yaml an undeclared file needs: what its cells show by themselves, and blanks for the rest.

A proposal for a panel is tried out on the file before it is shown, so that what it says would load has loaded. It may
name columns that contain provinces, cities and years, and names the registry knows; never a unit, a vintage or a
direction.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from catalog import Registry, Source, Sources
from catalog.declarations.survey import load_survey_catalog
from catalog.lake import LOADED, NOT_READ
from catalog.yaml_text import match_of, yaml_text
from ingestion import FileReading, read_file
from ingestion.formats.grid import Sheet
from ingestion.formats.probe import Probe
from ingestion.paths import relative_name
from ingestion.places import Place, place_or_problem
from ingestion.places.units import units_by_code
from ingestion.problems import Problem, Refusal
from ingestion.reading import NOTHING_FILLED, read_grid
from ingestion.vocabulary.headers import find_indicator, split_unit
from ingestion.vocabulary.names import region_or_problem
from ingestion.vocabulary.numbers import wrong_figure
from ingestion.vocabulary.regions import is_figure
from ingestion.vocabulary.values import read_code
from ingestion.vocabulary.years import parse_year_cell
from medpanel.templates import is_mapping, keys_for

BLANK = "…"
# A column holds places when nearly all its cells are some; a table has at least this many rows.
_MOST, _FEWEST_ROWS, _LOOKED_AT = 0.9, 8, 400
_UNDECLARED = "undeclared"
_SURVEY_SUFFIXES = {".dta": "read_dta", ".sav": "read_sav"}
_HEADER_DEPTH = 10
_MARKS_SAY = "if they say that the figure is missing / 若表示数值缺失"
# Refusals for want of a declaration.
_SILENT = frozenset({"unknown_indicator", "no_indicator", "no_unit", "unknown_unit"})


@dataclass(frozen=True)
class Inspected:
    """What reading one file yields, and the entry it lacks as lines of YAML, without the dash of the list.

    undeclared: why a run would refuse it for want of that entry; None where nothing is declared at all.
    """

    reading: FileReading
    entry: tuple[str, ...] = ()
    undeclared: Problem | None = None

    @property
    def unfilled(self) -> bool:
        """Whether it is read and gives nothing, such as a template nobody has filled in."""
        return any(record["code"] == NOTHING_FILLED for record in self.reading.rejected_row)

    @property
    def would_load(self) -> bool:
        """Whether a run would load all of it, which is something, or is told not to read it."""
        whole = self.reading.source_file["status"] in (LOADED, NOT_READ)
        return self.undeclared is None and whole and not self.unfilled


def stand_in(**keys: Any) -> Sources:
    """A declaration of nothing but these keys, for any file."""
    # A fixed day: the stand-in must equal itself, also around midnight.
    who = {"vintage": _UNDECLARED, "publisher": _UNDECLARED, "licence": _UNDECLARED, "accessed": dt.date(2000, 1, 1)}
    entry = Source.model_validate({"match": "*", **who, **keys})
    return Sources(data_kind="real", studies=(), vintages=(_UNDECLARED,), files=(entry,))


def propose(root: Path, path: Path, registry: Registry) -> Inspected:
    """The entry for one file below `root`, tried out on it, and what reading with it yields."""
    reading = read_file(root, path, stand_in(), registry)
    lines: list[str] = []
    sheets = _sheets(path)
    first_rows = {sheet.name: sheet.rows[0] for sheet in sheets if sheet.rows}
    if is_mapping(first_rows):
        told = (
            "in the entry of the table it describes, in place of an entry of its own / 写入所述表格的条目，自身不设条目"
        )
        return Inspected(reading, (f"mapping: {yaml_text(path.name)}    # {told}",))
    if from_template := keys_for(first_rows):
        lines = list(from_template)
        reading = read_file(root, path, stand_in(**yaml.safe_load("\n".join(lines))), registry)
    elif not reading.source_file["rows_loaded"]:
        sheet = sheets[0] if sheets else None
        lines = _survey_lines(path) or (_flow_lines(sheet) if sheet else [])
        keys, figures = _panel(sheet) if sheet and not lines else ({}, [])
        # A table of places and years without figures is no panel; it may be a list of pilots.
        keys = keys if figures else {}
        trial = read_file(root, path, stand_in(**keys), registry) if keys else reading
        if keys and trial.source_file["layout"] is not None:
            reading, lines = trial, _panel_lines(keys, figures, registry)
            if marks := _marks(sheet):
                reading = read_file(root, path, stand_in(**keys, missing_marks=marks), registry)
                listed = ", ".join(map(yaml_text, marks))
                lines.append(f"missing_marks: [{listed}]    # {_MARKS_SAY}")
    if not lines and any(record["code"] in _SILENT for record in reading.rejected_row):
        lines = [f"indicator: {BLANK}    # id in catalog/indicators.yaml / 指标", f"unit: {BLANK}         # 单位"]
    who = (
        # A pattern that matches this path only.
        f"match: {match_of(relative_name(path, root))}",
        f"vintage: {BLANK}      # edition or download date / 版本或下载日期",
        f"publisher: {BLANK}    # 发布机构",
        f"licence: {BLANK}      # 许可",
        f"accessed: {dt.date.today().isoformat()}",
    )
    return Inspected(reading, (*who, *lines))


def _marks(sheet: Sheet | None) -> list[str]:
    """What programs write where a figure is missing, as it stands in columns that hold numbers."""
    columns = zip(*sheet.rows, strict=False) if sheet is not None else ()
    found = (text for cells in columns if any(map(is_figure, cells)) for text in cells if _is_mark(text))
    return list(dict.fromkeys(found))


def _is_mark(text: str) -> bool:
    return wrong_figure(text) == "undeclared_mark"


def _sheets(path: Path) -> tuple[Sheet, ...]:
    """The sheets of a file that hold anything; none of a file that cannot be read as cells."""
    probe = Probe(path)
    try:
        return tuple(read_grid(probe.content, probe.suffix, stand_in().files[0]).filled)
    except Refusal:
        return ()


def _panel(sheet: Sheet) -> tuple[dict[str, str | dict[str, str]], list[str]]:
    """If one column contains places and another years: keys for that long panel's entry, headers of its figures."""
    for row in (0,) if sheet.header else range(1, min(len(sheet.rows), _HEADER_DEPTH) + 1):
        headers = sheet.header or sheet.rows[row - 1]
        year = column_of(sheet, row, headers, lambda text: parse_year_cell(text) is not None)
        for fits, level in ((is_province, {}), (is_city, {"panel": {"entity_level": "city"}})):
            place = column_of(sheet, row, headers, fits)
            if year and place:
                columns = {"entity_column": headers[place - 1], "year_column": headers[year - 1]}
                # Codes of units are numbers too.
                figures = [
                    headers[column - 1]
                    for column in _figures(sheet, row, headers)
                    if column != year and not column_of(sheet, row, headers[:column], is_place, column)
                ]
                return {"layout": "long_panel", **level, **columns}, figures
    return {}, []


def _figures(sheet: Sheet, row: int, headers: tuple[str, ...]) -> list[int]:
    """The columns that contain numbers, or marks of missing ones."""

    def holds(column: int, fits: Callable[[str], bool]) -> bool:
        return column_of(sheet, row, headers[:column], fits, column) is not None

    numbers = (column for column in range(1, len(headers) + 1) if holds(column, _is_figure_or_mark))
    return [column for column in numbers if any(is_figure(cells[column - 1]) for cells in sheet.rows[row:])]


def _is_figure_or_mark(text: str) -> bool:
    return is_figure(text) or _is_mark(text)


def _panel_lines(keys: dict[str, str | dict[str, str]], figures: list[str], registry: Registry) -> list[str]:
    lines = [f"{key}: {yaml_text(value)}" for key, value in keys.items()]
    if figures:
        lines.append("columns:        # or other_columns: set_aside / 或搁置其余列 other_columns: set_aside")
    for header in figures:
        text, unit, _ = split_unit(header, registry)
        known = find_indicator(text, registry) or BLANK
        lines.append(f"  {yaml_text(header)}: {{indicator: {known}, unit: {unit or BLANK}}}")
    return lines


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
    figures = [column for column in _figures(sheet, row, headers) if column not in (first, second)]
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


def column_of(
    sheet: Sheet, row: int, headers: tuple[str, ...], fits: Callable[[str], bool], first: int = 1
) -> int | None:
    """The first column, from `first` on, with a header (in `row`) and nearly all cells below it fitting."""
    last = min(len(sheet.rows), row + _LOOKED_AT)
    for column, header in enumerate(headers[first - 1 :], start=first):
        cells = [text for r in range(row + 1, last + 1) if (text := sheet.cell(r, column))]
        if header and len(cells) >= _FEWEST_ROWS and _nearly_all(fits, cells):
            return column
    return None


def _nearly_all(fits: Callable[[str], bool], cells: list[str]) -> bool:
    """Whether nearly all cells fit; stops as soon as too many do not."""
    others = (text for text in cells if not fits(text))
    return next(islice(others, int((1 - _MOST) * len(cells)), None), None) is None


def is_province(text: str) -> bool:
    """Whether a cell names the nation, a province or a subtotal of them."""
    return not isinstance(region_or_problem(text), Problem)


def is_city(text: str) -> bool:
    """Whether a cell names a prefecture-level unit, by name or code."""
    if not is_figure(text):
        return isinstance(place_or_problem(text, level="prefecture"), Place)
    return any(unit.level == "prefecture" for unit in units_by_code().get(read_code(text) or 0, ()))


def is_place(text: str) -> bool:
    """Whether a cell names a province or a prefecture-level unit."""
    return is_province(text) or is_city(text)
