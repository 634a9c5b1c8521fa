"""Which rows of a table of dialects can be taken: known places, and one dialect for each of them.

A unit that stands in several rows must have the same dialect in all of them, or none of its rows is taken.
Reading the tables: dialect_table.py, dialect_rdata.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from catalog.declarations.places import DialectColumns
from catalog.provinces import MUNICIPALITIES
from ingestion.places import Place, place_or_problem
from ingestion.problems import Problem, Refusal
from ingestion.readers.divisions.division_list import ABROAD
from ingestion.row_account import Tally
from ingestion.schemas import SCHEMAS
from ingestion.vocabulary.names import normalise

_ABROAD = frozenset({"台湾", "台湾省", "香港", "香港特别行政区", "澳门", "澳门特别行政区"})


@dataclass(frozen=True)
class Row:
    """One row of a table; `cell` is where its place stands."""

    number: int
    cell: str
    place: str
    dialect: str
    sub: str
    raw: str


@dataclass
class Fates:
    """What becomes of the rows: loaded as (unit, dialect, subgroups, first row), refused, or set aside."""

    units: list[tuple[int, str, str | None, int]]
    loaded: list[int]
    refused: dict[int, Problem]
    aside: list[int]


def _unit(place: Place) -> int | None:
    """The unit a row speaks for: a district of a municipality for the municipality; None for a whole province."""
    if place.province_code in MUNICIPALITIES:
        return place.province_code
    return None if place.level == "province" else place.code


def _is_abroad(text: str) -> bool:
    key = normalise(text)
    return key in _ABROAD or (key[:6].isdecimal() and len(key) >= 6 and int(key[:2]) in ABROAD)


def judge(rows: Sequence[Row], columns: DialectColumns, sheet: str) -> Fates:
    """Decide on every row; rows of one unit that contradict each other are all refused."""
    fates = Fates([], [], {}, [])
    units: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if not (row.place or row.dialect) or _is_abroad(row.place):
            fates.aside.append(row.number)
            continue
        problem = _problem(row, columns, sheet)
        if isinstance(problem, Problem):
            fates.refused[row.number] = problem
        else:
            units[problem].append(row)
    for unit, own in sorted(units.items()):
        dialects: dict[str, list[int]] = defaultdict(list)
        for row in own:
            dialects[row.dialect].append(row.number)
        if len(dialects) > 1:
            told = "; ".join(f"{dialect} (rows {_list(numbers)})" for dialect, numbers in dialects.items())
            for row in own:
                found = f"{unit} {row.dialect}"
                fates.refused[row.number] = Problem("dialect_conflict", found, told, "", sheet, row.number, row.cell)
            continue
        subs = sorted({row.sub for row in own if row.sub})
        fates.units.append((unit, own[0].dialect, "; ".join(subs) or None, own[0].number))
        fates.loaded += [row.number for row in own]
    return fates


def _list(numbers: list[int]) -> str:
    more = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
    return ", ".join(str(number) for number in numbers[:5]) + more


def _problem(row: Row, columns: DialectColumns, sheet: str) -> int | Problem:
    """The unit a row speaks for, or why it cannot be told."""
    if not row.place or not row.dialect:
        missing = "place" if not row.place else "dialect"
        return Problem("dialect_blank", row.raw[:80], missing, "", sheet, row.number, row.cell)
    numeric = normalise(row.place).split(".")[0].isdecimal()
    place = place_or_problem(row.place, year=columns.year, level=None if numeric else columns.level)
    if isinstance(place, Problem):
        return replace(place, sheet=sheet, row=row.number, cell=row.cell)
    unit = _unit(place)
    if unit is None:
        return Problem("dialect_province", row.place, "", "", sheet, row.number, row.cell)
    return unit


def add_dialects(tally: Tally, fates: Fates) -> None:
    """Take in the rows of the lake table `place_dialect`."""
    names = ("city_code", "dialect", "dialect_sub", "row")
    schema = pa.schema([SCHEMAS["place_dialect"].field(name) for name in names])
    arrays = [pa.array([unit[i] for unit in fates.units], schema.field(i).type) for i in range(len(names))]
    tally.add_table("place_dialect", pa.table(arrays, schema=schema))


def require_columns(columns: DialectColumns, header: Sequence[str]) -> None:
    """Raise Refusal unless each declared column stands in the header exactly once."""
    for name in (columns.place, columns.dialect, columns.sub):
        if name is not None and list(header).count(name) != 1:
            raise Refusal(Problem("dialect_column", name, ", ".join(text for text in header if text)[:300]))
