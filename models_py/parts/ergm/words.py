"""Network models in sentences: how a fit was made, what a coefficient says, what it does not show.

Belongs here: texts made of numbers, in both languages; what terms, units and covariates are called. Does not belong
here: computing (fits.py), rows of printed tables (tables.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog import load_registry
from catalog.base import Text
from catalog.labels import inner, unit_label
from catalog.parts.ergm import Nodal, Pairwise, TableSpec, Unlisted
from models_py.figures.table import number, p_number
from models_py.parts.findings import both
from models_py.parts.rows import together

if TYPE_CHECKING:
    from models_py.network.ergm import ErgmFit
    from models_py.parts.ergm.prepared import Prepared

_ENDS = {
    "nodeicov": both("destination", "（终点）"),
    "nodeocov": both("origin", "（起点）"),
    "nodecov": both("both ends", "（两端）"),
    "absdiff": both("absolute difference", "（两端之差的绝对值）"),
}
_TERMS = {
    "edges": both("Edges", "边（Edges）"),
    "mutual": both("Reciprocity (mutual)", "互惠（mutual）"),
    "triangle": both("Triangles", "三角形"),
    "ttriple": both("Transitive triples", "传递三元组"),
    "isolates": both("Isolates", "孤立节点"),
}
_WEIGHTED = {
    "gwesp": both("Shared partners", "共同伙伴"),
    "gwideg": both("In-degrees, weighted", "加权入度"),
    "gwodeg": both("Out-degrees, weighted", "加权出度"),
}
PAIRWISE: Mapping[Pairwise, tuple[Text, Text]] = {
    "inverse_distance": (
        both("Proximity (100 km / distance)", "地理邻近（100公里／距离）"), both("1/100 km", "1/百公里"),
    ),
    "inverse_great_circle": (
        both("Proximity (100 km / great-circle distance)", "地理邻近（100公里／大圆距离）"),
        both("1/100 km", "1/百公里"),
    ),
    "inverse_degrees": (both("Proximity (1 / degrees)", "地理邻近（1／度数）"), both("1/degree", "1/度")),
    "great_circle": (both("Great-circle distance", "大圆距离"), both("100 km", "百公里")),
    "dialect": (both("Same dialect", "同方言"), both("1 - 0", "1－0")),
    "dialect_sub": (both("Same dialect area", "同方言片"), both("1 - 0", "1－0")),
    "province": (both("Same province", "同省"), both("1 - 0", "1－0")),
}  # fmt: skip
_BINARY = ("dialect", "dialect_sub", "province")
_SD = both("SD", "标准差")
_LEVELS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))


def stars(p_value: float) -> str:
    """The paper's stars: *** below 0.001, ** below 0.01, * below 0.05."""
    return next((mark for level, mark in _LEVELS if p_value < level), "")


def places(std_error: float) -> int:
    """Decimals that show two digits of a standard error: four at least, ten at most."""
    return int(np.clip(1 - np.floor(np.log10(std_error)), 4, 10)) if std_error > 0 else 4


STARS = both(
    "In brackets: standard errors; * p < 0.05, ** p < 0.01, *** p < 0.001, as in the paper. Associations, not effects.",
    "括号内为标准误；* p < 0.05，** p < 0.01，*** p < 0.001（同论文）。结果为关联，非因果效应。",
)


