"""Options of the part `centrality`: measures of the nodes of networks, their maps and the map of flows."""

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from catalog.part_options import PartOptions
from catalog.parts import network
from catalog.study_rules import forbid

if TYPE_CHECKING:
    from catalog.studies import Study


class Options(PartOptions):
    """`measure`: of in-degree centrality on the maps and of the study's own text; all are computed. `maps`: networks
    drawn, in `classes` quantile classes; `flow_maps`: networks whose flows are drawn. `facilities`: indicators mapped
    beside them. `seed`: of the communities.
    """

    zh: ClassVar[str] = (
        "`measure`：地图与研究正文所用的入度中心性，各种均计算。`maps`：绘制的网络，按 `classes` 个分位数"
        "分级；`flow_maps`：绘制流量的网络。`facilities`：与之并列制图的指标。`seed`：社区划分的随机种子。"
    )

    measure: Literal["in_share", "in_degree_std", "in_max"] = "in_share"
    maps: tuple[str, ...] = ()
    flow_maps: tuple[str, ...] = ()
    facilities: tuple[str, ...] = ()
    classes: int = Field(default=5, ge=2, le=9)
    seed: int = Field(default=0, ge=0)

    def indicators(self, study: "Study") -> tuple[str, ...]:
        """What is mapped beside the measures."""
        return self.facilities

    def check(self, study: "Study") -> None:
        """Maps are of networks the study has."""
        known = study.options(network.Options).networks
        for key in ("maps", "flow_maps"):
            forbid([name for name in getattr(self, key) if name not in known], "centrality.network", (key,), key=key)
