"""What the specification curve shows of its published tables, in numbers and in the words of both languages.

Belongs here: choosing and counting rows, title, notes, text alternative, names on the axes, the table of choices. Does
not belong here: drawing (figure.py) and fitting the specifications (engine.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from catalog import Study
from catalog.base import Text, refuse
from catalog.labels import choice_label, inner, load_labels, option_key, option_label
from models_py.figures.style import FigureError, source_note
from models_py.figures.table import ReportTable, Row
from models_py.figures.table import number as printed
from models_py.figures.text import number, p_text
from models_py.panel import lacking
from models_py.parts.frame import joined

SIGNIFICANT = 0.05
SHOWN_OPTIONS = 16
POSITIVE, NEGATIVE, NEITHER = "positive", "negative", "neither"
JOINT = ("median", "share", "stouffer")
_NUMBERS = ("estimate", "ci_low", "ci_high", "p_value", "n_obs")
# Only with the standardised coefficient, and the rest on its scale, is the curve that of the table of choices.
_SCALED = "estimate_sd"
_BINS = 160


@dataclass(frozen=True)
class Panel:
    """One choice: its share of the estimates' variance and its options, by key."""

    choice: str
    share: float
    options: tuple[str, ...]


@dataclass(frozen=True)
class Curve:
    """`rows`: specifications by size of the estimate, with rank (from 1), sign, and the key of each varied choice's
    option. `own`: the study's own among them. `lost`: specifications without an estimate. `panels`: the choices drawn
    below the curve; `hidden`: how many more there are.
    """

    rows: pd.DataFrame
    own: pd.Series
    lost: int
    panels: tuple[Panel, ...]
    hidden: int
    varied: tuple[str, ...]

    @property
    def n(self) -> int:
        """Number of specifications drawn."""
        return len(self.rows)

    def share(self, sign: str) -> float:
        """Share of the specifications that are significantly positive, negative, or neither."""
        return float((self.rows["sign"] == sign).mean())


def curve_shown(specification: pd.DataFrame, choices: pd.DataFrame) -> Curve:
    """The curve of one study's rows of `specification` and `specification_choice`, in standardised coefficients.

    Outcomes can differ in scale between specifications, so estimates and intervals are those of `estimate_sd`.
    Raises FigureError for a missing column, when no estimate is there, and unless exactly one specification is the
    study's own.
    """
    refuse(
        (lacking(specification, ["spec_id", "preferred", _SCALED, *_NUMBERS]), "specification lacks the columns {}"),
        (
            lacking(choices, ["choice", "option", "position", "variance_share"]),
            "specification_choice lacks the columns {}",
        ),
        error=FigureError,
    )
    named = sorted(set(choices["choice"].astype(str)))
    refuse((lacking(specification, named), "specification lacks the columns {}"), error=FigureError)
    there = specification["estimate"].notna()
    rows = (
        _standardised(specification[there]).sort_values(["estimate", "spec_id"], kind="stable").reset_index(drop=True)
    )
    marked = int(rows["preferred"].sum())
    refuse(
        (rows.empty, "no estimate in the specification curve"),
        (marked != 1, f"{marked} specifications are marked as the study's own; expected one"),
        error=FigureError,
    )
    significant = rows["p_value"] < SIGNIFICANT
    sign = np.where(significant, np.where(rows["estimate"] > 0, POSITIVE, NEGATIVE), NEITHER)
    found = set(choices["choice"])
    varied = tuple(name for name in load_labels().choices if name in found)
    made = rows[[*_NUMBERS, "raw", "preferred"]].assign(rank=np.arange(1, len(rows) + 1), sign=sign)
    made = made.assign(**{name: rows[name].map(option_key) for name in varied})
    panels, own = _panels(choices), made[made["preferred"].astype(bool)].iloc[0]
    return Curve(made, own, int((~there).sum()), panels, len(found) - len(panels), varied)


