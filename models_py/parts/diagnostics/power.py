"""The smallest coefficient a design can be expected to detect.

Belongs here: minimum detectable coefficients from standard errors. Does not belong here: power computed from the
estimate itself, which says nothing beyond the p-value (Hoenig and Heisey 2001, The American Statistician 55(1)) and is
not offered.
"""

from typing import Any

import pandas as pd

from catalog.base import refuse
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import EstimationError, FitResult
from models_py.parts.rows import as_table, note

ALPHA = 0.05


def multiplier(df: float, power: float, alpha: float = ALPHA) -> float:
    """t_{1 - alpha/2, df} + t_{power, df}: true coefficient over standard error found significant with `power`.

    Bloom (1995), "Minimum detectable effects", Evaluation Review 19(5), with t for the normal quantiles.
    """
    from scipy.special import stdtrit

    return float(stdtrit(df, 1 - alpha / 2) + stdtrit(df, power))


def power(data: ModelData, term: str, wanted: float) -> pd.DataFrame:
    """Rows of `spec_test`: the smallest coefficient of `term` found significant at 5 %, two-sided, with power
    `wanted`.

    `minimum_detectable_coefficient_cr1` and `_cr3` are multiplier x standard error in the coefficient's own units,
    G - 1 degrees of freedom; `..._cr1_sd` and `..._cr3_sd` divide by the outcome's standard deviation in the sample.
    Nothing in them depends on the estimate but its standard error, which is taken as known. Where CR3 does not exist
    (the term is not identified without one of the entities) its rows are NaN and say why.

    Raises EstimationError as the model's fit does and for a term the model does not have.
    """
    refuse(
        (term not in data.regressors, f"{term!r} is not a regressor of the model; it has {', '.join(data.regressors)}"),
        error=EstimationError,
    )
    used = data.frame.dropna(subset=[ENTITY, data.time, data.outcome, *data.regressors])
    spread, spread_term = (float(used[name].std(ddof=1)) for name in (data.outcome, term))
    rows = []
    for method, vcov in (("cr1", None), ("cr3", {"CRV3": data.cluster})):
        try:
            tests = _detectable(data.fit(vcov=vcov), term, method, wanted, spread, spread_term)
        except EstimationError as error:
            if method == "cr1":
                raise
            tests = [{"test": name, **note(f"Not computed: {error}.", f"未计算：{error}。")} for name in _names(method)]
        rows += [data.named(subject=term, **test) for test in tests]
    return as_table(rows, "spec_test")


def _names(method: str) -> tuple[str, str]:
    name = f"minimum_detectable_coefficient_{method}"
    return name, f"{name}_sd"


def _detectable(
    fitted: FitResult, term: str, method: str, wanted: float, spread: float, spread_term: float
) -> list[dict[str, Any]]:
    row = fitted.estimates.set_index("term").loc[term].to_dict()
    error, dof = float(row["std_error"]), float(row["df"])
    times = multiplier(dof, wanted)
    smallest = times * error
    per_sd = smallest * spread_term / spread
    english = (
        f"Smallest coefficient of {term} that a two-sided 5 % test finds with power {wanted:g}: (t(0.975) + "
        f"t({wanted:g})) x SE = {times:.4f} x {error:.6g} ({method.upper()}, t with {dof:g} degrees of freedom), the "
        "standard error taken as known."
    )
    chinese = (
        f"双侧5%检验以{wanted:g}的功效能发现的{term}最小系数：(t(0.975)＋t({wanted:g}))×标准误＝{times:.4f}×{error:.6g}"
        f"（{method.upper()}，自由度{dof:g}），标准误视为已知。"
    )
    plain, standardised = _names(method)
    return [
        {"test": plain, "statistic": smallest, "df": dof, **note(english, chinese)},
        {
            "test": standardised,
            "statistic": smallest / spread,
            "df": dof,
            **note(
                f"{english} In standard deviations of the outcome ({spread:.6g}) per unit of {term}; per standard "
                f"deviation of {term} ({spread_term:.6g}) it is {per_sd:.4f}.",
                f"{chinese}以结果变量标准差（{spread:.6g}）计，{term}每变动1单位；{term}每变动1个标准差"
                f"（{spread_term:.6g}）为{per_sd:.4f}。",
            ),
        },
    ]
