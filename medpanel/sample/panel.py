"""The simulated panel in memory: figures exactly as the sample's files print them, and the truth behind them.

Belongs here: putting exposure, controls and outcomes together, and rounding. Does not belong here: files and
their blemishes (files.py).
"""

from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import Any

import numpy as np
import pandas as pd

from catalog import load_provinces, load_registry
from medpanel.sample.controls import N_PROVINCES, N_YEARS, simulate_reported_controls, standardised_controls
from medpanel.sample.exposure import default_exposure
from medpanel.sample.outcomes import OUTCOMES, SampleRangeError, planted_truth, require_inside, simulate_outcomes
from medpanel.sample.pilots import draw_pilots
from medpanel.sample.randomness import random_stream
from medpanel.sample.reference import YEARS

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


@dataclass(frozen=True)
class SimulatedPanel:
    """One simulated panel.

    province_year: province_code, year, a column per indicator in registry order, canonical units (372 rows).
    exposure: province_code, year, pilot_units, total_units, exposure under the default keys (372 rows).
    pilots: the columns of pilots.csv. truth: the content of truth.json but for the blemishes of the files.
    """

    province_year: pd.DataFrame
    exposure: pd.DataFrame
    pilots: pd.DataFrame
    truth: dict[str, Any]


def simulate_panel(seed: int, pilots: pd.DataFrame | None = None) -> SimulatedPanel:
    """Simulate 31 provinces, 2013 to 2024, with known coefficients. Pure; same seed and pilots, same panel.

    `pilots` (columns of pilots.csv) replaces the list otherwise drawn from the seed. Raises SampleRangeError
    when a value would leave its range, ValueError when the pilot list does not fit the division counts.
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
    truth = planted_truth(seed, figures)
    return SimulatedPanel(pd.DataFrame(columns), exposure, pilots, truth)


def require_plausible(figures: dict[str, np.ndarray]) -> None:
    """Every figure inside the registry's range, which the readers enforce."""
    for name, values in figures.items():
        low, high = load_registry().indicators[name].range
        if not (values.min() >= low and values.max() <= high):
            found = f"{values.min()} to {values.max()}"
            raise SampleRangeError(f"{name}: {found} leaves the registry's range [{low}, {high}]")


def derive(reported: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every derived indicator of the registry whose inputs are all in `reported`, in canonical units."""
    return {
        name: eval(code, {"__builtins__": {}}, reported)
        for name, inputs, code in _formulas()
        if all(i in reported for i in inputs)
    }


@cache
def _formulas() -> tuple[tuple[str, tuple[str, ...], CodeType], ...]:
    # The registry admits names of indicators, numbers and + - * / ( ) only: evaluating runs nothing else.
    derived = load_registry().derived
    return tuple((i.id, i.inputs, compile(str(i.formula), f"formula of {i.id}", "eval")) for i in derived)
