"""What models do to their variables: weights, baseline, winsorising, lags, samples, deflation, effects."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_provinces, load_studies
from models_py.econometrics import StudyError, fit_study, fit_two_way_fe, prepare_variables
from models_py.parts.regressions.study_models import ModelMaker, region_year, study_models, winsorised
from models_py.parts.regressions.variables import price_level
from models_py.indices import IndexDataError, performance_index, standardised_index
from models_py.indices.entropy import EntropyWeightError, entropy_weights, first_component_weights
from models_py.panel import KEYS

CODES = [province.province_code for province in load_provinces()]


@pytest.fixture(scope="module")
def study() -> Study:
    return load_studies()["mspi"]


@pytest.fixture(scope="module")
def province_year(study: Study) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame([(code, year) for code in CODES for year in range(2013, 2025)], columns=KEYS)
    level = rng.normal(size=31).repeat(12)
    for name in study.indicators:
        frame[name] = np.exp(0.5 * level + rng.normal(size=len(frame)))
    return frame.assign(consumer_price_index=rng.uniform(99, 106, len(frame)))


@pytest.fixture(scope="module")
def exposure() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    frame = pd.DataFrame([(code, year) for code in CODES for year in range(2012, 2025)], columns=KEYS)
    share = np.where(frame["year"] >= rng.integers(2013, 2016, 31).repeat(13), rng.random(31).repeat(13), 0.0)
    return frame.assign(study="mspi", exposure=share)


@pytest.fixture(scope="module")
def maker(province_year: pd.DataFrame, exposure: pd.DataFrame, study: Study) -> ModelMaker:
    return ModelMaker(province_year, exposure, performance_index(province_year, study)[0], study)


def changed(study: Study, **sections: object) -> Study:
    data = study.model_dump()
    for name, value in sections.items():
        data[name] = {**data[name], **value} if isinstance(value, dict) else value
    return Study.model_validate(data)


def model(maker: ModelMaker, table_no: str, name: str):
    [found] = [m for m in study_models(maker) if (m.data.table_no, m.data.model) == (table_no, name)]
    return found


def test_every_model_is_fitted_under_every_reading(province_year, exposure, study):
    result = fit_study(province_year, exposure, performance_index(province_year, study)[0], study)
    names = set(result.fits)
    assert names >= {(m.table_no, m.model) for m in study.models}
    assert names >= {(m.table_no, f"{m.model} substitution") for m in study.models}
    assert ("Table 2", "(2) without 2024") in names
    assert len(result.model_fit) == 2 * len(study.models) + 1
    n = result.model_fit.set_index(["table_no", "model"])["n_obs"]
    assert n["Table 5", "(2)"] == 372
    assert n["Table 5", "without municipalities"] == 324
    assert n["Table 2", "(2) without 2024"] == 341


def test_table_4_is_the_identity(province_year, exposure, study):
    result = fit_study(province_year, exposure, performance_index(province_year, study)[0], study)
    row = result.estimate.query("table_no == 'Table 4' and model == '(1)'").set_index("term")["estimate"]
    np.testing.assert_allclose(row[["exposure", "ssi", "qii", "hmi"]], [0, 2 / 7, 2 / 7, 3 / 7], atol=1e-12)
    assert result.fits["Table 4", "(1)"].fit["r2"] == pytest.approx(1, abs=1e-14)


def test_winsorising_pulls_all_but_the_exposure(maker):
    plain, pulled = model(maker, "Table 2", "(2)"), model(maker, "Table 5", "(1)")
    for name in ("mspi", "gdp_per_capita"):
        low, high = np.quantile(plain.data.frame[name], [0.01, 0.99])
        np.testing.assert_allclose(pulled.data.frame[name], plain.data.frame[name].clip(low, high), rtol=0)
    np.testing.assert_array_equal(pulled.data.frame["exposure"], plain.data.frame["exposure"])
    assert "winsorised at 1%" in pulled.notes[0][0]
    assert "缩尾" in pulled.notes[0][1]


def test_winsorised_leaves_empty_cells_empty():
    values = winsorised(pd.Series([1.0, 2.0, 3.0, 100.0, np.nan]), 0.25)
    assert values.tolist()[:4] == [1.75, 2.0, 3.0, 27.25]
    assert np.isnan(values[4])
    assert winsorised(pd.Series([np.nan]), 0.1).isna().all()


def test_the_lagged_exposure_reaches_back_before_the_window(maker, exposure):
    lagged = model(maker, "Table 5", "(2)").data.frame
    expected = exposure[exposure["year"] < 2024]["exposure"]
    np.testing.assert_array_equal(lagged["exposure"], expected)


def test_a_lag_without_the_year_before_is_refused(province_year, exposure, study):
    short = exposure[exposure["year"] > 2012]
    with pytest.raises(StudyError, match="needs the exposure of 2012"):
        fit_study(province_year, short, performance_index(province_year, study)[0], study)


def test_a_lagged_control_loses_its_first_rows(province_year, exposure, study):
    models = [{**study.model_dump()["models"][1], "lags": {"urbanization": 1}}]
    only = changed(study, models=models, provisional_years=(), specification_curve=None)
    result = fit_study(province_year, exposure, performance_index(province_year, only)[0], only)
    assert result.model_fit["n_obs"].tolist() == [341, 341]
    assert result.model_fit["n_dropped"].tolist() == [31, 31]


def test_region_year_effects_are_those_of_dummies(maker):
    data = model(maker, "Table 2", "(3) region x year").data
    result = data.fit()
    frame = data.frame
    dummies = pd.get_dummies(frame[["province_code", "region_year"]].astype(str), dtype=float)
    design = np.column_stack([frame[list(data.regressors)].to_numpy(), dummies.to_numpy()])
    beta = np.linalg.lstsq(design, frame["mspi"].to_numpy(), rcond=None)[0]
    np.testing.assert_allclose(result.estimates["estimate"], beta[:5], atol=1e-9)
    assert frame["region_year"].nunique() == 36
    assert region_year(pd.DataFrame({"province_code": [150000], "year": [2020]})).tolist() == [32020]


def test_re_weighted_indices(maker, province_year, study):
    for weighting in ("first_component", "entropy"):
        values, scores = performance_index(province_year, study, weighting)
        weights = scores[scores["index_name"] == f"mspi {weighting}:volume"].drop_duplicates("indicator")
        assert weights["weight"].abs().sum() == pytest.approx(1)
        assert weights["weight"].nunique() == 7
        equal = performance_index(province_year, study)[0]
        volume = values["reading"] == "volume"
        assert not np.allclose(values.loc[volume, "mspi"], equal.loc[equal["reading"] == "volume", "mspi"])
        name = {"first_component": "(3)", "entropy": "(3) entropy"}[weighting]
        np.testing.assert_array_equal(model(maker, "Table 5", name).data.frame["mspi"], values.loc[volume, "mspi"])


def test_first_component_is_numpys_and_points_with_the_mean():
    rng = np.random.default_rng(0)
    common = rng.normal(size=300)
    scores = np.column_stack([common + rng.normal(size=300), common + rng.normal(size=300), -common])
    scores = (scores - scores.mean(axis=0)) / scores.std(axis=0)
    weights = first_component_weights(scores, ["a", "b", "c"])
    _, _, rows = np.linalg.svd(scores, full_matrices=False)
    direction = rows[0] / np.abs(rows[0]).sum()
    found = np.array(list(weights.values()))
    assert np.allclose(found, direction) or np.allclose(found, -direction)
    assert weights["a"] > 0 > weights["c"]


def test_entropy_weights_by_hand():
    data = pd.DataFrame({"a": [0.0, 1.0, 2.0], "same": [0.0, 1.0, 2.0], "spike": [0.0, 0.0, 1.0]})
    table = entropy_weights(data, {"a": 1, "same": 1, "spike": 1}, shift=0).set_index("indicator")
    share = np.array([1 / 3, 2 / 3])
    assert table.at["a", "entropy"] == pytest.approx(-(share * np.log(share)).sum() / np.log(3))
    assert table.at["spike", "entropy"] == 0
    assert table.at["a", "weight"] == table.at["same", "weight"]
    assert table["weight"].idxmax() == "spike"
    assert table["weight"].sum() == pytest.approx(1)
    turned = entropy_weights(data, {"a": -1}, shift=0)
    assert turned.at[0, "entropy"] == pytest.approx(table.at["a", "entropy"])


def test_entropy_of_a_constant_and_of_bad_data():
    data = pd.DataFrame({"a": [0.0, 1.0], "flat": [2.0, 2.0], "empty": [np.nan, 1.0]})
    with pytest.warns(UserWarning, match="'flat' is constant"):
        table = entropy_weights(data, {"a": 1, "flat": 1})
    assert table["weight"].tolist() == [1.0, 0.0]
    with pytest.raises(EntropyWeightError, match="'empty' has 1 empty"):
        entropy_weights(data, {"empty": 1})
    with pytest.raises(EntropyWeightError, match="no column 'x'"):
        entropy_weights(data, {"x": 1})
    with pytest.raises(EntropyWeightError, match="no indicator varies"), pytest.warns(UserWarning):
        entropy_weights(data, {"flat": 1})
    with pytest.raises(EntropyWeightError, match="direction"):
        entropy_weights(data, {"a": 0})


def test_a_baseline_keeps_past_values_when_a_year_is_added(province_year, study):
    frozen = changed(study, index={"baseline_years": [2013, 2020]})
    longer, _ = performance_index(province_year, frozen)
    shorter, _ = performance_index(
        province_year, changed(frozen, years=[2013, 2023], provisional_years=(), specification_curve=None)
    )
    past = longer[(longer["year"] < 2024) & (longer["reading"] == "volume")].reset_index(drop=True)
    before = shorter[shorter["reading"] == "volume"].reset_index(drop=True)
    pd.testing.assert_frame_equal(past, before, check_exact=True)
    pooled = longer[longer["reading"] == "volume pooled"].reset_index(drop=True)
    plain = performance_index(province_year, study)[0]
    expected = plain[plain["reading"] == "volume"].reset_index(drop=True)
    pd.testing.assert_frame_equal(pooled.drop(columns="reading"), expected.drop(columns="reading"), check_exact=True)
    assert not np.allclose(pooled["mspi"], longer[longer["reading"] == "volume"]["mspi"])


def test_with_a_baseline_the_headline_is_shown_both_ways(province_year, exposure, study):
    frozen = changed(study, index={"baseline_years": [2013, 2020]}, models=study.model_dump()["models"][:2])
    result = fit_study(province_year, exposure, performance_index(province_year, frozen)[0], frozen)
    assert {"(2)", "(2) pooled"} <= set(result.model_fit["model"])


def test_a_baseline_in_which_nothing_varies(province_year):
    data = province_year[KEYS].assign(x=np.where(province_year["year"] < 2015, 1.0, province_year["year"]))
    with pytest.raises(IndexDataError, match="constant in the baseline 2013-2014"):
        standardised_index(data, {"x": 1}, {"d": ["x"]}, baseline=(2013, 2014))
    with pytest.raises(IndexDataError, match="no row lies in the baseline"):
        standardised_index(data, {"x": 1}, {"d": ["x"]}, baseline=(1990, 1991))
    with pytest.raises(IndexDataError, match="must sum to 1"):
        standardised_index(data, {"x": 1}, {"d": ["x"]}, weights={"x": 0.5})


def test_deflated_variables(province_year, exposure, study):
    deflate = {"indicator": "consumer_price_index", "base_year": 2015}
    variables = study.model_dump()["controls"]["variables"]
    real = {**variables, "gdp_per_capita": {**variables["gdp_per_capita"], "deflate": deflate}}
    deflated = changed(study, controls={"variables": real, "transform": "raw"})
    index = performance_index(province_year, study)[0]
    frame = prepare_variables(province_year, exposure, index, deflated)
    beijing = province_year[province_year["province_code"] == 110000].reset_index(drop=True)
    level = np.cumprod([1.0, *(beijing["consumer_price_index"][1:] / 100)])
    expected = beijing["gdp_per_capita"] / (level / level[2])
    np.testing.assert_allclose(frame.loc[:11, "gdp_per_capita"], expected, rtol=1e-12)
    empty = province_year.assign(
        consumer_price_index=province_year["consumer_price_index"].where(lambda v: v.index != 4)
    )
    with pytest.raises(StudyError, match=r"cannot be chained: 北京市 Beijing \(110000\) 2017"):
        prepare_variables(empty, exposure, index, deflated)
    grid = province_year[[*KEYS, "consumer_price_index"]]
    outside = deflated.controls.variables["gdp_per_capita"].deflate.model_copy(update={"base_year": 2001})
    with pytest.raises(StudyError, match="2001 lies outside 2013-2024"):
        price_level(grid, outside, "gdp_per_capita")


def test_deflating_by_national_prices_changes_no_coefficient(province_year, exposure, study):
    """A price index equal in all provinces is absorbed by the year effects once in logarithms."""
    same = province_year.assign(consumer_price_index=100.0 + (province_year["year"] - 2010))
    deflate = {"indicator": "consumer_price_index", "base_year": 2013}
    variables = study.model_dump()["controls"]["variables"]
    real = {**variables, "gdp_per_capita": {**variables["gdp_per_capita"], "deflate": deflate}}
    deflated = changed(study, controls={"variables": real, "transform": "log"})
    plain = changed(study, controls={"transform": "log"})
    index = performance_index(same, study)[0]
    fits = [
        fit_two_way_fe(
            prepare_variables(same, exposure, index, s), "mspi", ["exposure", "gdp_per_capita"], "province_code", "year"
        )
        for s in (plain, deflated)
    ]
    np.testing.assert_allclose(fits[0].estimates["estimate"], fits[1].estimates["estimate"], atol=1e-10)
