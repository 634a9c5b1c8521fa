"""The flows planted between the sample's cities: gravity with known elasticity and masses, by year and for one day.

Belongs here: their simulation, to the digits the files print. Does not belong here: what the files look like
(flow_files.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from medpanel.sample.city_places import CITY_CODES, distances_km
from medpanel.sample.randomness import bounded_normal, normal_scores, random_stream

YEARS = (2022, 2023)
DAY = "20200115"
# A service prints only the largest partners of a city, and nobody whose index is below the least it prints.
TOP = 12
DISTANCE_ELASTICITY = -1.1
MASS_SD, NOISE_SD = 0.7, 0.25
# Levels of the indices: the first year lies lower, as those of the pandemic did.
_LEVEL = {2022: 7.6, 2023: 8.0}
_LEVEL_OF_THE_DAY = 7.4
_LEAST_SHARE = 0.12
INDEX_DECIMALS, SHARE_DECIMALS = 4, 2


@dataclass(frozen=True)
class CityFlows:
    """Figures as printed, arrays of origins by destinations in the order of CITY_CODES, zero on the diagonal.

    actual, intended: the two yearly indices by year. arrivals: the day's index in the lists of each destination, NaN
    where it is not listed; departures: the same in those of each origin.
    """

    actual: dict[int, np.ndarray]
    intended: dict[int, np.ndarray]
    arrivals: np.ndarray
    departures: np.ndarray
    truth: dict[str, Any]


def simulate_flows(seed: int) -> CityFlows:
    """The flows of a seed. Pure; same seed, same flows."""
    rng = random_stream(seed, "flows")
    size = len(CITY_CODES)
    leave, arrive = MASS_SD * normal_scores(rng, (2, size))
    with np.errstate(divide="ignore"):
        pull = leave[:, None] + arrive + DISTANCE_ELASTICITY * np.log(distances_km())
    np.fill_diagonal(pull, -np.inf)

    def drawn(level: float) -> np.ndarray:
        return np.exp(level + pull + NOISE_SD * bounded_normal(rng, (size, size)))

    actual = {year: np.round(drawn(_LEVEL[year]), INDEX_DECIMALS) for year in YEARS}
    intended = {
        year: np.round(actual[year] * np.exp(0.1 * bounded_normal(rng, (size, size))), INDEX_DECIMALS) for year in YEARS
    }
    day = drawn(_LEVEL_OF_THE_DAY)
    least = float(np.quantile(day[~np.eye(size, dtype=bool)], _LEAST_SHARE))
    departures = _lists(day, least)
    arrivals = _lists(day.T, least).T
    return CityFlows(actual, intended, arrivals, departures, _truth(leave, arrive))


def _lists(flows: np.ndarray, least: float) -> np.ndarray:
    """What the lists of the rows print: scale index times rounded share, of the TOP largest, NaN for all others."""
    scale = flows.sum(axis=1, keepdims=True)
    printed = scale * np.round(100 * flows / scale, SHARE_DECIMALS) / 100
    place = np.argsort(np.argsort(-flows, axis=1, kind="stable"), axis=1, kind="stable")
    listed = (place < TOP) & (flows >= least)
    return np.where(listed, np.round(printed, 8), np.nan)


def _truth(leave: np.ndarray, arrive: np.ndarray) -> dict[str, Any]:
    return {
        "model": "ln flow = level + mass of the origin + mass of the destination + distance_elasticity * "
        "ln great-circle distance in km + noise",
        "networks": [*(f"amap_{year}" for year in YEARS), f"baidu_{DAY}"],
        "distance_elasticity": DISTANCE_ELASTICITY,
        "noise_sd": NOISE_SD,
        "top": TOP,
        "origin_mass": {str(code): float(mass) for code, mass in zip(CITY_CODES, leave, strict=True)},
        "destination_mass": {str(code): float(mass) for code, mass in zip(CITY_CODES, arrive, strict=True)},
    }
