"""The printed tables of inequality: coefficients with a reading, parts of the Theil index, who moved the Gini.

Belongs here: their rows, words and notes. Does not belong here: computing (measured.py).
"""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from catalog.base import Text
from models_py.figures.table import NOTHING, Cell, ReportTable, Row, number, stacked
from models_py.panel import ENTITY, Panel
from models_py.parts.inequality.texts import PER, description_note, gini_class, interval_note, resource_name, trend
from models_py.parts.inequality.titles import CHANGE, GINI, THEIL, TITLES

_MOST = 3
_PLACE = ("resource", "basis", "year", "measure")
_REGIONS = {
    "": Text(zh="全部", en="All"),
    "east": Text(zh="东部", en="East"),
    "central": Text(zh="中部", en="Central"),
    "west": Text(zh="西部", en="West"),
}

_READ = (Text(zh="变化", en="Change"), Text(zh="类别", en="Class"), Text(zh="读法", en="Reading"))
_PARTS = (Text(zh="组内合计", en="Within"), Text(zh="组间", en="Between"))


def gini_table(inequality: pd.DataFrame, measure: pd.DataFrame, panel: Panel, synthetic: bool) -> ReportTable:
    """First, middle and last year with intervals, the change, and what a "falling since" would say.

    `inequality`, `measure`: rows of inequality and inequality_measure of one study.
    """
    years = sorted(inequality.dropna(subset=["gini"])["year"].unique())
    shown = list(dict.fromkeys([years[0], years[len(years) // 2], years[-1]]))
    held = {tuple(row[name] for name in _PLACE): row for row in measure.to_dict("records")}
    body = []
    for block, basis in enumerate(dict.fromkeys(inequality["basis"])):
        for resource, own in inequality[inequality["basis"] == basis].groupby("resource", sort=False):
            name = resource_name(str(resource))
            values = [_with_interval(held, (resource, basis, year, "gini")) for year in shown]
            last = own[own["year"] == shown[-1]]["gini"].iloc[0]
            place = (resource, basis, shown[-1], "gini_change")
            change = held.get(place)
            cells = (
                *values,
                _with_interval(held, place),
                NOTHING if pd.isna(last) else gini_class(float(last)),
                trend(own, change),
            )
            body.append(Row(_per(name, str(basis)), cells, block))
    header: tuple[Cell, ...] = (
        *map(str, shown),
        Text(zh="变化", en="Change"),
        Text(zh="类别", en="Class"),
        Text(zh="读法", en="Reading"),
    )
    note = Text(
        zh="类别按最后一年：0.2以下高度均等，0.2—0.3相对均等，0.3—0.4比较合理，0.4—0.5差距较大，0.5及以上差距悬殊。"
        "括号内为区间。",
        en="Class of the last year: below 0.2 near equal, to 0.3 relatively equal, to 0.4 reasonable, to 0.5 a large "
        "gap, from 0.5 severe. In brackets: interval.",
    )
    notes = (description_note(panel), note, interval_note(panel))
    return ReportTable(GINI, TITLES[GINI], (header,), tuple(body), notes, synthetic, text_columns=(len(shown) + 2,))


def theil_table(group: pd.DataFrame, panel: Panel, synthetic: bool) -> ReportTable:
    """The Theil index of the first and the last year, and the contribution rates of its parts.

    `group`: rows of inequality_group of one study.
    """
    names = sorted(
        dict.fromkeys(group["group_name"]),
        key=lambda name: (list(_REGIONS).index(name) if name in _REGIONS else len(_REGIONS), name),
    )
    body = []
    for block, ((basis, resource), own) in enumerate(group.groupby(["basis", "resource"], sort=False)):
        name = resource_name(str(resource))
        for year in dict.fromkeys((own["year"].min(), own["year"].max())):
            rows = own[own["year"] == year].set_index("group_name")
            total = float(rows["within"].sum() + rows["between"].sum())
            rates = [rows["within_share"].get(one, math.nan) for one in names]
            cells = (str(year), number(total, 4), *map(_percent, [*rates, sum(rates), rows["between_share"].sum()]))
            body.append(Row(_per(name, str(basis)), cells, block))
    form, log = group["form"].iloc[0], group["log_base"].iloc[0]
    groups = tuple(_REGIONS.get(name, name) for name in names)
    header = (
        Text(zh="年份", en="Year"),
        Text(zh=f"泰尔{form}", en=f"Theil {form}"),
        *groups,
        Text(zh="组内合计", en="Within"),
        Text(zh="组间", en="Between"),
    )
    note = Text(
        zh=f"泰尔指数{form}，对数底为{log}。贡献率：占泰尔指数的百分比，组内合计与组间之和为100%。",
        en=f"Theil {form}, logarithms to base {log}. Contribution rates: per cent of the index; within and between add "
        "up to 100 %.",
    )
    return ReportTable(THEIL, TITLES[THEIL], (header,), tuple(body), (note, description_note(panel)), synthetic)


def change_table(contribution: pd.DataFrame, panel: Panel, synthetic: bool) -> ReportTable:
    """The change of the Gini from the first to the last year by cause, and the places that raised and lowered it most.

    `contribution`: rows of inequality_contribution of one study.
    """
    last = contribution["year"].max()
    causes = ["from_reranking", "from_basis", "from_resource"]
    body = []
    for block, (basis, every) in enumerate(contribution[contribution["year"] == last].groupby("basis", sort=False)):
        for resource, own in every.groupby("resource", sort=False):
            name = resource_name(str(resource))
            places = own.set_index(ENTITY)["total"].sort_values()
            sums = [number(float(own[cause].sum()), 4) for cause in ["total", *causes]]
            cells = (*sums, _places(places[::-1], panel, 1), _places(places, panel, -1))
            body.append(Row(_per(name, str(basis)), cells, block))
    header = (
        Text(zh="合计", en="Total"),
        Text(zh="位次", en="Re-ranking"),
        Text(zh="基数份额", en="Shares of basis"),
        Text(zh="资源份额", en="Shares of resource"),
        Text(zh="推高最多", en="Raised it most"),
        Text(zh="拉低最多", en="Lowered it most"),
    )
    first = ", ".join(map(str, sorted(set(contribution["since"]))))
    note = Text(
        zh=f"{last}年基尼系数减首年（{first}年），三项之和恰为合计；各单位逐年数值见数据表 inequality_contribution。"
        "此为恒等分解，不说明原因。",
        en=f"Gini of {last} less that of the first year, {first}; the three causes add up exactly. By place and year: "
        "table inequality_contribution. An identity, not an explanation.",
    )
    return ReportTable(CHANGE, TITLES[CHANGE], (header,), tuple(body), (note, description_note(panel)), synthetic)


def _per(resource: Text, basis: str) -> Text:
    return Text(zh=f"{resource.zh}（{PER[basis].zh}）", en=f"{resource.en}, {PER[basis].en}")


def _with_interval(held: Mapping[Any, Any], place: tuple[Any, ...]) -> str:
    if place not in held:
        return NOTHING
    row = held[place]
    value = number(row["value"], 4)
    return value if pd.isna(row["low"]) else f"{value}\n[{number(row['low'], 4)}, {number(row['high'], 4)}]"


def _percent(share: float) -> str:
    return NOTHING if pd.isna(share) else f"{number(100 * share, 1)}%"


def _places(totals: pd.Series, panel: Panel, sign: int) -> Cell:
    """The first places whose total has the sign, with it."""
    found = [(panel.by_code[int(str(code))], float(v)) for code, v in totals.head(_MOST).items() if v * sign > 0]
    return stacked(*(stacked(one.name, number(v, 4), between=" ") for one, v in found)) if found else NOTHING
