"""Whether two division codes mean the same territory. The crosswalk itself: ingestion/places."""

from __future__ import annotations

from functools import cache

from ingestion.places import LAST_YEAR, PlaceError, territory_at


@cache
def territory_now(code: int) -> frozenset[int]:
    """The code and the units its territory lies in today; the code alone where no list of divisions has it."""
    try:
        return frozenset({code, *territory_at(code, LAST_YEAR)})
    except PlaceError:
        return frozenset({code})


def same_territory(one: int, other: int) -> bool:
    """Whether the codes share territory: 哈密 is 652200 in old lists and 650500 in new ones, and no contradiction."""
    return bool(territory_now(one) & territory_now(other))
