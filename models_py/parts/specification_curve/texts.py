"""The words of the specification curve's figure, in both languages.

Belongs here: title, notes, text alternative, names on the axes. Does not belong here: counting (shown.py) and drawing
(figure.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog.base import Text
from catalog.labels import inner
from models_py.figures.style import source_note
from models_py.figures.text import number, p_text
from models_py.parts.specification_curve.shown import NEGATIVE, NEITHER, POSITIVE, Curve

JOINT_TEST = {
    "median": Text(zh="中位数", en="median"),
    "share": Text(zh="显著比例", en="share significant"),
    "stouffer": Text(zh="Stouffer合并", en="Stouffer"),
}
SIGN = {
    POSITIVE: Text(zh="显著为正（p < 0.05）", en="significantly positive (p < 0.05)"),
    NEGATIVE: Text(zh="显著为负（p < 0.05）", en="significantly negative (p < 0.05)"),
    NEITHER: Text(zh="不显著", en="not significant"),
}
ESTIMATE = Text(zh="系数", en="Coefficient")
INTERVAL = Text(zh="95%置信区间", en="95 % interval")
RANK = Text(zh="名次", en="Rank")
P_VALUE = Text(zh="p值", en="p-value")
N_OBS = Text(zh="观测数", en="Observations")
ORDER = Text(zh="规格，按系数大小排序", en="Specifications, by size of the coefficient")
COLON = Text(zh="：", en=": ")


def percent(share: float) -> str:
    """A share in whole per cent; a few are never printed as none."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def curve_title(curve: Curve, term: Text, joint: Mapping[str, float]) -> Text:
    """Shares of significant specifications and the joint tests."""
    tests = [(JOINT_TEST[key], p_text(joint[key])) for key in JOINT_TEST if key in joint]
    zh = "；联合检验：" + "，".join(f"{name.zh} {p}" for name, p in tests) if tests else ""
    en = "; joint tests: " + ", ".join(f"{name.en} {p}" for name, p in tests) if tests else ""
    positive, negative = percent(curve.share(POSITIVE)), percent(curve.share(NEGATIVE))
    return Text(
        zh=f"{term.zh}的规格曲线：{curve.n}个规格中{positive}显著为正，{negative}显著为负{zh}",
        en=f"Specification curve of {inner(term.en)}: {positive} of {curve.n} specifications significantly positive, "
        f"{negative} significantly negative{en}",
    )


def curve_notes(curve: Curve) -> tuple[Text, ...]:
    """How the figure is read, what is left out, and where its numbers stand."""
    estimate = curve.rows["estimate"]
    median, above = number(float(estimate.median())), percent(float((estimate > 0).mean()))
    hidden, lost = curve.hidden, curve.lost
    return (
        Text(
            zh="竖线为各规格的95%置信区间（CR1），超出坐标范围者截断；黑色菱形为本研究规格。"
            f"系数中位数 {median}，{above}为正。下方色块越深，该选项在该段出现越多；百分数为该设定项解释的方差比例"
            + (f"；另有{hidden}个影响较小的设定项见表 specification_choice" if hidden else "")
            + (f"；{lost}个规格无法估计" if lost else "")
            + "。关联，非因果效应。",
            en="Bars: 95 % intervals (CR1), cut at the frame; black diamond: the study's own. "
            f"Median {median}, {above} above zero. Below, darker: the option occurs more often there; percentages: "
            "share of the estimates' variance between options"
            + (f"; {hidden} choices that move it less are in specification_choice" if hidden else "")
            + (f"; {lost} specifications could not be estimated" if lost else "")
            + ". Associations, not effects.",
        ),
        source_note("specification, specification_choice", Text(zh=f"{curve.n}个规格", en=f"{curve.n} specifications")),
    )


def curve_alternative(curve: Curve, term: Text) -> Text:
    """The figure in one sentence."""
    estimate = curve.rows["estimate"]
    low, middle, high = (number(float(v)) for v in (estimate.min(), estimate.median(), estimate.max()))
    positive, negative = percent(curve.share(POSITIVE)), percent(curve.share(NEGATIVE))
    own, rank = number(float(curve.own["estimate"])), int(curve.own["rank"])
    return Text(
        zh=f"{term.zh}的{curve.n}个规格的系数由{low}升至{high}，中位数{middle}；{positive}显著为正，{negative}显著为负；"
        f"本研究规格为{own}，排第{rank}位。",
        en=f"The coefficients of {inner(term.en)} in {curve.n} specifications rise from {low} to {high}, median "
        f"{middle}; {positive} are significantly positive, {negative} significantly negative; the study's own is "
        f"{own}, number {rank}.",
    )


def own_label(curve: Curve) -> Text:
    """What stands at the study's own specification."""
    value, rank = number(float(curve.own["estimate"])), int(curve.own["rank"])
    return Text(zh=f"本研究：{value}（第{rank}/{curve.n}位）", en=f"own: {value} (number {rank} of {curve.n})")
