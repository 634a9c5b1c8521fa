"""What the other modules of this package pass around: a place and the ways of not finding one."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["province", "prefecture", "county"]


@dataclass(frozen=True)
class Place:
    """One unit under the name it had in the year asked for.

    city_code: the prefecture-level unit it lies in (itself for one); the province code in a municipality; None for a
    province and for a unit directly under one.
    """

    code: int
    name_zh: str
    level: Level
    province_code: int
    city_code: int | None


class PlaceError(ValueError):
    """No place can be named for certain. `candidates`: those near or fitting, as "吉林市 Jilin 220200 (吉林省)".

    year: set when the table of divisions does not reach that year.
    """

    def __init__(self, name: str, candidates: tuple[str, ...] = (), year: int | None = None) -> None:
        in_year = f" in {year}" if year else ""
        super().__init__(f"{name}{in_year}: {'; '.join(candidates) or 'nothing near'}")
        self.name = name
        self.candidates = candidates
        self.year = year


class UnknownPlaceError(PlaceError):
    """Nothing has this name or code; `candidates` are the nearest."""


class SplitPlaceError(UnknownPlaceError):
    """The territory was divided among, or came together from, the `candidates`: no one unit is its place."""


class AmbiguousPlaceError(PlaceError):
    """Several units, the `candidates`, fit."""
