"""A list of divisions compared with the facts of its year. Reading such lists: ingestion/readers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.provinces import MUNICIPALITIES, load_provinces
from ingestion.places.facts import vintage
from ingestion.places.units import city_of, units_at


@dataclass(frozen=True)
class Totals:
    """Units of one province: prefecture-level ones, cities among them, county-level ones with no unit between."""

    divisions: int
    cities: int
    direct_counties: int

    def __str__(self) -> str:
        return f"{self.divisions} divisions, {self.cities} cities, {self.direct_counties} county units directly below"


def checked_levels(year: int) -> frozenset[str]:
    """The levels the table of facts knows completely for that year-end."""
    known = vintage()
    return frozenset(level for level, first in known.first_year.items() if first <= year <= known.last_year)


def facts_of(year: int) -> dict[int, str]:
    """Code -> name of every unit standing at 31 December of `year`, of the levels that are checked."""
    levels = checked_levels(year)
    return {unit.code: unit.name for unit in units_at(year) if unit.level in levels}


def count(units: Mapping[int, str], province: int) -> Totals:
    """Totals of one province in a list of code -> name; prefecture-level codes end 00."""
    mine = {code: name for code, name in units.items() if code // 10000 * 10000 == province and code != province}
    prefectures = [name for code, name in mine.items() if code % 100 == 0]
    below = [code for code in mine if code % 100]
    direct = below if province in MUNICIPALITIES else [code for code in below if city_of(code) is None]
    return Totals(len(prefectures), sum(name.endswith("市") for name in prefectures), len(direct))


def contradictions(units: Mapping[int, str], year: int) -> tuple[tuple[str, str], ...]:
    """What was found and what was expected for the provinces whose codes are not those of 31 December of `year`.

    Empty outside the years of the facts. A further county-level unit below a prefecture-level one is no contradiction:
    it changes no total.
    """
    facts = facts_of(year)
    counties = "county" in checked_levels(year)
    found = []
    for province in load_provinces() if facts else ():
        code = province.province_code
        mine = {c: name for c, name in units.items() if c // 10000 * 10000 == code and (counties or c % 100 == 0)}
        theirs = {c: name for c, name in facts.items() if c // 10000 * 10000 == code}
        lacking = [f"{c} {theirs[c]}" for c in sorted(theirs.keys() - mine.keys())]
        surplus = [f"{c} {mine[c]}" for c in sorted(mine.keys() - theirs.keys() - {code})]
        have, want = count(mine, code), count(theirs, code)
        if lacking or have != want:
            differ = _listed("without", lacking) + _listed("with", surplus)
            found.append((f"{province.name_zh}: {have}{differ}", str(want)))
    return tuple(found)


def changed_since(units: Mapping[int, str], year: int) -> tuple[tuple[str, str], ...]:
    """What was found and expected where a list of a year after the facts has other units than their last year-end.

    Empty for an earlier year. Provinces are left out: they are compared whatever the year.
    """
    last = vintage().last_year
    if year <= last:
        return ()
    listed = {(code, name) for code, name in units.items() if code % 10000}
    facts = {(unit.code, unit.name) for unit in units_at(last)}
    new, gone = ([f"{code} {name}" for code, name in sorted(side)] for side in (listed - facts, facts - listed))
    told = _listed("with", new) + _listed("without", gone)
    return ((told.removeprefix("; "), str(last)),) if told else ()


def _listed(word: str, names: Sequence[str]) -> str:
    """The first of the units, each as "371200 莱芜市", and how many more there are."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"; {word} {', '.join(names[:5])}{more}" if names else ""
