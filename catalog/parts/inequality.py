"""Options of inequality between the units of a panel: domain section 8."""

from typing import ClassVar, Literal

from pydantic import Field

from catalog.base import Strict, repeated
from catalog.indicators import load_registry
from catalog.part_options import PartOptions
from catalog.studies import Study
from catalog.study_rules import forbid

POPULATION, AREA = "population", "area"
# What HRAD, PAD and HRDI are made of must be of these quantities.
_QUANTITIES = {POPULATION: "persons", AREA: "area"}


class TheilSpec(Strict):
    """Form of the Theil index whose groups are shown: L (mean log deviation) or T; logarithms to base e or 10, which
    changes every number by a factor of 2.3026. `inequality.theil` is L in natural logarithms all the same.
    """

    form: Literal["L", "T"] = "L"
    log: Literal["e", "10"] = "e"


class Options(PartOptions):
    """`resources`: indicators, amounts and not densities. `basis`: what they are spread over, by its name: an
    indicator each for `population` and `area`. `groups`: of units, for the parts of the Theil index. `ranked_by`: the
    indicator whose ranks the concentration index takes. `atkinson`: aversions to inequality. `draws`, `seed`: of the
    bootstrap. `level`: of all intervals. `maps`: resources shown as thermal map and map, in `classes` quantile classes.
    """

    zh: ClassVar[str] = (
        "`resources`：指标，须为总量而非密度。`basis`：分布的依据，按名称各取一个指标：`population` 与 "
        "`area`。`groups`：单位的分组，用于泰尔指数分解。`ranked_by`：集中指数排序所用的指标。`atkinson`："
        "不平等厌恶参数。`draws`、`seed`：自助抽样的次数与种子。`level`：全部区间的置信水平。`maps`：以热"
        "力图与地图展示的资源，按 `classes` 个分位数分级。"
    )

    resources: tuple[str, ...] = Field(min_length=1)
    basis: dict[str, str] = Field(
        default_factory=lambda: {POPULATION: "resident_population", AREA: "land_area"}, min_length=1
    )
    groups: Literal["region", "province", "none"] = "region"
    ranked_by: str | None = "gdp_per_capita"
    theil: TheilSpec = TheilSpec()
    atkinson: tuple[float, ...] = (0.5,)
    draws: int = Field(default=999, ge=99)
    seed: int = Field(default=0, ge=0)
    level: float = Field(default=0.95, gt=0.5, lt=1)
    maps: tuple[str, ...] = ()
    classes: int = Field(default=5, ge=2)

    def indicators(self, study: Study) -> tuple[str, ...]:
        """Resources, bases and what ranks the units."""
        return (*self.resources, *self.basis.values(), *([self.ranked_by] if self.ranked_by else []))

    def check(self, study: Study) -> None:
        """Resources add up, bases are people or land, nothing is asked for twice."""
        registry = load_registry()
        quantity = {
            name: registry.quantity(registry.indicators[name]) for name in (*self.resources, *self.basis.values())
        }
        shares = [name for name in self.resources if not quantity[name].additive]
        named = [f"{name}: {_QUANTITIES[name]}" for name in _QUANTITIES]
        wrong = [
            f"{name}: {indicator}"
            for name, indicator in self.basis.items()
            if registry.quantity_of(registry.indicators[indicator]) != _QUANTITIES.get(name)
        ]
        aversions = [f"{aversion:g}" for aversion in self.atkinson]
        forbid(shares, "inequality.shares")
        forbid(wrong, "inequality.basis", known=named)
        forbid(repeated(self.resources), "inequality.twice", key="resources")
        forbid(sorted(set(self.maps) - set(self.resources)), "inequality.maps")
        forbid(not all(aversion > 0 for aversion in self.atkinson), "inequality.aversion")
        forbid(repeated(aversions), "inequality.twice", key="atkinson")
