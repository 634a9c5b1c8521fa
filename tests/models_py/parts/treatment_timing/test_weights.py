"""Weights of the two-way fixed-effects coefficient, and the comparisons behind it, rebuilt from planted effects."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize

from catalog import load_tables
from models_py.econometrics.result import EstimationError
from models_py.parts.treatment_timing.event_study import first_exposure
from models_py.parts.treatment_timing.twfe_weights import (
    bacon_decomposition,
    comparison_tests,
    fixed_effect_weights,
    weight_tests,
)
from tests.models_py.staggered_panels import CONTROLS, NEVER, least_squares, staggered

STARTS = {2013: 4, 2015: 6, 2018: 5, NEVER: 4}


@pytest.fixture(scope="module")
def data():
    return staggered(STARTS)


def planted(data, seed: int = 1):
    """The same exposure with a slope of its own in every province-year and no noise; the slopes."""
    frame, rng = data.frame.copy(), np.random.default_rng(seed)
    slopes = rng.normal(1, 2, len(frame))
    trend = 0.1 * (frame["entity_code"] % 7) * (frame["year"] - 2013) if data.trends else 0.0
    frame["outcome"] = (
        frame["entity_code"] * 1e-4 + 0.3 * frame["year"] + slopes * frame["exposure"] + trend
        + 0.7 * frame["control_a"] - 0.4 * frame["control_b"]
    )  # fmt: skip
    return replace(data, frame=frame), slopes


def region_years(data):
    frame = data.frame.assign(region_year=(data.frame["entity_code"] // 10000 % 2 + 1) * 10000 + data.frame["year"])
    return replace(data, frame=frame, time="region_year")


@pytest.mark.parametrize(
    "change", [lambda d: d, lambda d: replace(d, trends=True), region_years], ids=["plain", "trends", "region_year"]
)
def test_weights_turn_planted_slopes_into_the_coefficient(data, change):
    changed, slopes = planted(change(data))
    weights = fixed_effect_weights(changed, "exposure")
    assert weights["weight"].sum() == pytest.approx(1)
    frame = changed.frame.assign(slope=slopes).merge(weights, on=["entity_code", "year"], validate="one_to_one")
    assert len(frame) == len(weights) == (changed.frame["exposure"] != 0).sum()
    coefficient = changed.fit().estimates["estimate"][0]
    assert frame["weight"] @ frame["slope"] == pytest.approx(coefficient, rel=1e-9)
    np.testing.assert_array_equal(frame["treatment"], frame["exposure"])


def test_weights_change_with_the_controls(data):
    bare = replace(data, regressors=("exposure",))
    assert (
        np.abs(
            fixed_effect_weights(data, "exposure")["weight"] - fixed_effect_weights(bare, "exposure")["weight"]
        ).max()
        > 1e-4
    )


def test_columns(data):
    table = load_tables()["twfe_weight"]
    weights = fixed_effect_weights(data, "exposure")
    assert weights.columns.tolist() == [column for column in table.columns if column != "data_kind"]
    assert not weights.duplicated(list(table.key)).any()
    assert weights.dtypes[["entity_code", "year"]].tolist() == ["int64", "int64"]
    assert set(weights["entity_level"]) == {"province"}
    assert weights["province_code"].equals(weights["entity_code"])


def test_two_groups_two_periods_have_equal_positive_weights():
    data = staggered({2014: 3, NEVER: 3}, years=[2013, 2014], controls=())
    frame = data.frame.assign(exposure=(data.frame["exposure"] > 0).astype(float))
    weights = fixed_effect_weights(replace(data, frame=frame), "exposure")
    np.testing.assert_allclose(weights["weight"], 1 / 3)
    tests = {row["test"]: row["statistic"] for row in weight_tests(data, weights, 2.0)}
    assert tests["negative weights"] == 0
    assert tests["sd of slopes for a zero average"] == np.inf
    assert np.isnan(tests["sd of slopes for the opposite sign everywhere"])


def test_summary_of_the_weights(data):
    weights = fixed_effect_weights(data, "exposure")
    tests = {row["test"]: row for row in weight_tests(data, weights, 0.3)}
    negative = weights.loc[weights["weight"] < 0, "weight"]
    assert tests["negative weights"]["statistic"] == len(negative) > 0
    assert tests["share of negative weights"]["statistic"] == pytest.approx(len(negative) / len(weights))
    assert tests["sum of negative weights"]["statistic"] == pytest.approx(negative.sum())
    assert "2020" in tests["negative weights"]["note_en"]
    assert "权重" in tests["negative weights"]["note_zh"]


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_spreads_are_the_smallest_that_do_it(data, sign):
    """By numerical minimisation of the spread of the slopes over all that give the coefficient."""
    rng = np.random.default_rng(5)
    weights = fixed_effect_weights(data, "exposure").sample(9, random_state=2)
    weights["weight"] = rng.normal(0.1, 0.3, 9)
    weights["weight"] /= weights["weight"].sum()
    coefficient = 0.4 * sign
    tests = {row["test"]: row["statistic"] for row in weight_tests(data, weights, coefficient)}
    w, mass = weights["weight"].to_numpy(), weights["treatment"].to_numpy() / weights["treatment"].sum()

    def smallest(bounds, constraints) -> float:
        fits = [
            optimize.minimize(
                lambda b: 100 * mass @ (b - mass @ b) ** 2,
                -sign * rng.uniform(0, 1, 9),
                bounds=bounds,
                constraints=[{"type": "eq", "fun": lambda b: w @ b - coefficient}, *constraints],
                method="SLSQP",
                options={"ftol": 1e-14, "maxiter": 2000},
            )
            for _ in range(4)
        ]
        return float(np.sqrt(min(fit.fun for fit in fits if fit.success) / 100))

    zero = smallest(None, [{"type": "eq", "fun": lambda b: mass @ b}])
    assert tests["sd of slopes for a zero average"] == pytest.approx(zero, rel=1e-5)
    opposite = smallest([(None, 0) if sign > 0 else (0, None)] * 9, [])
    assert tests["sd of slopes for the opposite sign everywhere"] == pytest.approx(opposite, rel=1e-5)


def test_a_negative_treatment_has_no_spread(data):
    frame = data.frame.assign(exposure=data.frame["exposure"] - 0.2)
    weights = fixed_effect_weights(replace(data, frame=frame), "exposure")
    tests = {row["test"]: row["statistic"] for row in weight_tests(data, weights, 0.3)}
    assert np.isnan(tests["sd of slopes for a zero average"])


@pytest.mark.parametrize(
    "starts",
    [STARTS, {2014: 3, 2015: 4, 2020: 2}, {2013: 5, 2016: 4}, {2016: 4, NEVER: 5}, {2024: 2, 2014: 3, 2013: 1}],
)
def test_comparisons_add_up_to_the_coefficient(starts):
    data = staggered(starts)
    adoption = first_exposure(data.frame, "exposure")
    table, out = bacon_decomposition(data, adoption)
    exposed = (data.frame["year"] >= data.frame["entity_code"].map(adoption["first_year"])).to_numpy(dtype=float)
    coefficient = least_squares(data.frame, exposed[:, None])[0]
    assert out == []
    assert table["weight"].sum() == pytest.approx(1)
    assert (table["weight"] > 0).all()
    assert table["weight"] @ table["estimate"] == pytest.approx(coefficient, rel=1e-10)
    tests = {(row["test"], row["subject"]): row["statistic"] for row in comparison_tests(data, table, out)}
    assert tests["coefficient of exposed or not", ""] == pytest.approx(coefficient, rel=1e-10)
    kinds = ("earlier_vs_later", "later_vs_earlier", "versus_never", "versus_always")
    assert sum(tests["weight of comparisons", kind] for kind in kinds) == pytest.approx(1)
    parts = [tests["weight of comparisons", k] * np.nan_to_num(tests["mean of comparisons", k]) for k in kinds]
    assert sum(parts) == pytest.approx(coefficient, rel=1e-10)


def test_each_comparison_is_a_regression_on_its_own_rows(data):
    """Weights aside: the two-by-two estimate is two-way fixed effects on the two groups in the years it uses."""
    adoption = first_exposure(data.frame, "exposure")
    table, _ = bacon_decomposition(data, adoption)
    first = data.frame["entity_code"].map(adoption["first_year"]).fillna(NEVER)
    cases = {
        ("2015", "2018", "earlier_vs_later"): first.isin([2015, 2018]) & (data.frame["year"] < 2018),
        ("2018", "2015", "later_vs_earlier"): first.isin([2015, 2018]) & (data.frame["year"] >= 2015),
        ("2015", "never", "versus_never"): first.isin([2015, NEVER]),
        ("2018", "always", "versus_always"): first.isin([2018, 2013]),
    }
    for (treated, control, kind), rows in cases.items():
        frame = data.frame[rows]
        exposed = ((first == int(treated)) & (data.frame["year"] >= int(treated)))[rows].to_numpy(dtype=float)
        found = table[(table["treated"] == treated) & (table["control"] == control) & (table["kind"] == kind)]
        assert found["estimate"].item() == pytest.approx(least_squares(frame, exposed[:, None])[0], rel=1e-9)
    assert len(table) == 6


def test_provinces_with_gaps_are_left_out_and_named(data):
    frame = data.frame.copy()
    frame.loc[frame["entity_code"].eq(120000) & frame["year"].eq(2016), "outcome"] = np.nan
    frame = frame[~(frame["entity_code"].eq(130000) & frame["year"].eq(2020))]
    adoption = first_exposure(frame, "exposure")
    holed = replace(data, frame=frame)
    table, out = bacon_decomposition(holed, adoption)
    assert out == [120000, 130000]
    whole = data.frame[~data.frame["entity_code"].isin(out)]
    exposed = (whole["year"] >= whole["entity_code"].map(adoption["first_year"])).to_numpy(dtype=float)
    assert table["weight"] @ table["estimate"] == pytest.approx(least_squares(whole, exposed[:, None])[0], rel=1e-10)
    assert "for gaps: Tianjin" in comparison_tests(holed, table, out)[0]["note_en"]


@pytest.mark.parametrize("starts", [{2013: 5, NEVER: 4}, {2016: 6}, {NEVER: 5}])
def test_nothing_to_compare(starts):
    data = staggered(starts)
    with pytest.raises(EstimationError, match="no two groups"):
        bacon_decomposition(data, first_exposure(data.frame, "exposure"))


def test_the_treatment_must_be_in_the_model(data):
    with pytest.raises(EstimationError, match="'density' is not a regressor"):
        fixed_effect_weights(data, "density")


def test_missing_rows_are_left_out_of_the_weights(data):
    frame = data.frame.copy()
    frame.loc[frame.index[5], CONTROLS[0]] = np.nan
    weights = fixed_effect_weights(replace(data, frame=frame), "exposure")
    assert len(weights) == (data.frame["exposure"] != 0).sum() - 1
    assert weights["weight"].sum() == pytest.approx(1)
