"""What an entry of sources.yaml may state in contradiction to a file, with the reason, so that everybody sees it.

Belongs here: names the file spells in its own way, a unit in the file's name that its figures contradict, cells that
somebody filled in without saying so. Applying them: ingestion/vocabulary/claims.py,
ingestion/readers/panels/panel_checks.py.
"""

from pydantic import Field

from catalog.base import Strict, refuse
from catalog.indicators import load_registry
from catalog.provinces import load_provinces


class NameMeant(Strict):
    """A name that is on no list, or that several places share, and the place it means in this file only."""

    printed: str = Field(min_length=1)
    means: str = Field(min_length=1)
    reason: str = Field(min_length=1)

    def _consistent(self) -> None:
        refuse((self.printed == self.means, f"names: {self.printed!r} is declared to mean itself"))


class UnitInName(Strict):
    """A unit in the file's name although its figures are in another one, which the entry declares."""

    unit: str
    reason: str = Field(min_length=1)

    def _consistent(self) -> None:
        units = load_registry().units
        refuse((self.unit not in units, f"unit_in_name: unknown unit {self.unit!r}; known: {', '.join(units)}"))


class FilledCells(Strict):
    """Figures of a column that were not reported, although the file does not flag them.

    columns  headers; places: provinces, as any name of theirs; years: first and last, without it all of them
    """

    columns: tuple[str, ...] = Field(min_length=1)
    places: tuple[str, ...] = Field(min_length=1)
    years: tuple[int, int] | None = None
    reason: str = Field(min_length=1)

    def _consistent(self) -> None:
        names = {name for p in load_provinces() for name in (p.name_zh, p.short_zh)}
        unknown = ", ".join(place for place in self.places if place not in names)
        first, last = self.years or (0, 0)
        refuse(
            (unknown, f"filled: no province is called {unknown}"),
            (first > last, f"filled: years {first}, {last} run backwards"),
        )

    @property
    def codes(self) -> frozenset[int]:
        """Codes of the places."""
        return frozenset(p.province_code for p in load_provinces() if {p.name_zh, p.short_zh} & set(self.places))


class FilledColumn(Strict):
    """A column that repeats another with its blanks filled in: `column` is the filled one; `original` is read."""

    column: str = Field(min_length=1)
    original: str = Field(min_length=1)
