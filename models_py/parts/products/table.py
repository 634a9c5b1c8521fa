"""Product-of-coefficients table: the term on each mediator times each mediator on the outcome.

Belongs here: the rows of that table, the coefficients over resamples of whole entities without refitting from rows, the
test for an identity. Does not belong here: any claim of a mechanism: products of associations are associations, and
where the mediators make up the outcome they are arithmetic.

Product and direct coefficient add up to the total when all regressions share rows and further regressors (MacKinnon,
Warsi and Dwyer 1995, Multivariate Behavioral Research 30(1)); the gap is published. Percentile intervals of a product:
Bollen and Stine (1990), Sociological Methodology 20, with entities for persons.

An entity drawn m times enters as m entities with effects (and trends) of their own. With M_g the removal of those of
entity g, D_g its year dummies and Z_g its regressors and outcome, the cross products free of all effects are (Frisch
and Waugh 1933, on the sums over copies)

    S(m) = sum_g m_g Z_g'M_g Z_g - Q' C^+ Q,   Q = sum_g m_g D_g'M_g Z_g,   C = sum_g m_g D_g'M_g D_g,

exact for any panel, balanced or not. The sums over g are matrix products of all resamples at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import refuse
from catalog.parts.products import Options
from models_py.econometrics.absorption import DEPENDENT
from models_py.econometrics.model_data import ModelData
from models_py.econometrics.result import EstimationError
from models_py.econometrics.sample import build_sample
from models_py.panel import ENTITY, KEYS
from models_py.parts.rows import as_table, note

METHOD = "cluster_bootstrap"
LEVEL = 0.95
# 1 - R2 at or below this is an identity.
IDENTITY = 1e-10
IDENTITY_TEST = "identity"


# Resamples worked on at once, so that the year-by-year arrays stay small.
_CHUNK = 256


def common_rows(models: Sequence[ModelData]) -> tuple[pd.DataFrame, int]:
    """Keys (entity_code, year) of the rows complete in every model, sorted, and how many other rows the models have.

    Raises EstimationError when there is none.
    """
    complete = [m.frame.dropna(subset=[*KEYS, m.time, m.outcome, *m.regressors])[KEYS] for m in models]
    common = reduce(lambda one, other: one.merge(other, on=KEYS), complete)
    refuse((common.empty, "no row is complete in every model"), error=EstimationError)
    every = pd.concat([m.frame[KEYS] for m in models]).drop_duplicates()
    return common.sort_values(KEYS, kind="stable").reset_index(drop=True), len(every) - len(common)


def entity_counts(n_entities: int, draws: int, seed: int) -> np.ndarray:
    """How often each entity occurs in each resample of `n_entities` with replacement (draws x n_entities)."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(n_entities, np.full(n_entities, 1 / n_entities), size=draws).astype(float)


