"""The corrections file: figures known to be printed or scanned wrong, each with its reason and its source.

A correction names the cell and the text it expects to find there; if the source shows something else, it is stale
and is not applied. Applying them is ingestion/build/corrections.py.
"""

from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field

from catalog.base import Strict, read_yaml, refuse, repeated, validate
from catalog.indicators import load_registry
from catalog.provinces import load_provinces


class Correction(Strict):
    """One corrected figure. `expect` is the cell's text as received; `value` is in the unit the file prints."""

    file: str
    sheet: str = ""
    cell: str
    province_code: int
    year: int
    indicator: str
    expect: str
    value: Decimal
    reason: str = Field(min_length=1)
    source: str = Field(min_length=1)
    status: Literal["open", "reported", "acknowledged", "fixed_upstream"]

    def _consistent(self) -> None:
        codes = {province.province_code for province in load_provinces()}
        unreported = not load_registry().is_reported(self.indicator)
        refuse(
            (unreported, f"{self.file} {self.cell}: {self.indicator!r} is not a reported indicator"),
            (self.province_code not in codes, f"{self.file} {self.cell}: {self.province_code} is not a province"),
        )


class Corrections(Strict):
    """The whole file."""

    corrections: tuple[Correction, ...]

    def _consistent(self) -> None:
        twice = repeated((c.file, c.sheet, c.cell) for c in self.corrections)
        refuse((twice, f"corrected twice: {twice}"))


def load_corrections(path: Path) -> tuple[Correction, ...]:
    """The corrections of a file, validated. Raises CatalogError."""
    return validate(Corrections, read_yaml(path), path).corrections
