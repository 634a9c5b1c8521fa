"""What the MSPI paper prints on F-M1 to F-M11, and what follows from it.

Belongs here: texts made of printed figures.
Does not belong here: anything computed from a study's own data.
Every function returns (published, implied) in both languages, or None when a figure it needs is not printed.
"""

from __future__ import annotations

from collections.abc import Mapping

from models_py.parts.comparison.printed import Figure, Printed
from models_py.parts.mspi_findings.identities import implied_correlation
from models_py.parts.mspi_findings.inputs import both, counterparts
from models_py.parts.mspi_findings.ranges import BOUNDS, SIDES_ZH

Texts = tuple[str, str] | None
# Indicators of each dimension in the paper (domain section 2.2): the index is (2 SSI + 2 QII + 3 HMI) / 7.
SIZES: Mapping[str, int] = {"SSI": 2, "QII": 2, "HMI": 3}
_TOTAL = sum(SIZES.values())
_EXPOSURE = "smart_city_exposure"
# Jiangsu after the second batch, of 5 August 2013: entries, and prefecture-level cities (domain section 3.2, F-M11).
_ENTRIES, _CITIES = 16, 13


def spread(printed: Printed) -> Texts:
    """F-M1: the standard deviation, and the correlation it needs."""
    found = printed.all(("Table 1", "sd", "MSPI"), ("design", "panel", "n_indicators"))
    if found is None:
        return None
    sd, count = found
    correlation = f"{implied_correlation(sd.value, int(count.value)):.4f}"
    return (
        both(f"SD {sd} of {count} indicators' mean", f"{count}个指标均值的标准差{sd}"),
        both(f"mean pairwise correlation {correlation}", f"平均两两相关系数{correlation}"),
    )


def additivity(printed: Printed) -> Texts:
    """F-M2: coefficients on the index and its dimensions, and the weighted sum of the latter."""
    totals, parts = _totals(printed), _parts(printed)
    if totals is None or parts is None:
        return None

    def index(values: Mapping[str, float]) -> str:
        return f"{sum(SIZES[name] * value for name, value in values.items()) / _TOTAL:.3f}"

    listed = ", ".join(f"{name} {part}" for name, part in parts.items())
    values = {name: part.value for name, part in parts.items()}
    straight, turned = index(values), index(_ssi_reversed(values))
    return (
        both(f"MSPI {totals} in columns (1) to (3); {listed}", f"MSPI第(1)至(3)列{totals}；{listed}"),
        both(
            f"MSPI {straight}, or {turned} with SSI reversed (HMI has trends, so exact under one specification only)",
            f"MSPI应为{straight}，SSI反向则为{turned}（HMI列含趋势，仅在同一设定下严格成立）",
        ),
    )


def identity(printed: Printed) -> Texts:
    """F-M3: Table 4, and what an identity gives."""
    parts = printed.all(*[("Table 4", "(1)", row) for row in (*SIZES, _EXPOSURE, "R2")])
    if parts is None:
        return None
    *dimensions, exposure, r2 = parts
    listed = ", ".join(f"{name} {part}" for name, part in zip(SIZES, dimensions, strict=True))
    shares = ", ".join(f"{name} {size}/{_TOTAL} = {size / _TOTAL:.3f}" for name, size in SIZES.items())
    return (
        both(f"{listed}, exposure {exposure}, R2 {r2}", f"{listed}，暴露度{exposure}，R2 {r2}"),
        both(f"{shares}, exposure 0, R2 1", f"{shares}，暴露度0，R2为1"),
    )


def decomposition(printed: Printed) -> Texts:
    """F-M4: direct and total coefficients, and the total the parts add up to."""
    totals, parts = _totals(printed), _parts(printed)
    given = printed.all(*[("Table 4", "(1)", name) for name in SIZES])
    direct = printed.get("Table 4", "(1)", _EXPOSURE)
    if totals is None or parts is None or given is None or direct is None:
        return None
    on_index = {name: figure.value for name, figure in zip(SIZES, given, strict=True)}

    def indirect(values: Mapping[str, float]) -> float:
        return sum(value * on_index[name] for name, value in values.items())

    values = {name: part.value for name, part in parts.items()}
    straight, turned = indirect(values), indirect(_ssi_reversed(values))
    products = " + ".join(f"({value:g} x {on_index[name]:g})" for name, value in values.items())
    sums = [f"{direct.value + part:.3f}" for part in (straight, turned)]
    return (
        both(f"direct {direct}; total {totals} in Table 2", f"直接{direct}；表2总系数{totals}"),
        both(
            f"indirect {products} = {straight:.4f}, so a total of {sums[0]}; "
            f"with SSI reversed {turned:.4f} and {sums[1]}",
            f"间接{products} = {straight:.4f}，总系数应为{sums[0]}；SSI反向时为{turned:.4f}与{sums[1]}",
        ),
    )


def sign_of_utilisation(printed: Printed) -> Texts:
    """F-M5: the two signs of SSI, which no coding of it satisfies together with its definition."""
    found = printed.all(("Table 3", "SSI", _EXPOSURE), ("Table 4", "(1)", "SSI"))
    if found is None:
        return None
    on_ssi, on_index = found
    return (
        both(f"exposure on SSI {on_ssi}; SSI on MSPI {on_index}", f"暴露度对SSI {on_ssi}；SSI对MSPI {on_index}"),
        both(
            "if SSI is a move away from hospitals its coefficient is a deterioration; if it is hospital use, "
            "the index counts less use as worse",
            "若SSI表示减少住院依赖，则该系数意味恶化；若SSI表示利用量，则总指数把利用减少记为变差",
        ),
    )


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


def _totals(printed: Printed) -> str | None:
    found = printed.all(*[("Table 2", column, _EXPOSURE) for column in ("(1)", "(2)", "(3)")])
    return None if found is None else "/".join(map(str, found))


def _parts(printed: Printed) -> dict[str, Figure] | None:
    found = printed.all(*[("Table 3", name, _EXPOSURE) for name in SIZES])
    return None if found is None else dict(zip(SIZES, found, strict=True))


def _ssi_reversed(values: Mapping[str, float]) -> dict[str, float]:
    return {name: -value if name == "SSI" else value for name, value in values.items()}
