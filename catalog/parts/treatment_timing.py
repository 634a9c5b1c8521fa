"""Options of evidence on timing: event study, bounds, weights, estimators for staggered exposure."""

import re
from typing import ClassVar

from pydantic import Field

from catalog.base import repeated
from catalog.part_options import PartOptions
from catalog.parts import regressions
from catalog.studies import Study
from catalog.study_rules import forbid

# A term of the event study: years since exposure.
EVENT_TERM = re.compile(r"event_(-?\d+)")
# A term of bounds on departures from parallel trends: target, restriction, its value.
BOUND_TERM = re.compile(r"(\w+) \| (\w+) ([\d.e+-]+)")


def bound_term(target: str, restriction: str, value: float) -> str:
    """The term of bounds on `target` under `restriction`, as BOUND_TERM finds it."""
    return f"{target} | {restriction} {value:g}"


class Options(PartOptions):
    """An entity is exposed from the first year in which `treatment` exceeds `threshold`.

    `further_thresholds`: the same is given for these, as variants threshold=0.4. `leads` and `lags`: years before and
    after in the event study, further ones binned. `relative_magnitudes` and `smoothness`: bounds on departures from
    parallel trends (Rambachan and Roth 2023). `power`: of the slope a pre-trend test detects.
    """

    zh: ClassVar[str] = (
        "单位自 `treatment` 首次超过 `threshold` 的年份起视为受暴露。`further_thresholds`：另按这些阈值给"
        "出同样结果，作为变体 threshold=0.4。`leads` 与 `lags`：事件研究的前后年数，更远的年份合并。"
        "`relative_magnitudes` 与 `smoothness`：对平行趋势偏离的限定（Rambachan 与 Roth 2023）。`power`："
        "检出前期趋势斜率的检验功效。"
    )

    twice: ClassVar[bool] = True
    treatment: str
    threshold: float = 0.0
    further_thresholds: tuple[float, ...] = ()
    leads: int = Field(default=3, ge=1)
    lags: int = Field(default=5, ge=0)
    relative_magnitudes: tuple[float, ...] = (0.0, 0.5, 1.0, 1.5, 2.0)
    smoothness: tuple[float, ...] = (0.0, 0.01, 0.02, 0.05, 0.1)
    power: float = Field(default=0.8, gt=0.5, lt=1)

    def check(self, study: Study) -> None:
        """The treatment is one of the headline's regressors; thresholds and bounds differ, no bound is negative."""
        for name, listed in (
            ("further_thresholds, with threshold", (self.threshold, *self.further_thresholds)),
            ("relative_magnitudes", self.relative_magnitudes),
            ("smoothness", self.smoothness),
        ):
            forbid(repeated(listed), "treatment_timing.twice", key=name, values=str(list(listed)))
        negative = [bound for bound in (*self.relative_magnitudes, *self.smoothness) if bound < 0]
        forbid(negative, "treatment_timing.negative")
        no_regressor = self.treatment not in study.options(regressions.Options).headline_model.regressors
        forbid(no_regressor, "treatment_timing.no_regressor", ("treatment",), treatment=self.treatment)
