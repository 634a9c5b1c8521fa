"""Units a panel may have (`panel_units.yaml`), and the panel a study declares.

Belongs here: what a unit is called and where its figures stand. Does not belong here: its entities, handed in later.
"""

from __future__ import annotations

from functools import cache

from pydantic import model_validator

from catalog.base import CATALOG_DIR, Strict, Text, read_yaml, validate

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
        if first > last:
            raise ValueError("years must be [first, last]")
        if not all(first <= year <= last for year in self.provisional_years):
            raise ValueError(f"provisional_years must lie in {first}-{last}")
        if len(set(self.provisional_years)) < len(self.provisional_years):
            raise ValueError(f"provisional_years: a year stands twice in {list(self.provisional_years)}")
        if len(self.provisional_years) > last - first:
            raise ValueError("provisional_years are all years; a study without them would have no row")
        if self.unit not in load_units():
            raise ValueError(f"unknown unit {self.unit!r}; known: {', '.join(load_units())}")
        return self


@cache
def load_units() -> dict[str, PanelUnit]:
    """The units by id. Raises CatalogError."""
    data = {name: {"id": name, **entry} for name, entry in read_yaml(UNITS_PATH).items()}
    return validate(_Units, {"units": data}, UNITS_PATH).units
