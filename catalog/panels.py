"""Units a panel may have (`panel_units.yaml`), and the panel a study declares.

Belongs here: what a unit is called and where its figures stand. Does not belong here: its entities, handed in later.
"""

from __future__ import annotations

from functools import cache

from pydantic import model_validator

from catalog.base import CATALOG_DIR, Strict, Text, read_yaml, refuse, repeated, validate, with_names

UNITS_PATH = CATALOG_DIR / "panel_units.yaml"


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


class _Units(Strict):
    units: dict[str, PanelUnit]


class PanelSpec(Strict):
    """The panel of a study: its unit, its years, and the years whose figures may still be revised."""

    unit: str = "province"
    years: tuple[int, int]
    provisional_years: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> PanelSpec:
        first, last = self.years
        provisional = self.provisional_years
        no_years = not (1949 <= first <= 2100 and 1949 <= last <= 2100)
        outside = any(not first <= year <= last for year in provisional)
        refuse(
            (no_years, f"years {first} to {last} are none of statistics; expected 1949 to 2100"),
            (first > last, "years must be [first, last]"),
            (outside, f"provisional_years must lie in {first}-{last}"),
            (repeated(provisional), f"provisional_years: a year stands twice in {list(provisional)}"),
            (
                len(provisional) > last - first,
                "provisional_years are all years; a study without them would have no row",
            ),
            (self.unit not in load_units(), f"unknown unit {self.unit!r}; known: {', '.join(load_units())}"),
        )
        return self


@cache
def load_units() -> dict[str, PanelUnit]:
    """The units by id. Raises CatalogError."""
    return validate(_Units, {"units": with_names(read_yaml(UNITS_PATH), "id")}, UNITS_PATH).units