class ResampledRegression:
    """The sums by entity that one model's coefficients in every resample follow from.

    `rows`: keys (entity_code, year) of the rows to use. Raises EstimationError as build_sample.
    """

    def __init__(self, data: ModelData, rows: pd.DataFrame) -> None:
        sample = build_sample(
            data.frame.merge(rows[KEYS], on=KEYS), data.outcome, list(data.regressors), ENTITY, data.time, []
        )
        self.terms = tuple(data.regressors)
        self.n_entities = int(sample.entity.max()) + 1
        values = np.column_stack([sample.regressors, sample.outcome])
        values = values - values.mean(axis=0)
        # Lengths within entities, so that what counts as rounding does not depend on units or levels.
        sizes = np.bincount(sample.entity)
        means = np.stack([np.bincount(sample.entity, weights=column) / sizes for column in values.T], axis=1)
        values = values - means[sample.entity]
        scale = np.linalg.norm(values, axis=0)
        self._scale = np.where(scale > 0, scale, 1.0)
        values = values / self._scale
        years = sample.keys[data.time].to_numpy(dtype="float64")
        dummies = np.eye(int(sample.time.max()) + 1)[sample.time]
        cross, by_year, year_year = [], [], []
        for code in range(self.n_entities):
            mine = sample.entity == code
            z, d, when = values[mine], dummies[mine], years[mine]
            own = np.column_stack([np.ones(len(when)), when - when.mean()][: 1 + data.trends])
            left, singular, _ = np.linalg.svd(own, full_matrices=False)
            basis = left[:, singular > 1e-9 * singular[0]]
            z, d = z - basis @ (basis.T @ z), d - basis @ (basis.T @ d)
            cross.append(z.T @ z)
            by_year.append(d.T @ z)
            year_year.append(d.T @ d)
        self._cross, self._by_year, self._year_year = (np.stack(x) for x in (cross, by_year, year_year))

    def coefficients(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Each regressor's coefficient per row of `counts` (B x entities); NaN where one is not identified."""
        k = len(self.terms)
        beta = np.full((len(counts), k), np.nan)
        for start in range(0, len(counts), _CHUNK):
            part = self._absorbed(counts[start : start + _CHUNK])
            length = np.sqrt(np.maximum(np.einsum("bii->bi", part), 0.0))
            unit = np.where(length > 0, length, 1.0)
            scaled = part / (unit[:, :, None] * unit[:, None, :])
            # A regressor without variation has a length of rounding; one that others explain, an eigenvalue of it.
            varies = (length[:, :k] > DEPENDENT).all(axis=1)
            fine = varies & (np.linalg.eigvalsh(scaled[:, :k, :k])[:, 0] > DEPENDENT**2)
            solved = np.linalg.solve(scaled[fine][:, :k, :k], scaled[fine][:, :k, k:])[:, :, 0]
            beta[start : start + _CHUNK][fine] = solved * length[fine, k, None] / length[fine, :k]
        scale = self._scale[k] / self._scale[:k]
        return {term: beta[:, place] * scale[place] for place, term in enumerate(self.terms)}

    def r2(self, terms: Sequence[str]) -> float:
        """Share of the outcome's variance after the effects that `terms` alone explain on the sample itself."""
        products = self._absorbed(np.ones((1, self.n_entities)))[0]
        places = [self.terms.index(term) for term in terms]
        x, xy, yy = products[np.ix_(places, places)], products[places, -1], products[-1, -1]
        return float(xy @ np.linalg.lstsq(x, xy, rcond=None)[0] / yy)

    def _absorbed(self, counts: np.ndarray) -> np.ndarray:
        cross, by_year, year_year = (
            np.einsum("bg,gij->bij", counts, sums, optimize=True)
            for sums in (self._cross, self._by_year, self._year_year)
        )
        inverse = np.linalg.pinv(year_year, rcond=1e-10, hermitian=True)
        return np.asarray(cross - by_year.transpose(0, 2, 1) @ inverse @ by_year)


def product_table(first: Mapping[str, ModelData], second: ModelData, spec: Options) -> dict[str, pd.DataFrame]:
    """Tables `estimate` and `spec_test` (all columns but data_kind) of `spec`, from a model of each mediator (`first`)
    and one of the outcome on term and mediators.

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
    named = replace(second, identity=replace(second.identity, table_no=spec.table_no)).named
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
    tests = _tests(spec, second, unexplained, gap, len(drawn[spec.term, "total"]), len(rows), left_out)
    return {
        "estimate": as_table(estimates, "estimate"),
        "spec_test": as_table([named(subject="", **test) for test in tests], "spec_test"),
    }


def _usable(
    drawn: dict[tuple[str, str], np.ndarray], spec: Options, second: ModelData, where: str
) -> dict[tuple[str, str], np.ndarray]:
    """The draws in which every model is identified. Raises EstimationError when they are fewer than half."""
    usable = ~np.any(np.isnan(np.stack(list(drawn.values()))), axis=0)
    what = f"only {int(usable.sum())} of {spec.draws} resamples of {second.panel.unit.many.en} identify every model"
    refuse((usable.sum() < spec.draws / 2, f"{where}: {what}"), error=EstimationError)
    return {key: values[usable] for key, values in drawn.items()}


def _unit(
    first: Mapping[str, ModelData], second: ModelData, spec: Options, term: str, effect: str
) -> dict[str, str | None]:
    """The unit of an effect: a coefficient's own; for products the outcome's per one of the term's."""
    if effect == "first":
        return first[term].unit_of(spec.term)
    return second.unit_of(term if effect == "second" else spec.term)


def _check(first: Mapping[str, ModelData], second: ModelData, spec: Options) -> str:
    """Study and table, for messages. Raises EstimationError if models and `spec` do not match."""
    where = f"{second.identity.study}, {spec.table_no}"
    other = [n for n, model in first.items() if model.outcome != n or spec.term not in model.regressors]
    lacking = [name for name in (spec.term, *spec.mediators) if name not in second.regressors]
    checks = (
        (set(first) != set(spec.mediators), f"models of {sorted(first)} for the mediators {list(spec.mediators)}"),
        (second.outcome != spec.outcome, f"the outcome is {spec.outcome!r}, the model's {second.outcome!r}"),
        (other, f"the model of {''.join(map(repr, other[:1]))} must have it as outcome and {spec.term!r} as regressor"),
        (lacking, f"the model of {spec.outcome!r} lacks the regressors {', '.join(lacking)}"),
    )
    refuse(*((bool(wrong), f"{where}: {what}") for wrong, what in checks), error=EstimationError)
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
        "p_value": min(1.0, 2 * tail / (1 + len(draws))) if tested else np.nan,
        "ci_low": float(low),
        "ci_high": float(high),
        "ci_level": LEVEL,
    }


