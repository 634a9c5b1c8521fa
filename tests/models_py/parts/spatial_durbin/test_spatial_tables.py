"""The part's tables: the engine's numbers under the right names, every choice once, refusals that name their place."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog import load_tables
from catalog.identity import COLUMNS
from catalog.parts.spatial_durbin import Options
from models_py.econometrics.result import EstimationError
from models_py.panel import province_panel
from models_py.parts.registry import run_study
from models_py.parts.regressions.variables import prepare_variables
from models_py.parts.spatial_weights import made as weights_made
from models_py.spatial import fit_spatial_durbin, panel_lm_tests
from models_py.spatial.weights import WeightsError
from tests.models_py.changing import with_part
from tests.models_py.parts import made_up
from tests.models_py.parts.spatial_durbin.made_up_space import (
    BETA,
    PANEL,
    RHO,
    Frames,
    durbin,
    figures,
    good,
    run,
    study,
)

NAMES = ["ln_gdp", "ln_urban"]


def frame() -> pd.DataFrame:
    return prepare_variables(figures(), {}, study(), PANEL)


def contiguity() -> pd.DataFrame:
    return weights_made("contiguity", PANEL, {}, "")


def own(table: pd.DataFrame, **columns: str) -> pd.DataFrame:
    """Rows of the study's own model but for the columns given."""
    wanted = {"estimator": "sdm", "sample": "all", "weights": "contiguity", "variant": "", **columns}
    return table[(table[list(wanted)] == list(wanted.values())).all(axis=1)]


def of_tests(tables: Frames, **columns: str) -> pd.Series:
    return own(tables["spec_test"], **columns).set_index("test")["statistic"]


@pytest.mark.parametrize("name", ["estimate", "model_fit", "spec_test", "spillover"])
def test_tables_have_their_columns_and_keys(name: str) -> None:
    rows, table = good()[name], load_tables()[name]
    assert rows.columns.tolist() == [column for column in table.columns if column != "data_kind"]
    assert not rows.duplicated(list(table.key)).any()
    assert rows[list(COLUMNS)].notna().all(axis=None)


@pytest.mark.parametrize(
    ("columns", "options"),
    [
        ({}, {}),
        ({"estimator": "sem"}, {"model": "sem"}),
        ({"estimator": "sac"}, {"model": "sac"}),
        ({"variant": "bias_correction=lee_yu"}, {"bias_correction": "lee_yu"}),
        ({"variant": "bias_correction=none"}, {"bias_correction": "none"}),
        ({"variant": "vcov=cluster"}, {"vcov": "cluster"}),
        ({"variant": "vcov=driscoll_kraay"}, {"vcov": "driscoll_kraay"}),
        ({"variant": "effects=entity"}, {"effects": "entity"}),
    ],
)
def test_rows_are_those_of_the_estimator(columns: dict[str, str], options: dict) -> None:
    fit = fit_spatial_durbin(
        frame(), "outcome", NAMES, "entity_code", "year", contiguity(), draws=200, seed=0, **options
    )
    rows = own(good()["estimate"], **columns).reset_index(drop=True)
    for name in ("term", "effect", "method"):
        assert rows[name].tolist() == fit.estimates[name].tolist()
    for name in ("estimate", "std_error", "ci_low", "ci_high"):
        assert np.allclose(rows[name], fit.estimates[name], rtol=1e-12, equal_nan=True)
    assert own(good()["model_fit"], **columns)["log_likelihood"].item() == fit.fit["log_likelihood"]


def test_the_planted_truth_is_within_the_intervals() -> None:
    rows = own(good()["estimate"]).set_index(["term", "effect", "method"])
    for term, truth in (("rho", RHO), ("ln_gdp", BETA[0]), ("ln_urban", BETA[1])):
        row = rows.loc[(term, "coef", "ml")]
        assert abs(row["estimate"] - truth) < 3 * row["std_error"]
    assert rows.loc[("ln_gdp", "coef", "ml"), "unit_en"].endswith("per log point")


@pytest.mark.parametrize(("effects", "variant"), [("two-way", ""), ("none", "effects=none")])
def test_lm_tests_are_those_of_the_function_and_keep_their_identity(effects: str, variant: str) -> None:
    found = of_tests(good(), variant=variant)
    expected = panel_lm_tests(frame(), "outcome", NAMES, "entity_code", "year", contiguity(), effects)
    for row in expected.to_dict("records"):
        assert found[row["test"]] == pytest.approx(row["statistic"], rel=1e-12)
    sums = found["lm_lag"] + found["robust_lm_error"], found["lm_error"] + found["robust_lm_lag"]
    assert sums[0] == pytest.approx(sums[1], rel=1e-10)


