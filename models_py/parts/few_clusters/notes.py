"""What is printed beside the inference for few clusters, in English and then in Chinese.

Belongs here: the texts of `spec_test.note`. Does not belong here: anything that computes.
"""

from __future__ import annotations

import numpy as np

from models_py.econometrics.few_clusters.randomisation import RandomisationResult
from models_py.econometrics.few_clusters.wild_bootstrap import WildResult
from models_py.econometrics.result import EstimationError, FitResult
from models_py.parts.regressions.study_models import EXPOSURE
from models_py.panel import province_label


def not_computed(error: EstimationError) -> str:
    """Why a method has no figure for this model."""
    return f"Not computed: {error}. 未计算：{error}。"


def jackknife_note(fit: FitResult) -> str:
    """How CR3 was made."""
    factor, convention, df = (fit.evidence[key] for key in ("ssc_factor", "ssc_convention", "df"))
    return (
        f"Jackknife by province (CR3): every province left out once, small-sample factor {factor:.6f} ({convention}), "
        f"t with {df} degrees of freedom; pyfixest's factor, wider than the (G-1)/G of MacKinnon, Nielsen and Webb "
        f"(2023), whose error is {_usual(fit):.3f} times this one. {_sample(fit)[0]} No random numbers. "
        f"按省份逐一剔除的刀切标准误（CR3），小样本系数{factor:.6f}，t分布自由度{df}；系数依pyfixest，"
        f"若取(G-1)/G则标准误为其{_usual(fit):.3f}倍。{_sample(fit)[1]}不含随机数。"
    )


def _usual(fit: FitResult) -> float:
    """CR3 with (G-1)/G over CR3 as published."""
    groups = min(fit.evidence["clusters"].values())
    return float(np.sqrt((groups - 1) / groups / fit.evidence["ssc_factor"]))


def wild_note(result: WildResult, fit: FitResult) -> str:
    """How a bootstrap was made; says where its interval has no end."""
    name, zh = {"rademacher": ("Rademacher", "Rademacher"), "webb": ("Webb six-point", "Webb六点")}[result.weights]
    drawn = f"all {result.draws} combinations" if result.enumerated else f"{result.draws} draws, seed {result.seed}"
    drawn_zh = f"穷举{result.draws}种组合" if result.enumerated else f"{result.draws}次抽样，种子{result.seed}"
    if not result.enumerated:
        drawn, drawn_zh = f"{drawn}, the same draws for every model", f"{drawn_zh}，各模型共用同一组抽样"
    open_en, open_zh = "", ""
    for bound, side, side_zh in ((result.ci_low, "below", "下"), (result.ci_high, "above", "上")):
        if np.isinf(bound):
            open_en += f" The interval is unbounded {side} (no null there is rejected)."
            open_zh += f"置信区间{side_zh}方无界。"
    return (
        f"Wild cluster bootstrap-t, null imposed (WCR), {name} weights by province ({result.n_clusters} clusters), "
        f"{drawn}; {result.degenerate} degenerate draws, counted as exceeding. CR1 t; its small-sample factor cancels. "
        f"Two-sided symmetric p-value, the sample counted among the draws and ties as exceeding; share of draws "
        f"strictly exceeding {result.p_strict:.4f}. Interval by test inversion.{open_en} {_sample(fit)[0]} "
        f"施加原假设的野聚类自助t检验（WCR），{zh}权重，按省份聚类（{result.n_clusters}个），{drawn_zh}；"
        f"退化抽样{result.degenerate}次，计为超过。对称双侧p值，样本本身计入抽样，相等计为超过。区间由检验反演得到。"
        f"{open_zh}{_sample(fit)[1]}"
    )


def randomised_note(result: RandomisationResult, fit: FitResult) -> str:
    """How the re-assignments were made, the null they test and what they assume."""
    names = ", ".join(province_label(code) for code in result.fixed)
    kept = f" Path with empty cells, kept in place: {names}." if names else ""
    kept_zh = f"路径有空缺而保持不变：{names}。" if names else ""
    scope, scope_zh = ("within the region ", "在同一地区内") if result.within else ("", "")
    chance, chance_zh = f"though {result.treatment} was not drawn by lot", f"但{result.treatment}并非抽签确定"
    if result.treatment == EXPOSURE:
        chance = "though pilots were not drawn by lot and a municipality's exposure can count districts where others' "
        chance, chance_zh = f"{chance}counts prefectures", "但试点并非抽签确定，且直辖市的暴露度可能按区县计算"
    return (
        f"Whole paths of {result.treatment} re-assigned among provinces {scope}{result.permutations} times, "
        f"seed {result.seed}, the same for every model of as many provinces; {result.movable} provinces exchange "
        f"{result.distinct_paths} different paths; controls stay with their province; {result.degenerate} degenerate "
        f"re-assignments, counted as exceeding. "
        f"p = (1 + number at least as large in size) / (1 + re-assignments). Sharp null: no province's outcomes depend "
        f"on its path. Exchangeability of provinces is assumed, {chance}.{kept} {_sample(fit)[0]} "
        f"将{result.treatment}的整条路径{scope_zh}于省份间重新分配{result.permutations}次，种子{result.seed}；"
        f"{result.movable}个省份交换{result.distinct_paths}种路径，控制变量不动；退化{result.degenerate}次，计为超过。"
        f"检验尖锐原假设；假定各省可交换，{chance_zh}。{kept_zh}{_sample(fit)[1]}"
    )


def _sample(fit: FitResult) -> tuple[str, str]:
    rows, dropped = fit.fit["n_obs"], fit.fit["n_dropped"]
    return f"{rows} rows, {dropped} dropped.", f"{rows}行，剔除{dropped}行。"
