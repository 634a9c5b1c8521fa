"""Which unit a name or code means. Unknown and ambiguous names are errors, never guesses.

Does not belong here: how names are written (spelling.py) and the crosswalk between years (carry.py).
"""

import difflib
import re
from collections.abc import Callable

from catalog.provinces import MUNICIPALITIES, provinces_by_code
from ingestion.places.carry import at_year, describe, is_province, unit_at_year
from ingestion.places.facts import kept_by_facts, vintage
from ingestion.places.index import OFFICIAL, Entry, Index, chinese_index, cut_index, find_alias, latin_index
from ingestion.places.units import (
    AmbiguousPlaceError,
    OtherLevelError,
    Place,
    PlaceError,
    Unit,
    UnknownPlaceError,
    city_of,
    units_by_code,
)
from ingestion.problems import Problem, require
from ingestion.vocabulary.names import normalise
from ingestion.vocabulary.values import read_code


def _fits(entry: Entry, level: str | None, province: int | None, city: int | None) -> bool:
    if province is not None and entry.code // 10000 * 10000 != province:
        return False
    if city is not None and city_of(entry.code) != city:
        return False
    if level != "prefecture":
        return level is None or entry.level == level
    # In a network of prefecture-level units a municipality is one, and so is a unit directly under a province.
    own = entry.level == "county" and city_of(entry.code) is None
    return own or entry.level == "prefecture" or entry.code in MUNICIPALITIES


def _place(code: int, year: int | None, unit: Unit | None = None) -> Place:
    """The place of a code, as of `year`, or as the unit that is meant was."""
    if is_province(code):
        name = provinces_by_code()[code].name_zh
        return Place(code, name, "province", code, code if code in MUNICIPALITIES else None)
    units = units_by_code()[code]
    standing = (each for each in units if each.stands_in(vintage().last_year if year is None else year))
    unit = unit or next(standing, units[-1])
    return Place(code, unit.name, unit.level, unit.province_code, city_of(code), unit)


