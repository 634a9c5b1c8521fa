"""What a column of a yearbook table holds, from all header cells above it: name, unit, and groups that narrow it.

A header such as 诊疗人次数 means all health institutions only where nothing above it or in the title says otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from catalog import Registry, Source
from ingestion.formats.grid import Sheet
from ingestion.problems import Problem, Refusal
from ingestion.readers.tables import Meaning
from ingestion.readers.yearbooks.yearbook_sections import unit_line
from ingestion.row_account import Tally
from ingestion.vocabulary.headers import (
    find_indicator,
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


def column_meaning(
    sheet: Sheet, column: int, top: int, bottom: int, year: int, source: Source, tally: Tally
) -> Meaning | None:
    """What a column holds, under all its names; header rows are `top` to `bottom` - 1.

    None for one declared in set_aside_columns, or without any figures. Raises Refusal.
    """
    registry = tally.registry
    header = _header(sheet, column, top, bottom, registry)
    if not header.names:
        if any(re.search(r"\d", sheet.cell(row, column)) for row in range(bottom, len(sheet.rows) + 1)):
            raise Refusal(sheet.problem("no_indicator", top, column))
        return None
    row, text = header.names[-1]
    at = sheet.problem("", row, column)
    leaf, unit, unknown = split_unit(text, registry)
    parts = [(group, *split_unit(group, registry)) for _, group in header.names[:-1]]
    # A bracket that is no unit belongs to the group's name.
    groups = [name if group_unit else group for group, name, group_unit, _ in parts]
    forms = (leaf, "".join((*groups, leaf)))
    if any(re.fullmatch(pattern, form) for pattern in source.set_aside_columns for form in forms):
        return None
    indicator = _indicator(groups, leaf, year, source, registry, at)
    _refuse_subset(sheet, top, indicator, at)
    units = {unit, *(group_unit for _, _, group_unit, _ in parts), *header.units} - {None}
    if len(units) > 1:
        raise Refusal(sheet.problem("several_units", row, column, ", ".join(sorted(map(str, units)))))
    printed = next(iter(units), None)
    if printed is None and unknown is None:
        printed, unknown = unit_line(sheet, top, registry)
    settled = settle_unit(printed, unknown, indicator, source, registry, at)
    return Meaning(indicator, settled, " | ".join(text for _, text in header.names))


def _indicator(groups: list[str], leaf: str, year: int, source: Source, registry: Registry, at: Problem) -> str:
    """The indicator the groups and the leaf name together in a data year. Raises Refusal."""
    name = _name(groups, leaf, source, registry)
    if name is None and groups and find_indicator(leaf, registry) is not None:
        printed = " | ".join((*groups, leaf))
        raise Refusal(replace(at, code="unknown_group", found=printed, expected=f"{''.join(groups)}{leaf}"))
    # A pattern's `indicator` never covers a printed name.
    alone = source.model_copy(update={"indicator": None}) if name is not None else source
    return settle_indicator(name or leaf, [year], alone, registry, at)


def _refuse_subset(sheet: Sheet, top: int, indicator: str, at: Problem) -> None:
    for _, _, text in sheet.texts(range(1, top) if indicator in _OF_ALL_INSTITUTIONS else ()):
        word = next((word for word in _SUBSETS if word in squeeze(text)), None)
        if word is not None:
            raise Refusal(Problem("subset_title", text, word, "", at.sheet, at.row, at.cell))
