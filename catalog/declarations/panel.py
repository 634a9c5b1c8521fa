"""What an entry of sources.yaml may declare of a long panel beyond the names of its columns.

Belongs here: whose rows they are (provinces or cities), in which year's names and codes, rows without names, figures
repeated over many rows, cells another file flags as filled. Reading by it: ingestion/readers/panels;
whole layouts described by a file: mapping.py.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import Field, model_validator

from catalog.base import Strict
from catalog.declarations.claims import FilledCells, FilledColumn
from catalog.indicators import load_registry
from catalog.provinces import load_provinces

CODE_ORDER = "code_order"


class OtherNames(Strict):
    """A second pair of columns that names the units as of another year; it must mean the same units."""

    name_column: str | None = None
    code_column: str | None = None
    year: int = Field(ge=1980, le=2100)

    @model_validator(mode="after")
    def _some(self) -> OtherNames:
        if self.name_column is None and self.code_column is None:
            raise ValueError("other_names needs name_column or code_column")
        return self


class FilledFlags(Strict):
    """A table beside the file that marks cells somebody filled in: same identifying columns, one flag a figure.

    file    its path below the input folder
    suffix  what its headers add to the headers of the figures
    filled, as_received   the two texts a flag can have
    """

    file: str = Field(min_length=1)
    suffix: str = ""
    filled: str = "True"
    as_received: str = "False"

    @model_validator(mode="after")
    def _told_apart(self) -> FilledFlags:
        if self.filled == self.as_received:
            raise ValueError("filled_flags: filled and as_received are the same text")
        if self.file.startswith(("/", "\\")) or ".." in self.file.replace("\\", "/").split("/"):
            raise ValueError(f"filled_flags: {self.file!r} lies outside the input folder")
        return self


class PrintedDerived(Strict):
    """A column that prints what the registry derives from other columns of the file: their own figures must give it.

    factor: how far the two may lie apart; a mid-year population or a rounded figure is no contradiction
    """

    header: str = Field(min_length=1)
    indicator: str
    unit: str | None = None
    factor: float = Field(default=1.5, gt=1)

    @model_validator(mode="after")
    def _known(self) -> PrintedDerived:
        registry = load_registry()
        indicator = registry.indicators.get(self.indicator)
        if indicator is None or indicator.formula is None:
            raise ValueError(f"printed_derived: {self.indicator!r} is no derived indicator")
        if self.unit is not None:
            if self.unit not in registry.units:
                raise ValueError(f"printed_derived: unknown unit {self.unit!r}")
            registry.conversion(self.unit, self.indicator)
        return self


class Panel(Strict):
    """Declared of a long panel.

    entity_level      whose rows they are; `city` covers prefecture-level units, municipalities (with the code of their
                      province) and county-level units directly under a province
    province_column   header of the column with each city's province
    code_year         the year whose names and codes the file uses throughout; without it, each row's own year
    other_names       further columns of names or codes, as of another year
    repeated_rows     figures of an entity stand in many rows (a row for each day) and must be the same in all of them;
                      their data year is the entry's `year`
    entity_order      the rows name no province: they stand in this order of names, or in that of the provinces' codes
                      (`code_order`); in a long panel each year is a block of rows in it
    latitude_column, longitude_column   coordinates in degrees, checked against the place and then left out
    filled            figures known to be filled in although no flag says so
    filled_columns    columns that repeat others with their blanks filled in
    filled_flags      cells to leave out because another table flags them as filled in
    printed_derived   columns to check the figures by, such as GDP per head beside GDP and population
    """

    entity_level: Literal["province", "city"] = "province"
    province_column: str | None = None
    code_year: int | None = Field(default=None, ge=1980, le=2100)
    other_names: tuple[OtherNames, ...] = ()
    repeated_rows: bool = False
    entity_order: Literal["code_order"] | tuple[str, ...] = ()
    latitude_column: str | None = None
    longitude_column: str | None = None
    filled: tuple[FilledCells, ...] = ()
    filled_columns: tuple[FilledColumn, ...] = ()
    filled_flags: FilledFlags | None = None
    printed_derived: tuple[PrintedDerived, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Panel:
        if (self.latitude_column is None) != (self.longitude_column is None):
            raise ValueError("panel: latitude_column and longitude_column are declared together or not at all")
        of_cities = (self.province_column, self.code_year, self.latitude_column, *self.other_names)
        if self.entity_level == "province" and any(key is not None for key in of_cities):
            raise ValueError("panel: province_column, code_year, other_names and coordinates are of cities only")
        if self.entity_order:
            if self.entity_level == "city" or self.repeated_rows:
                raise ValueError("panel: entity_order is of provinces, and of one row a province and year")
            names = () if self.entity_order == CODE_ORDER else self.entity_order
            unknown = [name for name in names if name not in _codes()]
            if unknown:
                raise ValueError(f"panel: entity_order: no province is called {', '.join(unknown)}")
            if sorted(self.order) != sorted(set(_codes().values())):
                raise ValueError(f"panel: entity_order needs each of the {len(load_provinces())} provinces once")
        if self.entity_level == "city" and self.filled:
            raise ValueError("panel: filled is of provinces only")
        return self

    @property
    def order(self) -> tuple[int, ...]:
        """Codes of the provinces in the declared order of the rows; empty where the rows name them."""
        if self.entity_order == CODE_ORDER:
            return tuple(province.province_code for province in load_provinces())
        return tuple(_codes()[name] for name in self.entity_order)


@cache
def _codes() -> dict[str, int]:
    return {name: p.province_code for p in load_provinces() for name in (p.name_zh, p.short_zh)}
