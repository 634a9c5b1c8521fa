"""Exports of the statistics bureau's annual databases (分省年度数据, 主要城市年度数据, 年度数据) as CSV or workbook.

Generations differ in the preamble: the older names its indicator and unit in a line 指标：, the one in use since 2026
names neither, and in files others passed on the preamble may be cut off. Arrangements differ in what runs down and
across: of regions, indicators and years, the third is one for the table. Each is a layout of its own, because
sources.yaml has to declare something else for it; all are read alike. A file may hold several tables. Where a table
lies on its sheet: nbs_preamble.py. Here: what its rows and columns stand for (years, regions and indicators, each
checked), and its figures.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from catalog import NATION_CODE, Registry, Source
from ingestion.checks.alignment import misaligned
from ingestion.checks.no_data import rows_without_data
from ingestion.places import place_or_problem
from ingestion.places.cities import MAIN_CITIES, match_cities
from ingestion.readers.base import (
    Layout,
    Problem,
    Refusal,
    Sheet,
    Tally,
    by_sheets,
    given,
    known,
    known_at,
    on_first_sheet,
    refuse_rows,
    refused_tables,
    require,
)
from ingestion.readers.exports.nbs_preamble import (
    Block,
    Line,
    begins_with_titles,
    check_period,
    find_blocks,
    has_preamble,
    refuse_parts_of_years,
    single_year,
)
from ingestion.readers.tables import Kind, Meaning, Table, is_set_aside, report, settle_each, settle_meaning
from ingestion.vocabulary.headers import (
    is_part_of_year,
    split_unit,
    squeeze,
)
from ingestion.vocabulary.names import RegionName, region_or_problem
from ingestion.vocabulary.numbers import is_missing
from ingestion.vocabulary.regions import match_cells, region_rows
from ingestion.vocabulary.unit_lines import unit_line
from ingestion.vocabulary.years import parse_year_cell, years_across, years_down

# How preambles name the annual database of the nation.
_NATIONAL = frozenset({"年度数据", "全国年度数据", "国家年度数据"})
# Keys of an entry they all take account of.
_USES = frozenset(
    {
        "indicator",
        "unit",
        "columns",
        "set_aside_columns",
        "year",
        "years_absent",
        "provinces_absent",
        "export",
        "missing_marks",
    }
)
_UNKNOWN = frozenset({"unknown_place", "unknown_province"})
# In the name of the database of the bureau's 36 main cities.
_MAIN_CITIES = "主要城市"


def axis_places(sheet: Sheet, block: Block, kind: str) -> dict[int, tuple[int, int]]:
    """Row or column number -> (row, column) of the cell that names it, for the axis of this kind."""
    if block.across == kind:
        return {column: (block.header, column) for column in block.texts}
    stray = stray_rows(sheet, block)
    return {row: (row, 1) for row in _rows(sheet, block) if row not in stray}


def _rows(sheet: Sheet, block: Block) -> list[int]:
    return [row for row in region_rows(sheet, block.header + 1, list(block.texts)) if row <= block.last]


def stray_rows(sheet: Sheet, block: Block) -> dict[int, Problem]:
    """Row -> problem of rows that hold no data; of indicators, any name may be one."""

    def names_place(text: str) -> bool:
        found = (region_or_problem(text), place_or_problem(text))
        return any(not isinstance(one, Problem) or one.code not in _UNKNOWN for one in found)

    says: dict[Kind, Callable[[str], object]] = {
        "region": names_place,
        "year": lambda text: parse_year_cell(text) is not None or is_part_of_year(text),
        "indicator": bool,
    }
    return rows_without_data(sheet, _rows(sheet, block), {1: says[block.down]}, list(block.texts), [block.header])


def axis_years(sheet: Sheet, block: Block, source: Source) -> dict[int, int]:
    """Row or column -> year, or {0: the one data year}. Raises Refusal."""
    if block.across == "year":
        return years_across(sheet, block.header, block.texts, source.years_absent)
    if block.down == "year":
        return years_down(sheet, axis_places(sheet, block, "year"), block.header, source.years_absent)
    printed, row = single_year(block), block.line("period").row
    require(printed is not None or source.year is not None, sheet.problem("no_year", row, 1, sheet.cell(row, 1)))
    require(
        printed is None or source.year in {None, printed},
        sheet.problem("contradicting_year", row, 1, str(printed), f"{source.year} (sources.yaml)"),
    )
    return {0: int(printed or source.year or 0)}


def _level(block: Block, source: Source) -> str:
    declared = source.export.level if source.export is not None else None
    return declared or ("city" if _MAIN_CITIES in block.database else "province")


def axis_regions(sheet: Sheet, block: Block, source: Source, year: int) -> dict[int, RegionName]:
    """Row or column -> region, or {0: the one region}; `year` is the last of the table. Raises Refusal."""
    if block.fixed == "region":
        return {0: _one_region(sheet, block, source, year)}
    places = axis_places(sheet, block, "region")
    if _level(block, source) == "province":
        return match_cells(sheet, places, source.absent_codes, stray_rows(sheet, block))
    required = MAIN_CITIES if _MAIN_CITIES in block.database else frozenset()
    return match_cities(sheet, places, year, required, source.export.places if source.export else None)


def _one_region(sheet: Sheet, block: Block, source: Source, year: int) -> RegionName:
    declared = source.export.region if source.export is not None else None
    line = block.line("region")
    printed = None
    if line.text:
        printed = _printed_region(sheet, line, year if _level(block, source) == "city" else None)
    elif block.database in _NATIONAL:
        printed = RegionName("nation", NATION_CODE)
    if declared is None:
        named = printed if printed is not None and printed.code is not None else None
        return given(named, sheet.problem("no_region", block.header, 1))
    meant = known(region_or_problem(declared))
    require(
        printed is None or printed.code == meant.code,
        sheet.problem("contradicting_region", line.row, 1, sheet.cell(line.row, 1), f"{declared} (sources.yaml)"),
    )
    return meant


def _printed_region(sheet: Sheet, line: Line, city_year: int | None) -> RegionName:
    """The region a line of the preamble names: a city of `city_year`, where that is given. Raises Refusal."""
    if city_year is not None:
        # The name is looked up as any name in a table is: in a sheet that holds nothing else.
        return match_cities(Sheet(sheet.name, ((line.text,),)), {0: (1, 1)}, city_year, frozenset(), 1)[0]
    return known_at(region_or_problem(line.text), sheet, line.row, 1)


def one_indicator(sheet: Sheet, block: Block, source: Source, years: Mapping[int, int], tally: Tally) -> Meaning:
    """The indicator of a whole table, from the line 指标： and the declaration. Raises Refusal."""
    first = block.line("indicator")
    for line in block.lines.get("indicator", []):
        require(
            line.text == first.text,
            sheet.problem("second_indicator", line.row, 1, sheet.cell(line.row, 1), sheet.cell(first.row, 1)),
        )
    at = sheet.problem("", first.row, 1) if "indicator" in block.lines else Problem("", sheet=sheet.name)
    return settle_meaning(first.text, years.values(), source, tally, at, _unit_line(sheet, block, tally.registry))


def _unit_line(sheet: Sheet, block: Block, registry: Registry) -> tuple[str, Problem] | None:
    line = block.line("unit")
    if line.text:
        return line.text, sheet.problem("", line.row, 1)
    # Of a title, which may also stand at the right.
    unit, unknown = unit_line(sheet, range(block.first, block.header), registry)
    text = unit or unknown
    return (text, sheet.problem("", block.header, 1)) if text is not None else None


def axis_indicators(
    sheet: Sheet, block: Block, source: Source, years: Mapping[int, Sequence[int]], tally: Tally
) -> tuple[dict[int, Meaning], dict[int, Problem]]:
    """(row or column -> indicator, row or column -> problem), without those sources.yaml sets aside.

    `years` are the data years each has figures for: a name must have been in use in them. The declaration of a file's
    one indicator covers none of them. Raises Refusal when no indicator is left.
    """
    places, unit = axis_places(sheet, block, "indicator"), _unit_line(sheet, block, tally.registry)
    alone = source.model_copy(update={"indicator": None})

    def settle(key: int) -> Meaning | None:
        text, at = sheet.cell(*places[key]), sheet.problem("", *places[key])
        if is_set_aside(text, source, tally.registry):
            return None
        require(split_unit(text, tally.registry)[0], replace(at, code="unknown_indicator"))
        return settle_meaning(text, years.get(key, ()), alone, tally, at, unit)

    return settle_each(
        places,
        settle,
        lambda meaning: (meaning.indicator, meaning.name),
        lambda key, _: sheet.problem("repeated_indicator", *places[key], sheet.cell(*places[key])),
        sheet.problem("no_indicator", block.header, 1, squeeze(sheet.cell(block.header, 1))),
    )


def _layout_of(sheet: Sheet, source: Source) -> str | None:
    """The layout of a sheet's first table, or None for a sheet that is no export."""
    blocks = find_blocks(sheet, source)
    if not blocks:
        return None
    block, preamble = blocks[0], has_preamble(sheet)
    # A table may begin with its header, or with titles, where the header is of years: no other layout's is.
    years = [parse_year_cell(text) is not None or is_part_of_year(text) for text in block.texts.values()]
    of_years = block.across == "year" and (all(years) or (years[0] and sum(years) > 1))
    if not preamble and not (of_years and begins_with_titles(sheet, block.header)):
        return None
    kinds = {
        "nbs_one_year": block.fixed == "year",
        "nbs_transposed": block.down == "year",
        "nbs_region": block.fixed == "region",
        "nbs_export_cut": not preamble,
        "nbs_export": "indicator" in block.lines,
    }
    return next((name for name, applies in kinds.items() if applies), "nbs_export_2026")


