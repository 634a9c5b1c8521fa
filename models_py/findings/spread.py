"""F-M1: how far an index spreads says how strongly its indicators move together.

Belongs here: that identity, computed and checked. Does not belong here: making the index (models_py/indices).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from catalog.base import Text
from catalog.studies import index_indicators
from models_py.findings.inputs import Finding, FindingInputs, at_most, both, decimal, verdict

_EXACT = 1e-12
_EQUAL = 1e-12


def implied_correlation(sd: float, indicators: int) -> float:
    """Mean pairwise correlation r of K unit-variance scores whose unweighted mean has standard deviation `sd`.

    From var(mean) = (1 + (K - 1) r) / K, the variance of a sum: r = (K sd^2 - 1) / (K - 1). `indicators` is K >= 2.
    """
    return (indicators * sd**2 - 1) / (indicators - 1)


def index_spread(inputs: FindingInputs) -> Finding:
    """F-M1, under every reading. Holds when the correlation implied by the index's own standard deviation equals the
    mean pairwise correlation of its signed scores within 1e-12, as it must for an unweighted mean of unit-variance
    scores. With a baseline only its years are looked at, as scores have unit variance there alone. Not testable with
    one indicator, or unequal weights.
    """
    study = inputs.study
    assert study.index is not None
    title = Text(
        en="Spread of the index and the mean pairwise correlation of its indicators",
        zh="指数标准差与各指标平均两两相关系数",
    )
    count = len(index_indicators(study.index))
    published = implied = None
    sd, printed_count = inputs.printed.get("Table 1", "sd", "MSPI"), inputs.printed.get("design", "panel", "n_indicators")
    if sd is not None and printed_count is not None:
        published = both(f"SD {sd}", f"标准差{sd}")
        correlation = decimal(implied_correlation(sd.value, int(printed_count.value)))
        implied = both(f"mean pairwise correlation {correlation}", f"平均两两相关系数{correlation}")

    english, chinese, gaps = [], [], []
    for reading in study.index.readings:
        values, scores = _reading(inputs, reading)
        if count < 2 or scores is None:
            return inputs.finding(
                "F-M1",
                title,
                published,
                implied,
                Text(
                    en="The identity is for two or more equally weighted indicators; these are not.",
                    zh="该恒等式仅适用于两个及以上等权指标，本研究不满足。",
                ),
                verdict(None),
            )
        own_sd = float(values.std(ddof=study.index.ddof))
        own = implied_correlation(own_sd, count)
        # The pairwise correlations, summed off the diagonal.
        matrix = np.corrcoef(scores.to_numpy(), rowvar=False)
        actual = float((matrix.sum() - np.trace(matrix)) / (count * (count - 1)))
        gaps.append(abs(own - actual))
        english.append(
            f"{reading}: SD {decimal(own_sd)} implies a correlation of {decimal(own)}; that of the {count} indicators "
            f"is {decimal(actual)} (difference {at_most(gaps[-1])})."
        )
        chinese.append(
            f"{inputs.reading_zh(reading)}：标准差{decimal(own_sd)}，推出相关系数{decimal(own)}；{count}个指标的实际值为"
            f"{decimal(actual)}（差异{at_most(gaps[-1], 'zh')}）。"
        )
    if study.index.baseline_years is not None:
        window = f"{study.index.baseline_years[0]}-{study.index.baseline_years[1]}"
        english.append(f"Over the baseline {window}.")
        chinese.append(f"限于基期{window}。")
    return inputs.finding(
        "F-M1",
        title,
        published,
        implied,
        Text(en=" ".join(english), zh="".join(chinese)),
        verdict(all(gap <= _EXACT for gap in gaps)),
    )


def _reading(inputs: FindingInputs, reading: str) -> tuple[pd.Series, pd.DataFrame | None]:
    """The index and the scores of a reading, wide, same rows; no scores when they are weighted unequally."""
    index = inputs.study.index
    assert index is not None
    values = inputs.index[inputs.index["reading"] == reading].set_index(["province_code", "year"])["mspi"]
    rows = inputs.scores[inputs.scores["index_name"] == f"mspi:{reading}"]
    weights = rows["weight"].to_numpy(dtype="float64")
    if weights.size == 0 or math.isnan(weights.sum()) or np.ptp(weights) > _EQUAL:
        return values, None
    wide = rows.pivot(index=["entity_code", "year"], columns="indicator", values="score")
    wide.index = wide.index.set_names(["province_code", "year"])
    if index.baseline_years is not None:
        first, last = index.baseline_years
        wide = wide[wide.index.get_level_values("year").to_series().between(first, last).to_numpy()]
    return values.reindex(wide.index), wide
