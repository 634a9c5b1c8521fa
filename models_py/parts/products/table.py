"""Product-of-coefficients table: the term on each mediator times each mediator on the outcome.

Belongs here: the rows of that table, their intervals by resampling entities, the test for an identity.
Does not belong here: the resampled regressions themselves (cluster_bootstrap.py), any claim of a mechanism: products of
associations are associations, and where the mediators make up the outcome they are arithmetic.

Product and direct coefficient add up to the total when all regressions share rows and further regressors (MacKinnon,
Warsi and Dwyer 1995, Multivariate Behavioral Research 30(1)); the gap is published. Percentile intervals of a product:
Bollen and Stine (1990), Sociological Methodology 20, with entities for persons.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from catalog.parts.products import Options
from models_py.econometrics.model_data import ModelData
from models_py.econometrics.result import EstimationError
from models_py.parts.products.cluster_bootstrap import ResampledRegression, common_rows, entity_counts
from models_py.parts.rows import as_table, note

METHOD = "cluster_bootstrap"
LEVEL = 0.95
# 1 - R2 at or below this is an identity.
IDENTITY = 1e-10
IDENTITY_TEST = "identity"


@dataclass(frozen=True)
class Products:
    """Rows of `estimate` and of `spec_test`, all columns but data_kind."""

    estimate: pd.DataFrame
    spec_test: pd.DataFrame


def product_table(first: Mapping[str, ModelData], second: ModelData, spec: Options) -> Products:
    """The table of `spec` from a model of each mediator (`first`) and one of the outcome on term and mediators.

    Rows of `estimate` (model that of `second`, method cluster_bootstrap): per mediator `first` (the term on it),
    `second` (it on the outcome, given the others) and `product`; for the term `direct` (its coefficient in `second`),
    `products` (sum over the mediators) and `total` (its coefficient in `second` without the mediators), by least
    squares on the rows complete in every model. `spec.draws` resamples of whole entities with replacement, every copy
    with effects (and trends) of its own: std_error their standard deviation, interval the 2.5 and 97.5 % order
    statistics, p_value 2 min(share <= 0, share >= 0) with the sample counted in. A resample in which a model is not
    identified is left out and counted.

    Rows of `spec_test`: `identity` (1 - R2 of the outcome on the mediators after the effects), `product_gap` (total
    less direct less products) and `bootstrap_draws` (usable ones). With an identity the coefficients on the outcome
    have no p-value.

    Raises EstimationError when models and `spec` do not name the same variables, a model cannot be estimated or fewer
    than half of the resamples are usable.
    """
    where = _check(first, second, spec)
    without = replace(second, regressors=tuple(name for name in second.regressors if name not in spec.mediators))
    models = {**{name: first[name] for name in spec.mediators}, "second": second, "total": without}
    rows, left_out = common_rows(list(models.values()))
    regressions = {name: ResampledRegression(model, rows) for name, model in models.items()}
    n_entities = regressions["second"].n_entities
    unexplained = 1 - regressions["second"].r2(list(spec.mediators))
    point = _effects(regressions, spec, np.ones((1, n_entities)))
    if any(np.isnan(values).any() for values in point.values()):
        # The model's own fit names what is not identified.
        for model in models.values():
            replace(model, frame=model.frame.merge(rows)).fit()
        raise EstimationError(f"{where}: a model is not identified")
    drawn = _usable(_effects(regressions, spec, entity_counts(n_entities, spec.draws, spec.seed)), spec, second, where)
    identity = replace(second.identity, table_no=spec.table_no)
    named = replace(second, identity=identity).named
    estimates = [
        named(
            term=term,
            effect=effect,
            n_obs=len(rows),
            **_summary(float(value[0]), drawn[term, effect], tested),
            **_unit(first, second, spec, term, effect),
        )
        for (term, effect), value in point.items()
        for tested in [not (unexplained <= IDENTITY and effect in ("second", "direct"))]
    ]
    gap = float((point[spec.term, "total"] - point[spec.term, "direct"] - point[spec.term, "products"])[0])
    usable = len(drawn[spec.term, "total"])
    tests = [
        _identity_test(spec, unexplained),
        _gap_test(spec, gap),
        _draws_test(spec, second, usable, len(rows), left_out),
    ]
    return Products(as_table(estimates, "estimate"), as_table([named(**test) for test in tests], "spec_test"))


def _usable(
    drawn: dict[tuple[str, str], np.ndarray], spec: Options, second: ModelData, where: str
) -> dict[tuple[str, str], np.ndarray]:
    """The draws in which every model is identified. Raises EstimationError when they are fewer than half."""
    usable = ~np.any(np.isnan(np.stack(list(drawn.values()))), axis=0)
    if usable.sum() < spec.draws / 2:
        raise EstimationError(
            f"{where}: only {int(usable.sum())} of {spec.draws} resamples of {second.panel.unit.many.en} "
            "identify every model"
        )
    return {key: values[usable] for key, values in drawn.items()}


def _unit(
    first: Mapping[str, ModelData], second: ModelData, spec: Options, term: str, effect: str
) -> dict[str, str | None]:
    """The unit of an effect: of a coefficient its own; products come in the outcome's for one of the term's."""
    if effect == "first":
        return first[term].unit_of(spec.term)
    return second.unit_of(term if effect == "second" else spec.term)


def _check(first: Mapping[str, ModelData], second: ModelData, spec: Options) -> str:
    """Study and table, for messages. Raises EstimationError when models and `spec` do not fit each other."""
    where = f"{second.identity.study}, {spec.table_no}"
    other = [n for n, model in first.items() if model.outcome != n or spec.term not in model.regressors]
    lacking = [name for name in (spec.term, *spec.mediators) if name not in second.regressors]
    checks = (
        (set(first) != set(spec.mediators), f"models of {sorted(first)} for the mediators {list(spec.mediators)}"),
        (second.outcome != spec.outcome, f"the outcome is {spec.outcome!r}, the model's {second.outcome!r}"),
        (other, f"the model of {''.join(map(repr, other[:1]))} must have it as outcome and {spec.term!r} as regressor"),
        (lacking, f"the model of {spec.outcome!r} lacks the regressors {', '.join(lacking)}"),
    )
    for wrong, what in checks:
        if wrong:
            raise EstimationError(f"{where}: {what}")
    return where


def _effects(
    regressions: Mapping[str, ResampledRegression], spec: Options, counts: np.ndarray
) -> dict[tuple[str, str], np.ndarray]:
    """(term, effect) -> values per row of `counts`, NaN where a model is not identified."""
    outcome = regressions["second"].coefficients(counts)
    effects: dict[tuple[str, str], np.ndarray] = {}
    for name in spec.mediators:
        a, b = regressions[name].coefficients(counts)[spec.term], outcome[name]
        effects |= {(name, "first"): a, (name, "second"): b, (name, "product"): a * b}
    effects[spec.term, "direct"] = outcome[spec.term]
    effects[spec.term, "products"] = np.sum([effects[name, "product"] for name in spec.mediators], axis=0)
    effects[spec.term, "total"] = regressions["total"].coefficients(counts)[spec.term]
    return effects


def _summary(value: float, draws: np.ndarray, tested: bool) -> dict[str, Any]:
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="weibull")
    tail = 1 + min(int((draws <= 0).sum()), int((draws >= 0).sum()))
    return {
        "method": METHOD,
        "estimate": value,
        "std_error": float(np.std(draws, ddof=1)),
        "p_value": min(1.0, 2 * tail / (1 + len(draws))) if tested else math.nan,
        "ci_low": float(low),
        "ci_high": float(high),
        "ci_level": LEVEL,
    }


def _identity_test(spec: Options, unexplained: float) -> dict[str, Any]:
    names = ", ".join(spec.mediators)
    if unexplained <= IDENTITY:
        remark = note(
            f"1 - R2 of {spec.outcome} on {names} after the effects: an identity. The mediators make up the outcome, "
            "so the products are arithmetic, not mediation, and their coefficients on the outcome have no test.",
            f"{spec.outcome}对{names}（去除固定效应后）的1－R²：恒等式。中介变量构成结果变量，系数乘积只是算术，不是中介效应，"
            "其对结果变量的系数无检验可言。",
        )
    else:
        remark = note(
            f"1 - R2 of {spec.outcome} on {names} after the effects: no identity. The products are products of "
            "associations, which does not make a mechanism.",
            f"{spec.outcome}对{names}（去除固定效应后）的1－R²：非恒等式。乘积为关联之积，不构成机制。",
        )
    return {"test": IDENTITY_TEST, "subject": "", "statistic": unexplained, **remark}


def _gap_test(spec: Options, gap: float) -> dict[str, Any]:
    remark = note(
        f"Total less direct less the sum of products of {spec.term}; zero but for rounding when all models share rows, "
        "trends and further regressors.",
        f"{spec.term}的总系数减直接系数减乘积之和；各模型样本、趋势与其他自变量相同时为零。",
    )
    return {"test": "product_gap", "subject": "", "statistic": gap, **remark}


def _draws_test(spec: Options, second: ModelData, usable: int, n_obs: int, left_out: int) -> dict[str, Any]:
    unit = second.panel.unit
    remark = note(
        f"Usable of {spec.draws} resamples of whole {unit.many.en} with replacement, seed {spec.seed}; every copy has "
        f"effects of its own; percentile intervals. {n_obs} rows complete in every model, {left_out} others left out.",
        f"按{unit.one.zh}整体有放回重抽样{spec.draws}次中可用的次数，种子{spec.seed}；每个副本有各自的固定效应；百分位区间。"
        f"各模型均完整的{n_obs}行，另剔除{left_out}行。",
    )
    return {"test": "bootstrap_draws", "subject": "", "statistic": usable, **remark}
