"""Options of kernel densities of variables between 0 and 1: domain section 5.4."""

from typing import ClassVar, Literal

from pydantic import Field

from catalog.base import repeated
from catalog.part_options import PartOptions
from catalog.studies import Study
from catalog.study_rules import forbid


class Options(PartOptions):
    """`variables`: of the study, all between 0 and 1. `boundary`: the density's part outside [0, 1] reflected into it,
    or left out (none), so that its area falls short of 1. `points`: of the grid.
    """

    zh: ClassVar[str] = (
        "`variables`：本研究的变量，取值均在0与1之间。`boundary`：落在 [0, 1] 之外的密度反射回区间内，或"
        "略去（none），此时曲线下面积不足1。`points`：网格点数。"
    )

    variables: tuple[str, ...] = Field(default=("coordination_degree",), min_length=1)
    kernel: Literal["gaussian", "epanechnikov"] = "gaussian"
    boundary: Literal["reflect", "none"] = "reflect"
    points: int = Field(default=200, ge=50, le=2000)

    def check(self, study: Study) -> None:
        """Every variable is one of the study's, once."""
        study.check_variables(self.variables)
        forbid(repeated(self.variables), "density.twice")
