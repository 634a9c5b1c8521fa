"""The planted flows of the synthetic survey: how many respondents each pair of places gets.

Belongs here: numbers and counties. Does not belong here: anything printed in the file (survey.py).

The flows are of gravity type: an ordered pair of prefecture-level units has a weight of mass x mass x
exp(-distance / 400 km). How many respondents each pair gets is settled by largest remainders, not drawn: known exactly.
"""

from __future__ import annotations

import numpy as np

from medpanel.sample.randomness import normal_scores
from medpanel.sample.survey_places import City

_KM_PER_DEGREE, _REACH_KM = 111.0, 400.0


def planted_counts(rng: np.random.Generator, units: tuple[City, ...], total: int) -> np.ndarray:
    """Respondents of each ordered pair (origin, destination), adding up to `total`: int64, units x units."""
    origin_mass = np.exp(normal_scores(rng, (len(units),)))
    destination_mass = np.exp(1.5 * normal_scores(rng, (len(units),)))
    lon, lat = (np.array([getattr(unit, axis) for unit in units]) for axis in ("lon", "lat"))
    east = (lon[:, None] - lon) * np.cos(np.radians((lat[:, None] + lat) / 2))
    distance = _KM_PER_DEGREE * np.hypot(east, lat[:, None] - lat)
    weight = origin_mass[:, None] * destination_mass * np.exp(-distance / _REACH_KM)
    # A move within a unit is one between two of its counties.
    weight[np.diag_indices(len(units))] *= [len(unit.counties) > 1 for unit in units]
    # Rounded, so that the last digit of exp() on another computer changes nobody.
    share = np.round(weight / weight.sum() * total, 6)
    counts = np.floor(share).astype(np.int64)
    rest = total - int(counts.sum())
    order = np.argsort(-(share - counts).ravel(), kind="stable")
    counts.ravel()[order[:rest]] += 1
    return counts


def draw_counties(
    rng: np.random.Generator, units: tuple[City, ...], origin: np.ndarray, destination: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of counties, counted through all units: a county of the origin and another one of the destination."""
    sizes = np.array([len(unit.counties) for unit in units])
    starts = np.append(0, np.cumsum(sizes)[:-1])
    here = (rng.random(len(origin)) * sizes[origin]).astype(np.int64)
    within = origin == destination
    there = (rng.random(len(origin)) * (sizes[destination] - within)).astype(np.int64)
    there += within & (there >= here)
    return starts[origin] + here, starts[destination] + there
