"""Tables of dialects, as cells or as a data frame in an R data file: a place and its dialect in each row.

A unit that stands in several rows must have the same dialect in all of them, or none of its rows is taken. Nothing in
an R data file is run: functions, calls and environments among its objects refuse it whole.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from catalog import Source
from catalog.declarations.misc import DialectColumns
from catalog.provinces import MUNICIPALITIES
from ingestion.formats.grid import Grid, Sheet
from ingestion.formats.probe import Probe
from ingestion.formats.r_data import R_SUFFIXES, as_text, read_r_objects
from ingestion.places import place_or_problem
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import FileLayout, Layout, first_few, raw_row, read_each, require, settle_rows
from ingestion.readers.divisions.divisions import ABROAD, require_one_sheet
from ingestion.row_account import Tally
from ingestion.vocabulary.names import normalise

PLACES = ("city_code", "city", "place", "地级市", "城市", "地区", "代码", "行政区划代码")
DIALECTS = ("dialect", "方言", "方言大区", "方言区")
SUBS = ("dialect_sub", "次方言", "方言片")
_KNOWN = frozenset(
    {*PLACES, *DIALECTS, *SUBS, "name", "name_zh", "province", "名称", "省份", "source", "note", "来源", "备注"}
)
_ABROAD = frozenset({"台湾", "台湾省", "香港", "香港特别行政区", "澳门", "澳门特别行政区"})
# Classes of rdata.conversion, by name: importing them takes most of a second.
_CODE = frozenset(
    {
        "RBuiltin", "RBytecode", "REnvironment", "RExpression", "RExternalPointer", "RFunction", "RLanguage",
        "RNamespace",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row of a table; `cell` is where its place stands."""

    number: int
    cell: str
    raw: str
    place: str
    dialect: str
    sub: str

    def problem(self, code: str, found: str, expected: str = "", sheet: str = "") -> Problem:
        """A problem of the row, at its place."""
        return Problem(code, found, expected, sheet=sheet, row=self.number, cell=self.cell)


@dataclass
class Fates:
    """What becomes of the rows that hold anything: loaded, as rows of `place_dialect`, or refused."""

    units: list[dict[str, Any]] = field(default_factory=list)
    loaded: list[int] = field(default_factory=list)
    refused: dict[int, Problem] = field(default_factory=dict)


def judge(rows: Sequence[Row], columns: DialectColumns, sheet: str) -> Fates:
    """Decide on every row; rows of one unit that contradict each other are all refused."""
    fates = Fates()
    units: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if not (row.place or row.dialect) or _is_abroad(row.place):
            continue
        unit = _unit(row, columns, sheet)
        if isinstance(unit, Problem):
            fates.refused[row.number] = unit
        else:
            units[unit].append(row)
    for unit, own in sorted(units.items()):
        dialects: dict[str, list[str]] = defaultdict(list)
        for row in own:
            dialects[row.dialect].append(str(row.number))
        if len(dialects) > 1:
            told = "; ".join(f"{dialect} (rows {first_few(numbers, 5)})" for dialect, numbers in dialects.items())
            fates.refused |= {r.number: r.problem("dialect_conflict", f"{unit} {r.dialect}", told, sheet) for r in own}
            continue
        subs = "; ".join(sorted({row.sub for row in own if row.sub})) or None
        first = own[0]
        fates.units.append({"city_code": unit, "dialect": first.dialect, "dialect_sub": subs, "row": first.number})
        fates.loaded += [row.number for row in own]
    fates.refused = dict(sorted(fates.refused.items()))
    return fates


def _is_abroad(text: str) -> bool:
    key = normalise(text)
    return key in _ABROAD or (key[:6].isdecimal() and len(key) >= 6 and int(key[:2]) in ABROAD)


def _unit(row: Row, columns: DialectColumns, sheet: str) -> int | Problem:
    """The unit a row speaks for, a district of a municipality for the municipality; or why it cannot be told."""
    if not row.place or not row.dialect:
        return row.problem("dialect_blank", row.raw[:80], "place" if not row.place else "dialect", sheet)
    numeric = normalise(row.place).split(".")[0].isdecimal()
    place = place_or_problem(row.place, year=columns.year, level=None if numeric else columns.level)
    if isinstance(place, Problem):
        return replace(place, sheet=sheet, row=row.number, cell=row.cell)
    if place.province_code in MUNICIPALITIES:
        return place.province_code
    return place.code if place.level != "province" else row.problem("dialect_province", row.place, "", sheet)


def _undescribed(name: str, header: Sequence[str]) -> Problem:
    return Problem("dialect_column", name, ", ".join(text for text in header if text)[:300])


def require_columns(columns: DialectColumns, header: Sequence[str]) -> None:
    """Raise Refusal unless each declared column stands in the header exactly once."""
    for name in filter(None, (columns.place, columns.dialect, columns.sub)):
        require(list(header).count(name) == 1, _undescribed(name, header))


