"""Options of spatial panel models: variables, weights, models, corrections, errors, samples."""

from typing import ClassVar, Literal

from pydantic import Field

from catalog.base import Strict, repeated
from catalog.spatial_weights import WeightsOptions
from catalog.studies import Study
from catalog.study_rules import forbid

Model = Literal["sdm", "sar", "sem", "slx", "sac"]
Effects = Literal["two-way", "entity", "time", "none"]
Correction = Literal["transformation", "lee_yu", "none"]
Vcov = Literal["ml", "cluster", "driscoll_kraay"]


class TableNumbers(Strict):
    """Numbers of the tables: tests, estimates, samples by region."""

    tests: str = "Table 6"
    estimates: str = "Table 7"
    regions: str = "Table 8"


class Options(WeightsOptions):
    """`outcome` on `regressors`, all of them with a spatial lag unless `lagged` names some. The first of `weights`,
    `models`, `bias_corrections`, `errors` and `effects` is the study's own; each other one is fitted beside it with
    the rest as the study has it. `dynamic`: adds the outcome of the year before (y), its spatial lag (wy), or both.
    `constructions`: variants of the outcome, as the column `variant` names them; a shorter window takes its own years.
    `regions`: the own model within each region too, weights row-standardised again. `islands`: whether places without
    neighbours are refused. `orders`: powers of W shown among spillovers. `draws`, `seed`: of the effects.
    """

    twice: ClassVar[bool] = True
    tables: TableNumbers = TableNumbers()
    outcome: str
    regressors: tuple[str, ...] = Field(min_length=1)
    lagged: tuple[str, ...] | None = None
    models: tuple[Model, ...] = Field(default=("sdm", "sar", "sem", "slx", "sac"), min_length=1)
    effects: tuple[Effects, ...] = Field(default=("two-way", "entity", "time", "none"), min_length=1)
    bias_corrections: tuple[Correction, ...] = Field(default=("transformation", "lee_yu", "none"), min_length=1)
    errors: tuple[Vcov, ...] = Field(default=("ml", "cluster", "driscoll_kraay"), min_length=1)
    dynamic: tuple[Literal["y", "wy", "both"], ...] = ()
    constructions: tuple[str, ...] = ()
    regions: bool = True
    islands: Literal["error", "zero"] = "error"
    orders: int = Field(default=3, ge=0)
    draws: int = Field(default=1000, ge=100)
    seed: int = Field(default=0, ge=0)

    def check(self, study: Study) -> None:
        """Outcome and regressors are variables, nothing is asked for twice, regions exist."""
        super().check(study)
        used = (self.outcome, *self.regressors)
        lists = ("models", "effects", "bias_corrections", "errors", "dynamic", "constructions")
        made = {variant for part in study.parts for variant in part.variants}
        study.check_variables(used)
        forbid(repeated(used), "spatial.twice")
        forbid(sorted(set(self.lagged or ()) - set(self.regressors)), "spatial.lagged", ("lagged",))
        for name in lists:
            forbid(repeated(getattr(self, name)), "spatial.choice_twice", (name,), key=name)
        unmade = sorted(set(self.constructions) - made)
        forbid(unmade, "spatial.variant", ("constructions",), known=sorted(made))
        regionless = self.regions and study.panel.unit != "province"
        forbid(regionless, "spatial.regions", ("regions",), unit=study.panel.unit)
