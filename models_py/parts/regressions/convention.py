"""What is printed beside a regression: how it was made, in words, and the choices in force, as JSON.

Belongs here: the texts of `model_fit.note_en`, `note_zh` and `configuration`.
Does not belong here: anything that computes.
"""

from __future__ import annotations

import json

from catalog import Study
from catalog.base import Text
from models_py.econometrics.result import FitResult
from models_py.parts.regressions.study_models import StudyModel

_SHOWN = 5


def convention(result: FitResult, model: StudyModel, carried_cells: int = 0) -> Text:
    """Estimator, sample, drops, standard errors, degrees of freedom and seed.

    `carried_cells`: index cells carried at the edges of the window under allow_edge_fill.
    """
    evidence, panel = result.evidence, model.data.panel
    unit, units, unit_zh = panel.unit.one.en, panel.unit.many.en, panel.unit.one.zh
    sample = evidence["sample"]
    clusters = min(evidence["clusters"].values())
    dropped = evidence["n_dropped"]
    rows = [
        f"{panel.label(int(entity))} {time}: {', '.join(columns)}"
        for entity, time, columns in evidence["dropped_rows"][:_SHOWN]
    ]
    more = dropped - len(rows)
    named = f" ({'; '.join(rows)}{f'; {more} more' if more else ''})" if dropped else ""
    named_zh = f"（{'；'.join(rows)}{f'；另有{more}行' if more else ''}）" if dropped else ""
    method = evidence["method"].upper()
    # Region x year effects are coded region x 10,000 + year.
    first, last = sample["first_time"] % 10_000, sample["last_time"] % 10_000
    by_region = sample["first_time"] > 9_999
    years = last - first + 1 if by_region else sample["n_times"]
    trends = evidence["n_trends"]
    english = [
        f"Two-way fixed effects ({unit}, {'region x year' if by_region else 'year'}) by least squares; an "
        "association, not an effect.",
        f"Sample: {sample['n_entities']} {units} x {years} years "
        f"({first}-{last}), {sample['n_obs']} rows, {dropped} dropped{named}.",
        f"Standard errors {method}, clustered by {unit}, {clusters} clusters; small-sample "
        f"factor {evidence['ssc_factor']:.6f} ({evidence['ssc_convention']}; here k = {evidence['ssc_k']}); "
        f"t with {evidence['df']} degrees of freedom.",
        "No random numbers (seed: none).",
    ]
    chinese = [
        f"双向固定效应（{unit_zh}、{'地区×年份' if by_region else '年份'}）最小二乘估计；结果为关联，非因果效应。",
        f"样本：{sample['n_entities']}个{unit_zh}×{years}年"
        f"（{first}-{last}），{sample['n_obs']}行，剔除{dropped}行{named_zh}。",
        f"标准误{method}，按{unit_zh}聚类，{clusters}个聚类；小样本系数 {evidence['ssc_factor']:.6f}"
        f"（k＝{evidence['ssc_k']}）；t分布自由度{evidence['df']}。",
        "不含随机数（无种子）。",
    ]
    if result.fit["log_likelihood"] is None:
        english.append("The regressors reproduce the outcome exactly, an identity: its errors are rounding, no test.")
        chinese.append("自变量恰好构成结果变量，为恒等式：标准误只是舍入误差，无检验。")
    english[1:1] = [remark.en for remark in model.notes]
    chinese[1:1] = [remark.zh for remark in model.notes]
    if trends:
        english.insert(1, f"{trends} {unit}-specific linear trends, counted in k.")
        chinese.insert(1, f"含{trends}个{unit_zh}线性趋势，计入k。")
    if carried_cells:
        english.insert(-1, f"{carried_cells} index cells carried from the nearest year at the window's edges.")
        chinese.insert(-1, f"指数中有{carried_cells}个边缘缺失值取自最近年份。")
    return Text(en=" ".join(english), zh="".join(chinese))


def configuration(study: Study, model: StudyModel) -> str:
    """The study's choices and those of the model, as JSON with sorted keys."""
    identity = model.data.identity
    choices = {
        "identity": identity.columns,
        "model": model.spec.model_dump(mode="json", exclude={"table_no", "model"}),
        "panel": study.panel.model_dump(mode="json"),
        "variables": study.variables.model_dump(mode="json"),
        **{part.part(): part.model_dump(mode="json") for part in study.parts if part.offers},
    }
    return json.dumps(choices, sort_keys=True, ensure_ascii=False)