def test_likelihood_ratios_of_effects_are_differences_of_uncorrected_likelihoods() -> None:
    reached = {
        effects: fit_spatial_durbin(
            frame(), "outcome", NAMES, "entity_code", "year", contiguity(), effects=effects, bias_correction="none"
        ).fit["log_likelihood"]
        for effects in ("two-way", "entity", "time")
    }
    rows = own(good()["spec_test"]).set_index("test")
    both = reached["two-way"]
    assert rows.loc["lr_time_effects", "statistic"] == pytest.approx(2 * (both - reached["entity"]), rel=1e-9)
    assert rows.loc["lr_entity_effects", "statistic"] == pytest.approx(2 * (both - reached["time"]), rel=1e-9)
    assert rows.loc[["lr_time_effects", "lr_entity_effects"], "df"].tolist() == [7, 30]


def test_mundlak_finds_effects_that_go_with_a_regressor() -> None:
    data = figures()
    mean = np.log(data["gdp_per_capita"]).groupby(data["entity_code"]).transform("mean")
    related = data.assign(visits_per_resident=data["visits_per_resident"] + 2 * (mean - mean.mean()))
    one = durbin(models=["sdm"], bias_corrections=["transformation"], errors=["ml"], effects=["two-way"], regions=False)
    p_values = [
        own(run(one, frame_)["spec_test"]).set_index("test").loc["mundlak", "p_value"] for frame_ in (data, related)
    ]
    assert p_values[0] > 0.05 and p_values[1] < 1e-6


def test_regions_are_fitted_on_their_own_weights_again_row_standardised() -> None:
    codes = [entity.code for entity in PANEL.entities if entity.region == "east"]
    inside = contiguity().loc[codes, codes]
    part = frame()[frame()["entity_code"].isin(codes)]
    fit = fit_spatial_durbin(
        part, "outcome", NAMES, "entity_code", "year", inside.div(inside.sum(axis=1), axis=0), draws=200
    )
    rows = own(good()["estimate"], sample="east")
    assert (rows["table_no"] == "Table 8").all() and (rows["n_obs"] == 11 * 8).all()
    assert rows["estimate"].tolist() == pytest.approx(fit.estimates["estimate"].tolist(), rel=1e-12)
    found = of_tests(good(), sample="central")
    assert found["components"] == 2 and found["interval_low"] == pytest.approx(-1)


def test_spillovers_are_the_matrix_and_its_powers_add_up() -> None:
    fit = fit_spatial_durbin(frame(), "outcome", NAMES, "entity_code", "year", contiguity())
    rows = good()["spillover"]
    rows = rows[rows["term"] == "ln_gdp"]
    wide = {
        order: part.pivot(index="destination_code", columns="origin_code", values="effect")
        for order, part in rows.groupby("order")
    }
    expected = fit.effects_matrix("ln_gdp")
    assert np.allclose(wide["all"], expected, rtol=1e-10)
    assert np.diag(wide["all"]).mean() == pytest.approx(
        own(good()["estimate"]).query("term == 'ln_gdp' and effect == 'direct'")["estimate"].iloc[0]
    )
    w, rho, beta, theta = contiguity().to_numpy(), fit.value("rho"), fit.value("ln_gdp"), fit.value("W_ln_gdp")
    powers = [np.linalg.matrix_power(w, k) for k in range(4)]
    by_hand = [beta * powers[0] + 0 * w, *(rho ** (k - 1) * (rho * beta + theta) * powers[k] for k in (1, 2, 3))]
    for order, matrix in enumerate(by_hand):
        held = wide[str(order)].reindex(index=expected.index, columns=expected.columns).fillna(0.0)
        assert np.allclose(held, matrix, atol=1e-12)
    rest = np.abs(expected - sum(by_hand)).max().max()
    assert rest < abs(rho) ** 3 * abs(rho * beta + theta) / (1 - abs(rho)) + 1e-12


def test_powers_are_left_out_where_the_series_diverges() -> None:
    data = figures()
    w = contiguity().to_numpy()
    rng = np.random.default_rng(1)
    shape = (8, 31)
    x = np.log(data["gdp_per_capita"]).to_numpy().reshape(shape)
    y = np.linalg.solve(np.eye(31) + 1.45 * w, (x + 0.05 * rng.normal(size=shape)).T).T
    tables = run(durbin(regions=False, models=["sdm"]), data.assign(visits_per_resident=y.ravel()))
    found = of_tests(tables)
    assert found["no_series"] == 1 and set(tables["spillover"]["order"]) == {"all"}
    note = own(tables["spec_test"]).set_index("test").loc["no_series", "note_en"]
    assert "diverges although the inverse exists" in note


