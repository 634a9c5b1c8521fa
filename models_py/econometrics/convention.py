"""What is printed beside a regression: how it was made, in words, and the choices in force, as JSON.

Belongs here: the texts of `model_fit.convention` and `model_fit.configuration`.
Does not belong here: anything that computes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from catalog import Study
from models_py.econometrics.result import FitResult
from models_py.econometrics.study_models import StudyModel
from models_py.panel import province_label

_SHOWN = 5


def convention(result: FitResult, carried_cells: int = 0, notes: Sequence[tuple[str, str]] = ()) -> str:
    """Estimator, sample, drops, standard errors, degrees of freedom and seed, in English and then in Chinese.

    `carried_cells`: index cells carried at the edges of the window under allow_edge_fill. `notes`: what the model does
    to its variables and sample, in English and Chinese.
    """
    evidence = result.evidence
    sample = evidence["sample"]
    clusters = min(evidence["clusters"].values())
    dropped = evidence["n_dropped"]
    rows = [
        f"{province_label(int(entity))} {time}: {', '.join(columns)}"
        for entity, time, columns in evidence["dropped_rows"][:_SHOWN]
    ]
    more = dropped - len(rows)
    named = f" ({'; '.join(rows)}{f'; {more} more' if more else ''})" if dropped else ""
    named_zh = f"（{'；'.join(rows)}{f'；另有{more}行' if more else ''}）" if dropped else ""
    method = evidence["method"].upper()
    # Region x year effects are coded region x 10,000 + year.
    first, last = sample["first_time"] % 10_000, sample["last_time"] % 10_000
    years = last - first + 1 if sample["first_time"] > 9_999 else sample["n_times"]
    trends = evidence["n_trends"]
    by_region = sample["first_time"] > 9_999
    english = [
        f"Two-way fixed effects (province, {'region x year' if by_region else 'year'}) by least squares; an "
        "association, not an effect.",
        f"Sample: {sample['n_entities']} provinces x {years} years "
        f"({first}-{last}), {sample['n_obs']} rows, {dropped} dropped{named}.",
        f"Standard errors {method}, clustered by province, {clusters} clusters; small-sample "
        f"factor {evidence['ssc_factor']:.6f} ({evidence['ssc_convention']}; here k = {evidence['ssc_k']}); "
        f"t with {evidence['df']} degrees of freedom.",
        "No random numbers (seed: none).",
    ]
    chinese = [
        f"双向固定效应（省份、{'地区×年份' if by_region else '年份'}）最小二乘估计；结果为关联，非因果效应。",
        f"样本：{sample['n_entities']}个省份×{years}年"
        f"（{first}-{last}），{sample['n_obs']}行，剔除{dropped}行{named_zh}。",
        f"标准误{method}，按省份聚类，{clusters}个聚类；小样本系数 {evidence['ssc_factor']:.6f}"
        f"（k＝{evidence['ssc_k']}）；t分布自由度{evidence['df']}。",
        "不含随机数（无种子）。",
    ]
    if result.fit["log_likelihood"] is None:
        english.append("The regressors reproduce the outcome exactly, an identity: its errors are rounding, no test.")
        chinese.append("自变量恰好构成结果变量，为恒等式：标准误只是舍入误差，无检验。")
    english[1:1] = [note for note, _ in notes]
    chinese[1:1] = [note for _, note in notes]
    if trends:
        english.insert(1, f"{trends} province-specific linear trends, counted in k.")
        chinese.insert(1, f"含{trends}个省份线性趋势，计入k。")
    if carried_cells:
        english.insert(-1, f"{carried_cells} index cells carried from the nearest year at the window's edges.")
        chinese.insert(-1, f"指数中有{carried_cells}个边缘缺失值取自最近年份。")
    return " ".join(english) + " " + "".join(chinese)


def configuration(study: Study, model: StudyModel, vintage: str | None = None) -> str:
    """The study's choices and those of the model, as JSON with sorted keys; null where none applies."""
    spec = model.spec
    choices = {
        "cluster": study.cluster,
        "controls": study.controls.model_dump(mode="json"),
        "exposure": None if study.exposure is None else study.exposure.model_dump(mode="json"),
        "index": None if study.index is None else study.index.model_dump(mode="json"),
        "lags": dict(spec.lags),
        "provisional_years": list(study.provisional_years),
        "reading": model.reading,
        "region_years": spec.region_years,
        "trends": spec.trends,
        "vintage_preferred": vintage,
        "weighting": spec.weighting,
        "winsorise": spec.winsorise,
        "without": list(spec.without),
        "years": list(study.years),
    }
    return json.dumps(choices, sort_keys=True, ensure_ascii=False)
