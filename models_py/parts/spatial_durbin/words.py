"""What each estimate, test and diagnostic of a spatial model says, and what it does not, in both languages.

Belongs here: sentences made from numbers. Does not belong here: the numbers (fits.py) and their layout (tables.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog import Study
from catalog.base import Text
from catalog.labels import inner, variable_label, variable_unit
from models_py.figures.table import number, p_number
from models_py.panel import Panel
from models_py.parts.findings import both
from models_py.parts.rows import together
from models_py.spatial.spatial_durbin import SpatialFit

LEVEL = 0.05
# A logged regressor is read at this change.
_PERCENT = 10
NOT_SHOWN: Mapping[str, Text] = {
    "direct": both(
        "An association within the model, feedback included; no effect of a change somebody makes.",
        "模型内的关联（含反馈），并非人为改变所致的效应。",
    ),
    "indirect": both(
        "Rests on the weights, which are assumed; others give another figure. It names no channel between places.",
        "取决于所设权重，换权重则数值不同；不说明地区间的传导渠道。",
    ),
    "total": both(
        "What goes with a change in every place at once, which these data never show alone.",
        "对应各地同时变动的情形，数据中并未单独出现。",
    ),
    "coef": both(
        "A coefficient of the equation, not what a change goes with: for that see direct, indirect and total.",
        "仅为方程系数，变动所对应的关联见直接、间接与总效应。",
    ),
    "rho": both(
        "Common shocks, left-out variables and wrong weights give the same sign; it is no proof of interaction.",
        "共同冲击、遗漏变量或权重设错亦可得同号结果，不证明地区互动。",
    ),
    "lag": both(
        "With entity effects and few years biased by about 1/T; persistence is not a cause.",
        "含个体效应且年份少时偏误约为1/T；惯性不等于原因。",
    ),
}


@dataclass(frozen=True)
class Names:
    """What words call the variables of one model."""

    study: Study
    panel: Panel
    outcome: str
    regressors: Sequence[str]

    @property
    def of_outcome(self) -> Text:
        """The outcome, with its unit."""
        label, unit = variable_label(self.study, self.outcome), variable_unit(self.study, self.outcome)
        return Text(
            en=label.en + (f" [{unit.en}]" if unit.en else ""), zh=label.zh + (f"（{unit.zh}）" if unit.zh else "")
        )

    def step(self, term: str) -> tuple[Text, float]:
        """The change of a regressor an effect is told for, and its size in the units of the model."""
        spec, transform = self.study.variables.declared.get(term), self.study.variables.transform
        plain = variable_label(self.study, term, transformed=False)
        standard = spec is not None and spec.standardise and transform in ("log_z", "z")
        if spec is not None and spec.log and transform == "log":
            return (
                Text(en=f"{_PERCENT} % more {inner(plain.en)}", zh=f"{plain.zh}高{_PERCENT}%"),
                math.log(1 + _PERCENT / 100),
            )
        if standard:
            return Text(en=f"one standard deviation more {inner(plain.en)}", zh=f"{plain.zh}高1个标准差"), 1.0
        unit = variable_unit(self.study, term)
        return Text(
            en=f"one more ({unit.en or '1'}) of {inner(plain.en)}", zh=f"{plain.zh}高1（{unit.zh or '1'}）"
        ), 1.0

    def label(self, term: str) -> Text:
        """A term's name, as `term_label`."""
        return term_label(self.study, term)


def term_label(study: Study, term: str) -> Text:
    """A term's name: rho, lambda, the lag of a variable, or the variable."""
    symbols = {"rho": both("rho", "ρ"), "lambda": both("lambda", "λ")}
    if term in symbols:
        return symbols[term]
    for lead, text in (
        ("W_", both("W × ", "W×")),
        ("lag_W_", both("year before, W × ", "上年W×")),
        ("lag_", both("year before, ", "上年")),
    ):
        if term.startswith(lead):
            own = variable_label(study, term.removeprefix(lead))
            return Text(en=f"{text.en}{own.en}", zh=f"{text.zh}{own.zh}")
    return variable_label(study, term)


