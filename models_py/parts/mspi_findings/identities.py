"""F-M1 to F-M4: what must hold because the index is a mean of its indicators and a weighted sum of its dimensions.

Belongs here: the four identities on the study's data, under every reading.
Does not belong here: the fits (inputs.py) and the printed figures (paper_texts.py). Nothing here is called mediation:
the dimensions are parts of the index.
"""

import math

import numpy as np
import pandas as pd

from catalog.base import Text
from models_py.panel import KEYS
from models_py.parts.findings import Observation, observed
from models_py.parts.mspi_findings.inputs import (
    EXACT,
    EXPOSURE,
    INDEX,
    FindingInputs,
    at_most,
    decimal,
)

# Of a mean without any fit.
_EXACT = 1e-12
_NO_MEAN = Observation(
    Text(
        en="The identity is for two or more equally weighted indicators; these are not.",
        zh="该恒等式仅适用于两个及以上等权指标，本研究不满足。",
    ),
    None,
)


def implied_correlation(sd: float, indicators: int) -> float:
    """Mean pairwise correlation r of K unit-variance scores whose unweighted mean has standard deviation `sd`.

    From var(mean) = (1 + (K - 1) r) / K, the variance of a sum: r = (K sd^2 - 1) / (K - 1). `indicators` is K >= 2.
    """
    return (indicators * sd**2 - 1) / (indicators - 1)


def index_spread(inputs: FindingInputs) -> Observation:
    """F-M1, under every reading. Holds when the correlation implied by the index's own standard deviation equals the
    mean pairwise correlation of its signed scores within 1e-12, as it must for an unweighted mean of unit-variance
    scores. With a baseline only its years are looked at, as scores have unit variance there alone. Not testable with
    one indicator, or unequal weights.
    """
    index, count = inputs.options, inputs.count
    texts, gaps = [], []
    for reading in inputs.options.readings:
        values, scores = _reading(inputs, reading)
        if count < 2 or scores is None:
            return _NO_MEAN
        sd = float(values.std(ddof=index.ddof))
        implied = implied_correlation(sd, count)
        matrix = np.corrcoef(scores.to_numpy(), rowvar=False)
        actual = float((matrix.sum() - np.trace(matrix)) / (count * (count - 1)))
        gaps.append(abs(implied - actual))
        texts.append(
            Text(
                en=f"{reading}: SD {decimal(sd)} implies a correlation of {decimal(implied)}; that of the "
                f"{count} indicators is {decimal(actual)} (difference {at_most(gaps[-1])}).",
                zh=f"{inputs.reading_zh(reading)}：标准差{decimal(sd)}，推出相关系数{decimal(implied)}；{count}个指标的实际值为"
                f"{decimal(actual)}（差异{at_most(gaps[-1], 'zh')}）。",
            )
        )
    if index.baseline_years is not None:
        window = "-".join(map(str, index.baseline_years))
        texts.append(Text(en=f"Over the baseline {window}.", zh=f"限于基期{window}。"))
    return observed(texts, all(gap <= _EXACT for gap in gaps))


def _reading(inputs: FindingInputs, reading: str) -> tuple[pd.Series, pd.DataFrame | None]:
    """The index and the scores of a reading, wide, same rows; no scores if they are weighted unequally."""
    own, rows = (
        frame[(frame["reading"] == reading) & (frame["variant"] == "")] for frame in (inputs.index, inputs.scores)
    )
    values = own.set_index(KEYS)[INDEX]
    weights = rows["weight"].to_numpy(dtype="float64")
    if weights.size == 0 or math.isnan(weights.sum()) or np.ptp(weights) > _EXACT:
        return values, None
    wide = rows.pivot(index=KEYS, columns="indicator", values="score")
    first, last = inputs.options.baseline_years or inputs.study.years
    years = wide.index.get_level_values("year")
    wide = wide[(years >= first) & (years <= last)]
    return values.reindex(wide.index), wide