def _standardised(rows: pd.DataFrame) -> pd.DataFrame:
    """Estimate and interval times the ratio of standard deviations that makes `estimate` `estimate_sd`.

    The ratio of an estimate of exactly zero is not known: its interval is left out.
    """
    ratio = (rows[_SCALED] / rows["estimate"]).where(rows["estimate"] != 0)
    return rows.assign(
        estimate=rows[_SCALED],
        ci_low=rows["ci_low"] * ratio,
        ci_high=rows["ci_high"] * ratio,
        raw=rows["estimate"],
    )


def _panels(choices: pd.DataFrame) -> tuple[Panel, ...]:
    """The choices that move the estimate most, as many as fit."""
    # Positions run with the rows drawn: all options down to a choice's last one must fit.
    drawn = choices.sort_values(["position", "choice"], kind="stable")
    fitting = choices["choice"].isin(drawn["choice"].iloc[SHOWN_OPTIONS:])
    return tuple(
        Panel(str(choice), float(part["variance_share"].iloc[0]), tuple(map(option_key, part["option"])))
        for (_, choice), part in choices[~fitting].groupby(["position", "choice"], sort=True)
    )


def option_cells(curve: Curve, panel: Panel) -> pd.DataFrame:
    """option, start, end (ranks), share: how much of a stretch of the curve has the option; empty cells left out."""
    edges = np.linspace(0.5, curve.n + 0.5, min(_BINS, curve.n) + 1)
    spot = np.clip(np.searchsorted(edges, curve.rows["rank"], side="right") - 1, 0, len(edges) - 2)
    sizes = np.bincount(spot, minlength=len(edges) - 1)
    found = {option: spot[curve.rows[panel.choice] == option] for option in panel.options}
    shares = {
        option: np.bincount(there, minlength=len(sizes)) / np.maximum(sizes, 1) for option, there in found.items()
    }
    cells = joined(
        pd.DataFrame({"option": option, "start": edges[:-1], "end": edges[1:], "share": share})
        for option, share in shares.items()
    )
    return cells[cells["share"] > 0].reset_index(drop=True)


def estimate_range(curve: Curve) -> tuple[float, float]:
    """Ends of the axis: all estimates and zero, and the intervals but for the widest 2 % on each side.

    A few enormous intervals would flatten the rest; the note says that they are cut.
    """
    rows = curve.rows
    intervals = [float(rows["ci_low"].quantile(0.02)), float(rows["ci_high"].quantile(0.98))]
    ends = [0.0, float(rows["estimate"].min()), float(rows["estimate"].max()), *filter(np.isfinite, intervals)]
    margin = 0.06 * (max(ends) - min(ends))
    return min(ends) - margin, max(ends) + margin


def joint_p_values(tests: pd.DataFrame) -> Mapping[str, float]:
    """p-values of the joint tests by median, share and stouffer, from rows of `spec_test`; those not there left out."""
    if tests.empty:
        return {}
    of_curve = tests[tests["table_no"].str.contains("specification", case=False) & tests["p_value"].notna()]
    found = {key: of_curve.loc[of_curve["test"].str.contains(key, case=False), "p_value"] for key in JOINT}
    return {key: float(values.iloc[0]) for key, values in found.items() if len(values) == 1}


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
# What is said of a specification under the pointer.
WORDS = {
    "rank": Text(zh="名次", en="Rank"),
    "estimate": Text(zh="标准化系数（标准差／标准差）", en="Standardised coefficient (SD per SD)"),
    "interval": Text(zh="95%置信区间", en="95 % interval"),
    "p_value": Text(zh="p值", en="p-value"),
    "n_obs": Text(zh="观测数", en="Observations"),
}
ORDER = Text(zh="规格，按系数大小排序", en="Specifications, by size of the coefficient")
COLON = Text(zh="：", en=": ")


def percent(share: float) -> str:
    """A share in whole per cent; a small share is never printed as zero."""
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


