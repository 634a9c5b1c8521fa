"""What an entry of sources.yaml may declare about a long panel beyond the names of its columns.

Belongs here: whose rows they are (provinces, cities or counties), in which year's names and codes, rows without
names, figures repeated over many rows, cells somebody filled in. Reading by it: ingestion/readers/panels;
whole layouts described by a file: mapping.py.
"""

from typing import Literal

from pydantic import Field

from catalog.base import Strict, refuse, repeated
from catalog.indicators import load_registry
from catalog.known_names import KnownIndicator, UnitSymbol, known_provinces
from catalog.provinces import load_provinces, province_names

CODE_ORDER = "code_order"


class OtherNames(Strict):
    """A second pair of columns that names the units as of another year; it must mean the same units."""

    name_column: str | None = None
    code_column: str | None = None
    year: int = Field(ge=1949, le=2100)

    def _consistent(self) -> None:
        refuse(
            (
                self.name_column is None and self.code_column is None,
                "other_names needs name_column or code_column / other_names 须有 name_column 或 code_column",
            )
        )


class FilledCells(Strict):
    """Figures of a column that are no reported ones although the file does not flag them.

    columns  headers; places: provinces, as any name of theirs; years: first and last, without it all of them
    """

    columns: tuple[str, ...] = Field(min_length=1)
    places: tuple[str, ...] = Field(min_length=1)
    years: tuple[int, int] | None = None
    reason: str = Field(min_length=1)

    def _consistent(self) -> None:
        known_provinces("places", self.places)
        first, last = self.years or (0, 0)
        refuse(
            (first > last, f"filled: years {first}, {last} run backwards / filled：年份 {first}、{last} 前后颠倒"),
        )

    @property
    def codes(self) -> frozenset[int]:
        """Codes of the places."""
        return frozenset(province_names()[place] for place in self.places)


class FilledColumn(Strict):
    """A column that repeats another one with its blanks filled in: `column` is the filled one, `original` is read."""

    column: str = Field(min_length=1)
    original: str = Field(min_length=1)


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

    def _consistent(self) -> None:
        outside = self.file.startswith(("/", "\\")) or ".." in self.file.replace("\\", "/").split("/")
        refuse(
            (
                self.filled == self.as_received,
                "filled_flags: filled and as_received are the same text / filled_flags：filled 与 as_received 文本相同",
            ),
            (
                outside,
                f"filled_flags: {self.file!r} lies outside the input folder / "
                f"filled_flags：{self.file!r} 不在输入文件夹内",
            ),
        )


class PrintedDerived(Strict):
    """A column that prints what the registry derives from other columns of the file: their figures must reproduce it.

    factor: how far the two may lie apart; a mid-year population or a rounded figure is no contradiction
    """

    header: str = Field(min_length=1)
    indicator: KnownIndicator
    unit: UnitSymbol | None = None
    factor: float = Field(default=1.5, gt=1)

    def _consistent(self) -> None:
        registry = load_registry()
        refuse(
            (
                registry.is_reported(self.indicator),
                f"printed_derived: {self.indicator!r} is not a derived indicator / {self.indicator} 不是派生指标",
            )
        )
        if self.unit is not None:
            registry.conversion(self.unit, self.indicator)


class Panel(Strict):
    """Declarations about a long panel.

    entity_level      whose rows they are; `city` covers prefecture-level units, municipalities (with the code of their
                      province) and county-level units directly under a province; `county` all county-level units
    province_column   header of the column with each city's or county's province
    code_year         the year whose names and codes the file uses throughout; without it, each row's own year. One
                      after the record of divisions is read as its last, which is remarked on
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

    entity_level: Literal["province", "city", "county"] = "province"
    province_column: str | None = None
    code_year: int | None = Field(default=None, ge=1949, le=2100)
    other_names: tuple[OtherNames, ...] = ()
    repeated_rows: bool = False
    entity_order: Literal["code_order"] | tuple[str, ...] = ()
    latitude_column: str | None = None
    longitude_column: str | None = None
    filled: tuple[FilledCells, ...] = ()
    filled_columns: tuple[FilledColumn, ...] = ()
    filled_flags: FilledFlags | None = None
    printed_derived: tuple[PrintedDerived, ...] = ()

    def _consistent(self) -> None:
        of_cities = (self.province_column, self.code_year, self.latitude_column, *self.other_names)
        cities, ordered = self.below_province, bool(self.entity_order)
        known_provinces("entity_order", () if self.entity_order == CODE_ORDER else self.entity_order)
        refuse(
            (
                (self.latitude_column is None) != (self.longitude_column is None),
                "panel: latitude_column and longitude_column are declared together or not at all / "
                "panel：latitude_column 与 longitude_column 须同时声明",
            ),
            (
                not cities and any(key is not None for key in of_cities),
                "panel: province_column, code_year, other_names and coordinates are of cities only / "
                "panel：province_column、code_year、other_names 与坐标仅用于城市",
            ),
            (
                ordered and (cities or self.repeated_rows),
                "panel: entity_order is of provinces, and of one row a province and year / "
                "panel：entity_order 仅用于每省每年一行的省级面板",
            ),
            (cities and self.filled, "panel: filled is of provinces only / panel：filled 仅用于省份"),
        )
        refuse((repeated(self.order), "panel: entity_order names a province twice / panel：entity_order 中有省份重复"))

    @property
    def below_province(self) -> bool:
        """Whether the rows are of cities or counties."""
        return self.entity_level != "province"

    @property
    def place_level(self) -> Literal["prefecture", "county"]:
        """The level of the places that rows below the province name."""
        return "county" if self.entity_level == "county" else "prefecture"

    @property
    def order(self) -> tuple[int, ...]:
        """Codes of the provinces in the declared order of the rows; empty where the rows name them."""
        if self.entity_order == CODE_ORDER:
            return tuple(province.province_code for province in load_provinces())
        return tuple(province_names()[name] for name in self.entity_order)
