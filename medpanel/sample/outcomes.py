"""The seven indicators of the index, as the index uses them, from exposure and controls by a known equation.

Belongs here: the equation, its parameters, the check that no draw leaves its range, and what the parameters mean for
the index. Does not belong here: the reported counts behind derived indicators (panel.py).

    x_k = centre_k + scale_k s_k u_k
    u_k = b_k Exposure + sum_c g_kc Z_c + province_k + year_k + noise_k

with s_k = -1 for adverse indicators. Province effects, year effects and noise each have a part common to the
seven indicators and a part of their own; noise is a first-order autoregression within provinces. The common
parts make the standard deviation of the index about the published 0.873 (finding F-M1).

The index is a mean of pooled z-scores (domain 2.2), so the coefficient planted in it is, for the realised
sample, (1/7) sum_k r_k slope_k / sd_k: slope_k is the indicator's slope in its own unit, sd_k its pooled
standard deviation (n - 1), r_k the sign with which the reading lets it enter. Sub-indices likewise, over
their own indicators.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from medpanel.sample.controls import CONTROLS, N_PROVINCES, N_YEARS
from medpanel.sample.randomness import autoregressive, bounded_normal, normal_scores
from medpanel.sample.reference import YEARS


class SampleRangeError(RuntimeError):
    """A simulated value left its range: the parameters are wrong. Nothing is ever clipped."""


@dataclass(frozen=True)
class OutcomeSpec:
    """One indicator: range it must stay inside, centre and scale in its unit, slope on exposure in u."""

    indicator: str
    dimension: str
    low: float
    high: float
    centre: float
    scale: float
    adverse: bool
    exposure: float
    control_weight: float

    @property
    def sign(self) -> int:
        """s_k of the equation."""
        return -1 if self.adverse else 1


# Centres lie eight scales or more inside the ranges; u cannot reach that far (a test adds up its bounds).
OUTCOMES = (
    OutcomeSpec("visits_per_resident", "ssi", 0.3, 25.0, 5.60, 0.62, False, 0.08, 0.9),
    OutcomeSpec("admission_rate", "ssi", 1.0, 50.0, 15.50, 1.70, False, 0.05, 1.1),
    OutcomeSpec("emergency_mortality_rate", "qii", 0.0, 5.0, 0.62, 0.072, True, 0.15, 0.8),
    OutcomeSpec("inpatient_mortality_rate", "qii", 0.0, 5.0, 0.80, 0.090, True, 0.12, 1.0),
    OutcomeSpec("maternal_management_rate", "hmi", 0.0, 100.0, 87.00, 1.50, False, 0.20, 1.2),
    OutcomeSpec("prenatal_examination_rate", "hmi", 0.0, 100.0, 92.00, 0.90, False, 0.18, 1.0),
    OutcomeSpec("newborn_visit_rate", "hmi", 0.0, 100.0, 90.00, 1.10, False, 0.17, 1.0),
)
# Slopes of u on the standardised controls, before each indicator's `control_weight` (mean 1): Table 2 (2).
CONTROL_SLOPES = {
    "gdp_per_capita": 0.214,
    "urbanization": 0.165,
    "population_density": 0.031,
    "fiscal_expenditure": 0.097,
}
# Standard deviations of the parts of u; `rho` is the autoregression of both noises.
VARIANCE = {
    "province_common": 0.76,
    "province_own": 0.54,
    "year_common": 0.10,
    "year_own": 0.05,
    "noise_common": 0.04,
    "noise_own": 0.09,
    "rho": 0.4,
}


def slopes(outcome: OutcomeSpec) -> dict[str, float]:
    """Slopes of the indicator, in its own unit, on exposure (a share) and the standardised controls."""
    in_u = {
        "exposure": outcome.exposure,
        **{term: outcome.control_weight * CONTROL_SLOPES[term] for term in CONTROLS},
    }
    return {term: outcome.sign * outcome.scale * slope for term, slope in in_u.items()}


def simulate_outcomes(
    rng: np.random.Generator, exposure: np.ndarray, controls: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The seven indicators, unrounded, as arrays of 31 provinces by 12 years, from arrays of the same shape.

    Raises SampleRangeError when a value leaves the open range of its indicator.
    """
    n, shape = len(OUTCOMES), (N_PROVINCES, N_YEARS)
    v = VARIANCE
    province = v["province_common"] * normal_scores(rng, (N_PROVINCES,)) + v["province_own"] * normal_scores(
        rng, (n, N_PROVINCES)
    )
    year = v["year_common"] * bounded_normal(rng, (N_YEARS,)) + v["year_own"] * bounded_normal(rng, (n, N_YEARS))
    noise = autoregressive(rng, shape, v["rho"], v["noise_common"]) + autoregressive(
        rng, (n, *shape), v["rho"], v["noise_own"]
    )
    unexplained = province[:, :, None] + year[:, None, :] + noise
    values = {}
    for outcome, rest in zip(OUTCOMES, unexplained, strict=True):
        explained = outcome.centre + sum(
            slope * (exposure if term == "exposure" else controls[term]) for term, slope in slopes(outcome).items()
        )
        values[outcome.indicator] = explained + outcome.sign * outcome.scale * rest
        require_inside(outcome, values[outcome.indicator])
    return values


def require_inside(outcome: OutcomeSpec, values: np.ndarray) -> None:
    """Raise SampleRangeError unless every value lies strictly inside the outcome's range."""
    if not (values.min() > outcome.low and values.max() < outcome.high):
        raise SampleRangeError(
            f"{outcome.indicator}: {values.min():.3f} to {values.max():.3f} leaves "
            f"({outcome.low}, {outcome.high}); choose a smaller scale"
        )


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
    members = {index: [o for o in OUTCOMES if index in ("mspi", o.dimension)] for index in INDEXES}

    def planted(reading: str, index: str, term: str) -> float:
        parts = [reading_sign(o, reading) * slopes(o)[term] / sds[o.indicator] for o in members[index]]
        return sum(parts) / len(parts)

    return {
        reading: {index: {term: planted(reading, index, term) for term in TERMS} for index in INDEXES}
        for reading in READINGS
    }


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
