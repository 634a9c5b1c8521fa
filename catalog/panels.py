"""Units a panel may have (`panel_units.yaml`), and the panel a study declares.

Belongs here: a unit's names and the tables of its figures. Does not belong here: its entities, passed in later.
"""

from functools import cache

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


class PanelSpec(Strict):
    """The panel of a study: its unit, its years, and the years whose figures may still be revised."""

    unit: str = "province"
    years: tuple[int, int]
    provisional_years: tuple[int, ...] = ()

    def _consistent(self) -> None:
        first, last = self.years
        no_years = not (1949 <= first <= 2100 and 1949 <= last <= 2100)
        outside = any(not first <= year <= last for year in self.provisional_years)
        refuse(
            (no_years, f"years {first} to {last} are none of statistics; expected 1949 to 2100"),
            (first > last, "years must be [first, last]"),
            (outside, f"provisional_years must lie in {first}-{last}"),
            (
                repeated(self.provisional_years),
                f"provisional_years: a year occurs twice in {list(self.provisional_years)}",
            ),
            (
                len(self.provisional_years) > last - first,
                "provisional_years are all years; a study without them would have no row",
            ),
            (self.unit not in load_units(), f"unknown unit {self.unit!r}; known: {', '.join(load_units())}"),
        )


@cache
def load_units() -> dict[str, PanelUnit]:
    """The units by id. Raises CatalogError."""
    return validate(dict[str, PanelUnit], with_names(read_yaml(UNITS_PATH), "id"), UNITS_PATH)