def _tests(
    spec: Options, second: ModelData, unexplained: float, gap: float, usable: int, n_obs: int, left_out: int
) -> list[dict[str, Any]]:
    names, unit = ", ".join(spec.mediators), second.panel.unit
    identity = note(
        f"1 - R2 of {spec.outcome} on {names} after the effects: no identity. The products are products of "
        "associations, which does not make a mechanism.",
        f"{spec.outcome}对{names}（去除固定效应后）的1－R²：非恒等式。乘积为关联之积，不构成机制。",
    )
    if unexplained <= IDENTITY:
        identity = note(
            f"1 - R2 of {spec.outcome} on {names} after the effects: an identity. The mediators make up the outcome, "
            "so the products are arithmetic, not mediation, and their coefficients on the outcome have no test.",
            f"{spec.outcome}对{names}（去除固定效应后）的1－R²：恒等式。中介变量构成结果变量，系数乘积只是算术，不是中介效应，"
            "其对结果变量的系数无检验可言。",
        )
    difference = note(
        f"Total less direct less the sum of products of {spec.term}; zero but for rounding when all models share rows, "
        "trends and further regressors.",
        f"{spec.term}的总系数减直接系数减乘积之和；各模型样本、趋势与其他自变量相同时为零。",
    )
    resampling = note(
        f"Usable of {spec.draws} resamples of whole {unit.many.en} with replacement, seed {spec.seed}; every copy has "
        f"effects of its own; percentile intervals. {n_obs} rows complete in every model, {left_out} others left out.",
        f"按{unit.one.zh}整体有放回重抽样{spec.draws}次中可用的次数，种子{spec.seed}；每个副本有各自的固定效应；百分位区间。"
        f"各模型均完整的{n_obs}行，另剔除{left_out}行。",
    )
    return [
        {"test": IDENTITY_TEST, "statistic": unexplained, **identity},
        {"test": "product_gap", "statistic": gap, **difference},
        {"test": "bootstrap_draws", "statistic": usable, **resampling},
    ]
