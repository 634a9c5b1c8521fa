"""Options of Moran's I: the variable, the weights, the years of the local statistics."""

from typing import ClassVar

from pydantic import Field

from catalog.spatial_weights import WeightsOptions
from catalog.studies import Study
from catalog.study_rules import forbid


class Options(WeightsOptions):
    """`variable` of the study, year by year under each of `weights`. `local_years`: of the local statistics, the first,
    middle and last year when not given; they use the first of the weights. `permutations`, `seed`: of both.
    """

    zh: ClassVar[str] = (
        "`variable`：本研究的变量，逐年按 `weights` 中的每种权重计算。`local_years`：局部统计量的年份，未"
        "给出时取首年、中间年与末年；采用第一种权重。`permutations`、`seed`：两者的置换次数与种子。"
    )

    twice: ClassVar[bool] = True
    table_no: str = "Table 5"
    variable: str
    weights: tuple[str, ...] = Field(
        default=("contiguity", "inverse_distance", "economic", "nested", "knn"), min_length=1
    )
    permutations: int = Field(default=999, ge=99)
    seed: int = Field(default=0, ge=0)
    local_years: tuple[int, ...] = ()

    def check(self, study: Study) -> None:
        """The variable exists and the years are years of the panel."""
        super().check(study)
        study.check_variables([self.variable])
        first, last = study.panel.years
        outside = [year for year in self.local_years if not study.panel.holds(year)]
        forbid(outside, "study.outside", key="local_years", years=f"{first}-{last}")
