"""Which city a name or a code in a table of cities means, and whether two codes are one city.

Belongs here: figures of cities, where a part of another city is no city. Places in general: ingestion/places.
"""

from __future__ import annotations

import re
from functools import cache

from ingestion.places import LAST_YEAR, Place, UnknownPlaceError, at_year, place_or_problem
from ingestion.places.units import units_by_code
from ingestion.problems import Problem

# 45, 4500, 450000 and 450000000000, the statistical code of a whole province or city, are one place; statistical
# programs add a decimal point.
_CODE = re.compile(r"(?:([0-9]{6})0{6}|([0-9]{2}|[0-9]{4}|[0-9]{6})(?:\.0+)?)")


@cache
def city_or_problem(name: str, province: int | None, year: int | None) -> Place | Problem:
    """The unit a name means where cities are spoken of: prefecture level, municipality, or directly under a province.

    A figure of a unit that another one has taken in by that year is refused: it is a figure of a part. The problem is
    without its cell.
    """
    found = place_or_problem(name, province=province, year=year, level="prefecture")
    if isinstance(found, Problem) or year is None:
        return found
    own = place_or_problem(name, province=province, level="prefecture")
    if isinstance(own, Place) and not same_unit(own.code, found.code):
        return Problem("place_taken_in", name, f"{found.name_zh} {found.code}", str(year))
    return found


@cache
def same_unit(one: int, other: int) -> bool:
    """Whether two codes are one unit under the codes of different years: its territory leads from each to the other."""
    if one == other:
        return True
    if one not in units_by_code() or other not in units_by_code():
        return False
    one_year, other_year = (units_by_code()[code][-1].last_year or LAST_YEAR for code in (one, other))
    try:
        return at_year(one, other_year) == other and at_year(other, one_year) == one
    except UnknownPlaceError:
        return False


def read_code(text: str) -> int | None:
    """The six-digit code in a cell such as 45, 4500, 4500.0, 450000 or 450000000000, or None."""
    match = _CODE.fullmatch(text)
    return int((match.group(1) or match.group(2)).ljust(6, "0")) if match else None
