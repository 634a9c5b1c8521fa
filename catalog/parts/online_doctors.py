"""Options of the part `online_doctors`: where the doctors of an online service are, beside people and physicians."""

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from catalog.base import repeated
from catalog.part_options import PartOptions
from catalog.study_rules import forbid

if TYPE_CHECKING:
    from catalog.studies import Study

POPULATION, PHYSICIANS = "resident_population", "physicians"


class Options(PartOptions):
    """`year`: of the list used, the latest if not given. `radii_km`, `decays`: of the catchments, the first of each
    being the study's own choice. `first_tier`: codes of the cities called first-tier.
    """

    zh: ClassVar[str] = (
        "`year`：所用名单的年份，未给出时取最近一份。`radii_km`、`decays`：服务圈的半径与衰减函数，各以第"
        "一个为本研究的选择。`first_tier`：所称一线城市的代码。"
    )

    year: int | None = Field(default=None, ge=1990, le=2100)
    radii_km: tuple[float, ...] = Field(default=(150.0,), min_length=1)
    decays: tuple[Literal["none", "gaussian"], ...] = Field(default=("none", "gaussian"), min_length=1)
    # 北京 上海 广州 深圳
    first_tier: tuple[int, ...] = Field(default=(110000, 310000, 440100, 440300), min_length=1)

    def indicators(self, study: "Study") -> tuple[str, ...]:
        """The basis, and the doctors offline."""
        return (POPULATION, PHYSICIANS)

    def check(self, study: "Study") -> None:
        """Provinces are compared, and every radius is a distance."""
        twice = [*repeated(self.radii_km), *repeated(self.decays), *repeated(self.first_tier)]
        forbid(study.panel.unit != "province", "online_doctors.unit", unit=study.panel.unit)
        forbid(not all(radius > 0 for radius in self.radii_km), "online_doctors.radius")
        forbid(twice, "online_doctors.twice")