@dataclass(frozen=True)
class Names:
    """What the terms of a table's models are called, and in which units they are."""

    nodal: Nodal
    table: TableSpec

    def term(self, term: str) -> Text:
        """The name of a term as results call it."""
        if term in _TERMS:
            return _TERMS[term]
        kind, _, rest = term.partition(".")
        if kind == "edgecov" and rest in self.table.dyads:
            label = PAIRWISE[self.table.dyads[rest]][0]
            return both(f"{label.en}, {rest}", f"{label.zh}，{rest}")
        if kind in _ENDS and rest in self.nodal.variables:
            label, end = self._label(rest), _ENDS[kind]
            return both(f"{label.en}, {end.en}, {rest}", f"{label.zh}{end.zh}，{rest}")
        weighted = _WEIGHTED.get(kind)
        return both(term, term) if weighted is None else both(f"{weighted.en} ({term})", f"{weighted.zh}（{term}）")

    def _label(self, variable: str) -> Text:
        return load_registry().indicators[self.nodal.variables[variable]].label

    def unit_of(self, term: str) -> Text | None:
        """The unit of a term's covariate; None where it has none."""
        kind, _, rest = term.partition(".")
        if kind == "edgecov" and rest in self.table.dyads:
            return PAIRWISE[self.table.dyads[rest]][1]
        if kind not in _ENDS or rest not in self.nodal.variables:
            return None
        if self.nodal.scale == "z":
            return _SD
        size = self.nodal.per_unit.get(rest, 1.0)
        unit = unit_label(load_registry().indicators[self.nodal.variables[rest]].unit)
        return unit if size == 1 else both(f"{size:g} × {unit.en}", f"{size:g}{unit.zh}")

    def unit(self, term: str) -> Text:
        """The unit of a coefficient."""
        unit = self.unit_of(term)
        return both("log-odds", "对数优势") if unit is None else both(f"log-odds per {unit.en}", f"对数优势／{unit.zh}")

    def of_probability(self, quantity: str, term: str) -> Text:
        """The unit of a row of tie_probability."""
        if not quantity.startswith("marginal"):
            return both("probability", "概率")
        unit = _SD if quantity.endswith("_sd") else self.unit_of(term)
        return both(
            f"probability per {'1 - 0' if unit is None else unit.en}", f"概率／{'1－0' if unit is None else unit.zh}"
        )

    def binary(self, term: str) -> bool:
        """Whether a covariate has the values zero and one."""
        kind, _, rest = term.partition(".")
        return term == "mutual" or (kind == "edgecov" and self.table.dyads.get(rest) in _BINARY)

    def step(self, term: str) -> Text:
        """One unit more of a covariate, as the subject of a sentence."""
        kind, _, rest = term.partition(".")
        if term == "mutual":
            return both("A tie back", "存在反向边")
        if kind == "edgecov" and rest in self.table.dyads:
            label, unit = PAIRWISE[self.table.dyads[rest]]
            if self.binary(term):
                return both(f"{label.en}, against not,", f"{label.zh}（相对于否）")
            return both(f"{label.en}, 1 more (unit: {unit.en}),", f"{label.zh}每增1（单位：{unit.zh}）")
        if kind in _ENDS and rest in self.nodal.variables:
            label, end, unit = self._label(rest), _ENDS[kind], self.unit_of(term) or _SD
            return both(
                f"{label.en}, {end.en}, 1 more (unit: {unit.en}),", f"{label.zh}{end.zh}每增1（单位：{unit.zh}）"
            )
        return both(f"{self.term(term).en}, 1 more,", f"{self.term(term).zh}每增1")

    def scale_words(self, prepared: Prepared) -> Text:
        """How figures of nodes were scaled."""
        if not prepared.scales:
            return both("No figures of nodes.", "未用节点变量。")
        if self.nodal.scale == "raw":
            return both("Figures of nodes in their own units.", "节点变量为原单位。")
        if self.nodal.scale == "z":
            told = ", ".join(
                f"{name} ({number(prepared.centres[name], 2)}, {number(spread, 2)})"
                for name, spread in prepared.scales.items()
            )
            return both(
                f"Figures of nodes as z-scores (mean, SD): {told}.", f"节点变量为z分数（均值，标准差）：{told}。"
            )
        told = ", ".join(f"{name} / {size:g}" for name, size in prepared.scales.items() if size != 1)
        return both(f"Figures of nodes in their own units, but {told}.", f"节点变量为原单位，其中 {told}。")


