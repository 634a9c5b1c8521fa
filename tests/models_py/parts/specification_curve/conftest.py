"""A small study with a specification curve, and made-up data of the right shape for it."""

import itertools

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_studies
from catalog.panels import PanelSpec
from catalog.parts import exposure, performance_index, regressions
from catalog.parts.specification_curve import Options
from models_py.panel import Panel, province_panel
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
    mspi = load_studies()["mspi"]
    declared = {name: mspi.variables.declared[name] for name in ("gdp_per_capita", "urbanization")}
    model = {"table_no": "T", "model": "m", "outcome": "mspi", "regressors": ("exposure", *declared)}
    spec = {"table_no": "T", "model": "m", "term": "exposure", "choices": choices, "draws": 99, **curve}
    return Study(
        id="mspi",
        title=mspi.title,
        panel=PanelSpec(unit="province", years=(2013, 2018), provisional_years=(2018,)),
        variables=mspi.variables.model_copy(update={"transform": "log_z", "declared": declared}),
        parts=(
            mspi.options(performance_index.Options),
            mspi.options(exposure.Options),
            regressions.Options.model_validate(
                {"headline": {"table_no": "T", "model": "m", "term": "exposure"}, "models": (model,)}
            ),
            Options.model_validate(spec),
        ),
    )


def curve_options(study: Study) -> Options:
    return study.options(Options)


def model_of(study: Study) -> regressions.ModelSpec:
    return study.options(regressions.Options).models[0]


def with_model(study: Study, **changes: object) -> Study:
    """The study with its model changed."""
    changed = model_of(study).model_copy(update=changes)
    return study.with_options(study.options(regressions.Options).model_copy(update={"models": (changed,)}))


@pytest.fixture(scope="session")
def study() -> Study:
    return study_with(CHOICES, at_most=60)


@pytest.fixture(scope="session")
def panel() -> Panel:
    return province_panel((YEARS[0], YEARS[-1]))


@pytest.fixture(scope="session")
def figures(study, panel) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    frame = pd.DataFrame([(code, year) for code in panel.codes for year in YEARS], columns=["entity_code", "year"])
    for name in study.indicators:
        frame[name] = np.exp(rng.normal(size=len(frame)))
    return frame


@pytest.fixture(scope="session")
def exposures(panel, study) -> pd.DataFrame:
    """Shares that start in one of four years, for every option listed, the year before the window included."""
    rng = np.random.default_rng(12)
    codes = panel.codes
    frames = []
    own = study.options(exposure.Options).model_dump()
    options = [dict.fromkeys([own[name], *CHOICES.get(name, [])]) for name in EXPOSURE_CHOICES]
    for combination in itertools.product(*options):
        start, share = rng.integers(2012, 2017, len(codes)), rng.random(len(codes))
        grid = pd.DataFrame(itertools.product(codes, range(2012, 2019)), columns=["entity_code", "year"])
        late = grid["year"].to_numpy() >= start.repeat(7)
        frames.append(
            grid.assign(
                exposure=np.where(late, share.repeat(7), 0.0),
                **dict(zip(EXPOSURE_CHOICES, combination, strict=True)),
            )
        )
    return pd.concat(frames, ignore_index=True)
