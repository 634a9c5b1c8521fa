"""What a column of a yearbook table holds, from all header cells above it: name, unit, and groups that narrow it.

A header such as 诊疗人次数 means all health institutions only where nothing above it or in the title says otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog import Registry, Source
from ingestion.formats.grid import Sheet
from ingestion.problems import Problem, Refusal
from ingestion.readers.yearbooks.yearbook_sections import unit_line
from ingestion.row_account import Column, Tally
from ingestion.vocabulary.headers import (
    find_indicator,
    require_in_use,
    settle_indicator,
    settle_unit,
    split_unit,
    squeeze,
    unit_symbol,
)

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


class ColumnSetAside(Exception):
    """The column is declared in set_aside_columns or holds no figures at all."""


@dataclass(frozen=True)
class _Header:
    """`names`: (row, Chinese text) from the outermost group to the leaf; `units`: units in lines of their own."""

    names: tuple[tuple[int, str], ...]
    units: tuple[str, ...]


def _header(sheet: Sheet, column: int, top: int, bottom: int, registry: Registry) -> _Header:
    names: list[tuple[int, str]] = []
    units: list[str] = []
    seen: set[tuple[int, int]] = set()
    for row in range(top, bottom):
        anchor = sheet.merged.get((row, column), (row, column))
        if anchor in seen:
            continue
        seen.add(anchor)
        # A bilingual cell holds both languages in two lines; the Chinese line is the name.
        for line in sheet.cell(*anchor).splitlines():
            unit = _unit_alone(line, registry)
            if unit is not None:
                units.append(unit)
            elif _CHINESE.search(line):
                names.append((row, line.strip()))
            else:
                units += _unit_at_end(line, registry)
    return _Header(tuple(names), tuple(units))


def _unit_alone(line: str, registry: Registry) -> str | None:
    """The unit a line consists of, in brackets or not. A bare 1 is a number of a column, not the unit of a share."""
    match = _BRACKETS.fullmatch(line.strip())
    unit = unit_symbol(match.group(1) if match else line, registry)
    return unit if unit != "1" else None


def _unit_at_end(line: str, registry: Registry) -> list[str]:
    """The catalogued unit at the end of a line in another language, as in "Fatality Rate (%)"."""
    unit = next((unit_symbol(text, registry) for text in reversed(_BRACKETS.findall(line))), None)
    return [unit] if unit is not None and unit != "1" else []


def _name(groups: list[str], leaf: str, source: Source, registry: Registry) -> str | None:
    """The registered name the groups and the leaf make up; groups left over must be declared neutral."""

    def neutral(group: str) -> bool:
        return any(re.fullmatch(pattern, group) for pattern in source.neutral_groups)

    for start in range(len(groups) + 1):
        if all(neutral(group) for group in groups[:start]):
            joined = "".join(groups[start:])
            found = next((n for n in (joined + leaf, leaf + joined) if find_indicator(n, registry) is not None), None)
            if found is not None:
                return found
    return None


def column_meaning(sheet: Sheet, column: int, top: int, bottom: int, year: int, source: Source, tally: Tally) -> Column:
    """What a column holds; header rows are `top` to `bottom` - 1. Raises Refusal, or ColumnSetAside."""
    registry = tally.registry
    header = _header(sheet, column, top, bottom, registry)
    if not header.names:
        if any(re.search(r"\d", sheet.cell(row, column)) for row in range(bottom, len(sheet.rows) + 1)):
            raise Refusal(sheet.problem("no_indicator", top, column))
        raise ColumnSetAside
    row, text = header.names[-1]
    at = sheet.problem("", row, column)
    leaf, unit, unknown = split_unit(text, registry)
    parts = [(group, *split_unit(group, registry)) for _, group in header.names[:-1]]
    # A bracket that is no unit belongs to the group's name.
    groups = [name if group_unit else group for group, name, group_unit, _ in parts]
    forms = (leaf, "".join((*groups, leaf)))
    if any(re.fullmatch(pattern, form) for pattern in source.set_aside_columns for form in forms):
        raise ColumnSetAside
    name = _name(groups, leaf, source, registry)
    if name is None:
        printed = " | ".join((*groups, leaf))
        if groups and find_indicator(leaf, registry) is not None:
            raise Refusal(sheet.problem("unknown_group", row, column, printed, f"{''.join(groups)}{leaf}"))
        # Says which cell; settle_indicator words the refusal. A pattern's `indicator` never covers a printed name.
        settle_indicator(leaf, [year], source, registry, at)
    indicator = str(find_indicator(str(name), registry))
    require_in_use(str(name), indicator, [year], registry, at)
    _refuse_subset(sheet, top, indicator, at)
    units = {u for u in (unit, *(group_unit for _, _, group_unit, _ in parts), *header.units) if u is not None}
    if len(units) > 1:
        raise Refusal(sheet.problem("several_units", row, column, ", ".join(sorted(units))))
    if not units and unknown is None:
        line_unit, unknown = unit_line(sheet, top, registry)
        units = {line_unit} if line_unit is not None else set()
    unit = settle_unit(next(iter(units), None), unknown, indicator, source, registry, at)
    return Column(column, year, indicator, unit, " | ".join(text for _, text in header.names))


def _refuse_subset(sheet: Sheet, top: int, indicator: str, at: Problem) -> None:
    if indicator not in _OF_ALL_INSTITUTIONS:
        return
    for row in range(1, top):
        for text in sheet.rows[row - 1]:
            word = next((word for word in _SUBSETS if word in squeeze(text)), None)
            if word is not None:
                raise Refusal(Problem("subset_title", text, word, "", at.sheet, at.row, at.cell))