def test_a_user_s_matrix_is_used_by_its_name_and_as_given() -> None:
    matrix = contiguity() * 0.5
    long = matrix.rename_axis("code").melt(ignore_index=False, var_name="neighbour_code", value_name="weight")
    pairs = long.reset_index().query("weight != 0").assign(name="rail")
    one = durbin(weights=["rail"], models=["sdm"], regions=False)
    rows = own(run(one, spatial_weight=pairs)["estimate"], weights="rail").set_index(["term", "effect", "method"])
    # Half the weights: twice the rho.
    expected = own(good()["estimate"]).set_index(["term", "effect", "method"])
    assert rows.loc[("rho", "coef", "ml"), "estimate"] == pytest.approx(
        2 * expected.loc[("rho", "coef", "ml"), "estimate"], rel=1e-8
    )
    with pytest.raises(WeightsError, match="weights road: no file supplies a matrix of this name; supplied: rail"):
        run(durbin(weights=["road"]), spatial_weight=pairs)


def test_a_choice_that_cannot_be_estimated_says_why_and_the_rest_stands() -> None:
    rest = [code for code in PANEL.codes if PANEL.by_code[code].region == "central"]
    matrix = contiguity()
    matrix.loc[rest[0], :] = 0.0
    matrix.loc[rest[0], 110000] = 1.0
    long = matrix.rename_axis("code").melt(ignore_index=False, var_name="neighbour_code", value_name="weight")
    pairs = long.reset_index().query("weight != 0").assign(name="odd")
    tables = run(durbin(weights=["odd"], models=["sdm"]), spatial_weight=pairs)
    lost = own(tables["spec_test"], sample="central", weights="odd").set_index("test")
    assert "cannot be brought to sum 1: 140000" in lost.loc["not_estimable", "note_en"]
    assert {"all", "east", "west"} == set(tables["estimate"]["sample"])


def test_the_own_model_that_cannot_be_estimated_stops_with_its_place() -> None:
    data = figures()
    data.loc[5, "visits_per_resident"] = np.nan
    with pytest.raises(EstimationError, match=r"toy_space, Table 7 outcome.*not balanced; no finite value for outcome"):
        run(data=data)
    constant = figures().assign(urbanization_rate=50.0)
    with pytest.raises(EstimationError, match="absorbed by the entity and time effects: ln_urban, W_ln_urban"):
        run(data=constant)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outcome": "nothing"}, "unknown variable 'nothing'"),
        ({"regressors": ["ln_gdp", "ln_gdp"]}, "named twice"),
        ({"lagged": ["outcome"]}, "none of the regressors"),
        ({"errors": ["ml", "ml"]}, "errors: ml stands twice"),
        ({"weights": ["knn", "knn"]}, "weights: knn stands twice"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        with_part(study(), Options, **options)


def test_another_construction_of_the_outcome_is_its_own_variant() -> None:
    """An index in other weights, made by a part, on the rows it has."""
    full = made_up.mspi()
    index = next(part for part in full.parts if part.part() == "performance_index")
    index = type(index).model_validate({**index.model_dump(), "weightings": ["entropy"]})
    asked = {"outcome": "mspi", "regressors": ("gdp_per_capita",), "regions": False, "draws": 100, "models": ("sdm",)}
    options = Options.model_validate({**asked, "constructions": ("weighting=entropy",)})
    one = full.model_copy(update={"parts": (index, options)})
    inputs, panel = made_up.mspi_inputs(full), province_panel(one.years)
    tables = run_study(one, panel, inputs, "synthetic")
    rows = own(tables["estimate"], variant="weighting=entropy")
    maker = prepare_variables(inputs["figures"], {}, one.without([index]), panel)
    other = tables["performance_index"].query("variant == 'weighting=entropy' and reading == @one.own_reading")
    data = maker.merge(other[["entity_code", "year", "mspi"]], on=["entity_code", "year"])
    fit = fit_spatial_durbin(data, "mspi", ["gdp_per_capita"], "entity_code", "year", contiguity(), draws=100)
    assert rows["estimate"].tolist() == pytest.approx(fit.estimates["estimate"].tolist(), rel=1e-9)
    assert rows["estimate"].tolist() != own(tables["estimate"])["estimate"].tolist()
    with pytest.raises(ValueError, match="no part makes the variant weighting=odd"):
        options.model_copy(update={"constructions": ("weighting=odd",)}).check(one)
