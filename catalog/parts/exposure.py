"""Options of smart-city exposure: domain section 3.2, and the map of it."""

from typing import ClassVar, Literal

from pydantic import Field

from catalog.base import Strict
from catalog.part_options import PartOptions
from catalog.studies import Study
from catalog.study_rules import forbid

EXPOSURE = "exposure"


class MapSpec(Strict):
    """A map of exposure: the number a paper prints it under, its year, its quantile classes."""

    number: str = ""
    year: Literal["last", "mean"] | int = "last"
    classes: int = Field(default=5, ge=2)


class Options(PartOptions):
    """How pilots are counted, and what they are divided by."""

    zh: ClassVar[str] = "试点如何计数、以何为分母。"

    programmes: tuple[str, ...] = Field(min_length=1)
    numerator: Literal["covered", "prefecture_only", "fraction", "entries"]
    denominator: Literal["divisions", "cities"]
    municipality: Literal["districts", "one_city"]
    direct_county: Literal["own_unit", "exclude"]
    timing: Literal["half_year", "announcement", "label"]
    denominator_year: Literal["current", "fixed_2013"]
    map: MapSpec | None = None

    @property
    def offers(self) -> tuple[str, ...]:
        """The share of units that are pilots."""
        return (EXPOSURE,)

    def check(self, study: Study) -> None:
        """Pilots are counted by province, and the map shows a year of the study."""
        years, unit = study.panel.years, study.panel.unit
        year = self.map.year if self.map is not None else "last"
        forbid(unit != "province", "exposure.unit", unit=unit)
        if isinstance(year, int):
            forbid(not study.panel.holds(year), "study.outside", key="map.year", found=year, years=str(list(years)))
