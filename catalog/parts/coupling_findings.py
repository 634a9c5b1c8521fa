"""Options of the findings on the coupling paper (domain sections 5.2 to 5.6)."""

from typing import ClassVar

from catalog.spatial_weights import WeightsOptions
from catalog.studies import Study
from catalog.study_rules import forbid


class Options(WeightsOptions):
    """`variable`: the degree of coordination of these data; `attention`: the regressor for which the paper tells a
    decline from east to west. `weights`: those under which the printed values of Moran's I are looked at again.
    """

    zh: ClassVar[str] = (
        "`variable`：这些数据的协调度；`attention`：论文称其作用由东向西递减的自变量。`weights`：重新核对"
        "所印莫兰指数时采用的权重。"
    )

    variable: str = "coordination_degree"
    attention: str = "ln_digital_attention"
    weights: tuple[str, ...] = ("contiguity", "contiguity_binary", "inverse_distance", "economic", "nested", "knn")

    def check(self, study: Study) -> None:
        """The study names a paper, and the variable exists."""
        super().check(study)
        forbid(study.paper is None, "study.no_paper")
        forbid(study.panel.unit != "province", "coupling_findings.unit", unit=study.panel.unit)
        study.check_variables([self.variable])
