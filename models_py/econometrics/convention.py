"""What is printed beside a regression: how it was made, in words, and the choices in force, as JSON.

Belongs here: the texts of `model_fit.convention` and `model_fit.configuration`.
Does not belong here: anything that computes.
"""

from __future__ import annotations

import json

from catalog import Study
from models_py.econometrics.result import FitResult
from models_py.panel import province_label

_SHOWN = 5


def convention(result: FitResult, carried_cells: int = 0) -> str:
    """Estimator, sample, drops, standard errors, degrees of freedom and seed, in English and then in Chinese.

    `carried_cells`: index cells carried at the edges of the window under allow_edge_fill.
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
    trends = evidence["n_trends"]
    english = [
        "Two-way fixed effects (province, year) by least squares; an association, not an effect.",
        f"Sample: {sample['n_entities']} provinces x {sample['n_times']} years "
        f"({sample['first_time']}-{sample['last_time']}), {sample['n_obs']} rows, {dropped} dropped{named}.",
        f"Standard errors {method}, clustered by province, {clusters} clusters; small-sample "
        f"factor {evidence['ssc_factor']:.6f} ({evidence['ssc_convention']}; here k = {evidence['ssc_k']}); "
        f"t with {evidence['df']} degrees of freedom.",
        "No random numbers (seed: none).",
    ]
    chinese = [
        "双向固定效应（省份、年份）最小二乘估计；结果为关联，非因果效应。",
        f"样本：{sample['n_entities']}个省份×{sample['n_times']}年"
        f"（{sample['first_time']}-{sample['last_time']}），{sample['n_obs']}行，剔除{dropped}行{named_zh}。",
        f"标准误{method}，按省份聚类，{clusters}个聚类；小样本系数 {evidence['ssc_factor']:.6f}"
        f"（k＝{evidence['ssc_k']}）；t分布自由度{evidence['df']}。",
        "不含随机数（无种子）。",
    ]
    if trends:
        english.insert(1, f"{trends} province-specific linear trends, counted in k.")
        chinese.insert(1, f"含{trends}个省份线性趋势，计入k。")
    if carried_cells:
        english.insert(-1, f"{carried_cells} index cells carried from the nearest year at the window's edges.")
        chinese.insert(-1, f"指数中有{carried_cells}个边缘缺失值取自最近年份。")
    return " ".join(english) + " " + "".join(chinese)


def configuration(study: Study, reading: str | None, trends: bool, vintage: str | None = None) -> str:
    """The study's choices and the reading used, as JSON with sorted keys; null where none applies."""
    choices = {
        "cluster": study.cluster,
        "controls": study.controls.model_dump(mode="json"),
        "exposure": None if study.exposure is None else study.exposure.model_dump(mode="json"),
        "index": None if study.index is None else study.index.model_dump(mode="json"),
        "reading": reading,
        "trends": trends,
        "vintage_preferred": vintage,
        "years": list(study.years),
    }
    return json.dumps(choices, sort_keys=True, ensure_ascii=False)
