"""Options of the findings on the coupling paper (domain sections 5.2 to 5.6)."""

from catalog.base import refuse
from catalog.spatial_weights import WeightsOptions
from catalog.studies import Study


class Options(WeightsOptions):
    """`variable`: the degree of coordination of these data; `attention`: the regressor for which the paper tells a
    decline from east to west. `weights`: those under which the printed values of Moran's I are looked at again.
    """

    variable: str = "coordination_degree"
    attention: str = "ln_digital_attention"
    weights: tuple[str, ...] = ("contiguity", "contiguity_binary", "inverse_distance", "economic", "nested", "knn")

    def check(self, study: Study) -> None:
        """The study names a paper, and the variable exists."""
        super().check(study)
        refuse(
            (study.paper is None, "paper: the study names none"),
            (study.panel.unit != "province", "the paper is about provinces"),
            (self.variable not in study.variable_names, f"unknown variable {self.variable!r}"),
        )
