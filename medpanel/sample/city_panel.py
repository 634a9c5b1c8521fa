"""Figures of the sample's cities for the last years of the panel, as parts of the simulated provinces.

Belongs here: their simulation, to the digits the files print, and an older edition of them. Does not belong here:
the files (city_files.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from catalog import load_registry
from medpanel.sample.city_places import CITY_CODES, sample_cities
from medpanel.sample.outcomes import SampleRangeError
from medpanel.sample.randomness import bounded_normal, normal_scores, random_stream

YEARS = (2021, 2022, 2023)
# The older edition ends a year earlier.
OLDER_YEARS = YEARS[:-1]
DECIMALS = {"resident_population": 2, "registered_population": 2, "gdp": 2, "gdp_urban_districts": 2}


def simulate_cities(seed: int, province_year: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """City figures of a seed and of its provinces: the edition in use and an older one. Pure.

    Both have city_code, year and columns of DECIMALS in canonical units; the older one has residents and output only.
    A municipality has its province's figures; other cities are a part, which grows as the province does. As in the
    revision after the fifth economic census, the editions differ in output, not in residents. Raises SampleRangeError
    when a figure would leave the range the readers enforce.
    """
    rng = random_stream(seed, "cities")
    whole = _provinces(province_year)
    own = np.array([city.municipality for city in sample_cities()])[:, None]
    size = (len(CITY_CODES), len(YEARS))
    share, richness, registered, urban = normal_scores(rng, (4, len(CITY_CODES)))
    people = whole["resident_population"] * np.where(own, 1, np.exp(-2.0 + 0.2 * share)[:, None])
    wealth = np.exp(0.3 + 0.15 * richness)[:, None] * np.exp(0.01 * bounded_normal(rng, size))
    output = whole["gdp"] * np.where(own, 1, people / whole["resident_population"] * wealth)
    figures = {
        "resident_population": people,
        "registered_population": people * np.exp(-0.1 + 0.1 * registered)[:, None],
        "gdp": output,
        "gdp_urban_districts": output * (0.7 + 0.1 * urban)[:, None],
    }
    now = _frame({name: np.round(values, DECIMALS[name]) for name, values in figures.items()})
    _require_inside(now)
    cut = 1 - (0.02 + 0.004 * bounded_normal(rng, size))
    older = now[["city_code", "year", "resident_population"]].assign(gdp=np.round(now["gdp"] * cut.ravel(), 2))
    return now, older[older["year"].isin(OLDER_YEARS)].reset_index(drop=True)


def _provinces(province_year: pd.DataFrame) -> dict[str, np.ndarray]:
    """Residents and output of every city's province, cities by years."""
    codes = [city.province_code for city in sample_cities()]
    return {
        name: province_year.pivot(index="province_code", columns="year", values=name).loc[codes, list(YEARS)].to_numpy()
        for name in ("resident_population", "gdp")
    }


def _frame(figures: dict[str, np.ndarray]) -> pd.DataFrame:
    keys = {"city_code": np.repeat(CITY_CODES, len(YEARS)), "year": np.tile(YEARS, len(CITY_CODES))}
    return pd.DataFrame({**keys, **{name: values.ravel() for name, values in figures.items()}})


def _require_inside(figures: pd.DataFrame) -> None:
    for name in DECIMALS:
        limits = load_registry().indicators[name].city_range
        assert limits is not None, f"{name} is read for cities"
        if not figures[name].between(*limits).all():
            found = f"{figures[name].min()} to {figures[name].max()}"
            raise SampleRangeError(f"{name} of cities: {found} leaves the registry's range {list(limits)}")
