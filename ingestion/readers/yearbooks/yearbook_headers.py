"""The lines above the figures of a yearbook sheet: its tables, one below another, their units, what columns contain.

A header such as 诊疗人次数 means all health institutions only where nothing above it or in the title says otherwise;
its name, its unit and the groups that narrow it come from all header cells above the column. Names of regions and the
figures: yearbook_workbook.py.
"""

import re
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType

from catalog import Registry, Source
from ingestion.readers.base import Problem, Sheet, Tally, require
from ingestion.readers.tables import Meaning
from ingestion.vocabulary.headers import (
    find_indicator,
    settle_indicator,
    settle_unit,
    split_unit,
    squeeze,
    unit_symbol,
)
from ingestion.vocabulary.names import RegionName, region_or_problem
from ingestion.vocabulary.patterns import fullmatch
from ingestion.vocabulary.regions import is_note
from ingestion.vocabulary.unit_lines import unit_line

_MARKS = ("a)", "①", "*")
REGION_HEADERS = frozenset({"地区", "地区region"})
_HEADER_DEPTH = 12
_CONTINUED = re.compile(r"续\s*表|[(（]续[0-9]*[)）]|^续\s*[0-9]*$")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_BRACKETS = re.compile(r"[(（]([^()（）]*)[)）]")
# Indicators of all health institutions, and words of titles that speak of some of them only. The yearbook prints the
# same column headers above both.
_OF_ALL_INSTITUTIONS = frozenset(
    {"outpatient_visits", "hospital_admissions", "emergency_mortality_rate", "inpatient_mortality_rate"}
)
_SUBSETS = (
    "乡镇卫生院", "街道卫生院", "社区卫生", "村卫生室", "妇幼保健院", "妇幼保健机构", "民营", "公立医院", "非公立",
    "私立", "中医", "专科医院", "综合医院", "基层医疗", "诊所", "疗养院",
)  # fmt: skip


# One table: a sheet in which the rows of the others are blank, its header's first row, and its own rows.
Section = tuple[Sheet, int, range]


def is_yearbook_note(text: str) -> bool:
    """Whether a cell begins a note below a yearbook table; those begin with marks too."""
    return is_note(text) or text.startswith(_MARKS)


def header_rows(sheet: Sheet) -> list[int]:
    """The first header row of each table: their first cell reads 地区, in either language or both.

    The first of them stands near the top; `Region` below `地区` is the same header.
    """
    found: list[int] = []
    for row in range(1, len(sheet.rows) + 1):
        text = squeeze(sheet.cell(row, 1)).lower()
        if text in REGION_HEADERS or (text == "region" and row - 1 not in found):
            found.append(row)
    return found if found and found[0] <= _HEADER_DEPTH else []


def sections(sheet: Sheet) -> list[Section]:
    """The tables of a sheet in order. Titles go with the header below them; a 续表 keeps those of what it continues."""
    headers = header_rows(sheet)
    if not headers:
        return []
    starts = [1, *(_last_row_of_table(sheet, before, row) + 1 for before, row in pairwise(headers))]
    ends = [*(start - 1 for start in starts[1:]), len(sheet.rows)]
    found: list[Section] = []
    kept_titles: list[int] = []
    for header, start, end in zip(headers, starts, ends, strict=True):
        titles = list(range(start, header))
        continued = any(_CONTINUED.search(cell) for row in titles for cell in sheet.rows[row - 1])
        kept_titles = [*(kept_titles if continued else []), *titles]
        shown = {*kept_titles, *range(start, end + 1)}
        rows = tuple(row if number in shown else () for number, row in enumerate(sheet.rows, start=1))
        merged = MappingProxyType({place: anchor for place, anchor in sheet.merged.items() if place[0] in shown})
        found.append((replace(sheet, rows=rows, merged=merged), header, range(start, end + 1)))
    return found


def _last_row_of_table(sheet: Sheet, header: int, below: int) -> int:
    """The last row above the next header that names a region or is a note: what follows are the next table's titles."""
    texts = {row: sheet.cell(row, 1) for row in range(header, below)}
    named = (r for r, t in texts.items() if is_yearbook_note(t) or isinstance(region_or_problem(t), RegionName))
    return max(named, default=header)


