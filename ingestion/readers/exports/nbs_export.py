"""Exports of the statistics bureau's annual databases (分省年度数据, 主要城市年度数据, 年度数据) as CSV or workbook.

Generations differ in the preamble: the older names its indicator and unit in a line 指标：, the one in use since 2026
names neither, and in files others passed on the preamble may be cut off. Arrangements differ in what runs down and
across: of regions, indicators and years, the third is one for the table. Each is a layout of its own, because
sources.yaml has to declare something else for it; all are read alike. A file may hold several tables. Where a table
lies on its sheet: nbs_preamble.py; what its rows and columns stand for: nbs_axes.py.
"""

from collections.abc import Mapping
from dataclasses import replace

from catalog import Source
from ingestion.checks.alignment import misaligned
from ingestion.formats.grid import Grid, Sheet
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import Layout, by_sheets, refuse_rows, refused_tables
from ingestion.readers.exports.nbs_axes import (
    axis_indicators,
    axis_places,
    axis_regions,
    axis_years,
    one_indicator,
)
from ingestion.readers.exports.nbs_preamble import (
    Block,
    check_period,
    find_blocks,
    has_preamble,
    header_texts,
    refuse_parts_of_years,
)
from ingestion.readers.tables import Table, report
from ingestion.row_account import Tally
from ingestion.vocabulary.headers import is_part_of_year
from ingestion.vocabulary.numbers import MISSING_MARKS
from ingestion.vocabulary.years import parse_year_cell


def _is_bare(sheet: Sheet, block: Block) -> bool:
    """Whether the table begins with its header, and that header is of years alone: no other layout's is."""
    texts = header_texts(sheet, block.header).values()
    return block.header == 1 and all(parse_year_cell(t) is not None or is_part_of_year(t) for t in texts)


def _layout_of(sheet: Sheet) -> str | None:
    """The layout of a sheet's first table, or None for a sheet that is no export."""
    blocks = find_blocks(sheet)
    if not blocks:
        return None
    block, preamble = blocks[0], has_preamble(sheet)
    if not preamble and not (block.across == "year" and _is_bare(sheet, block)):
        return None
    kinds = {
        "nbs_one_year": block.fixed == "year",
        "nbs_transposed": block.down == "year",
        "nbs_region": block.fixed == "region",
        "nbs_export_cut": not preamble,
        "nbs_export": block.line("indicator") is not None,
    }
    return next((name for name, applies in kinds.items() if applies), "nbs_export_2026")


def _read_sheet(sheet: Sheet, source: Source, tally: Tally) -> None:
    if _layout_of(sheet) is None:
        raise Refusal(Problem("no_table", sheet.cell(1, 1), sheet=sheet.name))
    blocks = find_blocks(sheet)
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
    check_period(sheet, block, years.values())
    # Names come before the indicator: a table of cities is no province table with an unknown header.
    regions = axis_regions(sheet, block, source, max(years.values()))
    problems: dict[int, Problem] = {}
    if block.fixed == "indicator":
        meanings = {0: one_indicator(sheet, block, source, years, tally)}
    else:
        meanings, problems = axis_indicators(sheet, block, source, _filled_years(sheet, block, years), tally)
    headers = header_texts(sheet, block.header)
    table = Table(sheet, block.rows, (block.down,), block.across, headers, years, regions, meanings)
    shifted = misaligned(sheet, sheet.rows[block.header - 1], [row for row in block.rows if table.readable(row)])
    if block.across == "indicator":
        for column, problem in problems.items():
            tally.reject(problem, sheet.cell(block.header, column))
        problems = {}
    report(table, {**problems, **shifted}, tally)


def _filled_years(sheet: Sheet, block: Block, years: Mapping[int, int]) -> dict[int, list[int]]:
    """Row or column of an indicator -> the data years it has figures for."""

    def filled(key: int, other: int) -> bool:
        row, column = (key, other) if block.down == "indicator" else (other, key)
        return block.fixed == "year" or sheet.cell(row, column) not in MISSING_MARKS

    return {
        key: sorted(year for other, year in years.items() if filled(key, other))
        for key in axis_places(sheet, block, "indicator")
    }


def _layout(name: str, asked: int, en: str, zh: str) -> Layout:
    def recognise(grid: Grid) -> bool:
        return grid.kind in {"csv", "workbook"} and bool(grid.filled) and _layout_of(grid.filled[0]) == name

    return Layout(
        name, f"{en} (CSV or workbook)", f"{zh}（CSV 或工作簿）", recognise, by_sheets(_read_sheet), asked=asked
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