# Where the regressor changes, and where the outcome is looked at.
_WHERE = {
    "direct": (both("in a {one}", "一{one}"), both("in the same {one}, on average", "该{one}平均")),
    "indirect": (both("in all other {many}", "其他各{one}"), both("in a {one}, on average", "一{one}平均")),
    "total": (both("in every {one}", "所有{one}"), both("in each, on average", "各{one}平均")),
}


def effect_words(names: Names, row: Mapping[str, Any]) -> Text:
    """Sign, size in the outcome's unit and interval of a direct, indirect or total effect."""
    step, size = names.step(str(row["term"]))
    unit = {"one": names.panel.unit.one, "many": names.panel.unit.many}
    where, there = _WHERE[str(row["effect"])]
    en = [text.en.format(**{key: word.en for key, word in unit.items()}) for text in (where, there)]
    zh = [text.zh.format(**{key: word.zh for key, word in unit.items()}) for text in (where, there)]
    value, low, high = (float(row[name]) * size for name in ("estimate", "ci_low", "ci_high"))
    outcome, level = names.of_outcome, f"{row['ci_level']:.0%}"
    sign = ("higher", "高") if value > 0 else ("lower", "低")
    return Text(
        en=f"{step.en} {en[0]} goes with {inner(outcome.en)} {number(abs(value), 4)} {sign[0]} {en[1]} "
        f"({level} interval {number(low, 4)} to {number(high, 4)}, which {_zero(low, high).en}).",
        zh=f"{zh[0]}{step.zh}，对应{zh[1]}{outcome.zh}{sign[1]}{number(abs(value), 4)}"
        f"（{level}区间{number(low, 4)}至{number(high, 4)}，{_zero(low, high).zh}）。",
    )


def _zero(low: float, high: float) -> Text:
    if not (math.isfinite(low) and math.isfinite(high)):
        return both("is not given", "未给出")
    return both("leaves out zero", "不含零") if low > 0 or high < 0 else both("holds zero", "含零")


def dependence_words(names: Names, row: Mapping[str, Any]) -> Text:
    """Sign, size and interval of rho or lambda, or of a coefficient."""
    value, low, high = (float(row[name]) for name in ("estimate", "ci_low", "ci_high"))
    zero = _zero(low, high)
    found = f"{number(value, 4)} (interval {number(low, 4)} to {number(high, 4)}, which {zero.en})"
    found_zh = f"{number(value, 4)}（区间{number(low, 4)}至{number(high, 4)}，{zero.zh}）"
    term = str(row["term"])
    outcome = inner(variable_label(names.study, names.outcome).en), variable_label(names.study, names.outcome).zh
    if term in ("rho", "lambda"):
        what = ("the outcome", outcome[1]) if term == "rho" else ("what is left unexplained", "未解释部分")
        way = ("in the same direction", "同向") if value > 0 else ("in the opposite direction", "反向")
        subject = outcome[0] if term == "rho" else what[0]
        return Text(
            en=f"{found}: {subject} of a place moves with the weighted sum of its neighbours' {way[0]}.",
            zh=f"{found_zh}：一地{what[1]}与相邻地区加权和{way[1]}变动。",
        )
    label = names.label(term)
    return Text(
        en=f"{found}: coefficient of {label.en}.",
        zh=f"{found_zh}：{label.zh}的系数。",
    )


def not_shown(row: Mapping[str, Any]) -> Text:
    """What an estimate does not show."""
    term, effect = str(row["term"]), str(row["effect"])
    if effect != "coef":
        return NOT_SHOWN[effect]
    if term in ("rho", "lambda"):
        return NOT_SHOWN["rho"]
    return NOT_SHOWN["lag" if term.startswith("lag_") else "coef"]