def _header(
    sheet: Sheet, column: int, top: int, bottom: int, registry: Registry
) -> tuple[list[tuple[int, str]], list[str]]:
    """(row, Chinese text) from the outermost group to the leaf, and the units in lines of their own."""
    names: list[tuple[int, str]] = []
    units: list[str] = []
    for row in range(top, bottom):
        if row > top and sheet.anchor(row, column) == sheet.anchor(row - 1, column):
            continue
        # A bilingual cell holds both languages in two lines; the Chinese line is the name.
        for line in sheet.spread(row, column).splitlines():
            unit = _unit_in(line, registry)
            if unit is not None:
                units.append(unit)
            elif _CHINESE.search(line):
                names.append((row, line.strip()))
    return names, units


def _unit_in(line: str, registry: Registry) -> str | None:
    """The unit a line consists of, in brackets or not, or ends with in another language, as in "Fatality Rate (%)".

    A bare 1 is a number of a column, not the unit of a share.
    """
    alone = _BRACKETS.fullmatch(line.strip())
    last = [] if _CHINESE.search(line) else _BRACKETS.findall(line)[-1:]
    units = [unit_symbol(text, registry) for text in (alone.group(1) if alone else line, *last)]
    return next((unit for unit in units if unit not in {None, "1"}), None)


def _name(groups: list[str], leaf: str, source: Source, registry: Registry) -> str | None:
    """The registered name the groups and the leaf make up; groups left over must be declared neutral."""
    neutral = [any(fullmatch(pattern, group) for pattern in source.neutral_groups) for group in groups]
    joined = ["".join(groups[start:]) for start in range(len(groups) + 1) if all(neutral[:start])]
    names = (name for group in joined for name in (group + leaf, leaf + group))
    return next((name for name in names if find_indicator(name, registry) is not None), None)


def column_meaning(
    sheet: Sheet, column: int, top: int, bottom: int, year: int, source: Source, tally: Tally
) -> Meaning | None:
    """What a column holds, under all its names; header rows are `top` to `bottom` - 1.

    None for one declared in set_aside_columns, or without any figures. Raises Refusal.
    """
    registry = tally.registry
    names, own_units = _header(sheet, column, top, bottom, registry)
    if not names:
        filled = any(re.search(r"\d", sheet.cell(row, column)) for row in range(bottom, len(sheet.rows) + 1))
        require(not filled, sheet.problem("no_indicator", top, column))
        return None
    row, text = names[-1]
    at = sheet.problem("", row, column)
    leaf, unit, unknown = split_unit(text, registry)
    parts = [(group, *split_unit(group, registry)) for _, group in names[:-1]]
    # A bracket that is no unit belongs to the group's name.
    groups = [name if group_unit else group for group, name, group_unit, _ in parts]
    forms = (leaf, "".join((*groups, leaf)))
    if any(fullmatch(pattern, form) for pattern in source.set_aside_columns for form in forms):
        return None
    indicator = _indicator(groups, leaf, year, source, registry, at)
    _refuse_subset(sheet, top, indicator, at)
    units = {unit, *(group_unit for _, _, group_unit, _ in parts), *own_units} - {None}
    require(len(units) < 2, sheet.problem("several_units", row, column, ", ".join(sorted(map(str, units)))))
    printed = next(iter(units), None)
    if printed is None and unknown is None:
        printed, unknown = unit_line(sheet, range(1, top), registry)
    settled = settle_unit(printed, unknown, indicator, source, registry, at)
    return Meaning(indicator, settled, " | ".join(text for _, text in names))


def _indicator(groups: list[str], leaf: str, year: int, source: Source, registry: Registry, at: Problem) -> str:
    """The indicator the groups and the leaf name together in a data year. Raises Refusal."""
    name = _name(groups, leaf, source, registry)
    grouped = name is None and groups and find_indicator(leaf, registry) is not None
    printed, expected = " | ".join((*groups, leaf)), f"{''.join(groups)}{leaf}"
    require(not grouped, replace(at, code="unknown_group", found=printed, expected=expected))
    # A pattern's `indicator` never covers a printed name.
    alone = source.model_copy(update={"indicator": None}) if name is not None else source
    return settle_indicator(name or leaf, [year], alone, registry, at)


def _refuse_subset(sheet: Sheet, top: int, indicator: str, at: Problem) -> None:
    for _, _, text in sheet.texts(range(1, top) if indicator in _OF_ALL_INSTITUTIONS else ()):
        word = next((word for word in _SUBSETS if word in squeeze(text)), None)
        require(word is None, replace(at, code="subset_title", found=text, expected=word or ""))
