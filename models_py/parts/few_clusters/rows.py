"""Inference with few clusters, as published: jackknife, wild cluster bootstrap, randomisation, each with its note.

Belongs here: the rows of `estimate` and `spec_test` and their words. Does not belong here: the computations
(models_py/econometrics/few_clusters) and CR1, which comes with the regressions.
"""

from collections.abc import Sequence
from itertools import product
from typing import Any, Literal

import numpy as np
import pandas as pd

from catalog.base import Text, refuse
from catalog.panels import PanelUnit
from catalog.parts.few_clusters import Options
from models_py.econometrics.few_clusters.randomisation import RandomisationResult, randomisation_inference
from models_py.econometrics.few_clusters.wild_bootstrap import Weights, WildResult, wild_cluster_bootstrap
from models_py.econometrics.model_data import ModelData
from models_py.econometrics.result import ESTIMATE_COLUMNS, EstimationError, FitResult, IdentityError
from models_py.panel import Panel
from models_py.parts.rows import as_table, note

# Why paths may not be exchangeable; the treatment's name goes in the braces.
NOT_BY_LOT = Text(en="though {} was not drawn by lot", zh="但{}并非抽签确定")
PILOTS_NOT_BY_LOT = Text(
    en="though pilots were not drawn by lot and a municipality's exposure can count districts where others' counts "
    "prefectures",
    zh="但试点并非抽签确定，且直辖市的暴露度可能按区县计算",
)
_BELOW, _ABOVE = Text(en="below", zh="下"), Text(en="above", zh="上")
_WEIGHTS = {"rademacher": Text(en="Rademacher", zh="Rademacher"), "webb": Text(en="Webb six-point", zh="Webb六点")}


def not_computed(error: EstimationError) -> dict[str, str]:
    """Why a method has no figure for this model."""
    return note(f"Not computed: {error}.", f"未计算：{error}。")


def jackknife_note(fit: FitResult, unit: PanelUnit) -> dict[str, str]:
    """How CR3 was made."""
    factor, convention, df = (fit.evidence[key] for key in ("ssc_factor", "ssc_convention", "df"))
    groups, sample = min(fit.evidence["clusters"].values()), _sample(fit)
    # CR3 with (G-1)/G over CR3 as published.
    usual = float(np.sqrt((groups - 1) / groups / factor))
    return note(
        f"Jackknife by {unit.one.en} (CR3): every {unit.one.en} left out once, small-sample factor {factor:.6f} "
        f"({convention}), t with {df} degrees of freedom; pyfixest's factor, wider than the (G-1)/G of MacKinnon, "
        f"Nielsen and Webb (2023), whose error is {usual:.3f} times this one. {sample.en} No random numbers.",
        f"按{unit.one.zh}逐一剔除的刀切标准误（CR3），小样本系数{factor:.6f}，t分布自由度{df}；系数依pyfixest，"
        f"若取(G-1)/G则标准误为其{usual:.3f}倍。{sample.zh}不含随机数。",
    )


def wild_note(result: WildResult, weights: Text, seed: int, fit: FitResult, unit: PanelUnit) -> dict[str, str]:
    """How a bootstrap was made; says if its interval is unbounded."""
    sample = _sample(fit)
    drawn = Text(
        en=f"{result.draws} draws, seed {seed}, the same draws for every model",
        zh=f"{result.draws}次抽样，种子{seed}，各模型共用同一组抽样",
    )
    if result.enumerated:
        drawn = Text(en=f"all {result.draws} combinations", zh=f"穷举{result.draws}种组合")
    # Sides on which the interval has no end.
    unbounded = [side for bound, side in ((result.ci_low, _BELOW), (result.ci_high, _ABOVE)) if np.isinf(bound)]
    unbounded_en = "".join(f" The interval is unbounded {side.en} (no null there is rejected)." for side in unbounded)
    unbounded_zh = "".join(f"置信区间{side.zh}方无界。" for side in unbounded)
    return note(
        f"Wild cluster bootstrap-t, null imposed (WCR), {weights.en} weights by {unit.one.en} ({result.n_clusters} "
        f"clusters), {drawn.en}; {result.degenerate} degenerate draws, counted as exceeding. CR1 t; its small-sample "
        "factor cancels. Two-sided symmetric p-value, the sample counted among the draws and ties as exceeding; share "
        f"of draws strictly exceeding {result.p_strict:.4f}. Interval by test inversion.{unbounded_en} {sample.en}",
        f"施加原假设的野聚类自助t检验（WCR），{weights.zh}权重，按{unit.one.zh}聚类（{result.n_clusters}个），"
        f"{drawn.zh}；退化抽样{result.degenerate}次，计为超过。对称双侧p值，样本本身计入抽样，相等计为超过。"
        f"区间由检验反演得到。{unbounded_zh}{sample.zh}",
    )


