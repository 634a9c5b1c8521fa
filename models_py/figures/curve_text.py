"""Title and notes of the specification curve.

Belongs here: its words and shares. Does not belong here: drawing (curve.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from catalog.base import Text
from catalog.labels import inner
from models_py.figures.style import source_note
from models_py.figures.text import number, p_text

JOINT = {
    "median": Text(zh="中位数", en="median"),
    "share": Text(zh="显著比例", en="share significant"),
    "stouffer": Text(zh="Stouffer合并", en="Stouffer"),
}


def curve_texts(
    drawn: pd.DataFrame,
    positive: pd.Series,
    negative: pd.Series,
    lost: int,
    choices: pd.DataFrame,
    panels: list[tuple[str, float, list[str]]],
    term: Text,
    joint: Mapping[str, float],
) -> tuple[Text, list[Text]]:
    """Title and notes; `lost`: specifications without an estimate, `panels`: the choices drawn."""
    n, above = len(drawn), int((drawn["estimate"] > 0).sum())
    tests = [(JOINT[key], p_text(joint[key])) for key in JOINT if key in joint]
    zh = "；联合检验：" + "，".join(f"{name.zh} {p}" for name, p in tests) if tests else ""
    en = "; joint tests: " + ", ".join(f"{name.en} {p}" for name, p in tests) if tests else ""
    title = Text(
        zh=f"规格曲线：{n}个规格中{positive.mean():.0%}显著为正，{negative.mean():.0%}显著为负{zh}",
        en=f"Specification curve of {inner(term.en)}: {positive.mean():.0%} of {n} specifications significantly "
        f"positive, {negative.mean():.0%} significantly negative{en}",
    )
    hidden = choices["choice"].nunique() - len(panels)
    median = number(float(drawn["estimate"].median()))
    notes = [
        Text(
            zh="竖线为各规格的95%置信区间（CR1），超出坐标范围者截断；蓝为显著为正、红为显著为负（p < 0.05），"
            f"灰为不显著；黑色菱形为本研究规格。系数中位数 {median}，{above / n:.0%}为正。"
            "下方色块越深，该选项在该段出现越多；百分数为该设定项解释的方差比例"
            + (f"；另有{hidden}个影响较小的设定项见表 specification_choice" if hidden else "")
            + (f"；{lost}个规格无法估计" if lost else "")
            + "。关联，非因果效应。",
            en="Bars: 95 % intervals (CR1), cut at the frame; blue significantly positive, red significantly negative "
            f"(p < 0.05), grey neither; black diamond: the study's own. Median {median}, {above / n:.0%} above zero. "
            "Below, darker: the option occurs more often there; percentages: share of the estimates' variance between "
            "options"
            + (f"; {hidden} choices that move it less are in specification_choice" if hidden else "")
            + (f"; {lost} specifications could not be estimated" if lost else "")
            + ". Associations, not effects.",
        ),
        source_note("specification, specification_choice", Text(zh=f"{n}个规格", en=f"{n} specifications")),
    ]
    return title, notes