def _columns(header: Sequence[str], source: Source) -> DialectColumns:
    """The declared columns, or those a plain table names itself. Raises Refusal when it is no such table."""
    if source.dialects is not None:
        return source.dialects
    places, dialects, subs = ([n for n in header if n.lower() in known] for known in (PLACES, DIALECTS, SUBS))
    others = [name for name in header if name and name.lower() not in _KNOWN]
    plain = len(places) == len(dialects) == 1 and len(subs) <= 1 and not others
    require(plain, _undescribed("", header))
    return DialectColumns(place=places[0], dialect=dialects[0], sub=subs[0] if subs else None)


def _read_sheet(sheet: Sheet, source: Source, tally: Tally) -> None:
    header = sheet.rows[0]
    columns = _columns(header, source)
    require_columns(columns, header)
    place, dialect, sub = (
        header.index(name) + 1 if name else sheet.width + 1 for name in (columns.place, columns.dialect, columns.sub)
    )
    rows = [
        Row(n, sheet.locate(n, place), raw_row(cells), *(sheet.cell(n, column) for column in (place, dialect, sub)))
        for n, cells in enumerate(sheet.rows[1:], start=2)
    ]
    fates = judge(rows, columns, sheet.name)
    settle_rows(sheet, tally, fates.refused, set(fates.loaded))
    tally.add_records("place_dialect", fates.units)


def _read_cells(grid: Grid, source: Source, tally: Tally) -> None:
    require_one_sheet(grid)
    read_each(grid, tally, lambda sheet: _read_sheet(sheet, source, tally))


def _has_dialects(grid: Grid) -> bool:
    header = grid.filled[0].rows[0] if grid.filled else ()
    names = {name.lower() for name in header if name}
    return grid.kind in {"csv", "workbook"} and bool(names & {*DIALECTS}) and names <= _KNOWN


def _refuse_code(objects: Mapping[str, Any]) -> None:
    waiting = list(objects.items())
    while waiting:
        name, value = waiting.pop()
        code = type(value).__name__ in _CODE and type(value).__module__.startswith("rdata.")
        require(not code, Problem("r_code", f"{name} ({type(value).__name__})", "data frames and vectors"))
        if isinstance(value, pd.DataFrame):
            waiting += [(f"{name}${column}", each) for column, values in value.items() for each in _objects(values)]
        elif isinstance(value, Mapping):
            waiting += [(f"{name}${key}", each) for key, each in value.items()]
        elif isinstance(value, list | tuple):
            waiting += [(name, each) for each in value]


def _objects(values: pd.Series) -> list[Any]:
    return [each for each in values if not isinstance(each, str)] if values.dtype == object else []


def _read_r(probe: Probe, source: Source, tally: Tally) -> None:
    columns = source.dialects
    if columns is None:
        raise Refusal(Problem("dialect_undeclared"))
    objects = read_r_objects(probe.content)
    _refuse_code(objects)
    frames = {name: value for name, value in objects.items() if isinstance(value, pd.DataFrame)}
    wanted = columns.object or (next(iter(frames)) if len(frames) == 1 else "")
    require(wanted in frames, Problem("dialect_object", wanted, ", ".join(frames) or "no data frame"))
    frame = frames[wanted]
    require_columns(columns, [str(name) for name in frame.columns])
    texts = [
        [as_text(value).strip() for value in frame[name]] if name else [""] * len(frame)
        for name in (columns.place, columns.dialect, columns.sub)
    ]
    rows = [
        Row(number, f"{number}:{columns.place}", " | ".join(cells), *cells)
        for number, cells in enumerate(zip(*texts, strict=True), start=1)
    ]
    fates = judge(rows, columns, wanted)
    for number, problem in fates.refused.items():
        tally.reject_row(problem, rows[number - 1].raw)
    loaded, refused = len(fates.loaded), len(fates.refused)
    tally.count_rows(len(rows), loaded, refused, len(rows) - loaded - refused)
    tally.add_records("place_dialect", fates.units)


TABLE = Layout(
    "dialect_table",
    "Table of dialects (place, dialect)",
    "方言表（地名、方言）",
    _has_dialects,
    _read_cells,
    asked=40,
)
COLUMNS = Layout(
    "dialect_columns",
    "Table of dialects with declared columns",
    "方言表（声明列名）",
    lambda grid: bool(grid.filled) and grid.filled[0].width > 1,
    _read_cells,
    declared_only=True,
    asked=50,
)
R_TABLE = FileLayout(
    "dialect_rdata",
    "Data frame of dialects in an R data file",
    "R 数据文件中的方言表",
    R_SUFFIXES,
    lambda probe, source: source.dialects is not None,
    _read_r,
    asked=80,
)
