"""The controls, and the seven indicators of the index, made from exposure and controls by a known equation.

Belongs here: the reported series behind the four controls, with marginals near Table 1 of the MSPI paper (domain 2.4)
and a path of its own for every province, so that each control varies within provinces after year effects; the equation,
its parameters, the check that no draw leaves its range, and what the parameters mean for the index.
Does not belong here: the reported counts behind derived indicators (panel.py).

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

from catalog import load_provinces
from catalog.base import refuse
from medpanel.sample.randomness import autoregressive, bounded_normal, normal_scores, scores_in_order_of
from medpanel.sample.reference import YEARS

# As catalog/studies/mspi.yaml declares them (a test compares): indicator, logarithm, scale.
CONTROLS = {
    "gdp_per_capita": ("gdp_per_capita", True, 1.0),
    "urbanization": ("urbanization_rate", False, 0.01),
    "population_density": ("population_density", True, 1.0),
    "fiscal_expenditure": ("budget_expenditure_per_capita", True, 1.0),
}
N_PROVINCES, N_YEARS = 31, len(YEARS)
_TIME = np.arange(N_YEARS) - (N_YEARS - 1) / 2


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


def simulate_reported_controls(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Arrays of 31 provinces by 12 years, rounded as files print them.

    gdp (亿元, 1 decimal), resident_population and urban_population (万人, whole), land_area (平方公里, tens),
    budget_expenditure (亿元, 2 decimals).
    """
    shape = (N_PROVINCES, N_YEARS)
    a, b, c = normal_scores(rng, (3, N_PROVINCES))
    slope = normal_scores(rng, (4, N_PROVINCES))
    noise = autoregressive(rng, (4, *shape), rho=0.4, sd=1.0)

    area = np.array([province.area_km2 for province in load_provinces()])
    area = area * np.exp(0.012 * bounded_normal(rng, (N_PROVINCES,)))
    land_area = np.round(area / 10) * 10
    # Small provinces are dense: the order of densities is a disturbed order of areas.
    density_score = scores_in_order_of(-np.log(area) + 0.15 * bounded_normal(rng, (N_PROVINCES,)))

    density = np.exp(
        5.46 + 1.19 * density_score[:, None] + (0.004 + 0.011 * slope[0][:, None]) * _TIME + 0.02 * noise[0]
    )
    population = np.round(density * land_area[:, None] / 1e4)
    output = np.exp(10.99 + 0.455 * a[:, None] + (0.068 + 0.012 * slope[1][:, None]) * _TIME + 0.035 * noise[1])
    urban_score = scores_in_order_of(0.7 * a + 0.714 * b)
    # Less urban provinces catch up, which also keeps every share below one.
    urban_slope = 0.0115 - 0.002 * urban_score + 0.002 * slope[2]
    urban = 0.614 + 0.112 * urban_score[:, None] + urban_slope[:, None] * _TIME + 0.004 * noise[2]
    spending_score = scores_in_order_of(0.3 * a + 0.954 * c)
    spending = np.exp(
        9.355 + 0.36 * spending_score[:, None] + (0.055 + 0.016 * slope[3][:, None]) * _TIME + 0.035 * noise[3]
    )
    return {
        "gdp": np.round(output * population / 1e4, 1),
        "resident_population": population,
        "urban_population": np.round(urban * population),
        "land_area": np.repeat(land_area[:, None], N_YEARS, axis=1),
        "budget_expenditure": np.round(spending * population / 1e4, 2),
    }


def pooled_z(values: np.ndarray) -> np.ndarray:
    """Z-scores over all province-years with divisor n - 1."""
    return (values - values.mean()) / values.std(ddof=1)


def standardised_controls(derived: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The controls as Table 2 (2) uses them: ln where declared, then pooled z-scores (domain section 4)."""
    values = {term: derived[indicator] * scale for term, (indicator, _, scale) in CONTROLS.items()}
    return {term: pooled_z(np.log(values[term]) if log else values[term]) for term, (_, log, _) in CONTROLS.items()}


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

    Raises SampleRangeError if a value leaves the open range of its indicator.
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
    refuse(
        (
            not (values.min() > outcome.low and values.max() < outcome.high),
            f"{outcome.indicator}: {values.min():.3f} to {values.max():.3f} leaves "
            f"({outcome.low}, {outcome.high}); choose a smaller scale",
        ),
        error=SampleRangeError,
    )


def require_registered(what: str, values: np.ndarray, limits: tuple[float, float]) -> None:
    """Raise SampleRangeError unless every value lies inside the registry's range, which the readers enforce."""
    refuse(
        (
            not (values.min() >= limits[0] and values.max() <= limits[1]),
            f"{what}: {values.min()} to {values.max()} leaves the registry's range {list(limits)}",
        ),
        error=SampleRangeError,
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
    """The full truth about one panel, as written to truth.json: plain strings, numbers, lists and mappings."""
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
