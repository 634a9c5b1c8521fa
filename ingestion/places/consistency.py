"""Whether facts about divisions agree with each other: periods, successors, totals of the year-end lists.

Belongs here: what is wrong, with the row that says it. Reading files and columns: catalog/division_facts.py.
"""

from collections.abc import Iterator
from itertools import pairwise

from catalog.base import CatalogError, Text
from catalog.division_facts import TOTALS, wrong
from catalog.provinces import MUNICIPALITIES
from ingestion.places.carry import is_province
from ingestion.places.facts import facts_in_use, kept_by_facts, vintage
from ingestion.places.records import COUNTED, division_counts
from ingestion.places.units import Unit, load_units, units_by_code


@kept_by_facts
def require_consistent() -> None:
    """Raise CatalogError, which names the file, row and column, for the first contradiction in the facts in use."""
    for fault in (*_in_periods(), *_in_ends(), *_in_counties(), *_in_totals()):
        raise fault


def _at(unit: Unit, column: str, en: str, zh: str) -> CatalogError:
    if unit.told is None:
        return wrong(f"{unit.code} {unit.name}", column, "", Text(en=en, zh=zh))
    return unit.told.wrong(column, Text(en=en, zh=zh))


def _in_periods() -> Iterator[CatalogError]:
    """A year after the vintage, a period that runs backwards, two names of a code in one year."""
    last = vintage().last_year
    for code, units in units_by_code().items():
        for unit in units:
            if (unit.first_year or 0) > last:
                yield _at(unit, "first_year", f"a year to {last}, the last_year of vintage.yaml", f"不晚于{last}年")
            if unit.last_year is not None and unit.last_year >= last:
                told = f"a year before {last}, the last_year of vintage.yaml"
                yield _at(unit, "last_year", told, f"早于 vintage.yaml 的 last_year（{last}年）")
            if unit.last_year is not None and unit.last_year < (unit.first_year or 0):
                yield _at(unit, "last_year", f"a year from {unit.first_year} on", f"不早于{unit.first_year}年")
        for one, two in pairwise(units):
            if one.last_year is None or one.last_year >= (two.first_year or 0):
                until = one.last_year or "today"
                told = f"a year in which {code} is not {one.name} (until {until}; end that unit first)"
                yield _at(two, "first_year", told, f"该代码仍为{one.name}之后的年份，请先终止该单位")


def _in_ends() -> Iterator[CatalogError]:
    """An end that nothing follows, and successors, parts and origins that are no units of that time."""
    for unit in load_units():
        if unit.last_year is None:
            if unit.successors or unit.main_successor:
                yield _at(unit, "last_year", "a year, as the unit has successors", "有继承单位者须有终止年份")
            continue
        after = unit.last_year + 1
        renamed = any(other.first_year == after for other in units_by_code()[unit.code])
        if bool(unit.successors) == renamed:
            told = "successors, or a further row with the code and its new name"
            yield _at(unit, "successors", told, "继承单位代码；仅更名者另写一行新名称")
        for code in unit.successors:
            if not _stands(code, after):
                told = f"codes of units that stand in {after}, not {code}"
                yield _at(unit, "successors", told, f"{after}年存在的单位代码，而非{code}")
        if unit.main_successor is not None and unit.main_successor not in unit.successors:
            yield _at(unit, "main_successor", "one of the successors", "继承单位之一")
    for unit in load_units():
        for code in unit.also_from:
            if not _stands(code, (unit.first_year or 0) - 1):
                yield _at(unit, "also_from", f"codes of units that stood before, not {code}", "此前存在的单位代码")


def _stands(code: int, year: int) -> bool:
    # Of the years before the record knows county-level units nothing can be said.
    if is_province(code) or (code % 100 and year < vintage().first_year["county"]):
        return True
    return any(unit.stands_in(year) for unit in units_by_code().get(code, ()))


def _in_counties() -> Iterator[CatalogError]:
    """A county-level unit that stays behind in a prefecture-level one that has ended."""
    last = vintage().last_year
    for unit in load_units():
        above = unit.code // 100 * 100
        if unit.last_year is not None or unit.level != "county" or unit.province_code in MUNICIPALITIES:
            continue
        if above != unit.province_code and above in units_by_code() and not _stands(above, last):
            gone = units_by_code()[above][-1]
            told = f"an end for {unit.code} {unit.name} as well, which lies in it and has no end"
            yield _at(gone, "code", told, f"其下的{unit.code} {unit.name}也须终止")


def _in_totals() -> Iterator[CatalogError]:
    """A total of a year-end list that the units do not give."""
    counted = {(row["province_code"], row["year"]): row for row in division_counts()}
    for row in facts_in_use().rows(TOTALS):
        province, year = row.number_in("province_code"), row.number_in("year")
        units = counted.get((province, year)) if province and year else None
        for column in COUNTED:
            have = None if units is None else units[column]
            if row.number_in(column) != have:
                told = f"{have}, as the units of {year} give for {province}"
                yield row.wrong(column, Text(en=told, zh=f"{have}（按{year}年区划单位计）"))
