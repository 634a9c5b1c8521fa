"""What the coupling paper prints on F-C1 to F-C8, and what follows from it.

Belongs here: texts made of printed figures and of the map of provinces. Does not belong here: anything computed from a
study's own data (checks.py). Every function returns (published, implied) in both languages, or None when a figure it
needs is not printed.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from catalog.base import Text
from models_py.panel import Panel, province_panel
from models_py.parts.comparison.printed import Figure, Printed
from models_py.parts.findings import both
from models_py.parts.spatial_weights import made
from models_py.spatial.moran_tables import z_of
from models_py.spatial.weights import weights_of

Texts = tuple[Text, Text] | None
MORAN_TABLE, MORAN_TERM = "Table 5", "global Moran's I of CCD"
# Columns of one year; the fifth is an approximate value for three years together.
MORAN_YEARS = ("2012", "2016", "2019", "2023")
ATTENTION = "government digital attention"
_GUANGDONG = "CCD Guangdong"
_RHO = ("Table 7", "main", "rho")


def of_paper(name: str) -> pd.DataFrame:
    """Weights of the 31 provinces that need no figures: borders or distances."""
    return made(name, province_panel((2012, 2023)), {}, "")


def printed_moran(printed: Printed) -> dict[str, Figure]:
    """The printed values of Moran's I by year; empty if one is absent."""
    found = printed.all(*((MORAN_TABLE, year, MORAN_TERM) for year in MORAN_YEARS))
    return {} if found is None else dict(zip(MORAN_YEARS, found, strict=True))


def near_one(printed: Printed) -> Texts:
    """F-C1: what a degree of 0.999 needs of both indices."""
    found = printed.all(("Table 4", "2012", _GUANGDONG), ("Table 4", "2023", _GUANGDONG))
    if found is None:
        return None
    first, last = found
    return (
        both(f"Guangdong {first} in 2012, {last} in 2023", f"广东2012年{first}，2023年{last}"),
        both(
            f"D = (U1 U2)^(1/4), so U1 U2 = {last.value**4:.3f}: both systems at the maximum of every weighted "
            f"indicator; {first} is a geometric mean of {first.value**2:.3f}. Rescaled indices, or totals instead of "
            "densities",
            f"D=(U1·U2)^(1/4)，故U1·U2={last.value**4:.3f}：两系统各加权指标均达最大；{first}对应几何平均{first.value**2:.3f}。"
            "应系指数重新缩放，或用总量而非密度",
        ),
    )


def ranges(printed: Printed) -> Texts:
    """F-C2: statements on ranges in the prose, which no figure of the list has, against each other."""
    found = printed.get("Table 4", "2012", _GUANGDONG)
    if found is None:
        return None
    return (
        both(
            "2012: all provinces 0.3-0.6, most western ones below 0.3; eastern ones 0.6-0.9 throughout, Guangdong "
            f"{found}",
            f"2012年：各省0.3—0.6，多数西部省份低于0.3；东部历年0.6—0.9，广东{found}",
        ),
        both(
            f"the statements exclude each other: below 0.3 is not within 0.3-0.6, and {found} not within 0.6-0.9",
            f"表述互相矛盾：低于0.3不在0.3—0.6内，{found}亦不在0.6—0.9内",
        ),
    )


def moran_values(printed: Printed) -> Texts:
    """F-C3: z of the printed values of Moran's I under borders and distances."""
    found = printed_moran(printed)
    if not found:
        return None
    listed = ", ".join(f"{year} {figure}" for year, figure in found.items())
    told, told_zh = [], []
    for name, en, zh in (
        ("contiguity", "contiguity, rows standardised", "邻接（行标准化）"),
        ("contiguity_binary", "contiguity, binary", "邻接（0-1）"),
        ("inverse_distance", "inverse distance, rows standardised", "反距离（行标准化）"),
    ):
        matrix = of_paper(name)
        values = [z_of(figure.value, matrix) for figure in found.values()]
        shown = " ".join(f"{z:.2f}" for z, _ in values)
        told.append(f"{en}: SD {values[0][1]:.4f}, z {shown}")
        told_zh.append(f"{zh}：标准差{values[0][1]:.4f}，z {shown}")
    return (
        both(f"{listed}; all but 2019 called significant", f"{listed}；除2019年外均称显著"),
        both(
            f"E(I) = -1/30 = -0.0333. {'; '.join(told)}: none beyond 1.96",
            f"E(I)＝-1/30＝-0.0333。{'；'.join(told_zh)}：均未超过1.96",
        ),
    )


