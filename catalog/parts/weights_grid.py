"""Options of a grid of spatial weights, index constructions and models."""

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field

from catalog.base import repeated
from catalog.spatial_weights import WeightsOptions
from catalog.studies import Study
from catalog.study_rules import forbid

GRID = (
    "contiguity",
    "contiguity_2",
    "knn_3",
    "knn_4",
    "knn_6",
    "knn_8",
    "inverse_distance",
    "inverse_distance_2",
    "inverse_distance_1500km",
    "inverse_distance_2000km",
    "inverse_distance_2500km",
    "economic",
    "nested",
    "nested_75",
)


class Options(WeightsOptions):
    """Every one of `weights`, `models` and `constructions` with each other: two-way effects, orthonormal
    transformation. `constructions`: variants of the outcome, as the column `variant` names them (weighting=equal), all
    its weightings when not given; the study's own is always among them. The prior of
    the coefficients is Zellner's with `g`, one over the larger of observations and squared number of coefficients when
    not given; of rho, lambda uniform on the feasible interval; of the error variance 1 / sigma2.
    """

    zh: ClassVar[str] = (
        "`weights`、`models` 与 `constructions` 逐一组合：双向固定效应，正交变换。`constructions`：结果变"
        "量的变体，写法同 `variant` 列（weighting=equal），未给出时为其全部权重做法；本研究的选择始终包含"
        "在内。系数的先验为 Zellner 先验，参数 `g` 未给出时为观测数与系数个数平方中较大者的倒数；rho、"
        "lambda 在可行区间上均匀分布；误差方差的先验为 1 / sigma2。"
    )

    table_no: str = "Weights grid"
    outcome: str
    regressors: tuple[str, ...] = Field(min_length=1)
    weights: tuple[str, ...] = Field(default=GRID, min_length=2)
    models: tuple[Literal["sdm", "sar", "sem", "slx"], ...] = Field(default=("sdm", "sar", "sem", "slx"), min_length=1)
    constructions: tuple[str, ...] | None = None
    g: float | None = Field(default=None, gt=0)

    def constructions_among(self, known: Iterable[str]) -> tuple[str, ...]:
        """Variants used, the study's own, '', first; `known`: those the outcome comes in."""
        weightings = [one for one in known if one.startswith("weighting=") and ", " not in one]
        asked = weightings if self.constructions is None else self.constructions
        return ("", *(one for one in asked if one))

    def check(self, study: Study) -> None:
        """Variables and variants exist; nothing is asked for twice."""
        super().check(study)
        used = (self.outcome, *self.regressors)
        study.check_variables(used)
        forbid(repeated(used), "spatial.twice")
        for name in ("models", "constructions"):
            forbid(repeated(getattr(self, name) or ()), "spatial.choice_twice", (name,), key=name)
        # A variant may be made by a part before the one that offers the outcome.
        known = {variant for part in study.parts for variant in part.variants}
        unmade = sorted(set(self.constructions or ()) - {"", *known})
        forbid(unmade, "spatial.variant", ("constructions",), known=sorted(known))
