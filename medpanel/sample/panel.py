"""The simulated panel in memory: figures exactly as printed in the sample's files, and the truth behind them.

Belongs here: putting exposure, controls and outcomes together, and rounding. Exposure is the one reading covered /
divisions / districts / own_unit / half_year / current of domain section 3.2, written from that text in plain pandas: it
exists to be compared with the SQL mart `smart_exposure` and must not share code with it.
Does not belong here: files and their blemishes (files.py).
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from catalog import load_provinces, load_registry
from catalog.base import refuse
from catalog.provinces import MUNICIPALITIES
from medpanel.sample.outcomes import (
    N_PROVINCES,
    N_YEARS,
    OUTCOMES,
    planted_truth,
    require_inside,
    require_registered,
    simulate_outcomes,
    simulate_reported_controls,
    standardised_controls,
)
from medpanel.sample.pilots import draw_pilots
from medpanel.sample.randomness import random_stream
from medpanel.sample.reference import YEARS, division_counts

# Decimals printed, by reported indicator: the files and the panel in memory share them, so both are equal.
DECIMALS = {
    "gdp": 1,
    "resident_population": 0,
    "urban_population": 0,
    "land_area": 0,
    "budget_expenditure": 2,
    "outpatient_visits": 2,
    "hospital_admissions": 2,
    "emergency_mortality_rate": 2,
    "inpatient_mortality_rate": 2,
    "maternal_management_rate": 2,
    "prenatal_examination_rate": 2,
    "newborn_visit_rate": 2,
}
DEFAULT_KEYS = {
    "programmes": ("mohurd",),
    "numerator": "covered",
    "denominator": "divisions",
    "municipality": "districts",
    "direct_county": "own_unit",
    "timing": "half_year",
    "denominator_year": "current",
}


@dataclass(frozen=True)
class SimulatedPanel:
    """One simulated panel.

    province_year: province_code, year, a column per indicator in registry order, canonical units (372 rows).
    exposure: province_code, year, pilot_units, total_units, exposure under the default keys (372 rows).
    pilots: the columns of pilots.csv. truth: the content of truth.json except for the blemishes of the files.
    """

    province_year: pd.DataFrame
    exposure: pd.DataFrame
    pilots: pd.DataFrame
    truth: dict[str, Any]


def simulate_panel(seed: int, pilots: pd.DataFrame | None = None) -> SimulatedPanel:
    """Simulate 31 provinces, 2013 to 2024, with known coefficients. Pure; same seed and pilots, same panel.

    `pilots` (columns of pilots.csv) replaces the list otherwise drawn from the seed. Raises SampleRangeError
    if a value would leave its range, ValueError if the pilot list does not fit the division counts.
    """
    if pilots is None:
        pilots = draw_pilots(seed)
    rng = random_stream(seed, "panel")
    exposure = default_exposure(pilots)
    reported = simulate_reported_controls(rng)
    controls = standardised_controls(derive(reported))
    share = exposure["exposure"].to_numpy().reshape(N_PROVINCES, N_YEARS)
    outcomes = simulate_outcomes(rng, share, controls)

    people = reported["resident_population"]
    reported["outpatient_visits"] = outcomes.pop("visits_per_resident") * people
    reported["hospital_admissions"] = outcomes.pop("admission_rate") * people / 100
    reported.update(outcomes)
    reported = {name: np.round(values, DECIMALS[name]) for name, values in reported.items()}
    figures = {**reported, **derive(reported)}
    for outcome in OUTCOMES:
        require_inside(outcome, figures[outcome.indicator])
    require_plausible(figures)

    columns = {
        "province_code": np.repeat([p.province_code for p in load_provinces()], N_YEARS),
        "year": np.tile(YEARS, N_PROVINCES),
        **{name: figures[name].ravel() for name in load_registry().indicators if name in figures},
    }
    return SimulatedPanel(pd.DataFrame(columns), exposure, pilots, planted_truth(seed, figures))


def require_plausible(figures: dict[str, np.ndarray]) -> None:
    """Check that every figure is inside the registry's range, which the readers enforce."""
    for name, values in figures.items():
        require_registered(name, values, load_registry().indicators[name].range)


def derive(reported: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every derived indicator of the registry whose inputs are all in `reported`, in canonical units."""
    # The registry admits names of indicators, numbers and + - * / ( ) only: evaluating runs nothing else.
    return {
        indicator.id: eval(str(indicator.formula), {"__builtins__": {}}, reported)
        for indicator in load_registry().derived
        if reported.keys() >= set(indicator.inputs)
    }


def default_exposure(pilots: pd.DataFrame) -> pd.DataFrame:
    """Exposure of every province and year 2013 to 2024 under `DEFAULT_KEYS`.

    `pilots` has the columns of pilots.csv, `announced` as ISO date. Returns province_code, year, pilot_units,
    total_units (units) and exposure (share), in code and year order. A prefecture-level unit counts once,
    when it or anything in it is first listed; in a municipality the units are its districts; a directly
    administered county is a unit of its own. Raises ValueError if a province has more pilot units than
    units, or for an unknown province name.
    """
    codes = {province.name_zh: province.province_code for province in load_provinces()}
    listed = pilots[pilots["programme"].isin(DEFAULT_KEYS["programmes"])]
    refuse(*((name not in codes, f"unknown province {name!r} in the pilot list") for name in listed["province"]))
    code = listed["province"].map(codes)
    inside = code.isin(MUNICIPALITIES) | listed["prefecture_code"].isna()
    unit = listed["prefecture_code"].mask(inside, listed["county_code"])
    starts = listed["announced"].map(_first_year).groupby([code, unit]).min()
    rows = []
    for province in sorted(codes.values()):
        own = starts[starts.index.get_level_values(0) == province]
        for year in YEARS:
            prefectures, _, counties = division_counts()[province, year]
            pilot, total = int((own <= year).sum()), prefectures + counties
            refuse((pilot > total, f"province {province}, {year}: {pilot} pilot units of {total}"))
            rows.append((province, year, pilot, total, pilot / total))
    return pd.DataFrame(rows, columns=["province_code", "year", "pilot_units", "total_units", "exposure"])


def _first_year(announced: str) -> int:
    """Announced by 30 June counts in that year, later in the next."""
    date = dt.date.fromisoformat(announced)
    return date.year if date <= dt.date(date.year, 6, 30) else date.year + 1
