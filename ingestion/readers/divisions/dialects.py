"""Tables of dialects, as cells or as a data frame in an R data file: a place and its dialect in each row.

A unit in several rows must have the same dialect in all of them, or none of its rows is accepted. Nothing in
an R data file is run: functions, calls and environments among its objects refuse it whole.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from catalog.declarations.misc import DialectColumns
from catalog.provinces import MUNICIPALITIES
from ingestion.formats.r_data import R_SUFFIXES, read_r_objects, texts_of
from ingestion.places import place_or_problem
from ingestion.places.numbering import running_numbers
from ingestion.readers.base import (
    FileLayout,
    Grid,
    Layout,
    Probe,
    Problem,
    Refusal,
    Sheet,
    Source,
    Tally,
    first_few,
    given,
    known_at,
    on_first_sheet,
    raw_row,
    read_each,
    require,
    settle_rows,
)
from ingestion.readers.divisions.divisions import ABROAD, require_one_sheet
from ingestion.vocabulary.names import normalise
from ingestion.vocabulary.values import read_code, read_full_code

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


def _take_rows(sheet: Sheet, rows: range, header: Sequence[str], columns: DialectColumns, tally: Tally) -> None:
    """Take in the rows of a table as rows of `place_dialect`, a place and its dialect in each.

    Rows of one unit that contradict each other are all refused.
    """
    wanted = (columns.place, columns.dialect, columns.sub)
    at, dialect_at, sub_at = (header.index(name) + 1 if name else sheet.width + 1 for name in wanted)
    refused: dict[int, Problem] = {}
    units: dict[int, list[int]] = defaultdict(list)
    running = running_numbers(sheet.spread(row, at) for row in rows)
    for row in rows:
        place, dialect = sheet.spread(row, at), sheet.spread(row, dialect_at)
        if place in running:
            refused[row] = sheet.problem("running_numbers", row, at, place)
            continue
        try:
            if (place or dialect) and not _is_abroad(place):
                units[_unit(sheet, row, at, dialect, columns)].append(row)
        except Refusal as refusal:
            refused[row] = refusal.problems[0]
    records = []
    loaded: set[int] = set()
    for unit, own in sorted(units.items()):
        dialects: dict[str, list[str]] = defaultdict(list)
        for row in own:
            dialects[sheet.spread(row, dialect_at)].append(str(row))
        told = "; ".join(f"{dialect} (rows {first_few(numbers, 5)})" for dialect, numbers in dialects.items())
        if len(dialects) > 1:
            for row in own:
                refused[row] = sheet.problem(
                    "dialect_conflict", row, at, f"{unit} {sheet.spread(row, dialect_at)}", told
                )
            continue
        subs = "; ".join(sorted({sheet.spread(row, sub_at) for row in own} - {""})) or None
        records.append({"city_code": unit, "dialect": next(iter(dialects)), "dialect_sub": subs, "row": own[0]})
        loaded |= {*own}
    tally.add_records("place_dialect", records)
    settle_rows(sheet, tally, dict(sorted(refused.items())), loaded)


def _is_abroad(text: str) -> bool:
    key = normalise(text)
    return key in _ABROAD or (read_full_code(text) or 0) // 10000 in ABROAD


def _unit(sheet: Sheet, row: int, column: int, dialect: str, columns: DialectColumns) -> int:
    """The unit a row is about; a district of a municipality counts as the municipality. Raises Refusal."""
    text, raw = sheet.spread(row, column), raw_row(sheet.rows[row - 1])
    require(text and dialect, sheet.problem("dialect_blank", row, column, raw[:80], "dialect" if text else "place"))
    found = place_or_problem(text, year=columns.year, level=None if read_code(text) is not None else columns.level)
    place = known_at(found, sheet, row, column)
    if place.province_code in MUNICIPALITIES:
        return place.province_code
    require(place.level != "province", sheet.problem("dialect_province", row, column, text))
    return place.code


def _undescribed(name: str, header: Sequence[str]) -> Problem:
    return Problem("dialect_column", name, ", ".join(text for text in header if text)[:300])


def require_columns(columns: DialectColumns, header: Sequence[str]) -> None:
    """Raise Refusal unless each declared column is in the header exactly once."""
    for name in filter(None, (columns.place, columns.dialect, columns.sub)):
        require(list(header).count(name) == 1, _undescribed(name, header))


def _columns(header: Sequence[str], source: Source) -> DialectColumns:
    """The declared columns, or those a plain table names itself. Raises Refusal if it is not such a table."""
    if source.dialects is not None:
        return source.dialects
    places, dialects, subs = ([n for n in header if n.lower() in known] for known in (PLACES, DIALECTS, SUBS))
    others = [name for name in header if name and name.lower() not in _KNOWN]
    require(len(places) == len(dialects) == 1 and len(subs) <= 1 and not others, _undescribed("", header))
    return DialectColumns(place=places[0], dialect=dialects[0], sub=subs[0] if subs else None)


def _read_sheet(sheet: Sheet, source: Source, tally: Tally) -> None:
    header = sheet.rows[0]
    columns = _columns(header, source)
    require_columns(columns, header)
    _take_rows(sheet, range(2, len(sheet.rows) + 1), header, columns, tally)


def _read_cells(grid: Grid, source: Source, tally: Tally) -> None:
    require_one_sheet(grid)
    read_each(grid, tally, lambda sheet: _read_sheet(sheet, source, tally))


def _has_dialects(sheet: Sheet, _: Source) -> bool:
    names = {name.lower() for name in sheet.rows[0] if name}
    return bool(names & {*DIALECTS}) and names <= _KNOWN


def _refuse_code(objects: Mapping[str, Any]) -> None:
    waiting = list(objects.items())
    while waiting:
        name, value = waiting.pop()
        code = type(value).__name__ in _CODE and type(value).__module__.startswith("rdata.")
        require(not code, Problem("r_code", f"{name} ({type(value).__name__})"))
        if isinstance(value, pd.DataFrame):
            columns = value.select_dtypes(object).items()
            waiting += [(f"{name}${key}", v) for key, values in columns for v in values if not isinstance(v, str)]
        elif isinstance(value, Mapping):
            waiting += [(f"{name}${key}", each) for key, each in value.items()]
        elif isinstance(value, list | tuple):
            waiting += [(name, each) for each in value]


def _read_r(probe: Probe, source: Source, tally: Tally) -> None:
    columns = given(source.dialects, Problem("dialect_undeclared"))
    objects = read_r_objects(probe.content)
    _refuse_code(objects)
    frames = {name: value for name, value in objects.items() if isinstance(value, pd.DataFrame)}
    wanted = columns.object or (next(iter(frames)) if len(frames) == 1 else "")
    require(wanted in frames, Problem("dialect_object", wanted, ", ".join(frames)))
    frame = frames[wanted]
    require_columns(columns, [str(name) for name in frame.columns])
    header = [name for name in (columns.place, columns.dialect, columns.sub) if name is not None]
    texts = [[text.strip() for text in column] for column in texts_of({name: frame[name] for name in header}).values()]
    sheet = Sheet(wanted, tuple(zip(*texts, strict=True)), header=tuple(header))
    _take_rows(sheet, range(1, len(sheet.rows) + 1), header, columns, tally)
    fates = Counter(tally.fates.values())
    tally.count_rows(len(sheet.rows), fates["loaded"], fates["rejected"], fates["set_aside"])


TABLE = Layout(
    "dialect_table",
    "Table of dialects (place, dialect)",
    "方言表（地名、方言）",
    on_first_sheet(_has_dialects),
    _read_cells,
    asked=40,
    uses=frozenset({"dialects"}),
    headers=(PLACES, DIALECTS),
)
COLUMNS = Layout(
    "dialect_columns",
    "Table of dialects with declared columns",
    "方言表（声明列名）",
    lambda grid, _: bool(grid.filled) and grid.filled[0].width > 1,
    _read_cells,
    declared_only=True,
    asked=50,
    uses=frozenset({"dialects"}),
)
R_TABLE = FileLayout(
    "dialect_rdata",
    "Data frame of dialects in an R data file",
    "R 数据文件中的方言表",
    R_SUFFIXES,
    lambda probe, source: source.dialects is not None,
    _read_r,
    asked=80,
    uses=frozenset({"dialects"}),
    entry_key="dialects",
)
