"""Options of the structural imbalance between types of facility: domain section 7."""

from typing import ClassVar, Literal

from pydantic import Field

from catalog.base import repeated
from catalog.indicators import load_registry
from catalog.part_options import PartOptions
from catalog.studies import Study
from catalog.study_rules import forbid

NATION = "nation"
HIGH, PRIMARY, NEITHER = "high_tier", "primary", "neither_tier"
COUNTS = ("visits", "institutions", "beds", "physicians")
# Measure of facilities by band of value, from the lowest.
BANDS = ("equipment_below_500k", "equipment_500k_990k", "equipment_from_1m")


class Options(PartOptions):
    """Which types make up the two tiers, what counts as capacity, and the scopes compared.

    `high_tier`, `primary`: undivided types of facility, none in both. `may_lack`: types of a tier that need not be
    reported for the tier to be computed; the row then says so. `capacity`: what the utilisation quotient divides by.
    `compared`: provinces whose gap is held against the nation's. `year`, `equipment_year`: those of the figures.
    """

    zh: ClassVar[str] = (
        "哪些机构类型构成两个层级、何为服务能力，以及比较的范围。`high_tier`、`primary`：不再细分的机构类"
        "型，互不重叠。`may_lack`：层级中可以缺报的类型，缺报时该行予以注明。`capacity`：利用商的分母。"
        "`compared`：与全国差距对照的省份。`year`、`equipment_year`：数值的年份。"
    )

    high_tier: tuple[str, ...] = ("tertiary_hospitals", "secondary_hospitals", "specialised_hospitals")
    primary: tuple[str, ...] = ("first_level_hospitals", "community_centres", "township_centres")
    may_lack: tuple[str, ...] = ("specialised_hospitals",)
    capacity: Literal["institutions", "beds", "physicians"] = "physicians"
    compared: tuple[int, ...] = Field(default=(), description="codes of provinces")
    year: int
    equipment_year: int

    @property
    def tiers(self) -> dict[str, tuple[str, ...]]:
        """The undivided types of each tier, and of what is in neither."""
        facilities = load_registry().facilities
        rest = (kind for kind in facilities.leaves(facilities.all) if kind not in {*self.high_tier, *self.primary})
        return {HIGH: self.high_tier, PRIMARY: self.primary, NEITHER: tuple(rest)}

    def check(self, study: Study) -> None:
        """The tiers consist of undivided types, each in one of them only; the years are the study's."""
        facilities, years = load_registry().facilities, str(list(study.panel.years))
        leaves, named = facilities.leaves(facilities.all), (*self.high_tier, *self.primary)
        forbid(study.panel.unit != "province", "imbalance.unit", unit=study.panel.unit)
        forbid([kind for kind in named if kind not in leaves], "imbalance.divided", known=list(leaves))
        forbid(repeated(named), "imbalance.twice")
        forbid([kind for kind in self.may_lack if kind not in named], "imbalance.no_tier", ("may_lack",))
        for key in ("year", "equipment_year"):
            year = getattr(self, key)
            forbid(not study.panel.holds(year), "study.outside", (key,), key=key, found=year, years=years)
