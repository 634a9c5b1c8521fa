"""A small study with a specification curve, and made-up data of the right shape for it."""

import itertools

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_provinces, load_studies
from models_py.parts.specification_curve.choices import EXPOSURE_CHOICES

YEARS = range(2013, 2019)
CHOICES = {
    "utilisation": ["volume", "substitution", "mixed"],
    "volume_basis": ["per_capita", "log_count"],
    "weighting": ["first_component", "entropy"],
    "ddof": [0],
    "numerator": ["fraction"],
    "timing": ["label"],
    "controls": ["none", "without_urbanization"],
    "transform": ["z", "log", "raw"],
    "effects": ["year_trends", "region_year"],
    "lag": [1],
    "winsorise": [0.05],
    "sample": ["without_municipalities", "without_provisional"],
}


def study_with(choices: dict, **curve: object) -> Study:
    """The MSPI study cut to six years and one model with two controls, with these choices."""
    data = load_studies()["mspi"].model_dump()
    variables = data["controls"]["variables"]
    spec = {"table_no": "T", "model": "m", "term": "exposure", "choices": choices, "draws": 99, **curve}
    data |= {
        "years": (2013, 2018),
        "provisional_years": (2018,),
        "controls": {
            "transform": "log_z",
            "variables": {n: variables[n] for n in ("gdp_per_capita", "urbanization")},
        },
        "models": [
            {
                "table_no": "T",
                "model": "m",
                "outcome": "mspi",
                "regressors": ["exposure", "gdp_per_capita", "urbanization"],
            }
        ],
        "headline": {"table_no": "T", "model": "m", "term": "exposure"},
        "specification_curve": spec,
        **dict.fromkeys(("paper", "inference", "design", "mediation", "figure_1")),
    }
    data["index"]["baseline_years"] = None
    return Study.model_validate(data)


@pytest.fixture(scope="session")
def study() -> Study:
    return study_with(CHOICES, at_most=60)


@pytest.fixture(scope="session")
def province_year(study) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    codes = [province.province_code for province in load_provinces()]
    frame = pd.DataFrame([(code, year) for code in codes for year in YEARS], columns=["province_code", "year"])
    for name in study.indicators:
        frame[name] = np.exp(rng.normal(size=len(frame)))
    return frame


@pytest.fixture(scope="session")
def exposures(province_year, study) -> pd.DataFrame:
    """Shares that start in one of four years, for every option listed, the year before the window included."""
    rng = np.random.default_rng(12)
    codes = province_year["province_code"].unique()
    frames = []
    own = study.exposure.model_dump()
    options = [dict.fromkeys([own[name], *CHOICES.get(name, [])]) for name in EXPOSURE_CHOICES]
    for combination in itertools.product(*options):
        start, share = rng.integers(2012, 2017, len(codes)), rng.random(len(codes))
        grid = pd.DataFrame(itertools.product(codes, range(2012, 2019)), columns=["province_code", "year"])
        late = grid["year"].to_numpy() >= start.repeat(7)
        frames.append(
            grid.assign(
                exposure=np.where(late, share.repeat(7), 0.0),
                **dict(zip(EXPOSURE_CHOICES, combination, strict=True)),
            )
        )
    return pd.concat(frames, ignore_index=True)
