"""Lists of division codes at a year-end, and the history of codes: one row for each code and name, with its years.

Both are compared with the table of facts before any of their rows is accepted: ingestion/places.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from catalog.provinces import load_provinces
from ingestion.places import vintage
from ingestion.places.checking import changed_since, checked_levels, contradictions, facts_of
from ingestion.places.units import load_units
from ingestion.readers.base import (
    Grid,
    Layout,
    Problem,
    Sheet,
    Source,
    Tally,
    given,
    on_first_sheet,
    raw_row,
    read_each,
    refuse_for,
    require,
    settle_rows,
)
from ingestion.vocabulary.values import read_full_code

CODES = frozenset({"代码", "行政区划代码", "code", "adcode"})
NAMES = frozenset({"名称", "单位名称", "地名", "name"})
# Not among the 31 provinces; and the headings county lists put above units that have no prefecture between.
ABROAD = frozenset({71, 81, 82})
_HEADINGS = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖县级行政单位"})
_ROW = re.compile(r"([0-9]\S*)\s+(\S+)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
# Rows looked at to recognise a list.
_FIRST_ROWS = 20
HEADER = ("代码", "一级行政区", "二级行政区", "名称", "级别", "状态", "启用时间", "变更/弃用时间", "新代码")
_LEVELS = {"省级": "province", "地级": "prefecture", "县级": "county"}
_SUCCESSORS = re.compile(r"(\d{6}(\[\d{4}\])?(;\d{6}(\[\d{4}\])?)*)?")
# Contradictions printed one by one.
_SHOWN = 20
# One row of the lake table `division`: year, code, name, level, row.
Division = tuple[int, int, str, str, int]


def level_of(code: int) -> str:
    """province, prefecture or county, by the digits of the code; a county directly under a province is a county."""
    return "province" if code % 10000 == 0 else "county" if code % 100 else "prefecture"


def _add_divisions(tally: Tally, rows: Iterable[Division]) -> None:
    tally.add_records(
        "division", (dict(zip(("year", "code", "name", "level", "row"), row, strict=True)) for row in rows)
    )


def require_one_sheet(grid: Grid) -> None:
    """Raise Refusal if more than one sheet has any content, as it is unclear which is the list."""
    require(len(grid.filled) <= 1, Problem("division_sheets", ", ".join(sheet.name for sheet in grid.filled)))


def parse_row(cells: tuple[str, ...]) -> tuple[int, str] | None:
    """(code, name) of "110000 北京市" in one cell or two; None for anything else."""
    match = _ROW.fullmatch(" ".join(cell for cell in cells if cell))
    code = read_full_code(match[1]) if match else None
    return (code, match[2]) if match and code is not None else None


def _is_header(cells: tuple[str, ...]) -> bool:
    filled = [cell.lower() for cell in cells if cell]
    return len(filled) == 2 and filled[0] in CODES and filled[1] in NAMES


def _is_list(sheet: Sheet, _: Source) -> bool:
    body = [cells for cells in sheet.rows[:_FIRST_ROWS] if any(cells) and not _is_header(cells)]
    return len(body) > 1 and all(parse_row(cells) for cells in body)


def declared_year(source: Source, tally: Tally) -> int:
    """The year-end of the list: declared, or in the file's name where the entry says so. Raises Refusal."""
    if source.year is not None:
        return source.year
    path = PurePosixPath(tally.path if source.year_from_name else "")
    found = _YEAR.findall(path.stem)
    require(len(found) == 1, Problem("division_year", path.name))
    return int(found[0])


