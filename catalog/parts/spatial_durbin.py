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

    zh: ClassVar[str] = (
        "`outcome` 对 `regressors` 回归，各自变量均带空间滞后，除非 `lagged` 只列其中一部分。`weights`、"
        "`models`、`bias_corrections`、`errors` 与 `effects` 各以第一个为本研究的选择，其余各项逐一另行拟"
        "合，其他设定不变。`dynamic`：加入上一年的结果（y）、其空间滞后（wy）或两者。`constructions`：结"
        "果变量的变体，写法同 `variant` 列；窗口较短者用其自身年份。`regions`：在各区域内另拟合本模型，权"
        "重重新行标准化。`islands`：是否拒绝没有邻居的地区。`orders`：溢出效应所列权重矩阵的幂次。`draws`、"
        "`seed`：效应的抽样次数与种子。"
    )

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