# What a test asks, what its rejection says, what it does not say.
_TESTS: Mapping[str, tuple[Text, Text]] = {
    "moran_pooled": (
        both(
            "residuals of the model without space are unrelated between neighbours",
            "无空间项模型的残差在相邻地区间不相关",
        ),
        both("it does not say in which form", "不说明相关的形式"),
    ),
    "lm_lag": (
        both("no spatial lag is missing", "不缺空间滞后项"),
        both(
            "an error dependence alone makes it reject too; see the robust form", "仅有误差相关时亦会拒绝，须看稳健形式"
        ),
    ),
    "lm_error": (
        both("no spatial error dependence is missing", "不缺空间误差相关"),
        both("a lag alone makes it reject too; see the robust form", "仅有滞后时亦会拒绝，须看稳健形式"),
    ),
    "robust_lm_lag": (
        both("no spatial lag is missing, error dependence allowed for", "在容许误差相关时不缺空间滞后项"),
        both("valid near the null hypothesis only", "仅在原假设附近有效"),
    ),
    "robust_lm_error": (
        both("no spatial error dependence is missing, a lag allowed for", "在容许滞后时不缺空间误差相关"),
        both("valid near the null hypothesis only", "仅在原假设附近有效"),
    ),
    "wald_sar": (
        both("no lagged regressor is needed (SAR suffices)", "无需自变量空间滞后（SAR即可）"),
        both("it compares two models, both of which may be wrong", "仅比较两个模型，两者均可能不当"),
    ),
    "wald_sem": (
        both("the lags are those of a spatial error (SEM suffices)", "滞后项可归于空间误差（SEM即可）"),
        both("it compares two models, both of which may be wrong", "仅比较两个模型，两者均可能不当"),
    ),
    "lr_time_effects": (
        both("effects of years are not needed beside those of entities", "个体效应之外无需时间效应"),
        both("it says nothing of effects that vary over both", "不涉及随两者共同变化的效应"),
    ),
    "lr_entity_effects": (
        both("effects of entities are not needed beside those of years", "时间效应之外无需个体效应"),
        both("with few years its distribution is approximate", "年份少时其分布仅为近似"),
    ),
    "mundlak": (
        both("effects of entities are unrelated to the regressors", "个体效应与自变量无关"),
        both(
            "with many coefficients for the number of clusters it rejects too often",
            "待检系数相对聚类数偏多时易过度拒绝",
        ),
    ),
}


def verdict_words(names: Names, test: str, statistic: float, df: float | None, p_value: float) -> Text:
    """The hypothesis of a test, its figures, the verdict at 5 %, what it does not say."""
    base = test.replace("lr_s", "wald_s")
    asks, beyond = _TESTS[base if base in _TESTS else test]
    rejected = p_value <= LEVEL
    degrees = "" if df is None or math.isnan(df) else f", df {df:.0f}"
    degrees_zh = degrees.replace(", df ", "，自由度")
    verdict = ("rejected", "拒绝") if rejected else ("not rejected", "未拒绝")
    symbol = "z" if test == "moran_pooled" else "chi2"
    return Text(
        en=f"Hypothesis: {asks.en}. {symbol} {number(statistic, 3)}{degrees}, p {p_number(p_value)}: {verdict[0]} at "
        f"5 %. What it does not show: {beyond.en}.",
        zh=f"原假设：{asks.zh}。{'z' if symbol == 'z' else '卡方'}＝{number(statistic, 3)}"
        f"{degrees_zh}，p值{p_number(p_value)}，5%水平{verdict[1]}。未能说明：{beyond.zh}。",
    )


