"""What simulated networks say about a model, in sentences.

Belongs here: texts made of rows of goodness_of_fit. Does not belong here: drawing, simulation.
"""

from __future__ import annotations

import pandas as pd

from catalog.base import Text
from models_py.figures.table import number
from models_py.parts.findings import both
from models_py.parts.rows import together

STATISTICS = {
    "in_degree": both("In-degree", "入度"),
    "out_degree": both("Out-degree", "出度"),
    "distance": both("Distance (∞: not connected)", "距离（∞：不连通）"),
    "shared_partners": both("Shared partners of a tie", "边的共同伙伴数"),
    "dyads": both("Pairs", "节点对"),
}
COUNTED = {
    "in_degree": both("nodes", "节点数"),
    "out_degree": both("nodes", "节点数"),
    "distance": both("ordered pairs", "有序对数"),
    "shared_partners": both("ties", "边数"),
    "dyads": both("pairs", "节点对数"),
}
VALUES = {
    "unreachable": both("∞", "∞"),
    "none": both("no tie", "无边"),
    "one way": both("one way", "单向"),
    "mutual": both("mutual", "双向"),
}


def outside(rows: pd.DataFrame) -> pd.Series:
    """Whether the observed number lies outside the central 95 % of the simulated ones."""
    return (rows["observed"] < rows["simulated_low"]) | (rows["observed"] > rows["simulated_high"])


def mean_partners(rows: pd.DataFrame, column: str) -> float:
    """Shared partners a tie has on average, by the observed or the mean simulated distribution."""
    own = rows[rows["statistic"] == "shared_partners"]
    total = float(own[column].sum())
    return float((own["value"].astype(int) * own[column]).sum()) / total if total else 0.0


def spread_of_degrees(rows: pd.DataFrame, statistic: str, column: str) -> float:
    """Standard deviation of degrees, by the observed or the mean simulated distribution."""
    own = rows[rows["statistic"] == statistic]
    degrees, share = own["value"].astype(int), own[column] / own[column].sum()
    mean = float((degrees * share).sum())
    return float((share * (degrees - mean) ** 2).sum()) ** 0.5


def said(rows: pd.DataFrame, dependent: bool) -> tuple[Text, ...]:
    """What one model on one network misses. `rows`: its rows; `dependent`: whether its ties depend on each other."""
    return (_mutual(rows), _partners(rows), _degrees(rows), _counted(rows), _verdict(rows, dependent))


def _mutual(rows: pd.DataFrame) -> Text:
    row = rows[(rows["statistic"] == "dyads") & (rows["value"] == "mutual")].iloc[0]
    low, mean, high = (number(row[f"simulated_{name}"], 0) for name in ("low", "mean", "high"))
    kept = row["simulated_low"] <= row["observed"] <= row["simulated_high"]
    return both(
        f"Pairs tied both ways: {number(row['observed'], 0)} observed, {mean} simulated ({low} to {high}): "
        f"{'reproduced' if kept else 'missed'}.",
        f"双向节点对：观测{number(row['observed'], 0)}，模拟{mean}（{low}至{high}）："
        f"{'可再现' if kept else '未能再现'}。",
    )


def _partners(rows: pd.DataFrame) -> Text:
    seen, drawn = mean_partners(rows, "observed"), mean_partners(rows, "simulated_mean")
    return both(
        f"A tie has {number(seen, 2)} shared partners on average, {number(drawn, 2)} in simulated networks.",
        f"每条边平均有{number(seen, 2)}个共同伙伴，模拟网络为{number(drawn, 2)}个。",
    )


def _degrees(rows: pd.DataFrame) -> Text:
    pairs = {
        name: [number(spread_of_degrees(rows, name, column), 2) for column in ("observed", "simulated_mean")]
        for name in ("in_degree", "out_degree")
    }
    (into, into_drawn), (out, out_drawn) = pairs["in_degree"], pairs["out_degree"]
    return both(
        f"SD of in-degrees {into} observed, {into_drawn} simulated; of out-degrees {out} and {out_drawn}.",
        f"入度标准差：观测{into}，模拟{into_drawn}；出度：{out}，{out_drawn}。",
    )


def _counted(rows: pd.DataFrame) -> Text:
    shown = rows[rows["statistic"].isin(list(STATISTICS))]
    out, total = int(outside(shown).sum()), len(shown)
    return both(
        f"{out} of {total} numbers lie outside the central 95 % of the simulated ones; about 5 % would by chance.",
        f"{total}个数中{out}个落在模拟值的95%区间之外；随机情形约为5%。",
    )


def _verdict(rows: pd.DataFrame, dependent: bool) -> Text:
    if dependent:
        return both(
            "This model lets ties depend on each other; what it still misses is not explained by its terms.",
            "该模型允许边相互依赖；仍未再现者不能由其各项解释。",
        )
    return both(
        "In this model ties do not depend on each other: whatever returns a tie, or closes a triangle, beyond what "
        "covariates say is left out, and standard errors do not know of it.",
        "该模型中各边互不依赖：协变量之外的回流与三角闭合均未计入，标准误亦未反映。",
    )


def in_one(texts: tuple[Text, ...]) -> Text:
    """All sentences as one text."""
    return together(texts)
