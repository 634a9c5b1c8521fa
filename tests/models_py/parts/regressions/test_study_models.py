"""What models do to their variables: weights, baseline, winsorising, lags, samples, deflation, effects."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_provinces, load_studies
from catalog.parts import performance_index as index_part
from catalog.parts import regressions, specification_curve
from catalog.parts.performance_index import POOLED
from models_py.econometrics import fit_two_way_fe
from models_py.indices import IndexDataError, standardised_index
from models_py.indices.standardised import EntropyWeightError, entropy_weights, first_component_weights
from models_py.panel import KEYS, province_panel
from models_py.parts.performance_index.index import index_tables, performance_index
from models_py.parts.regressions.panel_study import StudyResult, fit_study
from models_py.parts.regressions.study_models import ModelMaker, StudyModel, region_year, study_models, winsorised
from models_py.parts.regressions.variables import StudyError, prepare_variables, price_level
from tests.models_py.changing import with_panel, with_part, with_variables, without_parts

CODES = [province.province_code for province in load_provinces()]
PANEL = province_panel((2013, 2024))


@pytest.fixture(scope="module")
def study() -> Study:
    """The study without its curve, whose choices would have to fit every change made here."""
    return without_parts(load_studies()["mspi"], specification_curve.Options)


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame([(code, year) for code in CODES for year in range(2013, 2025)], columns=KEYS)
    level = rng.normal(size=31).repeat(12)
    for name in load_studies()["mspi"].indicators:
        frame[name] = np.exp(0.5 * level + rng.normal(size=len(frame)))
    return frame.assign(consumer_price_index=rng.uniform(99, 106, len(frame)))


@pytest.fixture(scope="module")
def exposure() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    frame = pd.DataFrame([(code, year) for code in CODES for year in range(2012, 2025)], columns=KEYS)
    share = np.where(frame["year"] >= rng.integers(2013, 2016, 31).repeat(13), rng.random(31).repeat(13), 0.0)
    return frame.assign(study="mspi", exposure=share, preferred=True)


def making(figures: pd.DataFrame, exposure: pd.DataFrame, study: Study) -> ModelMaker:
    panel = province_panel(study.years)
    tables = index_tables(figures, study.options(index_part.Options), panel, study.id)
    offered = {"performance_index": tables["performance_index"], "exposure_variant": exposure}
    return ModelMaker(study, panel, figures, offered, tables["indicator_score"])


def fitted(figures: pd.DataFrame, exposure: pd.DataFrame, study: Study) -> StudyResult:
    return fit_study(making(figures, exposure, study))


@pytest.fixture(scope="module")
def maker(figures: pd.DataFrame, exposure: pd.DataFrame, study: Study) -> ModelMaker:
    return making(figures, exposure, study)


@pytest.fixture(scope="module")
def result(maker: ModelMaker) -> StudyResult:
    """Every model of the study, fitted."""
    return fit_study(maker)


def models_of(study: Study) -> list[dict]:
    return study.options(regressions.Options).model_dump()["models"]


def model(maker: ModelMaker, table_no: str, name: str, reading: str = "volume") -> StudyModel:
    """A model under a reading, on the whole sample or the one it declares."""
    [found] = [
        m for m in study_models(maker)
        if m.spec.key == (table_no, name) and m.data.identity.reading == reading
        and not m.data.identity.sample.endswith("2024")
    ]  # fmt: skip
    return found


def test_every_model_is_fitted_under_every_reading(result, study):
    declared = study.options(regressions.Options).models
    keys = ["table_no", "model", "reading", "sample"]
    names = list(result.model_fit[keys].itertuples(index=False, name=None))
    assert len(set(names)) == len(names) == 2 * len(declared) + 1
    for reading in ("volume", "substitution"):
        assert {(t, m) for t, m, r, _ in names if r == reading} == {spec.key for spec in declared}
    n = result.model_fit.set_index(keys)["n_obs"]
    assert n["Table 5", "(2)", "volume", "all"] == 372
    assert n["Table 5", "without municipalities", "substitution", "without municipalities"] == 324
    assert n["Table 2", "(2)", "volume", "without 2024"] == 341


def test_a_model_is_called_what_the_file_calls_it_and_nothing_else(result, study):
    declared = {spec.key for spec in study.options(regressions.Options).models}
    for frame in (result.estimate, result.model_fit):
        assert set(frame[["table_no", "model"]].itertuples(index=False, name=None)) == declared
        assert set(frame["variant"]) == {""}


def test_table_4_is_the_identity(result):
    rows = result.estimate.query("table_no == 'Table 4' and model == '(1)' and reading == 'volume'")
    row = rows.set_index("term")["estimate"]
    np.testing.assert_allclose(row[["exposure", "ssi", "qii", "hmi"]], [0, 2 / 7, 2 / 7, 3 / 7], atol=1e-12)
    [fit] = [f for f, m in zip(result.fits, result.models, strict=True)
             if m.spec.key == ("Table 4", "(1)") and m.data.identity.reading == "volume"]  # fmt: skip
    assert fit.fit["r2"] == pytest.approx(1, abs=1e-14)


def test_winsorising_pulls_all_but_the_exposure(maker):
    plain, pulled = model(maker, "Table 2", "(2)"), model(maker, "Table 5", "(1)")
    for name in ("mspi", "gdp_per_capita"):
        low, high = np.quantile(plain.data.frame[name], [0.01, 0.99])
        np.testing.assert_allclose(pulled.data.frame[name], plain.data.frame[name].clip(low, high), rtol=0)
    np.testing.assert_array_equal(pulled.data.frame["exposure"], plain.data.frame["exposure"])
    assert "winsorised at 1%" in pulled.notes[0].en
    assert "缩尾" in pulled.notes[0].zh


def test_winsorised_leaves_empty_cells_empty():
    values = winsorised(pd.Series([1.0, 2.0, 3.0, 100.0, np.nan]), 0.25)
    assert values.tolist()[:4] == [1.75, 2.0, 3.0, 27.25]
    assert np.isnan(values[4])
    assert winsorised(pd.Series([np.nan]), 0.1).isna().all()


def test_the_lagged_exposure_reaches_back_before_the_window(maker, exposure):
    lagged = model(maker, "Table 5", "(2)").data.frame
    expected = exposure[exposure["year"] < 2024]["exposure"]
    np.testing.assert_array_equal(lagged["exposure"], expected)


def test_a_lag_without_the_year_before_is_refused(figures, exposure, study):
    short = exposure[exposure["year"] > 2012]
    with pytest.raises(StudyError, match="needs the exposure of 2012"):
        fitted(figures, short, study)


def test_a_lagged_control_loses_its_first_rows(figures, exposure, study):
    models = [{**models_of(study)[1], "lags": {"urbanization": 1}}]
    only = with_panel(with_part(study, regressions.Options, models=models), provisional_years=())
    result = fitted(figures, exposure, only)
    assert result.model_fit["n_obs"].tolist() == [341, 341]
    assert result.model_fit["n_dropped"].tolist() == [31, 31]


def test_region_year_effects_are_those_of_dummies(maker):
    data = model(maker, "Table 2", "(3) region x year").data
    result = data.fit()
    frame = data.frame
    dummies = pd.get_dummies(frame[["entity_code", "region_year"]].astype(str), dtype=float)
    design = np.column_stack([frame[list(data.regressors)].to_numpy(), dummies.to_numpy()])
    beta = np.linalg.lstsq(design, frame["mspi"].to_numpy(), rcond=None)[0]
    np.testing.assert_allclose(result.estimates["estimate"], beta[:5], atol=1e-9)
    assert frame["region_year"].nunique() == 36
    assert region_year(pd.DataFrame({"entity_code": [150000], "year": [2020]}), PANEL).tolist() == [32020]


def test_re_weighted_indices(maker, figures, study):
    index = study.options(index_part.Options)
    for weighting in ("first_component", "entropy"):
        values, scores = performance_index(figures, index, PANEL, weighting)
        weights = scores[scores["reading"] == "volume"].drop_duplicates("indicator")
        assert weights["weight"].abs().sum() == pytest.approx(1)
        assert weights["weight"].nunique() == 7
        equal = performance_index(figures, index, PANEL)[0]
        volume = values["reading"] == "volume"
        assert not np.allclose(values.loc[volume, "mspi"], equal.loc[equal["reading"] == "volume", "mspi"])
        name = {"first_component": "(3)", "entropy": "(3) entropy"}[weighting]
        found = model(maker, "Table 5", name)
        np.testing.assert_array_equal(found.data.frame["mspi"], values.loc[volume, "mspi"])
        # The study file declares the variant, so it is the model's own choice.
        assert found.data.identity.variant == ""
        shown = weights.set_index("indicator")["weight"]
        assert f"newborn_visit_rate {shown['newborn_visit_rate']:.3f}" in found.notes[0].en
        assert ("A negative weight reverses" in found.notes[0].en) == bool((shown < 0).any())


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


def test_a_baseline_keeps_past_values_when_a_year_is_added(figures, study):
    frozen = with_part(study, index_part.Options, baseline_years=(2013, 2020)).options(index_part.Options)
    longer, shorter = (
        index_tables(figures, frozen, province_panel(years), "mspi")["performance_index"].query("reading == 'volume'")
        for years in ((2013, 2024), (2013, 2023))
    )
    past = longer.query("year < 2024 and variant == ''").reset_index(drop=True)
    before = shorter.query("variant == ''").reset_index(drop=True)
    pd.testing.assert_frame_equal(past, before, check_exact=True)
    pooled = longer[longer["variant"] == POOLED].reset_index(drop=True)
    plain = index_tables(figures, study.options(index_part.Options), PANEL, "mspi")["performance_index"]
    expected = plain.query("reading == 'volume' and variant == ''").reset_index(drop=True)
    pd.testing.assert_frame_equal(pooled.drop(columns="variant"), expected.drop(columns="variant"), check_exact=True)
    assert not np.allclose(pooled["mspi"], longer[longer["variant"] == ""]["mspi"])


def test_with_a_baseline_the_headline_is_shown_both_ways(figures, exposure, study):
    frozen = with_part(study, index_part.Options, baseline_years=(2013, 2020))
    frozen = with_part(frozen, regressions.Options, models=models_of(study)[:2])
    result = fitted(figures, exposure, frozen)
    shown = result.model_fit.query("model == '(2)' and reading == 'volume' and sample == 'all'")
    assert shown["variant"].tolist() == ["", POOLED]
    plain = fitted(figures, exposure, with_part(study, regressions.Options, models=models_of(study)[:2])).estimate
    both = result.estimate[result.estimate["variant"] == POOLED].reset_index(drop=True)
    expected = plain.query("model == '(2)' and reading == 'volume' and sample == 'all'").reset_index(drop=True)
    pd.testing.assert_frame_equal(both.drop(columns="variant"), expected.drop(columns="variant"), check_exact=True)
    [left_out] = [m for m in result.models if m.data.identity.sample == "without 2024"]
    # Where a baseline standardises the index, leaving years out leaves it as it is, and the remark says so.
    assert "index and" not in left_out.notes[-1].en and "z-scores of controls" in left_out.notes[-1].en


def test_a_baseline_in_which_nothing_varies(figures):
    data = figures[KEYS].assign(x=np.where(figures["year"] < 2015, 1.0, figures["year"]))
    index = partial(standardised_index, data, {"x": 1}, {"d": ["x"]}, entity="entity_code")
    with pytest.raises(IndexDataError, match="constant in the baseline 2013-2014"):
        index(baseline=(2013, 2014))
    with pytest.raises(IndexDataError, match="no row lies in the baseline"):
        index(baseline=(1990, 1991))
    with pytest.raises(IndexDataError, match="must sum to 1"):
        index(weights={"x": 0.5})


def test_deflated_variables(figures, exposure, study):
    deflate = {"indicator": "consumer_price_index", "base_year": 2015}
    real = {"gdp_per_capita": {"indicator": "gdp_per_capita", "log": True, "deflate": deflate}}
    deflated = with_variables(study, declared=real, transform="raw")
    offered = making(figures, exposure, study).offered
    frame = prepare_variables(figures, offered, deflated, PANEL)
    beijing = figures[figures["entity_code"] == 110000].reset_index(drop=True)
    level = np.cumprod([1.0, *(beijing["consumer_price_index"][1:] / 100)])
    expected = beijing["gdp_per_capita"] / (level / level[2])
    np.testing.assert_allclose(frame.loc[:11, "gdp_per_capita"], expected, rtol=1e-12)
    empty = figures.assign(consumer_price_index=figures["consumer_price_index"].where(lambda v: v.index != 4))
    with pytest.raises(StudyError, match=r"cannot be chained: 北京市 Beijing \(110000\) 2017"):
        prepare_variables(empty, offered, deflated, PANEL)
    grid = figures[[*KEYS, "consumer_price_index"]]
    outside = deflated.variables.declared["gdp_per_capita"].deflate.model_copy(update={"base_year": 2001})
    with pytest.raises(StudyError, match="2001 lies outside 2013-2024"):
        price_level(grid, outside, "gdp_per_capita", PANEL)


def test_deflating_by_national_prices_changes_no_coefficient(figures, exposure, study):
    """A price index equal in all provinces is absorbed by the year effects once in logarithms."""
    same = figures.assign(consumer_price_index=100.0 + (figures["year"] - 2010))
    deflate = {"indicator": "consumer_price_index", "base_year": 2013}
    real = {"gdp_per_capita": {"indicator": "gdp_per_capita", "log": True, "deflate": deflate}}
    studies = with_variables(study, transform="log"), with_variables(study, declared=real, transform="log")
    offered = making(same, exposure, study).offered
    fits = [
        fit_two_way_fe(
            prepare_variables(same, offered, s, PANEL), "mspi", ["exposure", "gdp_per_capita"], "entity_code", "year"
        )
        for s in studies
    ]
    np.testing.assert_allclose(fits[0].estimates["estimate"], fits[1].estimates["estimate"], atol=1e-10)