def curve_notes(curve: Curve, unit: Text | None = None) -> tuple[Text, ...]:
    """How to read the figure, what is left out, and which table contains its numbers. `unit`: of the study's own."""
    estimate = curve.rows["estimate"]
    median, above = number(float(estimate.median())), percent(float((estimate > 0).mean()))
    hidden, lost, raw = curve.hidden, curve.lost, _with_unit(number(float(curve.own["raw"])), unit)
    return (
        Text(
            zh=f"标准化系数：系数×暴露变量标准差÷结果变量标准差，与设定项表同一尺度；本研究规格未标准化为{raw.zh}。"
            "竖线为各规格的95%置信区间（CR1），超出坐标范围者截断；黑色菱形为本研究规格。"
            f"系数中位数 {median}，{above}为正。下方色块越深，该选项在该段出现越多；百分数为该设定项解释的方差比例"
            + (f"；另有{hidden}个影响较小的设定项见表 specification_choice" if hidden else "")
            + (f"；{lost}个规格无法估计" if lost else "")
            + "。关联，非因果效应。",
            en="Standardised: coefficient × SD of the regressor / SD of the outcome, as in the table of choices; "
            f"the study's own is {raw.en} unstandardised. Bars: 95 % intervals (CR1), cut at the frame; black diamond: "
            f"the study's own. Median {median}, {above} above zero. Below, darker: the option occurs more often there; "
            "percentages: "
            "share of the estimates' variance between options"
            + (f"; {hidden} choices that move it less are in specification_choice" if hidden else "")
            + (f"; {lost} specifications could not be estimated" if lost else "")
            + ". Associations, not effects.",
        ),
        source_note("specification, specification_choice", Text(zh=f"{curve.n}个规格", en=f"{curve.n} specifications")),
    )


def _with_unit(value: str, unit: Text | None) -> Text:
    return Text(zh=value, en=value) if unit is None else Text(zh=f"{value}（{unit.zh}）", en=f"{value} ({unit.en})")


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
    """The label at the study's own specification."""
    value, rank = number(float(curve.own["estimate"])), int(curve.own["rank"])
    return Text(zh=f"本研究：{value}（第{rank}/{curve.n}位）", en=f"own: {value} (number {rank} of {curve.n})")


_HEADER = (
    Text(zh="选项", en="Option"),
    Text(zh="解释方差", en="Variance share"),
    Text(zh="规格数", en="N"),
    Text(zh="中位数（标准化）", en="Median (standardised)"),
    Text(zh="范围（标准化）", en="Range (standardised)"),
    Text(zh="为正", en="Positive"),
    Text(zh="p < 0.05", en="Significant"),
)


def choices_table(rows: pd.DataFrame, study: Study, synthetic: bool) -> ReportTable:
    """Rows of `specification_choice` of one study, the largest mover first, a block for each choice."""
    body = []
    rows = rows.sort_values(["position", "choice"], kind="stable")
    for block, (choice, part) in enumerate(rows.groupby("choice", sort=False)):
        name = choice_label(study, str(choice))
        for row in part.to_dict("records"):
            cells = (
                option_label(study, str(choice), row["option"]),
                f"{row['variance_share']:.1%}",
                printed(float(row["specifications"]), 0),
                printed(row["median_estimate"]),
                f"{printed(row['low'])} … {printed(row['high'])}",
                f"{row['share_positive']:.0%}",
                f"{row['share_significant']:.0%}",
            )
            body.append(Row(name, cells, block))
    return ReportTable(
        stem="specification_choice",
        title=Text(
            zh=f"哪项设定对估计影响最大：{study.title.zh}", en=f"Which choice moves the estimate most: {study.title.en}"
        ),
        header=(_HEADER,),
        rows=tuple(body),
        notes=(
            Text(
                zh="解释方差：规格曲线估计值方差中位于该设定项各选项之间的部分。标准化系数：标准差／标准差，与规格曲线图同一尺度。",
                en="Variance share: part of the variance of the curve's estimates between the options of the choice. "
                "Standardised coefficients, SD per SD: the scale of the curve.",
            ),
        ),
        synthetic=synthetic,
    )
