"""F-M1: how far an index spreads says how strongly its indicators move together.

Belongs here: that identity, computed and checked. Does not belong here: making the index (models_py/indices).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from catalog.base import Text
from models_py.panel import KEYS
from models_py.parts.mspi_findings.common import INDEX
from models_py.parts.mspi_findings.inputs import FindingInputs, Observation, at_most, decimal

_EXACT = 1e-12
_EQUAL = 1e-12
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
    index = inputs.options
    count = inputs.count
    english, chinese, gaps = [], [], []
    for reading in inputs.readings:
        values, scores = _reading(inputs, reading)
        if count < 2 or scores is None:
            return _NO_MEAN
        sd = float(values.std(ddof=index.ddof))
        implied = implied_correlation(sd, count)
        matrix = np.corrcoef(scores.to_numpy(), rowvar=False)
        actual = float((matrix.sum() - np.trace(matrix)) / (count * (count - 1)))
        gaps.append(abs(implied - actual))
        english.append(
            f"{reading}: SD {decimal(sd)} implies a correlation of {decimal(implied)}; that of the {count} indicators "
            f"is {decimal(actual)} (difference {at_most(gaps[-1])})."
        )
        chinese.append(
            f"{inputs.reading_zh(reading)}：标准差{decimal(sd)}，推出相关系数{decimal(implied)}；{count}个指标的实际值为"
            f"{decimal(actual)}（差异{at_most(gaps[-1], 'zh')}）。"
        )
    if index.baseline_years is not None:
        window = f"{index.baseline_years[0]}-{index.baseline_years[1]}"
        english.append(f"Over the baseline {window}.")
        chinese.append(f"限于基期{window}。")
    text = Text(en=" ".join(english), zh="".join(chinese))
    return Observation(text, all(gap <= _EXACT for gap in gaps))


def _reading(inputs: FindingInputs, reading: str) -> tuple[pd.Series, pd.DataFrame | None]:
    """The index and the scores of a reading, wide, same rows; no scores when they are weighted unequally."""
    baseline = inputs.options.baseline_years
    own, rows = (
        frame[(frame["reading"] == reading) & (frame["variant"] == "")] for frame in (inputs.index, inputs.scores)
    )
    values = own.set_index(KEYS)[INDEX]
    weights = rows["weight"].to_numpy(dtype="float64")
    if weights.size == 0 or math.isnan(weights.sum()) or np.ptp(weights) > _EQUAL:
        return values, None
    wide = rows.pivot(index=KEYS, columns="indicator", values="score")
    if baseline is not None:
        first, last = baseline
        wide = wide[wide.index.get_level_values("year").to_series().between(first, last).to_numpy()]
    return values.reindex(wide.index), wide