def diagnostic_words(test: str, value: float, at: float) -> Text:
    """What a diagnostic says of the estimate `at` of rho or lambda."""
    shown = number(value, 4) if math.isfinite(value) else "-"
    if test in ("interval_low", "interval_high"):
        side, side_zh = ("Lower", "下限") if test.endswith("low") else ("Upper", "上限")
        none = not math.isfinite(value)
        end = ": no bound, W has no real eigenvalue on that side" if none else f": {shown}"
        return both(
            f"{side} end of the interval on which I - rho W has an inverse{end}; the whole of it is searched.",
            f"I－ρW可逆区间的{side_zh}{'：该侧无实特征值，故无界' if none else f'：{shown}'}；在整个区间内搜索。",
        )
    if test == "near_edge":
        return both(
            f"The estimate {number(at, 4)} lies {shown} from the nearest end of the feasible interval; near an end the "
            "normal interval of rho is not to be trusted.",
            f"估计值{number(at, 4)}距可行区间最近端点{shown}；靠近端点时正态区间不可信。",
        )
    if test == "no_series":
        diverges = bool(value)
        return both(
            "The series I + rho W + ... diverges although the inverse exists: rounds of feedback cannot be told apart."
            if diverges
            else "The series I + rho W + ... converges, so that spillovers can be told by rounds of feedback.",
            "逆矩阵存在，但级数I＋ρW＋…不收敛，不能按反馈轮次解释。"
            if diverges
            else "级数I＋ρW＋…收敛，溢出可按反馈轮次分解。",
        )
    if test == "components":
        apart = value > 1
        return both(
            f"{value:.0f} groups of places no weight connects: between them the model knows no spillover."
            if apart
            else "All places are connected by weights, directly or through others.",
            f"权重将地区分为互不相连的{value:.0f}组，组间模型不含溢出。" if apart else "各地区经权重直接或间接相连。",
        )
    return both(
        f"{value:.0f} draws of the parameters had an infeasible rho and were drawn again; many mean an interval near "
        "the edge.",
        f"参数抽样中{value:.0f}次ρ不可行而重抽；次数多表明区间靠近端点。",
    )


def fit_words(names: Names, found: SpatialFit) -> Text:
    """How a model was fitted: estimator, sample, correction, errors, draws, remarks."""
    record, panel = found.evidence, names.panel
    return together(
        [
            both(
                f"Spatial panel model {record['model'].upper()} by maximum likelihood, effects {record['effects']}, "
                f"bias correction {record['bias_correction']}; an association, not an effect.",
                f"空间面板模型{record['model'].upper()}，极大似然，效应{record['effects']}，"
                f"偏误校正{record['bias_correction']}；结果为关联，非因果效应。",
            ),
            both(
                f"Sample: {record['places']} {panel.unit.many.en} x {record['periods']} years "
                f"({record['first_period']}-{record['last_period']}), none dropped; the likelihood counts "
                f"{record['counted']} observations.",
                f"样本：{record['places']}个{panel.unit.one.zh}×{record['periods']}年"
                f"（{record['first_period']}—{record['last_period']}），无剔除；似然计{record['counted']}个观测。",
            ),
            both(
                f"Errors: {record['vcov']}; effects by the delta method and by {record['draws']} draws, seed "
                f"{record['seed']}, {record['redrawn']} drawn again. {record['conventions'].capitalize()}.",
                f"标准误：{record['vcov']}；效应用delta法与{record['draws']}次模拟（种子{record['seed']}，"
                f"重抽{record['redrawn']}次）。先取空间滞后再去效应；权重按给定使用；估计量取正态分布。",
            ),
            *_remarks(found),
        ]
    )


def _remarks(found: SpatialFit) -> list[Text]:
    """What a reader must know of this fit besides its diagnostics."""
    panel, islands = found.likelihood.panel, ", ".join(found.evidence["islands"])
    said = [
        (
            bool(islands),
            both(f"No neighbours, their lags count as zero: {islands}.", f"无相邻地区、空间滞后计为零：{islands}。"),
        ),
        (
            panel.dynamic is not None and panel.effects in ("two-way", "entity"),
            both(
                "A dynamic model with entity effects has a bias of order 1/T, which is not corrected.",
                "含个体效应的动态模型有1/T阶偏误，未作校正。",
            ),
        ),
    ]
    return [text for holds, text in said if holds]