def signs(printed: Printed) -> Texts:
    """F-C4: a positive z of residuals against negative values of the variable."""
    found, values = printed.get("Table 6", "statistic", "Moran's I (z statistic)"), printed_moran(printed)
    if found is None or not values:
        return None
    low, high = (end(figure.value for figure in values.values()) for end in (min, max))
    return (
        both(
            f"Table 6: Moran's I {found}; Table 5: {low:g} to {high:g}", f"表6莫兰指数{found}；表5为{low:g}至{high:g}"
        ),
        both(
            f"I has no value of {found.value:g}: it is a z, of residuals, and positive while Table 5 is negative",
            f"莫兰指数不可能为{found.value:g}，应为残差检验的z值，且为正，而表5为负",
        ),
    )


def multipliers(printed: Printed) -> Texts:
    """F-C5: the identity of the four Lagrange multipliers."""
    names = ("LM-lag", "Robust LM-error", "LM-error", "Robust LM-lag")
    found = printed.all(*(("Table 6", "statistic", name) for name in names))
    if found is None:
        return None
    lag, robust_error, error, robust_lag = (figure.value for figure in found)
    sums, gap = (lag + robust_error, error + robust_lag), abs(lag + robust_error - error - robust_lag)
    return (
        both(
            f"{lag:g} + {robust_error:g} = {sums[0]:.3f}; {error:g} + {robust_lag:g} = {sums[1]:.3f}",
            f"{lag:g}＋{robust_error:g}＝{sums[0]:.3f}；{error:g}＋{robust_lag:g}＝{sums[1]:.3f}",
        ),
        both(
            f"both are the joint test of lag and error, equal exactly; here {gap:.3f} apart",
            f"两者同为滞后与误差的联合检验，应恰好相等；此处相差{gap:.3f}",
        ),
    )


def rho(printed: Printed) -> Texts:
    """F-C6: whether the printed rho is feasible, and what it means."""
    found = printed.get(*_RHO)
    if found is None:
        return None
    lows = {name: weights_of(of_paper(name), list(of_paper(name).index)).interval[0] for name in _FEASIBLE}
    bounds = ", ".join(f"{name.replace('_', ' ')} ({low:.3f}, 1)" for name, low in lows.items())
    bounds_zh = "，".join(f"{_FEASIBLE[name]}({low:.3f}, 1)" for name, low in lows.items())
    near = 1 - found.value / lows["contiguity"]
    return (
        both(f"rho {found}", f"ρ＝{found}"),
        both(
            f"feasible: {bounds}; outside (-1, 1): the inverse exists, the series of feedback rounds diverges. "
            f"Smallest eigenvalue of I - rho W {near:.3f} under contiguity; 1 / (1 - rho) = "
            f"{1 / (1 - found.value):.3f}",
            f"可行：{bounds_zh}；超出(-1, 1)：逆矩阵存在，但反馈级数不收敛。邻接下I－ρW最小特征值{near:.3f}；"
            f"1/(1－ρ)＝{1 / (1 - found.value):.3f}",
        ),
    )


_FEASIBLE = {"contiguity": "邻接", "inverse_distance": "反距离"}


def decline(printed: Printed) -> Texts:
    """F-C7: a decline that rises."""
    found = printed.all(*(("Table 8", f"{region}/total", ATTENTION) for region in ("east", "central")))
    if found is None:
        return None
    east, central = found
    return (
        both(
            f"total effect of government attention: east {east}, centre {central}, west not significant; the prose: "
            "declines from east to west",
            f"政府数字关注总效应：东部{east}，中部{central}，西部不显著；正文称由东向西递减",
        ),
        both(f"it rises from {east.value:g} to {central.value:g}", f"由{east.value:g}升至{central.value:g}"),
    )


def two_parts(printed: Printed) -> Texts:
    """F-C8: the weights of the central region."""
    if not printed.figures:
        return None
    panel = province_panel((2012, 2023))
    codes = [entity.code for entity in panel.entities if entity.region == "central"]
    weights = of_paper("contiguity")
    inside = weights_of(weights.loc[codes, codes], codes)
    parted = _names(panel, _component(weights.loc[codes, codes], 220000))
    return (
        both("the model within the central region, Table 8", "表8中部地区模型"),
        both(
            f"under contiguity {inside.components} parts, {parted[0]} apart: rho is bounded by -1, and spillovers "
            "between the parts are none",
            f"邻接权重分为{inside.components}部分，{parted[1]}自成一体：ρ下限为－1，两部分间无溢出",
        ),
    )


def _component(weights: pd.DataFrame, start: int) -> list[int]:
    found, new = {start}, {start}
    while new:
        new = {int(str(other)) for one in new for other, weight in weights.loc[one].items() if weight > 0} - found
        found |= new
    return sorted(found)


def _names(panel: Panel, codes: Sequence[int]) -> tuple[str, str]:
    named = [panel.by_code[code] for code in codes]
    return " and ".join(one.name_en for one in named), "、".join(one.short_zh for one in named)
