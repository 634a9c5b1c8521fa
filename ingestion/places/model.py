"""What the other modules of this package pass around: a place and the ways of not finding one."""

from __future__ import annotations

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
    """No place can be named for certain. `year`: set when the table of divisions does not reach that year."""

    year: int | None = None


class UnknownPlaceError(PlaceError):
    """Nothing has this name or code; `candidates` are the nearest, as "吉林市 Jilin 220200 (吉林省)"."""

    def __init__(self, name: str, candidates: tuple[str, ...] = (), year: int | None = None) -> None:
        told = f"unknown in {year}" if year else "unknown place"
        super().__init__(f"{name}: {told}" + (f"; nearest: {'; '.join(candidates)}" if candidates else ""))
        self.name = name
        self.candidates = candidates
        self.year = year


class AmbiguousPlaceError(PlaceError):
    """Several units fit; `choices` as in UnknownPlaceError.candidates."""

    def __init__(self, name: str, choices: tuple[str, ...]) -> None:
        super().__init__(f"{name}: fits {'; '.join(choices)}")
        self.name = name
        self.choices = choices