def fit_words(fit: ErgmFit) -> Text:
    """How a model was fitted and on what."""
    network, simulated = fit.model.network, fit.solution.simulated
    how = {
        "dyads": both(
            "Dyads are independent in this model: the likelihood is exactly that of a logistic regression over ordered "
            "pairs; nothing was simulated.",
            "模型中各节点对相互独立：似然恰为有序节点对的逻辑回归，未作模拟。",
        ),
        "pairs": both(
            "Ties depend on their pair only: exact likelihood, four states a pair; nothing was simulated.",
            "边仅依赖所在的一对节点：按每对四种状态的精确似然估计，未作模拟。",
        ),
    }.get(fit.model.level)
    if how is None:
        assert simulated is not None
        record = simulated.record()
        how = both(
            f"Monte Carlo maximum likelihood: {record['chains']} chains, {record['draws']} draws, at least "
            f"{record['effective_draws']:.0f} effective, R-hat {record['rhat']:.3f}, seed {fit.evidence['seed']}; "
            f"log-likelihood by path sampling, error {record['log_likelihood_error']:.3f}.",
            f"蒙特卡洛极大似然：{record['chains']}条链、{record['draws']}次抽样，有效样本至少"
            f"{record['effective_draws']:.0f}，R-hat {record['rhat']:.3f}，种子{fit.evidence['seed']}；"
            f"对数似然由路径抽样得到，误差{record['log_likelihood_error']:.3f}。",
        )
    return together(
        [
            both(
                f"{network.n} nodes, {network.n_dyads} ordered pairs observed, {network.n_ties} ties, density "
                f"{network.density:.4f}; BIC counts ordered pairs.",
                f"{network.n}个节点，已观测有序对{network.n_dyads}个，边{network.n_ties}条，密度{network.density:.4f}；"
                "BIC以有序对计数。",
            ),
            how,
        ]
    )


def treatment_words(prepared: Prepared, treatment: Unlisted, fit: ErgmFit) -> Text:
    """What was done with pairs whose state nobody knows."""
    unknown = prepared.unknown
    if not prepared.listed_by:
        return both(
            "Every pair is known: a survey, no list that is cut off.", "为调查数据，无截断名单，各节点对均已知。"
        )
    if treatment != "listed_only" and unknown == 0:
        return both(
            "Lists are cut off, but bound every unlisted flow: each pair is known to be a tie or not.",
            "名单虽有截断，但未列出的流量均有上限可依：各节点对是否成边均已知。",
        )
    if treatment == "observed":
        return both(
            f"{unknown} pairs that may be ties or not were taken as unknown, not as zero.",
            f"{unknown}个状态不明的节点对按未知处理，不作零。",
        )
    if treatment == "all_zero":
        return both(
            f"{unknown} pairs that may be ties or not were counted as no ties, as in the paper.",
            f"{unknown}个状态不明的节点对按不成边处理（论文做法）。",
        )
    return both(
        "Only pairs that a list names: this selects on the outcome, since lists hold the largest flows; no basis for "
        f"inference. Density {fit.model.network.density:.4f}.",
        f"仅用名单列出的节点对：名单只含最大流量，属于按结果选样，不可用于推断。密度{fit.model.network.density:.4f}。",
    )


def refused_words(error: Exception) -> Text:
    """Why a model has no estimate."""
    return both(f"Not estimated: {error}.", f"未能估计：{error}。")


def too_large_words(nodes: int, most: int) -> Text:
    """Why a model was not simulated."""
    return both(
        "Left out: ties depend on more than their pair, so that this model is fitted by simulation, and the network "
        f"has {nodes} nodes, more than the {most} for which this run simulates. Set simulated_nodes of the part ergm "
        "to at least that, in the study file or for one run.",
        f"未运行：边的依赖超出所在节点对，须以模拟法估计，而网络有{nodes}个节点，多于本次运行的上限{most}。"
        "可在研究文件或单次运行中调高 ergm 的 simulated_nodes。",
    )


_ASKED = {
    "wald_terms": both("all coefficients but edges are zero (Wald)", "除边外各系数均为零（Wald）"),
    "lr_terms": both("all coefficients but edges are zero (likelihood ratio)", "除边外各系数均为零（似然比）"),
    "lr_dependence": both(
        "ties do not depend on each other beyond their covariates", "给定协变量后各边互不依赖",
    ),
}  # fmt: skip


def test_words(test: str, within: Text, statistic: float, df: int, p_value: float) -> Text:
    """The hypothesis of a test, its figures, the verdict at 5 %. `within`: the model this one is tested against."""
    asked = _ASKED.get(test) or both(f"what it has beyond {within.en} is zero (likelihood ratio)",
                                     f"较{within.zh}新增的系数为零（似然比）")  # fmt: skip
    verdict = ("rejected", "拒绝") if p_value <= 0.05 else ("not rejected", "未拒绝")
    return both(
        f"Hypothesis: {asked.en}. chi2 {number(statistic, 3)}, df {df}, p {p_number(p_value)}: {verdict[0]} at 5 %.",
        f"原假设：{asked.zh}。卡方＝{number(statistic, 3)}，自由度{df}，p值{p_number(p_value)}，5%水平{verdict[1]}。",
    )


