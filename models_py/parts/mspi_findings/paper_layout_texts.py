"""What the MSPI paper prints on F-M6 to F-M11, and what follows from it.

Belongs here: texts made of printed figures. Does not belong here: anything computed from a study's own data.
Every function returns (published, implied) in both languages, or None when a figure it needs is not printed.
"""

from __future__ import annotations

from models_py.parts.comparison.printed import Printed
from models_py.parts.mspi_findings.inputs import both, counterparts
from models_py.parts.mspi_findings.paper_texts import Texts
from models_py.parts.mspi_findings.ranges import BOUNDS, SIDES_ZH

_EXPOSURE = "smart_city_exposure"
# Jiangsu after the second batch, of 5 August 2013: entries, and prefecture-level cities (domain section 3.2, F-M11).
_ENTRIES, _CITIES = 16, 13


def same_controls(printed: Printed) -> Texts:
    """F-M6: the rows of columns (2) and (3); None when they differ."""
    rows = [
        [term for term in printed.terms("Table 2", column) if term in counterparts().coefficients]
        for column in ("(2)", "(3)")
    ]
    found = printed.all(*[("Table 2", column, _EXPOSURE) for column in ("(2)", "(3)")])
    if found is None or set(rows[0]) != set(rows[1]):
        return None
    listed = ", ".join(row.replace("_", " ") for row in rows[0])
    return (
        both(
            f"both list {listed}; exposure {found[0]} and {found[1]}",
            f"两列均列出{listed}；暴露度{found[0]}与{found[1]}",
        ),
        both("the controls said to be added in (3) are not named", "文中称第(3)列增加的控制变量未列出"),
    )


def column_head(printed: Printed) -> Texts:
    """F-M7: the column head of Table 4 against the prose."""
    hmi = printed.get("Table 4", "(1)", "HMI")
    if hmi is None:
        return None
    return (
        both(
            f"headed Health management index, the prose says MSPI; HMI {hmi}",
            f"列名为健康管理指数，正文为MSPI；HMI {hmi}",
        ),
        both(
            "with HMI as dependent variable its own coefficient would be 1 and all others 0",
            "若被解释变量为HMI，其自身系数应为1，其余为0",
        ),
    )


def same_figure(printed: Printed) -> Texts:
    """F-M8: one figure in two tables; None when they differ."""
    found = printed.all(("Table 2", "(2)", _EXPOSURE), ("Table 3", "QII", _EXPOSURE))
    if found is None or found[0].value != found[1].value:
        return None
    return (
        both(f"Table 2 (2) {found[0]}, Table 3 QII {found[1]}", f"表2第(2)列{found[0]}，表3 QII {found[1]}"),
        both(
            "possible; flagged because two different regressions rarely agree to three decimals",
            "并非不可能；两个不同回归的系数三位小数相同较为少见，故予标注",
        ),
    )


def ranges(printed: Printed) -> Texts:
    """F-M9: the extremes of Table 1 in doubt. What lies beyond them is general knowledge, checked on real data."""
    found = printed.all(*[("Table 1", bound.column, bound.row) for bound in BOUNDS])
    if found is None:
        return None
    pairs = list(zip(BOUNDS, found, strict=True))
    return (
        both(
            "; ".join(f"{bound.row.replace('_', ' ')} {bound.column} {figure}" for bound, figure in pairs),
            "；".join(f"{bound.zh}{SIDES_ZH[bound.column]}{figure}" for bound, figure in pairs),
        ),
        both(
            "Tibet lies outside, and no province came down to the GDP minimum: not 31 provinces at current prices "
            "(general knowledge; see these data)",
            "西藏在该范围之外，且无省份低至该GDP最小值：并非31个省份的当年价数据（常识，以本数据为准）",
        ),
    )


def exposure_years(printed: Printed) -> Texts:
    """F-M10: the announcements (domain section 3.1), and what they leave to vary; None for no paper."""
    if not printed.figures:
        return None
    return (
        both(
            "three announcements: 29 January 2013, 5 August 2013, 7 April 2015",
            "三批公布：2013年1月29日、2013年8月5日、2015年4月7日",
        ),
        both(
            "at most three levels per province, none new after 2015: 2013-2015 against later",
            "每省至多三个水平，2015年后无新变化：实为2013—2015年与其后之比较",
        ),
    )


def raw_count(printed: Printed) -> Texts:
    """F-M11: the largest exposure printed, and what a literal count gives."""
    largest = printed.get("Table 1", "max", _EXPOSURE)
    if largest is None:
        return None
    ratio = f"{_ENTRIES}/{_CITIES} = {_ENTRIES / _CITIES:.2f}"
    return (
        both(f"maximum {largest}", f"最大值{largest}"),
        both(
            f"a literal count gives {ratio} in Jiangsu in 2013: covered cities are counted, or the count is capped",
            f"按字面计数江苏2013年为{ratio}：分子应为覆盖城市数，或有上限",
        ),
    )
