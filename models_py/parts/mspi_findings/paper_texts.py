"""What the MSPI paper prints on F-M1 to F-M11, and what follows from it.

Belongs here: texts made of printed figures.
Does not belong here: anything computed from a study's own data.
Every function returns (published, implied) in both languages, or None when a figure it needs is not printed.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps

from catalog.base import Text
from catalog.papers import Place, paper_named
from models_py.parts.comparison.printed import Figure, Printed
from models_py.parts.findings import both
from models_py.parts.mspi_findings.identities import implied_correlation
from models_py.parts.mspi_findings.inputs import PAPER
from models_py.parts.mspi_findings.layout import BOUNDS, SIDES_ZH

Texts = tuple[Text, Text] | None
# Indicators of each dimension in the paper (domain section 2.2): the index is (2 SSI + 2 QII + 3 HMI) / 7.
SIZES: Mapping[str, int] = {"SSI": 2, "QII": 2, "HMI": 3}
_TOTAL = sum(SIZES.values())
_EXPOSURE = "smart_city_exposure"
# The exposure on the index, on its dimensions, and the dimensions on the index.
_TOTALS = tuple(("Table 2", column, _EXPOSURE) for column in ("(1)", "(2)", "(3)"))
_PARTS = tuple(("Table 3", name, _EXPOSURE) for name in SIZES)
_GIVEN = tuple(("Table 4", "(1)", name) for name in SIZES)
_DIRECT = ("Table 4", "(1)", _EXPOSURE)
# Jiangsu after the second batch, of 5 August 2013: entries, and prefecture-level cities (domain section 3.2, F-M11).
_ENTRIES, _CITIES = 16, 13


def _of_figures(*places: Place) -> Callable[[Callable[..., Texts]], Callable[[Printed], Texts]]:
    """Hands a function the figures printed at these places, in order; None without one of them."""

    def told(words: Callable[..., Texts]) -> Callable[[Printed], Texts]:
        @wraps(words)
        def texts(printed: Printed) -> Texts:
            found = printed.all(*places)
            return None if found is None else words(*found)

        return texts

    return told


@_of_figures(("Table 1", "sd", "MSPI"), ("design", "panel", "n_indicators"))
def spread(sd: Figure, count: Figure) -> Texts:
    """F-M1: the standard deviation, and the correlation it needs."""
    correlation = f"{implied_correlation(sd.value, int(count.value)):.4f}"
    return (
        both(f"SD {sd} of {count} indicators' mean", f"{count}个指标均值的标准差{sd}"),
        both(f"mean pairwise correlation {correlation}", f"平均两两相关系数{correlation}"),
    )


@_of_figures(*_TOTALS, *_PARTS)
def additivity(*found: Figure) -> Texts:
    """F-M2: coefficients on the index and its dimensions, and the weighted sum of the latter."""
    totals = "/".join(map(str, found[:3]))
    listed = ", ".join(f"{name} {part}" for name, part in zip(SIZES, found[3:], strict=True))
    straight, turned = (f"{total / _TOTAL:.3f}" for total in _sums(found[3:], list(SIZES.values())))
    return (
        both(f"MSPI {totals} in columns (1) to (3); {listed}", f"MSPI第(1)至(3)列{totals}；{listed}"),
        both(
            f"MSPI {straight}, or {turned} with SSI reversed (HMI has trends, so exact under one specification only)",
            f"MSPI应为{straight}，SSI反向则为{turned}（HMI列含趋势，仅在同一设定下严格成立）",
        ),
    )


@_of_figures(*_GIVEN, _DIRECT, ("Table 4", "(1)", "R2"))
def identity(*found: Figure) -> Texts:
    """F-M3: Table 4, and what an identity gives."""
    *dimensions, exposure, r2 = found
    listed = ", ".join(f"{name} {part}" for name, part in zip(SIZES, dimensions, strict=True))
    shares = ", ".join(f"{name} {size}/{_TOTAL} = {size / _TOTAL:.3f}" for name, size in SIZES.items())
    return (
        both(f"{listed}, exposure {exposure}, R2 {r2}", f"{listed}，暴露度{exposure}，R2 {r2}"),
        both(f"{shares}, exposure 0, R2 1", f"{shares}，暴露度0，R2为1"),
    )


@_of_figures(*_TOTALS, *_PARTS, *_GIVEN, _DIRECT)
def decomposition(*found: Figure) -> Texts:
    """F-M4: direct and total coefficients, and the total the parts add up to."""
    totals, parts, given, direct = "/".join(map(str, found[:3])), found[3:6], found[6:9], found[9]
    straight, turned = _sums(parts, [figure.value for figure in given])
    sums = [f"{direct.value + part:.3f}" for part in (straight, turned)]
    products = " + ".join(f"({a.value:g} x {b.value:g})" for a, b in zip(parts, given, strict=True))
    return (
        both(f"direct {direct}; total {totals} in Table 2", f"直接{direct}；表2总系数{totals}"),
        both(
            f"indirect {products} = {straight:.4f}, so a total of {sums[0]}; "
            f"with SSI reversed {turned:.4f} and {sums[1]}",
            f"间接{products} = {straight:.4f}，总系数应为{sums[0]}；SSI反向时为{turned:.4f}与{sums[1]}",
        ),
    )


@_of_figures(("Table 3", "SSI", _EXPOSURE), ("Table 4", "(1)", "SSI"))
def sign_of_utilisation(on_ssi: Figure, on_index: Figure) -> Texts:
    """F-M5: the two signs of SSI, which no coding of it satisfies together with its definition."""
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
        [term for term in printed.terms("Table 2", column) if term in paper_named(PAPER).coefficients]
        for column in ("(2)", "(3)")
    ]
    found = printed.all(*_TOTALS[1:])
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


@_of_figures(_GIVEN[2])
def column_head(hmi: Figure) -> Texts:
    """F-M7: the column head of Table 4 against the prose."""
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


@_of_figures(_TOTALS[1], ("Table 3", "QII", _EXPOSURE))
def same_figure(one: Figure, other: Figure) -> Texts:
    """F-M8: one figure in two tables; None when they differ."""
    if one.value != other.value:
        return None
    return (
        both(f"Table 2 (2) {one}, Table 3 QII {other}", f"表2第(2)列{one}，表3 QII {other}"),
        both(
            "possible; flagged because two different regressions rarely agree to three decimals",
            "并非不可能；两个不同回归的系数三位小数相同较为少见，故予标注",
        ),
    )


@_of_figures(*[("Table 1", bound.column, bound.row) for bound in BOUNDS])
def ranges(*found: Figure) -> Texts:
    """F-M9: the extremes of Table 1 in doubt. What lies beyond them is general knowledge, checked on real data."""
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


@_of_figures(("Table 1", "max", _EXPOSURE))
def raw_count(largest: Figure) -> Texts:
    """F-M11: the largest exposure printed, and what a literal count gives."""
    ratio = f"{_ENTRIES}/{_CITIES} = {_ENTRIES / _CITIES:.2f}"
    return (
        both(f"maximum {largest}", f"最大值{largest}"),
        both(
            f"a literal count gives {ratio} in Jiangsu in 2013: covered cities are counted, or the count is capped",
            f"按字面计数江苏2013年为{ratio}：分子应为覆盖城市数，或有上限",
        ),
    )


def _sums(parts: Sequence[Figure], weights: Sequence[float]) -> tuple[float, float]:
    """The weighted sum of the coefficients on the dimensions, as printed and with SSI reversed."""
    products = {name: part.value * by for name, part, by in zip(SIZES, parts, weights, strict=True)}
    return sum(products.values()), sum(-value if name == "SSI" else value for name, value in products.items())