def randomised_note(
    result: RandomisationResult, treatment: str, within: bool, spec: Options, fit: FitResult, panel: Panel, caveat: Text
) -> dict[str, str]:
    """How the re-assignments were made, the null they test and what they assume; `caveat`: why that may not hold."""
    one, many, sample = panel.unit.one, panel.unit.many, _sample(fit)
    scope, scope_zh = ("within the region ", "在同一地区内") if within else ("", "")
    kept = Text(en="", zh="")
    if result.fixed:
        names = ", ".join(panel.label(code) for code in result.fixed)
        kept = Text(en=f" Path with empty cells, kept in place: {names}.", zh=f"路径有空缺而保持不变：{names}。")
    return note(
        f"Whole paths of {treatment} re-assigned among {many.en} {scope}{spec.permutations} times, "
        f"seed {spec.seed}, the same for every model of as many {many.en}; {result.movable} {many.en} exchange "
        f"{result.distinct_paths} different paths; controls stay with their {one.en}; {result.degenerate} degenerate "
        "re-assignments, counted as exceeding. "
        f"p = (1 + number at least as large in size) / (1 + re-assignments). Sharp null: no {one.en}'s outcomes depend "
        f"on its path. Exchangeability of {many.en} is assumed, {caveat.en.format(treatment)}.{kept.en} "
        f"{sample.en}",
        f"将{treatment}的整条路径{scope_zh}于{many.zh}间重新分配{spec.permutations}次，种子{spec.seed}；"
        f"{result.movable}个{one.zh}交换{result.distinct_paths}种路径，控制变量不动；退化{result.degenerate}次，计为超过。"
        f"检验尖锐原假设；假定各{one.zh}可交换，{caveat.zh.format(treatment)}。{kept.zh}{sample.zh}",
    )


def _sample(fit: FitResult) -> Text:
    rows, dropped = fit.fit["n_obs"], fit.fit["n_dropped"]
    return Text(en=f"{rows} rows, {dropped} dropped.", zh=f"{rows}行，剔除{dropped}行。")


LEVEL = 0.95
_SCOPES: tuple[tuple[Literal["region"] | None, str], ...] = (
    (None, "randomisation"),
    ("region", "randomisation_within_region"),
)
METHODS: dict[Weights, str] = {"rademacher": "wild_cluster", "webb": "wild_cluster_webb"}

_Rows = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def few_cluster_tables(
    models: Sequence[ModelData], terms: tuple[str, ...], spec: Options, treatment: str | None, caveat: Text = NOT_BY_LOT
) -> dict[str, pd.DataFrame]:
    """Rows of `estimate` and of `spec_test` (all columns but data_kind) of every model; see `few_cluster_rows`."""
    made = [few_cluster_rows(data, terms, spec, treatment, caveat) for data in models]
    estimates, tests = ([row for rows in part for row in rows] for part in zip(*made, strict=True))
    return {"estimate": as_table(estimates, "estimate"), "spec_test": as_table(tests, "spec_test")}


