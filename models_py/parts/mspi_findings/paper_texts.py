"""What the MSPI paper prints on F-M1 to F-M5, and what follows from it by arithmetic.

Belongs here: texts made of printed figures; F-M6 and on stand in paper_layout_texts.py.
Does not belong here: anything computed from a study's own data.
Every function returns (published, implied) in both languages, or None when a figure it needs is not printed.
"""

from __future__ import annotations

from collections.abc import Mapping

from models_py.parts.comparison.printed import Figure, Printed
from models_py.parts.mspi_findings.inputs import both
from models_py.parts.mspi_findings.spread import implied_correlation

Texts = tuple[str, str] | None
# Indicators of each dimension in the paper (domain section 2.2): the index is (2 SSI + 2 QII + 3 HMI) / 7.
SIZES: Mapping[str, int] = {"SSI": 2, "QII": 2, "HMI": 3}
_TOTAL = sum(SIZES.values())
_EXPOSURE = "smart_city_exposure"


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


def _totals(printed: Printed) -> str | None:
    found = printed.all(*[("Table 2", column, _EXPOSURE) for column in ("(1)", "(2)", "(3)")])
    return None if found is None else "/".join(map(str, found))


def _parts(printed: Printed) -> dict[str, Figure] | None:
    found = printed.all(*[("Table 3", name, _EXPOSURE) for name in SIZES])
    return None if found is None else dict(zip(SIZES, found, strict=True))


def _ssi_reversed(values: Mapping[str, float]) -> dict[str, float]:
    return {name: -value if name == "SSI" else value for name, value in values.items()}
