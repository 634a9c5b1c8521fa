"""A small study on made-up numbers: an incomplete panel, trends, region x year effects, an identity, a lag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_studies
from catalog.base import Text
from catalog.identity import Identity
from models_py.econometrics.model_data import ModelData
from models_py.panel import ENTITY, KEYS, province_panel
from models_py.parts.regressions.identities import headline_spec
from models_py.parts.regressions.study_models import StudyModel, region_year

PANEL = province_panel((2013, 2024))
Notes = Mapping[Identity, Sequence[Text]]


@dataclass(frozen=True)
class Results:
    """Models, the published rows that belong to them, and their study."""

    models: list[ModelData]
    estimate: pd.DataFrame
    model_fit: pd.DataFrame
    study: Study


def fitted(models: list[ModelData]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """estimate and model_fit of models, by the project's own estimator."""
    estimates, fits = [], []
    for model in models:
        result = model.fit()
        estimates.append(result.estimates.assign(**model.identity.columns))
        fits.append({**result.fit, **model.identity.columns})
    return pd.concat(estimates, ignore_index=True), pd.DataFrame(fits)


def study_models(models: list[ModelData], study: Study, notes: Notes | None = None) -> list[StudyModel]:
    """Models as the part hands them on, with what it says of what they do to their data."""
    spec = headline_spec(study)
    return [StudyModel(model, spec, tuple((notes or {}).get(model.identity, ()))) for model in models]


@pytest.fixture(scope="session")
def panel() -> pd.DataFrame:
    """31 provinces x 2013-2024; `exposure` grows in steps, `gdp_per_capita` has a gap, one province starts late."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame([(code, year) for code in PANEL.codes for year in range(2013, 2025)], columns=KEYS)
    start = rng.integers(2014, 2019, 31).repeat(12)
    frame["exposure"] = np.where(frame["year"] >= start, rng.random(31).repeat(12), 0.0)
    for name in ("ssi", "qii", "hmi", "gdp_per_capita", "urbanization"):
        frame[name] = rng.normal(size=31).repeat(12) + rng.normal(size=len(frame))
    frame["mspi"] = (2 * frame["ssi"] + 2 * frame["qii"] + 3 * frame["hmi"]) / 7
    frame.loc[[17, 100], "gdp_per_capita"] = np.nan
    return frame


@pytest.fixture(scope="session")
def results(panel: pd.DataFrame) -> Results:
    study = load_studies()["mspi"]
    controls = ("gdp_per_capita", "urbanization")

    def model(table_no: str, name: str, outcome: str, *regressors: str, **more) -> ModelData:
        frame = more.pop("frame", panel)
        columns = list(dict.fromkeys([*KEYS, more.get("time", "year"), outcome, *regressors]))
        identity = Identity(study.id, table_no, name, more.pop("reading", "volume"))
        return ModelData(identity, PANEL, frame[columns], outcome, regressors, **more)

    lagged = panel.assign(exposure=panel.groupby(ENTITY)["exposure"].shift(1, fill_value=0.0))
    regional = panel.assign(region_year=region_year(panel, PANEL))
    turned = panel.assign(mspi=-panel["mspi"])
    small = panel[~panel[ENTITY].isin([110000, 120000])].reset_index(drop=True)
    in_yuan = panel.assign(exposure=panel["exposure"] * 1e-6)
    models = [
        model("Table 2", "(1)", "mspi", "exposure"),
        model("Table 2", "(2)", "mspi", "exposure", *controls),
        model("Table 2", "(2)", "mspi", "exposure", *controls, frame=turned, reading="substitution"),
        model("Table 2", "(3)", "mspi", "exposure", *controls, trends=True),
        model("Table 2", "(3) region x year", "mspi", "exposure", *controls, frame=regional, time="region_year"),
        model("Table 2", "(3) both", "mspi", "exposure", frame=regional, time="region_year", trends=True),
        model("Table 4", "(1)", "mspi", "exposure", "ssi", "qii", "hmi"),
        model("Table 5", "(2)", "mspi", "exposure", *controls, frame=lagged),
        model("Table 5", "without municipalities", "mspi", "exposure", frame=small),
        model("Table 5", "other units", "mspi", "exposure", frame=in_yuan),
    ]
    return Results(models, *fitted(models), study)
