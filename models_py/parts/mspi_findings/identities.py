"""F-M2 to F-M4: what must hold because the index is a weighted sum of its dimensions.

Belongs here: the three identities on the study's data, under every reading.
Does not belong here: the fits (common.py) and the printed figures (paper_texts.py). Nothing here is called mediation:
the dimensions are parts of the index.
"""

from __future__ import annotations

from catalog.base import Text
from models_py.parts.mspi_findings.common import EXPOSURE, INDEX
from models_py.parts.mspi_findings.inputs import EXACT, NO_EXPOSURE, FindingInputs, Observation, at_most, decimal


def additivity(inputs: FindingInputs) -> Observation:
    """F-M2: with the same regressors, rows and effects the coefficient on the index is sum_d n_d b_d / K, as least
    squares is linear in the outcome. Holds when the exposure's coefficients satisfy it within 1e-9; not testable
    without an exposure.
    """
    if not inputs.exposed:
        return NO_EXPOSURE
    english, chinese, gaps = [], [], []
    weights = _weights(inputs)
    for reading in inputs.readings:
        whole = inputs.fits.coefficients(reading, INDEX)[EXPOSURE]
        parts = {d: inputs.fits.coefficients(reading, d)[EXPOSURE] for d in weights}
        total = sum(weights[d] * part for d, part in parts.items())
        gaps.append(abs(whole - total))
        listed = ", ".join(f"{inputs.short(d)} {decimal(part)}" for d, part in parts.items())
        english.append(
            f"{reading}: {decimal(whole)} on the index; {listed}, together {decimal(total)} "
            f"(difference {at_most(gaps[-1])})."
        )
        chinese.append(
            f"{inputs.reading_zh(reading)}：对总指数{decimal(whole)}；{listed}，加权和{decimal(total)}"
            f"（差异{at_most(gaps[-1], 'zh')}）。"
        )
    used = {int(inputs.fits.fit(r, o).fit["n_obs"]) for r in inputs.readings for o in (INDEX, *weights)}
    names, rows = inputs.names(inputs.fits.regressors), ", ".join(map(str, sorted(used)))
    english.append(f"All on {names.en}, with province and year effects; rows: {rows}.")
    chinese.append(f"回归元均为{names.zh}，含省份与年份效应；样本行数：{rows}。")
    return Observation(Text(en=" ".join(english), zh="".join(chinese)), max(gaps) <= EXACT)


def identity(inputs: FindingInputs) -> Observation:
    """F-M3: the index regressed on its dimensions and anything else gives n_d / K on each, 0 on the exposure and
    R2 = 1. Holds when all are met within 1e-9; without an exposure its coefficient is left out.
    """
    english, chinese, gaps = [], [], []
    for reading in inputs.readings:
        found = inputs.fits.coefficients(reading, INDEX, given_dimensions=True)
        r2 = float(inputs.fits.fit(reading, INDEX, given_dimensions=True).fit["r2_within"])
        departures = [found[d] - weight for d, weight in _weights(inputs).items()]
        listed = ", ".join(
            f"{inputs.short(d)} {decimal(found[d])} ({n}/{inputs.count})" for d, n in inputs.sizes.items()
        )
        direct = ""
        if inputs.exposed:
            departures.append(found[EXPOSURE])
            direct = f", exposure {decimal(found[EXPOSURE])}"
        gaps.append(max(abs(value) for value in (*departures, r2 - 1)))
        english.append(f"{reading}: {listed}{direct}, R2 {decimal(r2)} (departure {at_most(gaps[-1])}).")
        chinese.append(
            f"{inputs.reading_zh(reading)}：{listed}{direct.replace('exposure', '暴露度')}，R2 {decimal(r2)}"
            f"（偏离{at_most(gaps[-1], 'zh')}）。"
        )
    exact = max(gaps) <= EXACT
    if exact and inputs.exposed:
        english.append("That the exposure coefficient vanishes is arithmetic and says nothing about channels.")
        chinese.append("暴露度系数消失是算术结果，不说明任何作用渠道。")
    return Observation(Text(en=" ".join(english), zh="".join(chinese)), exact)


def decomposition(inputs: FindingInputs) -> Observation:
    """F-M4: the exposure's coefficient given the dimensions, plus the sum over dimensions of (exposure on the
    dimension) x (dimension on the index), is its coefficient without them: the omitted-variable formula of least
    squares, for any outcome, on one set of rows. Holds when met within 1e-9; not testable without an exposure.
    """
    if not inputs.exposed:
        return NO_EXPOSURE
    english, chinese, gaps = [], [], []
    for reading in inputs.readings:
        given = inputs.fits.coefficients(reading, INDEX, given_dimensions=True)
        total = inputs.fits.coefficients(reading, INDEX)[EXPOSURE]
        indirect = sum(given[d] * inputs.fits.coefficients(reading, d)[EXPOSURE] for d in inputs.sizes)
        gaps.append(abs(given[EXPOSURE] + indirect - total))
        numbers = [decimal(value) for value in (given[EXPOSURE], indirect, total)]
        english.append(
            f"{reading}: direct {numbers[0]}, indirect {numbers[1]}, total {numbers[2]} "
            f"(difference {at_most(gaps[-1])})."
        )
        chinese.append(
            f"{inputs.reading_zh(reading)}：直接{numbers[0]}，间接{numbers[1]}，总系数{numbers[2]}"
            f"（差异{at_most(gaps[-1], 'zh')}）。"
        )
    return Observation(Text(en=" ".join(english), zh="".join(chinese)), max(gaps) <= EXACT)


def _weights(inputs: FindingInputs) -> dict[str, float]:
    return {name: size / inputs.count for name, size in inputs.sizes.items()}
