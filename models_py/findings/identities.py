"""F-M2 to F-M4: what must hold because the index is a weighted sum of its dimensions.

Belongs here: the three identities, on the study's data and on the printed figures.
Does not belong here: the fits (common.py). Nothing here is called mediation: the dimensions are parts of the index.
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog.base import Text
from models_py.findings.common import EXPOSURE, INDEX
from models_py.findings.inputs import EXACT, NO_EXPOSURE, Finding, FindingInputs, at_most, both, decimal, verdict
from models_py.findings.printed import Figure

# Indicators of each dimension in the paper (domain section 2.2): the index is (2 SSI + 2 QII + 3 HMI) / 7.
PAPER_SIZES: Mapping[str, int] = {"ssi": 2, "qii": 2, "hmi": 3}
_EXPOSURE_ROW = "smart_city_exposure"
_COLUMNS = ("(1)", "(2)", "(3)")


def additivity(inputs: FindingInputs) -> Finding:
    """F-M2, under every reading: with the same regressors, sample and effects the coefficient on the index is
    sum_d n_d b_d / K, as least squares is linear in the outcome. Holds when the exposure's coefficients satisfy it
    within 1e-9; not testable without an exposure.
    """
    title = Text(
        en="Exposure coefficient on the index as the weighted sum of those on its dimensions",
        zh="暴露度对总指数的系数等于对各分指数系数的加权和",
    )
    published, implied = _printed_additivity(inputs)
    if inputs.study.exposure is None:
        return inputs.finding("F-M2", title, published, implied, NO_EXPOSURE, verdict(None))
    assert inputs.study.index is not None
    english, chinese, gaps = [], [], []
    weights = _weights(inputs)
    for reading in inputs.study.index.readings:
        whole = inputs.fits.coefficients(reading, INDEX)[EXPOSURE]
        parts = {d: inputs.fits.coefficients(reading, d)[EXPOSURE] for d in weights}
        total = sum(weights[d] * part for d, part in parts.items())
        gaps.append(abs(whole - total))
        listed = ", ".join(f"{d} {decimal(part)}" for d, part in parts.items())
        english.append(
            f"{reading}: {decimal(whole)} on the index; {listed}, together {decimal(total)} "
            f"(difference {at_most(gaps[-1])})."
        )
        chinese.append(
            f"{inputs.reading_zh(reading)}：对总指数{decimal(whole)}；{listed}，加权和{decimal(total)}"
            f"（差异{at_most(gaps[-1], 'zh')}）。"
        )
    names = ", ".join(inputs.fits.regressors)
    english.append(f"All on {names}, with province and year effects.")
    chinese.append(f"回归元均为{names}，含省份与年份效应。")
    observed = Text(en=" ".join(english), zh="".join(chinese))
    return inputs.finding("F-M2", title, published, implied, observed, verdict(max(gaps) <= EXACT))


def identity(inputs: FindingInputs) -> Finding:
    """F-M3, under every reading: the index regressed on its dimensions and anything else gives n_d / K on each, 0 on
    the exposure and R2 = 1. Holds when all are met within 1e-9; without an exposure its coefficient is left out.
    """
    title = Text(
        en="The index regressed on its own dimensions: an identity, not evidence",
        zh="总指数对自身分指数回归：恒等式而非证据",
    )
    published = implied = None
    parts = inputs.printed.all(*[("Table 4", "(1)", row) for row in ("SSI", "QII", "HMI", _EXPOSURE_ROW, "R2")])
    if parts is not None:
        ssi, qii, hmi, exposure, r2 = parts
        text = f"SSI {ssi}, QII {qii}, HMI {hmi}, {{}} {exposure}, R2 {r2}"
        published = both(text.format("exposure"), text.format("暴露度"))
        total = sum(PAPER_SIZES.values())
        shares = ", ".join(f"{d.upper()} {n}/{total} = {n / total:.3f}" for d, n in PAPER_SIZES.items())
        implied = both(f"{shares}, exposure 0, R2 1", f"{shares}，暴露度0，R2为1")
    assert inputs.study.index is not None
    english, chinese, gaps = [], [], []
    for reading in inputs.study.index.readings:
        result = inputs.fits.fit(reading, INDEX, given_dimensions=True)
        found = inputs.fits.coefficients(reading, INDEX, given_dimensions=True)
        r2_within = float(result.fit["r2_within"])
        departures = [found[d] - weight for d, weight in _weights(inputs).items()]
        if inputs.study.exposure is not None:
            departures.append(found[EXPOSURE])
        gaps.append(max(abs(value) for value in [*departures, r2_within - 1]))
        listed = ", ".join(f"{d} {decimal(found[d])} ({n}/{inputs.count})" for d, n in inputs.sizes.items())
        direct = f", {{}} {decimal(found[EXPOSURE])}" if inputs.study.exposure is not None else ""
        tail = f"R2 {decimal(r2_within)}"
        english.append(f"{reading}: {listed}{direct.format('exposure')}, {tail} (departure {at_most(gaps[-1])}).")
        chinese.append(
            f"{inputs.reading_zh(reading)}：{listed}{direct.format('暴露度')}，{tail}（偏离{at_most(gaps[-1], 'zh')}）。"
        )
    english.append("A vanishing exposure coefficient here is arithmetic and says nothing about channels.")
    chinese.append("暴露度系数在此消失是算术结果，不说明任何作用渠道。")
    observed = Text(en=" ".join(english), zh="".join(chinese))
    return inputs.finding("F-M3", title, published, implied, observed, verdict(max(gaps) <= EXACT))


def decomposition(inputs: FindingInputs) -> Finding:
    """F-M4, under every reading: the exposure's coefficient given the dimensions, plus the sum over dimensions of
    (exposure on the dimension) x (dimension on the index), is its coefficient without them, an algebraic property of
    least squares on one sample. Holds when that is met within 1e-9; not testable without an exposure.
    """
    title = Text(
        en="Direct plus indirect coefficient equals the total", zh="直接系数与间接系数之和等于总系数"
    )
    published, implied = _printed_decomposition(inputs)
    if inputs.study.exposure is None:
        return inputs.finding("F-M4", title, published, implied, NO_EXPOSURE, verdict(None))
    assert inputs.study.index is not None
    english, chinese, gaps = [], [], []
    for reading in inputs.study.index.readings:
        given = inputs.fits.coefficients(reading, INDEX, given_dimensions=True)
        total = inputs.fits.coefficients(reading, INDEX)[EXPOSURE]
        indirect = sum(given[d] * inputs.fits.coefficients(reading, d)[EXPOSURE] for d in inputs.sizes)
        gaps.append(abs(given[EXPOSURE] + indirect - total))
        numbers = [decimal(value) for value in (given[EXPOSURE], indirect, total)]
        english.append(
            f"{reading}: direct {numbers[0]}, indirect {numbers[1]}, total {numbers[2]} (difference {at_most(gaps[-1])})."
        )
        chinese.append(
            f"{inputs.reading_zh(reading)}：直接{numbers[0]}，间接{numbers[1]}，总系数{numbers[2]}"
            f"（差异{at_most(gaps[-1], 'zh')}）。"
        )
    observed = Text(en=" ".join(english), zh="".join(chinese))
    return inputs.finding("F-M4", title, published, implied, observed, verdict(max(gaps) <= EXACT))


def _weights(inputs: FindingInputs) -> dict[str, float]:
    return {name: size / inputs.count for name, size in inputs.sizes.items()}


def _parts(inputs: FindingInputs) -> dict[str, Figure] | None:
    found = inputs.printed.all(*[("Table 3", d.upper(), _EXPOSURE_ROW) for d in PAPER_SIZES])
    return None if found is None else dict(zip(PAPER_SIZES, found, strict=True))


def _reversed(parts: Mapping[str, float]) -> dict[str, float]:
    return {name: -value if name == "ssi" else value for name, value in parts.items()}


def _printed_additivity(inputs: FindingInputs) -> tuple[str | None, str | None]:
    totals = inputs.printed.all(*[("Table 2", column, _EXPOSURE_ROW) for column in _COLUMNS])
    parts = _parts(inputs)
    if totals is None or parts is None:
        return None, None
    wholes = " / ".join(map(str, totals))
    listed = ", ".join(f"{name.upper()} {part}" for name, part in parts.items())
    count = sum(PAPER_SIZES.values())

    def index(values: Mapping[str, float]) -> str:
        return f"{sum(PAPER_SIZES[name] * value for name, value in values.items()) / count:.3f}"

    values = {name: part.value for name, part in parts.items()}
    straight, turned = index(values), index(_reversed(values))
    return (
        both(f"MSPI {wholes} in columns (1) to (3); {listed}", f"MSPI第(1)至(3)列{wholes}；{listed}"),
        both(
            f"MSPI {straight}, or {turned} with SSI reversed (HMI has trends, so exact under one specification only)",
            f"MSPI应为{straight}，SSI反向则为{turned}（HMI列含趋势，仅在同一设定下严格成立）",
        ),
    )


def _printed_decomposition(inputs: FindingInputs) -> tuple[str | None, str | None]:
    totals = inputs.printed.all(*[("Table 2", column, _EXPOSURE_ROW) for column in _COLUMNS])
    parts = _parts(inputs)
    given = inputs.printed.all(*[("Table 4", "(1)", name.upper()) for name in PAPER_SIZES])
    direct = inputs.printed.get("Table 4", "(1)", _EXPOSURE_ROW)
    if totals is None or parts is None or given is None or direct is None:
        return None, None
    on_index = dict(zip(parts, (f.value for f in given), strict=True))

    def indirect(values: Mapping[str, float]) -> float:
        return sum(value * on_index[name] for name, value in values.items())

    values = {name: part.value for name, part in parts.items()}
    straight, turned = indirect(values), indirect(_reversed(values))
    products = " + ".join(f"({parts[name].value:g} x {on_index[name]:g})" for name in parts)
    wholes = " / ".join(map(str, totals))
    sums = (f"{direct.value + straight:.3f}", f"{direct.value + turned:.3f}")
    return (
        both(f"direct {direct}; total {wholes} in Table 2", f"直接{direct}；表2总系数{wholes}"),
        both(
            f"indirect {products} = {straight:.4f}, so a total of {sums[0]}; "
            f"with SSI reversed {turned:.4f} and {sums[1]}",
            f"间接{products} = {straight:.4f}，总系数应为{sums[0]}；SSI反向时为{turned:.4f}与{sums[1]}",
        ),
    )
