"""The corrections file: figures known to be printed or scanned wrong, each with its reason and its source; and figures
outside the plausible range that are right as printed.

A correction names the cell and the text it expects to find there; if the source shows something else, it is stale
and is not applied. Applying them is ingestion/build/corrections.py.
"""

from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field

from catalog.base import Strict, read_yaml, refuse, repeated, validate
from catalog.known_names import ReportedIndicator
from catalog.provinces import NATION_CODE, load_provinces

CONFIRMED = "confirmed"


class Correction(Strict):
    """One corrected figure. `expect` is the cell's text as received; `value` is in the unit the file prints.

    province_code, city_code   whose figure it is: one of the two
    status      `confirmed`: the figure is right as printed, although it lies outside the plausible range
    """

    file: str
    sheet: str = ""
    cell: str
    province_code: int | None = None
    city_code: int | None = None
    year: int
    indicator: ReportedIndicator
    expect: str
    value: Decimal
    reason: str = Field(min_length=1)
    source: str = Field(min_length=1)
    status: Literal["open", "reported", "acknowledged", "fixed_upstream", "confirmed"]

    def _consistent(self) -> None:
        codes = {NATION_CODE, *(province.province_code for province in load_provinces())}
        place, both = f"{self.file} {self.cell}", self.province_code is not None and self.city_code is not None
        refuse(
            (
                both or self.code == 0,
                f"{place}: give either province_code or city_code / {place}：province_code 与 city_code 只给其一",
            ),
            (
                self.province_code not in {None, *codes},
                f"{place}: {self.province_code} is not a province / {place}：{self.province_code} 不是省级代码",
            ),
            (
                self.city_code is not None and self.city_code // 10000 * 10000 not in codes,
                f"{place}: {self.city_code} is not a city / {place}：{self.city_code} 不是城市代码",
            ),
        )

    @property
    def code(self) -> int:
        """The code of the place."""
        return self.province_code or self.city_code or 0

    @property
    def level(self) -> str:
        """The level of the place."""
        return "city" if self.province_code is None else "province"


class Corrections(Strict):
    """The whole file."""

    corrections: tuple[Correction, ...]

    def _consistent(self) -> None:
        twice = repeated((c.file, c.sheet, c.cell) for c in self.corrections)
        refuse((twice, f"corrected twice: {twice} / 重复更正：{twice}"))


def load_corrections(path: Path) -> tuple[Correction, ...]:
    """The corrections of a file, validated. Raises CatalogError."""
    return validate(Corrections, read_yaml(path), path).corrections