def _read_list(sheet: Sheet, year: int, tally: Tally) -> None:
    provinces = {province.province_code: province.name_zh for province in load_provinces()}
    known = provinces | facts_of(year)
    levels = checked_levels(year) | {"province"}
    units: dict[int, tuple[str, int]] = {}
    refused: dict[int, Problem] = {}
    for row, cells in enumerate(sheet.rows, start=1):
        parsed = parse_row(cells)
        if not any(cells) or _is_header(cells) or (parsed and (parsed[0] // 10000 in ABROAD or parsed[1] in _HEADINGS)):
            continue
        if parsed is None:
            refused[row] = Problem("division_row", raw_row(cells), sheet=sheet.name, row=row)
        elif parsed[0] in units:
            first = sheet.locate(units[parsed[0]][1], 1)
            refused[row] = Problem("repeated_division", str(parsed[0]), first, sheet=sheet.name, row=row)
        else:
            code, name = parsed
            units[code] = (name, row)
            # What contradicts the facts, where they know the unit's level.
            if level_of(code) in levels and known.get(code) != name:
                expected = f"{code} {known[code]}" if code in known else "a unit that stood at that year-end"
                refused[row] = Problem("division_unknown", f"{code} {name}", expected, sheet=sheet.name, row=row)
    names = {code: name for code, (name, _) in units.items()}
    lacking = [(f"{code} {name}", "all 31 provinces") for code, name in sorted(provinces.items()) if code not in names]
    against = [*lacking, *contradictions(names, year)]
    refuse_for(Problem("division_totals", *texts, str(year), sheet.name) for texts in against)
    refuse_for(Problem("division_newer", *texts, str(year), sheet.name) for texts in changed_since(names, year))
    kept = [(year, code, name, level_of(code), row) for code, (name, row) in units.items() if row not in refused]
    settle_rows(sheet, tally, refused, {row for *_, row in kept})
    _add_divisions(tally, kept)


def _list(grid: Grid, source: Source, tally: Tally) -> None:
    year = declared_year(source, tally)
    require_one_sheet(grid)
    read_each(grid, tally, lambda sheet: _read_list(sheet, year, tally))


@dataclass(frozen=True)
class _Span:
    """One row of a history: a code under one name from the first to the last year-end."""

    code: int
    name: str
    level: str
    first: int
    last: int

    def clipped(self) -> tuple[int, str, int | None, int | None] | None:
        """As in the table of facts: years beyond it are open; None if it does not reach that far."""
        known = vintage()
        begin = known.first_year["county" if self.level == "county" else "prefecture"]
        if self.last < begin or self.first > known.last_year:
            return None
        first = None if self.first <= begin else self.first
        return self.code, self.name, first, None if self.last >= known.last_year else self.last


def _span(cells: tuple[str, ...], until: int) -> _Span | tuple[int, str, str]:
    """The span of a row, or (column, found, expected) of what is wrong with it."""
    if len(cells) != len(HEADER):
        return len(HEADER), f"{len(cells)} fields", f"{len(HEADER)} fields"
    code, _, _, name, level, state, first, end, successors = cells
    begin = vintage().first_year["prefecture"]
    began = re.fullmatch(r"\d{4}", first) is not None and begin <= int(first) <= until
    ended = not end or (began and re.fullmatch(r"\d{4}", end) is not None and int(first) < int(end) <= until)
    checks = (
        (read_full_code(code), 1, code, "a code of six digits"),
        (level in _LEVELS, 5, level, ", ".join(_LEVELS)),
        (began, 7, first, f"a year from {begin} to {until}"),
        ((state == "在用") == (end == ""), 8, end, "no year for 在用, a year for 变更 and 弃用"),
        (ended, 8, end, f"a year after {first}, at most {until}"),
        (_SUCCESSORS.fullmatch(successors), 9, successors, "codes, each with its year in brackets where it differs"),
    )
    wrong = next(((column, found, expected) for holds, column, found, expected in checks if not holds), None)
    # The year of a change is the first year-end without the unit.
    return wrong or _Span(read_full_code(code) or 0, name, _LEVELS[level], int(first), int(end) - 1 if end else until)


def _contradictions(spans: Collection[_Span]) -> Iterator[tuple[str, str]]:
    """(found, expected) of every unit in which the facts and the file differ, either way."""
    shown = {span.code: span.name for span in spans if span.level == "province"}
    for province in load_provinces():
        name = shown.get(province.province_code, "")
        if name != province.name_zh:
            yield f"{province.province_code} {name}", f"{province.province_code} {province.name_zh}"
    mine = {clipped for span in spans if span.level != "province" and (clipped := span.clipped())}
    facts = {(unit.code, unit.name, unit.first_year, unit.last_year) for unit in load_units()}
    facts = {fact for fact in facts if fact[3] is None or fact[3] >= vintage().first_year["prefecture"]}
    for code in sorted({fact[0] for fact in mine ^ facts}):
        found, expected = (
            "; ".join(
                sorted(f"{code} {name} {first or ''}-{last or ''}" for own, name, first, last in side if own == code)
            )
            or f"no {code} of those years"
            for side in (mine - facts, facts - mine)
        )
        yield found, expected


def _read_history(sheet: Sheet, until: int, tally: Tally) -> None:
    spans: dict[int, _Span] = {}
    faults: dict[int, Problem] = {}
    for row, cells in enumerate(sheet.rows[1:], start=2):
        if not any(cells) or cells[0][:2] in {str(code) for code in ABROAD}:
            continue
        span = _span(cells, until)
        if isinstance(span, _Span):
            spans[row] = span
        else:
            column, found, expected = span
            faults[row] = sheet.problem("division_span", row, min(column, len(cells)), found, expected)
    against = list(_contradictions(spans.values()))
    if len(against) > _SHOWN:
        against[_SHOWN:] = [(f"{len(against) - _SHOWN} more units", "the table of divisions")]
    if against:
        refuse_for([*faults.values(), *(Problem("division_history", *texts, sheet=sheet.name) for texts in against)])
    for year in range(vintage().last_year + 1, until + 1):
        names = {span.code: span.name for span in spans.values() if span.first <= year <= span.last}
        refuse_for(Problem("division_newer", *texts, str(year), sheet.name) for texts in changed_since(names, year))
    settle_rows(sheet, tally, faults, spans)
    years = ((year, row, span) for row, span in spans.items() for year in range(span.first, span.last + 1))
    _add_divisions(tally, ((year, span.code, span.name, span.level, row) for year, row, span in years))


def _history(grid: Grid, source: Source, tally: Tally) -> None:
    until = given(source.year, Problem("division_until"))
    read_each(grid, tally, lambda sheet: _read_history(sheet, until, tally))


LIST = Layout(
    "division_list",
    "Year-end list of division codes (code and name)",
    "年末行政区划代码表（代码、名称）",
    on_first_sheet(_is_list),
    _list,
    asked=20,
    uses=frozenset({"year", "year_from_name"}),
    headers=(("代码", *sorted(CODES)), ("名称", *sorted(NAMES))),
)
HISTORY = Layout(
    "division_history",
    "History of division codes (code, name, years in use, successors)",
    "行政区划代码沿革（代码、名称、启用与弃用年份、新代码）",
    lambda grid, _: bool(grid.filled) and grid.filled[0].rows[0] == HEADER,
    _history,
    asked=30,
    uses=frozenset({"year"}),
    headers=tuple((name,) for name in HEADER),
)