def _read_sheet(sheet: Sheet, source: Source, tally: Tally) -> None:
    require(_layout_of(sheet, source), Problem("no_table", sheet.cell(1, 1), sheet=sheet.name))
    blocks = find_blocks(sheet, source)
    if len(blocks) == 1:
        _read_block(sheet, blocks[0], source, tally)
        return
    for block, refusal in refused_tables(blocks, lambda one: _read_block(sheet, one, source, tally), tally):
        # What is said of a whole table, such as its missing provinces, is said at its header.
        at = sheet.locate(block.header, 1)
        placed = (p if p.row or p.cell else replace(p, cell=at) for p in refusal.problems)
        refuse_rows(sheet, block.rows, Refusal(*placed), tally)


def _read_block(sheet: Sheet, block: Block, source: Source, tally: Tally) -> None:
    """Report every row of the table. Raises Refusal before any row is accounted for."""
    refuse_parts_of_years(sheet, block)
    years = axis_years(sheet, block, source)
    _check_year(sheet, block, years.values(), source, tally)
    check_period(sheet, block, years.values())
    # Names come before the indicator: a table of cities is no province table with an unknown header.
    regions = axis_regions(sheet, block, source, max(years.values()))
    problems: dict[int, Problem] = {}
    if block.fixed == "indicator":
        meanings = {0: one_indicator(sheet, block, source, years, tally)}
    else:
        meanings, problems = axis_indicators(sheet, block, source, _filled_years(sheet, block, years), tally)
    table = Table(
        sheet, block.rows, (block.down,), block.across, block.texts, years, regions, meanings, aside=block.aside
    )
    shifted = misaligned(sheet, sheet.rows[block.header - 1], [row for row in block.rows if table.readable(row)])
    if block.across == "indicator":
        for column, problem in problems.items():
            tally.reject(problem, sheet.cell(block.header, column))
        problems = {}
    report(table, {**problems, **shifted, **stray_rows(sheet, block)}, tally)


