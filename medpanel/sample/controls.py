"""The reported series behind the four controls: output, residents, urban residents, land and expenditure.

Belongs here: their simulation, with marginals near Table 1 of the MSPI paper (domain 2.4) and a path of its
own for every province, so that each control varies within provinces after year effects. Does not belong here:
outcomes (outcomes.py).
"""

import numpy as np

from catalog import load_provinces
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
    """Z-scores over all province-years, divisor n - 1."""
    return (values - values.mean()) / values.std(ddof=1)


def standardised_controls(derived: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The controls as Table 2 (2) uses them: ln where declared, then pooled z-scores (domain section 4)."""
    result = {}
    for term, (indicator, log, scale) in CONTROLS.items():
        values = derived[indicator] * scale
        result[term] = pooled_z(np.log(values) if log else values)
    return result