def _by_code(code: int, name: str, year: int | None, main: bool, fits: Callable[[Entry], bool]) -> Place:
    province = code // 10000 * 10000
    if province in MUNICIPALITIES and code - province in (100, 200):
        code = province
    if not is_province(code) and code not in units_by_code():
        near = [each for each in units_by_code() if each // 100 == code // 100]
        closest = sorted(near, key=lambda each: (abs(each - code), each))[:3]
        raise UnknownPlaceError(name, tuple(describe(each) for each in closest))
    place = _place(code if year is None else at_year(code, year, main), year)
    require(fits(Entry(place.code, OFFICIAL, place.unit)), OtherLevelError(name, (describe(place.code),)))
    return place


def _unknown(
    name: str, key: str, index: Index, level: str | None, province: int | None, city: int | None
) -> PlaceError:
    # A name lost in a long text has no near ones.
    keys = _fitting_keys(key.isascii(), level, province, city) if len(key) <= 40 else ()
    near = difflib.get_close_matches(key, keys, n=3, cutoff=0.5)
    found = (describe(entry.code) for each in near for entry in index[each] if _fits(entry, level, province, city))
    return UnknownPlaceError(name, tuple(dict.fromkeys(found))[:5])


@kept_by_facts
def _fitting_keys(latin: bool, level: str | None, province: int | None, city: int | None) -> tuple[str, ...]:
    """The names of places that fit; cached, as a list of a thousand unknown names asks for them again and again."""
    index = latin_index() if latin else chinese_index()
    return tuple(k for k, entries in index.items() if any(_fits(entry, level, province, city) for entry in entries))


def _choose(name: str, entries: list[Entry], year: int | None, main: bool) -> Place:
    """One place of the entries that fit (at least one), or AmbiguousPlaceError."""
    best = min(entry.rank for entry in entries)
    entries = [entry for entry in entries if entry.rank == best]
    when = vintage().last_year if year is None else year
    standing = [entry for entry in entries if entry.unit is None or entry.unit.stands_in(when)]
    entries = standing or entries
    codes = {entry.code if year is None or standing else _carried(entry, year, main): entry for entry in entries}
    if (
        len(codes) > 1
        and not standing
        and year is None
        and len({_carried(entry, vintage().last_year, main) for entry in codes.values()}) == 1
    ):
        # Successive units of one name on one territory, all gone: the last of them.
        last = max(entries, key=lambda entry: (entry.unit.last_year or 0) if entry.unit else 0)
        codes = {last.code: last}
    if len(codes) > 1:
        raise AmbiguousPlaceError(name, tuple(describe(code) for code in sorted(codes)))
    [(code, entry)] = codes.items()
    return _place(code, year, entry.unit if year is None else None)


def _carried(entry: Entry, year: int, main: bool) -> int:
    return at_year(entry.code, year, main) if entry.unit is None else unit_at_year(entry.unit, year, main)


@kept_by_facts
def match_place(
    name: str,
    *,
    province: int | None = None,
    city: int | None = None,
    year: int | None = None,
    level: str | None = None,
    truncated: bool = False,
    main: bool = False,
) -> Place:
    """The unit `name` means: an official, short, English or historic name, an alias, or a code as text.

    province, city: codes it must lie in. level: "province", "prefecture" or "county"; "prefecture" takes in
    municipalities and units directly under a province. year: the unit as of 31 December of that year; names of other
    years are carried there. Without it a standing unit wins over one that is gone, which is returned as it was.
    truncated: the name may be cut at 20 bytes, as in the survey files. main: see at_year.
    Raises AmbiguousPlaceError, UnknownPlaceError or its kind SplitPlaceError.
    """
    key, code = normalise(name), read_code(name)
    if code is not None:
        alias = find_alias(str(code), level)
        meant = alias.code if alias else code
        # In a network of municipalities and cities a code is one of theirs, as a name is.
        return _by_code(meant, name, year, main, lambda entry: level is None or _fits(entry, level, None, None))
    latin = key.isascii()
    if latin:
        key = re.sub(r"[^a-z]", "", key)
    index = latin_index() if latin else chinese_index()
    entries = [entry for entry in index.get(key, ()) if _fits(entry, level, province, city)]
    if truncated and not entries:
        entries = [entry for entry in cut_index().get(key, ()) if _fits(entry, level, province, city)]
    alias = find_alias(key, level)
    if alias is not None and not any(entry.rank == OFFICIAL for entry in entries):
        entry = Entry(alias.code, OFFICIAL, units_by_code()[alias.code][-1] if not is_province(alias.code) else None)
        if _fits(entry, level, province, city):
            entries = [entry]
    if not entries:
        raise _unknown(name, key, index, level, province, city)
    return _choose(name, entries, year, main)


def place_or_problem(
    name: str,
    *,
    province: int | None = None,
    city: int | None = None,
    year: int | None = None,
    level: str | None = None,
    truncated: bool = False,
    main: bool = False,
) -> Place | Problem:
    """As match_place, but never raises: a Problem (unknown_place, place_after_record, ambiguous_place, split_place,
    code_of_other_level) without its cell.
    """
    try:
        return match_place(name, province=province, city=city, year=year, level=level, truncated=truncated, main=main)
    except AmbiguousPlaceError as error:
        return Problem("ambiguous_place", name, "; ".join(error.candidates))
    except OtherLevelError as error:
        return Problem("code_of_other_level", name, str(level), error.candidates[0])
    except UnknownPlaceError as error:
        near = "; ".join(error.candidates)
        if error.year is None:
            return unknown_place(name, near, year)
        year_end = str(error.year)
        return Problem("split_place", name, near, year_end) if near else Problem("place_not_in_year", name, year_end)


def unknown_place(name: str, near: str = "", year: int | None = None) -> Problem:
    """The problem of a name nothing has; in a year after the record of divisions it may be that of a new unit."""
    known = vintage()
    if year is None or year <= known.last_year:
        return Problem("unknown_place", name, near, known.span)
    return Problem("place_after_record", name, near, f"{year} > {known.last_year}")
