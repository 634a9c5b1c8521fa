"""Units a panel may have (`panel_units.yaml`), and the panel a study declares.

Belongs here: a unit's names and the tables of its figures. Does not belong here: its entities, passed in later.
"""

from functools import cache
from typing import Literal, Self

from catalog.base import CATALOG_DIR, Strict, Text, read_yaml, repeated, validate, with_names
from catalog.key_errors import Unknown
from catalog.study_rules import forbid

UNITS_PATH = CATALOG_DIR / "panel_units.yaml"
# The last year for which every input of a study is complete, known once the warehouse is built (models_py/windows.py).
LATEST: Literal["latest"] = "latest"
EARLIEST_YEAR, FURTHEST_YEAR = 1949, 2100


class PanelUnit(Strict):
    """One kind of entity: its name, singular and plural, the column of its codes, its tables in the warehouse.

    `figures`: one row for each entity and year; `alternatives`: the same with another vintage preferred; `entities`:
    one row for each entity. A unit without them is handed in.
    """

    id: str
    one: Text
    many: Text
    code_column: str
    figures: str | None = None
    alternatives: str | None = None
    entities: str | None = None
    complete: bool = False


class PanelSpec(Strict):
    """The panel of a study: its unit, its years, and the years whose figures may still be revised.

    `years`: first and last; `latest` as the last is the latest year for which every input of the study is complete.
    `provisional_years: latest` is the last year of the study.
    """

    unit: str = "province"
    years: tuple[int, int | Literal["latest"]]
    provisional_years: tuple[int, ...] | Literal["latest"] = ()

    @property
    def open(self) -> bool:
        """Whether the last year is not known yet: the latest complete one."""
        return self.years[1] == LATEST

    @property
    def bounds(self) -> tuple[int, int]:
        """First and last year, as far as declared: an open panel may reach to any year."""
        first, last = self.years
        return first, FURTHEST_YEAR if last == LATEST else last

    @property
    def last_in_words(self) -> Text:
        """The last year as texts print it before it is known, and after."""
        last = self.years[1]
        return (
            Text(en="the latest complete year", zh="最近的完整年份")
            if last == LATEST
            else Text(en=f"{last}", zh=f"{last}")
        )

    @property
    def provisional(self) -> tuple[int, ...]:
        """The provisional years of a panel that is not open."""
        return (self.bounds[1],) if self.provisional_years == LATEST else self.provisional_years

    def holds(self, *years: int) -> bool:
        """Whether all these years may be years of the panel."""
        first, last = self.bounds
        return all(first <= year <= last for year in years)

    def until(self, last: int) -> Self:
        """An open panel with its last year, and the provisional years that go with it."""
        provisional = (last,) if self.provisional_years == LATEST else self.provisional_years
        return self.model_copy(update={"years": (self.years[0], last), "provisional_years": provisional})

    def _consistent(self) -> None:
        """Also of a panel whose last year has become known."""
        first, last = self.bounds
        years = self.provisional
        no_years = not all(EARLIEST_YEAR <= year <= FURTHEST_YEAR for year in (first, last))
        forbid(no_years, "panel.no_years", first=first, last=last, low=EARLIEST_YEAR, high=FURTHEST_YEAR)
        forbid(first > last, "panel.order")
        forbid(not self.holds(*years), "panel.provisional_outside", first=first, last=self.years[1])
        forbid(repeated(years), "panel.provisional_twice", years=str(list(years)))
        forbid(len(years) > last - first, "panel.provisional_all")
        if self.unit not in load_units():
            raise Unknown("panel unit", self.unit, load_units(), ("unit",))


@cache
def load_units() -> dict[str, PanelUnit]:
    """The units by id. Raises CatalogError."""
    return validate(dict[str, PanelUnit], with_names(read_yaml(UNITS_PATH), "id"), UNITS_PATH)
