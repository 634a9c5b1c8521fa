"""What the rows and columns of a statistics-bureau table stand for: years, regions and indicators, each checked.

Where the table lies on its sheet: nbs_preamble.py; its figures: nbs_export.py.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from catalog import NATION_CODE, Source
from ingestion.formats.grid import Sheet
from ingestion.places.cities import MAIN_CITIES, match_cities
from ingestion.problems import Problem, Refusal
from ingestion.readers.exports.nbs_preamble import (
    Block,
    Line,
    header_texts,
    single_year,
)
from ingestion.readers.tables import Meaning
from ingestion.row_account import Tally
from ingestion.vocabulary.headers import (
    find_indicator,
    settle_indicator,
    settle_unit,
    split_unit,
    squeeze,
)
from ingestion.vocabulary.names import RegionName
from ingestion.vocabulary.regions import match_cells, region_or_problem, region_rows
from ingestion.vocabulary.years import years_across, years_down

# How preambles name the annual database of the nation.
_NATIONAL = frozenset({"年度数据", "全国年度数据", "国家年度数据"})


def axis_places(sheet: Sheet, block: Block, kind: str) -> dict[int, tuple[int, int]]:
    """Row or column number -> (row, column) of the cell that names it, for the axis of this kind."""
    columns = header_texts(sheet, block.header)
    if block.across == kind:
        return {column: (block.header, column) for column in columns}
    return {row: (row, 1) for row in region_rows(sheet, block.header + 1, list(columns)) if row <= block.last}


def axis_years(sheet: Sheet, block: Block, source: Source) -> dict[int, int]:
    """Row or column -> year, or {0: the one data year}. Raises Refusal."""
    if block.across == "year":
        return years_across(sheet, block.header, header_texts(sheet, block.header), source.years_absent)
    if block.down == "year":
        return years_down(sheet, axis_places(sheet, block, "year"), block.header, source.years_absent)
    printed, line = single_year(block), block.line("period")
    row = line.row if line is not None else block.header
    if printed is None and source.year is None:
        raise Refusal(sheet.problem("no_year", row, 1, sheet.cell(row, 1)))
    if printed is not None and source.year is not None and printed != source.year:
        raise Refusal(sheet.problem("contradicting_year", row, 1, str(printed), f"{source.year} (sources.yaml)"))
    return {0: int(printed or source.year or 0)}


def _level(block: Block, source: Source) -> str:
    declared = source.export.level if source.export is not None else None
    return declared or ("city" if block.is_of_main_cities else "province")


def axis_regions(sheet: Sheet, block: Block, source: Source, year: int) -> dict[int, RegionName]:
    """Row or column -> region, or {0: the one region}; `year` is the last of the table. Raises Refusal."""
    if block.fixed == "region":
        return {0: _one_region(sheet, block, source, year)}
    places = axis_places(sheet, block, "region")
    if _level(block, source) == "province":
        return match_cells(sheet, places)
    required = MAIN_CITIES if block.is_of_main_cities else frozenset()
    return match_cities(sheet, places, year, required, source.export.places if source.export else None)


def _one_region(sheet: Sheet, block: Block, source: Source, year: int) -> RegionName:
    declared = source.export.region if source.export is not None else None
    line = block.line("region")
    printed = None
    if line is not None and line.text:
        printed = _printed_region(sheet, line, year if _level(block, source) == "city" else None)
    elif block.database in _NATIONAL:
        printed = RegionName("nation", NATION_CODE)
    if declared is None:
        if printed is None or printed.code is None:
            raise Refusal(sheet.problem("no_region", block.header, 1))
        return printed
    meant = region_or_problem(declared)
    assert isinstance(meant, RegionName), "sources.yaml was validated"
    if printed is not None and printed.code != meant.code:
        row = line.row if line is not None else block.header
        raise Refusal(sheet.problem("contradicting_region", row, 1, sheet.cell(row, 1), f"{declared} (sources.yaml)"))
    return meant


def _printed_region(sheet: Sheet, line: Line, city_year: int | None) -> RegionName:
    """The region a line of the preamble names: a city of `city_year`, where that is given. Raises Refusal."""
    if city_year is not None:
        # The name is looked up as any name in a table is: in a sheet that holds nothing else.
        return match_cities(Sheet(sheet.name, ((line.text,),)), {0: (1, 1)}, city_year, frozenset(), 1)[0]
    found = region_or_problem(line.text)
    if isinstance(found, Problem):
        raise Refusal(sheet.problem(found.code, line.row, 1, line.text, found.expected))
    return found


def one_indicator(sheet: Sheet, block: Block, source: Source, years: Mapping[int, int], tally: Tally) -> Meaning:
    """The indicator of a whole table, from the line 指标： and the declaration. Raises Refusal."""
    lines = block.lines.get("indicator", [])
    for line in lines[1:]:
        if line.text != lines[0].text:
            first = sheet.cell(lines[0].row, 1)
            raise Refusal(sheet.problem("second_indicator", line.row, 1, sheet.cell(line.row, 1), first))
    at = sheet.problem("", lines[0].row, 1) if lines else Problem("", sheet=sheet.name)
    name, printed, unknown = split_unit(lines[0].text if lines else "", tally.registry)
    indicator = settle_indicator(name or None, sorted(years.values()), source, tally.registry, at)
    return Meaning(indicator, _unit(sheet, block, printed, unknown, indicator, source, tally, at), name)


def _unit(
    sheet: Sheet, block: Block, printed: str | None, unknown: str | None, indicator: str, source: Source,
    tally: Tally, at: Problem,
) -> str:  # fmt: skip
    """The unit, printed behind the name or in a line 单位： of its own. Raises Refusal."""
    line = block.line("unit")
    if line is not None and line.text and printed is None and unknown is None:
        _, printed, unknown = split_unit(f"({line.text})", tally.registry)
        at = sheet.problem("", line.row, 1)
    return settle_unit(printed, unknown, indicator, source, tally.registry, at)


def is_set_aside(text: str, source: Source, tally: Tally) -> bool:
    """Whether sources.yaml leaves out the indicator printed as `text`."""
    names = (text, split_unit(text, tally.registry)[0])
    return any(re.fullmatch(pattern, name) for pattern in source.set_aside_columns for name in names)


def axis_indicators(
    sheet: Sheet, block: Block, source: Source, years: Mapping[int, Sequence[int]], tally: Tally
) -> tuple[dict[int, Meaning], dict[int, Problem]]:
    """(row or column -> indicator, row or column -> problem), without those sources.yaml sets aside.

    `years` are the data years each has figures for: a name must have been in use in them. The declaration of a file's
    one indicator covers none of them. Raises Refusal when no indicator is left.
    """
    meanings: dict[int, Meaning] = {}
    problems: dict[int, Problem] = {}
    alone = source.model_copy(update={"indicator": None})
    for key, (row, column) in axis_places(sheet, block, "indicator").items():
        text = sheet.cell(row, column)
        if is_set_aside(text, source, tally):
            continue
        at = sheet.problem("", row, column)
        try:
            name, printed, unknown = split_unit(text, tally.registry)
            filled, known = years.get(key, ()), find_indicator(name, tally.registry)
            settled = filled or known is None
            indicator = settle_indicator(name, list(filled), alone, tally.registry, at) if settled else str(known)
            meanings[key] = Meaning(indicator, _unit(sheet, block, printed, unknown, indicator, alone, tally, at), name)
        except Refusal as refusal:
            problems[key] = refusal.problems[0]
    _refuse_repeated(sheet, block, meanings, problems)
    if not meanings:
        nothing = sheet.problem("no_indicator", block.header, 1, squeeze(sheet.cell(block.header, 1)))
        raise Refusal(*(problems.values() or (nothing,)))
    return meanings, problems


def _refuse_repeated(sheet: Sheet, block: Block, meanings: dict[int, Meaning], problems: dict[int, Problem]) -> None:
    """Refuse each row or column of an indicator that stands twice under one name: nothing tells which is meant."""
    counts = Counter((meaning.indicator, meaning.name) for meaning in meanings.values())
    for key in [key for key, meaning in meanings.items() if counts[meaning.indicator, meaning.name] > 1]:
        row, column = (key, 1) if block.down == "indicator" else (block.header, key)
        problems[key] = sheet.problem("repeated_indicator", row, column, sheet.cell(row, column))
        del meanings[key]
