"""A small study on made-up numbers: an incomplete panel, trends, region x year effects, an identity, a lag."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_provinces, load_studies
from models_py.econometrics.model_data import ModelData
from models_py.parts.regressions.study_models import region_year

CODES = [province.province_code for province in load_provinces()]


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
        estimates.append(result.estimates.assign(**model.label))
        fits.append({**model.label, **result.fit})
    return pd.concat(estimates, ignore_index=True), pd.DataFrame(fits)


@pytest.fixture(scope="session")
def panel() -> pd.DataFrame:
    """31 provinces x 2013-2024; `exposure` grows in steps, `gdp_per_capita` has a gap, one province starts late."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        [(code, year) for code in CODES for year in range(2013, 2025)], columns=["province_code", "year"]
    )
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
        columns = list(dict.fromkeys(["province_code", "year", more.get("time", "year"), outcome, *regressors]))
        return ModelData(study.id, table_no, name, frame[columns], outcome, regressors, **more)

    lagged = panel.assign(exposure=panel.groupby("province_code")["exposure"].shift(1, fill_value=0.0))
    regional = panel.assign(region_year=region_year(panel))
    turned = panel.assign(mspi=-panel["mspi"])
    small = panel[~panel["province_code"].isin([110000, 120000])].reset_index(drop=True)
    in_yuan = panel.assign(exposure=panel["exposure"] * 1e-6)
    models = [
        model("Table 2", "(1)", "mspi", "exposure"),
        model("Table 2", "(2)", "mspi", "exposure", *controls),
        model("Table 2", "(2) substitution", "mspi", "exposure", *controls, frame=turned),
        model("Table 2", "(3)", "mspi", "exposure", *controls, trends=True),
        model("Table 2", "(3) region x year", "mspi", "exposure", *controls, frame=regional, time="region_year"),
        model("Table 2", "(3) both", "mspi", "exposure", frame=regional, time="region_year", trends=True),
        model("Table 4", "(1)", "mspi", "exposure", "ssi", "qii", "hmi"),
        model("Table 5", "(2)", "mspi", "exposure", *controls, frame=lagged),
        model("Table 5", "without municipalities", "mspi", "exposure", frame=small),
        model("Table 5", "other units", "mspi", "exposure", frame=in_yuan),
    ]
    return Results(models, *fitted(models), study)