def few_cluster_rows(
    data: ModelData, terms: tuple[str, ...], spec: Options, treatment: str | None, caveat: Text = NOT_BY_LOT
) -> _Rows:
    """Rows of `estimate` and of `spec_test` of one model.

    Methods: cr3 (every term, t with G - 1 degrees of freedom), wild_cluster and wild_cluster_webb (`terms`; standard
    error and t are CR1's, the interval is by test inversion, NaN where unbounded), randomisation (`treatment`; no
    standard error and no interval). Tests are about the term they name as subject. What a model does not allow is a
    row of `spec_test` that says why: CR3 when a term is not identified without one of the entities, re-assignment
    without different paths or, within regions, without regions, anything for an identity. `caveat`: why the treatment
    may not be exchangeable.

    Raises EstimationError as the model's fit does and for a term or treatment that the model does not have.
    """
    fit = data.fit()
    refuse(
        (
            [term for term in (*terms, *([treatment] if treatment else [])) if term not in data.regressors],
            f"{data.identity.place}: no regressor {{}}",
        ),
        error=EstimationError,
    )
    try:
        made = [_wild(data, terms, spec, fit)]
    except IdentityError as error:
        return [], [data.named(**_test("few_clusters", **not_computed(error)))]
    made.insert(0, _jackknife(data))
    if treatment is not None:
        made.append(_randomised(data, treatment, spec, fit, caveat))
    n_obs = int(fit.fit["n_obs"])
    estimates = [data.named(**row, **data.unit_of(row["term"]), n_obs=n_obs) for rows, _ in made for row in rows]
    return estimates, [data.named(**row) for _, rows in made for row in rows]


def _jackknife(data: ModelData) -> _Rows:
    try:
        fit = data.fit(vcov={"CRV3": data.cluster})
    except EstimationError as error:
        return [], [_test("cr3", **not_computed(error))]
    note = jackknife_note(fit, data.panel.unit)
    rows = [dict(zip(ESTIMATE_COLUMNS, row, strict=True)) for row in fit.estimates.to_numpy().tolist()]
    return rows, [_test("cr3", df=float(fit.evidence["df"]), **note)]


def _wild(data: ModelData, terms: Sequence[str], spec: Options, fit: FitResult) -> _Rows:
    estimates, tests = [], []
    for term, (weights, method) in product(terms, METHODS.items()):
        result = wild_cluster_bootstrap(data, term, weights=weights, draws=spec.draws, seed=spec.seed, level=LEVEL)
        tested = {"statistic": result.statistic, "p_value": result.p_value}
        ends = {"ci_low": result.ci_low, "ci_high": result.ci_high, "ci_level": LEVEL}
        bounds = {name: end if np.isfinite(end) else np.nan for name, end in ends.items()}
        estimates.append(_row(term, method, result.estimate, std_error=result.std_error, **tested, **bounds))
        tests.append(
            _test(method, term, **tested, **wild_note(result, _WEIGHTS[weights], spec.seed, fit, data.panel.unit))
        )
    return estimates, tests


def _randomised(data: ModelData, treatment: str, spec: Options, fit: FitResult, caveat: Text) -> _Rows:
    t = float(fit.estimates["statistic"].to_numpy()[data.regressors.index(treatment)])
    estimates: list[dict[str, Any]] = []
    tests: list[dict[str, Any]] = []
    for within, name in _SCOPES:
        try:
            result = randomisation_inference(
                data, treatment, permutations=spec.permutations, seed=spec.seed, within=within
            )
        except EstimationError as error:
            tests.append(_test(name, treatment, **not_computed(error)))
            continue
        note = randomised_note(result, treatment, within is not None, spec, fit, data.panel, caveat)
        tests.append(_test(name, treatment, statistic=result.estimate, p_value=result.p_value, **note))
        tests.append(_test(f"{name}_t", treatment, statistic=t, p_value=result.p_value_t, **note))
        if within is None:
            estimates.append(_row(treatment, name, result.estimate, p_value=result.p_value))
    return estimates, tests


def _row(term: str, method: str, estimate: float, **columns: float) -> dict[str, Any]:
    return {"term": term, "effect": "coef", "method": method, "estimate": estimate, **columns}


def _test(test: str, subject: str = "", **columns: Any) -> dict[str, Any]:
    return {"test": test, "subject": subject, **columns}