def additivity(inputs: FindingInputs) -> Observation:
    """F-M2: with the same regressors, rows and effects the coefficient on the index is sum_d n_d b_d / K, as least
    squares is linear in the outcome. Holds when the exposure's coefficients satisfy it within 1e-9; not testable
    without an exposure.
    """
    texts, gaps, weights = [], [], _weights(inputs)
    for reading in inputs.options.readings:
        whole = inputs.coefficients(reading, INDEX)[EXPOSURE]
        parts = {d: inputs.coefficients(reading, d)[EXPOSURE] for d in weights}
        total = sum(weights[d] * part for d, part in parts.items())
        gaps.append(abs(whole - total))
        listed = ", ".join(f"{inputs.short(d)} {decimal(part)}" for d, part in parts.items())
        texts.append(
            Text(
                en=f"{reading}: {decimal(whole)} on the index; {listed}, together {decimal(total)} "
                f"(difference {at_most(gaps[-1])}).",
                zh=f"{inputs.reading_zh(reading)}：对总指数{decimal(whole)}；{listed}，加权和{decimal(total)}"
                f"（差异{at_most(gaps[-1], 'zh')}）。",
            )
        )
    used = {int(inputs.fit(r, o).fit["n_obs"]) for r in inputs.options.readings for o in (INDEX, *weights)}
    names, rows = inputs.names(inputs.regressors), ", ".join(map(str, sorted(used)))
    texts.append(
        Text(
            en=f"All on {names.en}, with province and year effects; rows: {rows}.",
            zh=f"回归元均为{names.zh}，含省份与年份效应；样本行数：{rows}。",
        )
    )
    return observed(texts, max(gaps) <= EXACT)


def identity(inputs: FindingInputs) -> Observation:
    """F-M3: the index regressed on its dimensions and anything else gives n_d / K on each, 0 on the exposure and
    R2 = 1. Holds when all are met within 1e-9; without an exposure its coefficient is left out.
    """
    texts, gaps = [], []
    for reading in inputs.options.readings:
        found = inputs.coefficients(reading, INDEX, given_dimensions=True)
        r2 = float(inputs.fit(reading, INDEX, given_dimensions=True).fit["r2_within"])
        departures = [found[d] - weight for d, weight in _weights(inputs).items()]
        listed = ", ".join(
            f"{inputs.short(d)} {decimal(found[d])} ({n}/{inputs.count})" for d, n in inputs.sizes.items()
        )
        departures += [found[EXPOSURE]] if inputs.exposed else []
        direct = f", exposure {decimal(found[EXPOSURE])}" if inputs.exposed else ""
        gaps.append(max(abs(value) for value in (*departures, r2 - 1)))
        texts.append(
            Text(
                en=f"{reading}: {listed}{direct}, R2 {decimal(r2)} (departure {at_most(gaps[-1])}).",
                zh=f"{inputs.reading_zh(reading)}：{listed}{direct.replace('exposure', '暴露度')}，R2 {decimal(r2)}"
                f"（偏离{at_most(gaps[-1], 'zh')}）。",
            )
        )
    exact = max(gaps) <= EXACT
    if exact and inputs.exposed:
        texts.append(
            Text(
                en="That the exposure coefficient vanishes is arithmetic and says nothing about channels.",
                zh="暴露度系数消失是算术结果，不说明任何作用渠道。",
            )
        )
    return observed(texts, exact)


def decomposition(inputs: FindingInputs) -> Observation:
    """F-M4: the exposure's coefficient given the dimensions, plus the sum over dimensions of (exposure on the
    dimension) x (dimension on the index), is its coefficient without them: the omitted-variable formula of least
    squares, for any outcome, on one set of rows. Holds when met within 1e-9; not testable without an exposure.
    """
    texts, gaps = [], []
    for reading in inputs.options.readings:
        given = inputs.coefficients(reading, INDEX, given_dimensions=True)
        total = inputs.coefficients(reading, INDEX)[EXPOSURE]
        indirect = sum(given[d] * inputs.coefficients(reading, d)[EXPOSURE] for d in inputs.sizes)
        gaps.append(abs(given[EXPOSURE] + indirect - total))
        numbers = [decimal(value) for value in (given[EXPOSURE], indirect, total)]
        texts.append(
            Text(
                en=f"{reading}: direct {numbers[0]}, indirect {numbers[1]}, total {numbers[2]} "
                f"(difference {at_most(gaps[-1])}).",
                zh=f"{inputs.reading_zh(reading)}：直接{numbers[0]}，间接{numbers[1]}，总系数{numbers[2]}"
                f"（差异{at_most(gaps[-1], 'zh')}）。",
            )
        )
    return observed(texts, max(gaps) <= EXACT)


def _weights(inputs: FindingInputs) -> dict[str, float]:
    return {name: size / inputs.count for name, size in inputs.sizes.items()}