_SAMPLED = {
    "mcmc_draws": both("Effective draws of the statistic.", "统计量的有效抽样数。"),
    "mcmc_rhat": both("Split R-hat; 1 where chains agree.", "分段R-hat，各链一致时为1。"),
    "mcmc_error": both(
        "Error of simulation of the coefficient, part of its standard error.", "系数的模拟误差，已计入标准误。"
    ),
    "log_likelihood_error": both("Error of simulation of the log-likelihood.", "对数似然的模拟误差。"),
}


def sampled_words(test: str) -> Text:
    """What a figure of the sampler is."""
    return _SAMPLED[test]


@dataclass(frozen=True)
class Read:
    """What is known of one term: its rows of `estimate` by effect, of tie_probability by quantity."""

    term: str
    rows: Mapping[str, Mapping[str, Any]]
    probabilities: Mapping[str, Mapping[str, Any]]

    @cached_property
    def odds(self) -> Mapping[str, Any]:
        """The odds ratio per unit."""
        return self.rows["odds_ratio"]


def _ratio(row: Mapping[str, Any]) -> str:
    return f"{number(row['estimate'], 4)} ({number(row['ci_low'], 4)} - {number(row['ci_high'], 4)})"


def read_words(names: Names, read: Read) -> Text:
    """A coefficient as odds ratio per unit and per SD, and as a difference in probability."""
    step, odds = names.step(read.term), read.odds
    holds = odds["ci_low"] <= 1 <= odds["ci_high"]
    one = ("holds 1", "含1") if holds else ("leaves out 1", "不含1")
    said = [
        both(
            f"{step.en} goes with odds of a tie {_ratio(odds)} times as large; the 95 % interval {one[0]}.",
            f"{step.zh}，成边优势为{_ratio(odds)}倍，95%区间{one[1]}。",
        )
    ]
    if "odds_ratio_sd" in read.rows:
        row = read.rows["odds_ratio_sd"]
        said.append(both(f"Per SD: {_ratio(row)}.", f"每标准差：{_ratio(row)}。"))
    quantity = "marginal_sd" if "marginal_sd" in read.probabilities else "marginal"
    if quantity in read.probabilities:
        row = read.probabilities[quantity]
        points = [number(100 * row[name], 3) for name in ("estimate", "ci_low", "ci_high")]
        per = ("per SD", "每标准差") if quantity.endswith("_sd") else ("between the two", "两者之间")
        said.append(
            both(
                f"On average the probability of a tie differs by {points[0]} percentage points {per[0]} "
                f"({points[1]} to {points[2]}).",
                f"成边概率平均相差{points[0]}个百分点（{per[1]}；{points[1]}至{points[2]}）。",
            )
        )
    return together(said)


NOT_SHOWN = both(
    "What this does not show: that more of it would bring people. Places differ in much that is not in the model, "
    "people may have moved before facilities did, and a tie says nothing of why somebody moved.",
    "未能说明：增加该变量会吸引人口。各地尚有许多未入模型的差异，人口流动可能先于机构布局，边亦不说明迁移原因。",
)
NOT_COMPARABLE = both(
    "Odds ratios of two models or networks do not compare, since their scale depends on what a model leaves "
    "unexplained; differences in probability do.",
    "不同模型或网络的优势比不可比（尺度取决于未解释部分），概率差可比。",
)


def shift_words(names: Names, term: str, own: Mapping[str, Any], other: Mapping[str, Any], what: Text) -> Text:
    """How a coefficient changes between two fits of one term, in its own standard errors."""
    moved = (other["estimate"] - own["estimate"]) / own["std_error"]
    label, decimals = names.term(term), places(own["std_error"])
    shown = [number(row["estimate"], decimals) for row in (own, other)]
    return both(
        f"{inner(label.en)}, {shown[0]} there, {shown[1]} {what.en} ({number(moved, 2)} standard errors)",
        f"{label.zh}由{shown[0]}变为{what.zh}的{shown[1]}（{number(moved, 2)}个标准误）",
    )