def _check_year(sheet: Sheet, block: Block, years: Collection[int], source: Source, tally: Tally) -> None:
    """Remark on a declared year where the table prints its years. Raises Refusal where it is none of them."""
    if source.year is None or block.fixed == "year":
        return
    printed = ", ".join(map(str, sorted(years)))
    at = sheet.problem("contradicting_year", block.header, 1, printed, f"{source.year} (sources.yaml)")
    require(source.year in years, at)
    tally.reject(replace(at, code="year_printed", found=str(source.year), expected="", row=0, cell=""), "")


def _filled_years(sheet: Sheet, block: Block, years: Mapping[int, int]) -> dict[int, list[int]]:
    """Row or column of an indicator -> the data years it has figures for."""

    def filled(key: int, other: int) -> bool:
        row, column = (key, other) if block.down == "indicator" else (other, key)
        return block.fixed == "year" or not is_missing(sheet.cell(row, column), sheet.marks)

    return {
        key: sorted(year for other, year in years.items() if filled(key, other))
        for key in axis_places(sheet, block, "indicator")
    }


def _layout(name: str, asked: int, en: str, zh: str) -> Layout:
    recognise = on_first_sheet(lambda sheet, source: _layout_of(sheet, source) == name)
    return Layout(
        name,
        f"{en} (CSV or workbook)",
        f"{zh}（CSV 或工作簿）",
        recognise,
        by_sheets(_read_sheet),
        asked=asked,
        uses=_USES,
    )


NAMED = _layout("nbs_export", 60, "Statistics bureau export that names its indicator", "国家统计局导出表，注明指标")
UNNAMED = _layout(
    "nbs_export_2026",
    61,
    "Statistics bureau export since 2026, indicator not named",
    "国家统计局2026年新版导出表，未注明指标",
)
CUT = _layout(
    "nbs_export_cut",
    62,
    "Statistics bureau export without its preamble, indicator not named",
    "国家统计局导出表，缺少表前说明，未注明指标",
)
REGION = _layout(
    "nbs_region",
    63,
    "Statistics bureau export of one region, indicators down and years across",
    "国家统计局单一地区导出表，指标纵排、年份横排",
)
TRANSPOSED = _layout(
    "nbs_transposed",
    64,
    "Statistics bureau export with years down, regions or indicators across",
    "国家统计局转置导出表，年份纵排，地区或指标横排",
)
ONE_YEAR = _layout(
    "nbs_one_year",
    65,
    "Statistics bureau export of one year, regions by indicators",
    "国家统计局单一年份导出表，地区与指标交叉",
)
