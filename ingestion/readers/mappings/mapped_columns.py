"""What the headers of a mapped table mean: the rule of the mapping for each, its indicator and its unit.

Nothing is guessed: a header no rule covers, a rule that covers none, and two rules or columns for one figure are
refused with the key of the mapping.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from catalog import Registry, Source
from catalog.declarations.mapping import MappedColumn
from ingestion.formats.grid import Sheet
from ingestion.problems import Problem, Refusal
from ingestion.readers.mappings.mapped_tables import Located, matches, titles
from ingestion.vocabulary.headers import find_indicator, require_in_use, settle_unit, split_unit, unit_symbol

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_UNIT_LINE = re.compile(r"(?:单位|Unit)\s*[:：]\s*(\S.*)", re.IGNORECASE)


@dataclass(frozen=True)
class Rule:
    """One entry of `columns` with its key in the mapping."""

    column: MappedColumn
    key: str


def rules_of(located: Located) -> list[Rule]:
    """The rules of the table, in order."""
    return [Rule(column, f"{located.key}.columns[{n}]") for n, column in enumerate(located.table.columns)]


def rules_for(text: str, rules: Sequence[Rule]) -> list[Rule]:
    """The rules whose header is this text."""
    return [rule for rule in rules if rule.column.header is None or matches([rule.column.header], text)]


def rule_in_year(candidates: Sequence[Rule], year: int, text: str, at: Problem) -> Rule:
    """The one rule in use in a data year. Raises Refusal when there is none, or more than one."""
    active = [rule for rule in candidates if rule.column.in_use(year)]
    if len(active) == 1:
        return active[0]
    if active:
        expected = ", ".join(rule.key for rule in active)
        raise Refusal(replace(at, code="mapping_ambiguous", found=f"{text}, {year}", expected=expected))
    expected = "; ".join(f"{r.key}: {r.column.first or ''}-{r.column.last or ''}" for r in candidates)
    raise Refusal(replace(at, code="mapping_years", found=f"{text}, {year}", expected=expected))


def require_used(rules: Iterable[Rule], used: Collection[str], years: Collection[int], sheet: Sheet, row: int) -> None:
    """Raise Refusal for a rule in use in one of the years whose header the table does not have."""
    for rule in rules:
        if rule.key not in used and not rule.column.optional and any(rule.column.in_use(year) for year in years):
            found = ", ".join(str(year) for year in sorted(years)[:3])
            expected = f"{rule.key}.header: {rule.column.header}"
            raise Refusal(Problem("mapping_header_missing", found, expected, sheet=sheet.name, row=row))


def check_name(text: str, rule: Rule, years: Collection[int], at: Problem, registry: Registry) -> None:
    """Raise Refusal when the whole header is a registered name of another indicator, or was not in use in these years.

    A leaf alone says nothing: the groups above it may narrow it, and the mapping speaks of both.
    """
    name = "".join(split_unit(part, registry)[0] for part in text.split(" | ") if _CHINESE.search(part))
    known = find_indicator(name, registry)
    if known is not None and known != rule.column.indicator:
        expected = f"{rule.column.indicator} ({rule.key})"
        raise Refusal(replace(at, code="mapping_other_indicator", found=f"{name} = {known}", expected=expected))
    if known is not None:
        require_in_use(name, known, sorted(years), registry, at)


def unit_of(
    text: str, rule: Rule, sheet: Sheet, located: Located, source: Source, registry: Registry, at: Problem
) -> str:
    """The unit, from the header, the table's line 单位 and the rule; they may not contradict one another."""
    printed = {u for part in text.split(" | ") if (u := split_unit(part, registry)[1]) is not None}
    if not printed:
        printed = unit_lines(sheet, located, registry)
    if len(printed) > 1:
        raise Refusal(replace(at, code="several_units", found=", ".join(sorted(printed))))
    unit = next(iter(printed), None)
    declared = rule.column.unit
    if unit is not None and declared is not None and unit != declared:
        raise Refusal(replace(at, code="contradicting_unit", found=unit, expected=f"{declared} ({rule.key}.unit)"))
    own = source.model_copy(update={"indicator": rule.column.indicator, "unit": None})
    return settle_unit(unit or declared, None, rule.column.indicator, own, registry, at)


def unit_lines(sheet: Sheet, located: Located, registry: Registry) -> set[str]:
    """The catalogued units the lines above the header speak of, in whichever language."""
    found = set()
    for _, _, text in titles(sheet, located):
        match = _UNIT_LINE.search(text)
        unit = unit_symbol(match.group(1).strip(" )）"), registry) if match else None
        if unit is not None:
            found.add(unit)
    return found


def refuse_twice(places: Iterable[tuple[object, str, Problem]], key: str) -> None:
    """Raise Refusal at a figure that stands in two cells; `places` are (what figure, its cell, its place)."""
    seen: dict[object, list[tuple[str, Problem]]] = defaultdict(list)
    for figure, cell, at in places:
        seen[figure].append((cell, at))
        if len(seen[figure]) > 1:
            raise Refusal(replace(at, code="mapping_repeated", found=f"{seen[figure][0][0]}, {cell}", expected=key))
