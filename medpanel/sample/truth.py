"""What the regressions of the MSPI study should find in the sample, in the units of the index.

Belongs here: turning slopes of indicators into coefficients of the index. Does not belong here: simulating.

The index is a mean of pooled z-scores (domain 2.2), so the coefficient planted in it is, for the realised
sample, (1/7) sum_k r_k slope_k / sd_k: slope_k is the indicator's slope in its own unit, sd_k its pooled
standard deviation (n - 1), r_k the sign with which the reading lets it enter. Sub-indices likewise, over
their own indicators.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from medpanel.sample.controls import CONTROLS
from medpanel.sample.outcomes import CONTROL_SLOPES, OUTCOMES, VARIANCE, OutcomeSpec, slopes
from medpanel.sample.reference import YEARS

READINGS = ("volume", "substitution")
TERMS = ("exposure", *CONTROLS)
INDEXES = ("mspi", "ssi", "qii", "hmi")


def reading_sign(outcome: OutcomeSpec, reading: str) -> int:
    """+1 or -1: how the indicator enters the index (domain 2.3). Raises KeyError for another reading."""
    utilisation = {"volume": 1, "substitution": -1}[reading]
    if outcome.adverse:
        return -1
    return utilisation if outcome.dimension == "ssi" else 1


def planted_coefficients(realised: dict[str, np.ndarray]) -> dict[str, dict[str, dict[str, float]]]:
    """Coefficients by reading, index and term for the realised indicators (arrays in their own units)."""
    sds = {outcome.indicator: float(realised[outcome.indicator].std(ddof=1)) for outcome in OUTCOMES}
    result: dict[str, dict[str, dict[str, float]]] = {}
    for reading in READINGS:
        result[reading] = {}
        for index in INDEXES:
            members = [o for o in OUTCOMES if index in ("mspi", o.dimension)]
            result[reading][index] = {
                term: sum(reading_sign(o, reading) * slopes(o)[term] / sds[o.indicator] for o in members) / len(members)
                for term in TERMS
            }
    return result


def planted_truth(seed: int, realised: dict[str, np.ndarray]) -> dict[str, Any]:
    """The whole truth of one panel, as truth.json carries it: plain strings, numbers, lists and mappings."""
    return {
        "data_kind": "synthetic",
        "note": "Synthetic data made by medpanel.sample; never to be read as statistics. 合成数据，不得当作统计数据。",
        "seed": seed,
        "study": "mspi",
        "years": [YEARS[0], YEARS[-1]],
        "conditions": "Default keys of the study: exposure covered / divisions / districts / own_unit / "
        "half_year / current, volume_basis per_capita, ddof 1, controls log_z; both effects. Figures "
        "before blemishes.",
        "tables": [{"table_no": "Table 2", "model": "(2)", "outcome": "mspi", "terms": list(TERMS)}],
        "no_truth": [
            {
                "table_no": "Table 2",
                "model": "(1)",
                "reason": "without controls another quantity is estimated: exposure and controls are "
                "correlated in the realised sample",
            }
        ],
        "coefficients": planted_coefficients(realised),
        "indicators": {
            o.indicator: {
                "dimension": o.dimension,
                "adverse": o.adverse,
                "centre": o.centre,
                "scale": o.scale,
                "realised_sd": float(realised[o.indicator].std(ddof=1)),
                "slopes": slopes(o),
            }
            for o in OUTCOMES
        },
        "control_slopes": dict(CONTROL_SLOPES),
        "variance": dict(VARIANCE),
    }
