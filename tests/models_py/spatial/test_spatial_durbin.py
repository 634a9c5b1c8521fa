"""Spatial panel models: what users of other programs met, each with its right outcome; identities; refusals."""

import numpy as np
import pandas as pd
import pytest

from catalog.provinces import load_adjacency, load_provinces
from models_py.econometrics import EstimationError
from models_py.spatial import SpatialFit, WeightsError, fit_spatial_durbin, panel_lm_tests, spectrum
from models_py.spatial.likelihood import Likelihood, counted
from models_py.spatial.log_determinant import ByEigenvalues, BySparse
from models_py.spatial.panel_data import spatial_panel
from models_py.spatial.spatial_tests import hausman, moran_of_residuals
from models_py.spatial.weights import Weights, weights_of
from tests.models_py.spatial.panels import ring, simulated

W = ring(17)
FRAME = simulated(W, 8, 0.4)
X = ["x1", "x2"]


def fit(frame: pd.DataFrame = FRAME, weights: pd.DataFrame = W, regressors=X, **options) -> SpatialFit:
    return fit_spatial_durbin(frame, "y", regressors, "place", "year", weights, **{"draws": 200, **options})


def values(made: SpatialFit, effect: str = "coef") -> pd.Series:
    rows = made.estimates[(made.estimates["effect"] == effect) & (made.estimates["method"] != "simulation")]
    return rows.set_index("term")["estimate"]


# Two years of 17 places, and more regressors than they can bear.
TWO_YEARS = FRAME[FRAME["year"] < 2002].assign(**{f"z{k}": np.random.default_rng(k).normal(size=34) for k in range(8)})


def pair_weights() -> pd.DataFrame:
    """Weights whose smallest eigenvalue is near -0.6, so that rho may be below -1: contiguity of a band."""
    n = 15
    w = np.array([[1.0 if 0 < abs(i - j) <= 2 else 0.0 for j in range(n)] for i in range(n)])
    return pd.DataFrame(w / w.sum(axis=1, keepdims=True))


def test_an_optimum_below_minus_one_is_found_and_said_to_have_no_series():  # S2
    w = pair_weights()
    low, high = weights_of(w, list(w.index)).interval
    assert low < -1.3 and high == pytest.approx(1.0)
    made = fit(simulated(w, 30, -1.25, sigma=0.1), w, bias_correction="none")
    assert made.optimum.rho == pytest.approx(-1.25, abs=0.05)
    assert low < made.optimum.rho < -1
    assert any("no convergent series" in remark for remark in made.evidence["remarks"])
    assert not any("no convergent series" in remark for remark in fit().evidence["remarks"])
    # The optimum is interior: the likelihood falls on both sides.
    either = [made.likelihood.at(made.optimum.rho + step, 0.0).log_likelihood for step in (-1e-3, 1e-3)]
    assert max(either) < made.optimum.log_likelihood


def test_standard_errors_are_inverse_curvature_and_no_two_alike():  # S3
    made = fit(bias_correction="none")
    errors = made.estimates.loc[made.estimates["effect"] == "coef", "std_error"]
    assert errors.nunique() == len(errors)
    # Monte Carlo spread over replications agrees with the mean standard error.
    found = [fit(simulated(W, 8, 0.4, seed=seed), draws=2).optimum.rho for seed in range(60)]
    error = made.estimates.set_index(["term", "effect"]).loc[("rho", "coef"), "std_error"]
    assert np.std(found) == pytest.approx(error, rel=0.35)


def test_weights_are_used_as_given():  # S4
    full = fit(bias_correction="none")
    half = fit(weights=W / 2, bias_correction="none")
    top = W / weights_of(W, list(W.index)).radius
    assert half.optimum.rho == pytest.approx(2 * full.optimum.rho, rel=1e-9)
    assert half.fit["log_likelihood"] == pytest.approx(full.fit["log_likelihood"], abs=1e-9)
    assert fit(weights=top, bias_correction="none").optimum.rho == pytest.approx(full.optimum.rho, rel=1e-9)
    assert half.evidence["row_sums"] == (0.5, 0.5)
    assert half.evidence["interval"] == pytest.approx([2 * bound for bound in full.evidence["interval"]])
    assert values(half, "total")["x1"] == pytest.approx(values(full, "total")["x1"])


def test_rows_and_labels_in_any_order_give_the_same():  # S5
    shuffled = np.random.default_rng(1).permutation(len(W))
    other = fit(FRAME.sample(frac=1, random_state=2), W.iloc[shuffled, np.random.default_rng(3).permutation(len(W))])
    pd.testing.assert_frame_equal(other.estimates, fit().estimates, rtol=1e-9)


def test_two_labels_swapped_give_another_result_and_a_misspelt_one_is_named():  # S5
    swapped = W.rename(index={0: 5, 5: 0}, columns={0: 5, 5: 0})
    assert abs(fit(weights=swapped).optimum.rho - fit().optimum.rho) > 1e-4
    names = [f"place {place}" for place in W.index]
    frame = FRAME.assign(place=FRAME["place"].map(dict(zip(W.index, names, strict=True))))
    named = W.set_axis(names, axis=0).set_axis(names, axis=1)
    misspelt = named.rename(index={"place 7": "plaec 7"}, columns={"place 7": "plaec 7"})
    with pytest.raises(WeightsError, match=r"lack place 7 \(nearest label: plaec 7\)"):
        fit(frame, misspelt)
    with pytest.raises(WeightsError, match=r"the panel lacks extra"):
        fit(frame, ring(18, [*names, "extra"]))


def test_islands_are_named_or_kept_with_zero_lags():  # S6
    cut = W.copy()
    cut.loc[3, :] = cut.loc[:, 3] = 0.0
    cut = cut.div(cut.sum(axis=1).replace(0, 1), axis=0)
    with pytest.raises(WeightsError, match=r"no neighbours for 3; .*islands=\"zero\""):
        fit(weights=cut)
    with pytest.raises(EstimationError, match=r"equal row sums .* bias_correction=\"none\""):
        fit(weights=cut, islands="zero")
    made = fit(weights=cut, islands="zero", bias_correction="none")
    assert np.isfinite(made.estimates["std_error"]).all()
    assert made.evidence["islands"] == ("3",) and made.evidence["components"] == 2
    assert any("no neighbours: 3" in remark for remark in made.evidence["remarks"])


def test_absorbed_regressors_are_named():  # S9
    trend = FRAME.assign(trend=FRAME["year"] - 2000.0, fixed=FRAME["place"] * 1.0)
    for name, effects, what in (("trend", "two-way", "entity and time"), ("fixed", "two-way", "entity and time"),
                                ("trend", "time", "time"), ("fixed", "entity", "entity")):  # fmt: skip
        with pytest.raises(EstimationError, match=f"absorbed by the {what} effects: {name}, W_{name}"):
            fit(trend, regressors=[*X, name], effects=effects)
    with pytest.raises(EstimationError, match=r"collinear .* after the entity and time effects: x3, W_x3"):
        fit(FRAME.assign(x3=FRAME["x1"] * 2 + FRAME["year"]), regressors=[*X, "x3"])


def test_a_gap_names_place_year_and_three_ways_out():  # S11
    for frame in (FRAME.drop(index=20), FRAME.assign(x1=FRAME["x1"].where(FRAME.index != 20))):
        with pytest.raises(EstimationError) as raised:
            fit(frame)
        text = str(raised.value)
        assert "of 3 in 2001" in text
        assert "declared rule" in text and "leave out the year" in text and "weight the others again" in text


def test_hausman_is_refused_where_it_is_not_defined():  # S12
    one, other = np.array([1.0, 2.0]), np.array([1.1, 1.9])
    assert hausman(one, other, np.diag([0.1, 0.2])) == pytest.approx(0.15)
    for bad in (np.diag([0.1, -0.2]), np.array([[1.0, 1.0], [1.0, 1.0]])):
        with pytest.raises(EstimationError, match="not defined on this sample"):
            hausman(one, other, bad)


def test_units_change_coefficients_alone():  # S14
    plain, scaled = fit(), fit(FRAME.assign(y=FRAME["y"] * 1e6, x1=FRAME["x1"] * 1e-3))
    rows, other = (made.estimates.set_index(["term", "effect", "method"]) for made in (plain, scaled))
    factor = rows.index.get_level_values("term").map({"x1": 1e9, "W_x1": 1e9, "x2": 1e6, "W_x2": 1e6, "rho": 1.0})
    assert (other["estimate"] / rows["estimate"]).to_numpy() == pytest.approx(factor.to_numpy(), rel=1e-8)
    coef = rows.index.get_level_values("method") != "simulation"
    assert other["p_value"][coef].to_numpy() == pytest.approx(rows["p_value"][coef].to_numpy(), rel=1e-6)
    assert scaled.tests["statistic"].to_numpy() == pytest.approx(plain.tests["statistic"].to_numpy(), rel=1e-6)


def test_only_some_regressors_lagged():  # S16
    made = fit(lagged=["x2"])
    assert list(values(made).index) == ["x1", "x2", "W_x2", "rho"]
    n, rho, beta = len(W), made.optimum.rho, values(made)["x1"]
    inverse = np.linalg.inv(np.eye(n) - rho * W.to_numpy())
    assert values(made, "direct")["x1"] == pytest.approx(beta * np.trace(inverse) / n)
    assert values(made, "total")["x1"] == pytest.approx(beta * inverse.sum() / n)
    assert made.tests.set_index("test").loc["wald_sar", "df"] == 1


def test_who_affects_whom():  # S17
    made = fit()
    matrix = made.effects_matrix("x1")
    assert np.diag(matrix).mean() == pytest.approx(values(made, "direct")["x1"])
    assert matrix.to_numpy().sum() / len(W) == pytest.approx(values(made, "total")["x1"])
    # One unit more of x1 in place 4 moves the outcome of every place by its column.
    inverse = np.linalg.inv(np.eye(len(W)) - made.optimum.rho * W.to_numpy())
    beta, theta = values(made)["x1"], values(made)["W_x1"]
    unit = np.eye(len(W))[4]
    assert matrix[4].to_numpy() == pytest.approx(inverse @ (beta * unit + theta * W.to_numpy() @ unit))
    with pytest.raises(EstimationError, match="'rho' is not a regressor; there are x1, x2"):
        made.effects_matrix("rho")


@pytest.mark.parametrize("effects", ["two-way", "entity", "time", "none"])
@pytest.mark.parametrize("model", ["sar", "sem", "sdm", "slx", "sac"])
def test_the_slope_of_the_likelihood_is_zero_at_every_optimum(model, effects):
    made = fit(model=model, effects=effects)
    likelihood, at = made.likelihood, made.optimum
    for step in (1e-4, -1e-4):
        if model in ("sar", "sdm", "sac"):
            assert likelihood.at(at.rho + step, at.lam).log_likelihood < at.log_likelihood
        if model in ("sem", "sac"):
            assert likelihood.at(at.rho, at.lam + step).log_likelihood < at.log_likelihood
    assert made.fit["aic"] == pytest.approx(2 * (len(made.names) + 1) - 2 * at.log_likelihood)


def test_sac_holds_sar_and_sem():
    both = fit(model="sac", bias_correction="none").optimum
    assert both.log_likelihood >= fit(model="sar", bias_correction="none").optimum.log_likelihood - 1e-8
    assert both.log_likelihood >= fit(model="sem", bias_correction="none").optimum.log_likelihood - 1e-8


@pytest.mark.parametrize("effects", ["two-way", "entity", "time"])
def test_the_transformation_is_the_likelihood_of_transformed_data(effects):
    """Against data really transformed by orthonormal matrices, with no formula shared."""
    panel = spatial_panel(FRAME, "y", X, "place", "year", W, effects=effects, lagged=X)
    likelihood = Likelihood(panel, "sdm", counted(panel, "transformation"))
    at = likelihood.optimum()
    (t, n), w = panel.shape, W.to_numpy()

    def base(size: int, drop: bool) -> np.ndarray:
        return np.linalg.svd(np.eye(size) - 1 / size)[0][:, : size - 1] if drop else np.eye(size)

    over_time, over_place = base(t, effects != "time"), base(n, effects != "entity")
    moved = lambda cube: np.einsum("ts,tn...,nm->sm...", over_time, cube, over_place)  # noqa: E731
    y, x, small = (
        moved(panel.y),
        np.stack([moved(panel.x[:, :, k]) for k in range(4)], axis=2),
        over_place.T @ w @ over_place,
    )

    def value(rho: float) -> float:
        left = (y - rho * y @ small.T).ravel()
        flat = x.reshape(-1, 4)
        e = left - flat @ np.linalg.lstsq(flat, left, rcond=None)[0]
        count = e.size
        _, log_det = np.linalg.slogdet(np.eye(len(small)) - rho * small)
        return float(-count / 2 * (1 + np.log(2 * np.pi * (e @ e) / count)) + len(y) * log_det)

    assert value(at.rho) == pytest.approx(at.log_likelihood, abs=1e-8)
    assert max(value(at.rho + 1e-4), value(at.rho - 1e-4)) < value(at.rho)


def test_complex_eigenvalues_of_directed_weights():
    random = np.random.default_rng(5)
    w = np.zeros((14, 14))
    for row in range(14):
        w[row, random.choice([c for c in range(14) if c != row], 3, replace=False)] = 1 / 3
    directed = pd.DataFrame(w)
    found = weights_of(directed, list(directed.index))
    assert np.iscomplexobj(found.eigenvalues)
    made = fit(simulated(directed, 10, 0.5), directed, bias_correction="none")
    _, log_det = np.linalg.slogdet(np.eye(14) - made.optimum.rho * w)
    assert made.likelihood.determinant.value(np.array([made.optimum.rho]))[0] == pytest.approx(log_det, abs=1e-12)
    assert made.optimum.rho == pytest.approx(0.5, abs=0.2)


def test_the_sparse_way_equals_the_eigenvalues():
    from scipy.sparse import csc_array

    eigen = ByEigenvalues(weights_of(W, list(W.index)).eigenvalues)
    sparse, rho = BySparse(csc_array(W.to_numpy())), np.array([-0.9, -0.2, 0.0, 0.3, 0.95])
    assert sparse.value(rho) == pytest.approx(eigen.value(rho), abs=1e-12)
    assert sparse.trace(rho) == pytest.approx(eigen.trace(rho), rel=1e-10, abs=1e-12)
    assert sparse.trace_squared(0.3) == pytest.approx(eigen.trace_squared(0.3), rel=1e-10)


def directed_ring(n: int = 24) -> np.ndarray:
    """Complex eigenvalues beside two real ones at the ends."""
    ring = np.roll(np.eye(n), 1, axis=1)
    return 0.7 * ring + 0.3 * np.roll(np.eye(n), 5, axis=1)


@pytest.mark.parametrize("matrix", [W.to_numpy(), (W.to_numpy() > 0) * 1.0, directed_ring()])
def test_a_few_eigenvalues_bound_rho_as_all_do(matrix):
    few, every = spectrum.sparse_ends(matrix), spectrum.ends_of(spectrum.eigenvalues(matrix))
    assert (few.low, few.high, few.radius) == pytest.approx((every.low, every.high, every.radius), abs=1e-9)


def test_ends_that_are_complex_alone_are_left_to_all_eigenvalues():
    # Of a ring of odd length the leftmost eigenvalues are all complex.
    assert spectrum.sparse_ends(np.roll(np.eye(99), 1, axis=1)) is None


def test_a_fit_the_sparse_way_is_the_fit_by_eigenvalues(monkeypatch):
    dense = fit()
    monkeypatch.setattr(spectrum, "DENSE", 10)
    sparse = fit()
    assert isinstance(sparse.likelihood.determinant, BySparse) and isinstance(
        dense.likelihood.determinant, ByEigenvalues
    )
    assert sparse.likelihood.panel.weights.interval == pytest.approx(dense.likelihood.panel.weights.interval, abs=1e-9)
    assert "eigenvalues" not in vars(sparse.likelihood.panel.weights)
    for column in ("estimate", "std_error"):
        assert sparse.estimates[column].to_numpy() == pytest.approx(
            dense.estimates[column].to_numpy(), rel=1e-7, abs=1e-9
        )


def test_unequal_row_sums_have_effects_by_their_definition():
    binary = (W > 0).astype(float)
    binary.loc[0, 8] = binary.loc[8, 0] = 1.0
    made = fit(weights=binary / 5, bias_correction="none")
    for name in X:
        matrix = made.effects_matrix(name).to_numpy()
        rows = made.estimates.set_index(["term", "effect", "method"])
        assert rows.loc[(name, "total", "delta"), "estimate"] == pytest.approx(matrix.sum() / len(W), rel=1e-9)
        delta, simulated_error = (rows.loc[(name, "total", method), "std_error"] for method in ("delta", "simulation"))
        assert delta == pytest.approx(simulated_error, rel=0.25)


@pytest.mark.parametrize("vcov", ["cluster", "driscoll_kraay"])
def test_robust_errors_are_near_the_others_where_nothing_is_wrong(vcov):
    w = ring(60)
    frame = simulated(w, 25, 0.3, seed=4)
    plain, robust = fit(frame, w, draws=2), fit(frame, w, draws=2, vcov=vcov)
    ratio = robust.estimates["std_error"] / plain.estimates["std_error"]
    assert ratio[plain.estimates["effect"] == "coef"].between(0.6, 1.5).all()
    assert set(robust.estimates["method"]) == {vcov, "delta", "simulation"}


def test_clustered_errors_see_serial_correlation():
    w, random = ring(60), np.random.default_rng(7)
    frame = simulated(w, 12, 0.3, sigma=0.01, seed=4).sort_values(["place", "year"])
    drift = random.normal(size=(60, 12)).cumsum(axis=1).ravel()
    slow = random.normal(size=(60, 12)).cumsum(axis=1).ravel()
    frame = frame.assign(x1=slow, y=drift + slow)
    plain, clustered = (
        fit(frame, w, draws=2, vcov=vcov).estimates.set_index(["term", "effect"])["std_error"]
        for vcov in ("ml", "cluster")
    )
    assert clustered["x1", "coef"] > 1.5 * plain["x1", "coef"]


def test_dynamic_models_find_their_truth_and_say_their_bias():
    w, n, periods = ring(40), 40, 60
    random = np.random.default_rng(11)
    x, y = random.normal(size=(periods, n)), np.zeros((periods, n))
    inverse = np.linalg.inv(np.eye(n) - 0.3 * w.to_numpy())
    for t in range(1, periods):
        mean = 0.4 * y[t - 1] - 0.1 * w.to_numpy() @ y[t - 1] + x[t] + random.normal(size=n) * 0.5
        y[t] = inverse @ mean
    index = pd.MultiIndex.from_product([range(periods), w.index], names=["year", "place"])
    frame = pd.DataFrame({"y": y.ravel(), "x1": x.ravel()}, index=index).reset_index()
    made = fit(frame, w, ["x1"], dynamic="both", lagged=[], model="sar")
    found = values(made)
    assert found["lag_y"] == pytest.approx(0.4, abs=0.05) and found["lag_W_y"] == pytest.approx(-0.1, abs=0.08)
    assert found["rho"] == pytest.approx(0.3, abs=0.05) and made.fit["n_obs"] == 59 * 40
    assert any("order 1/T" in remark for remark in made.evidence["remarks"])


def test_draws_out_of_bounds_are_redrawn_and_counted():
    made = fit(simulated(W, 3, 0.93, sigma=2.0), draws=4000)
    assert made.evidence["redrawn"] > 0
    assert np.isfinite(made.estimates["std_error"]).all()
    assert fit().evidence["redrawn"] == 0


def test_the_seed_decides_simulated_errors_alone():
    one, same, other = fit(seed=1), fit(seed=1), fit(seed=2)
    pd.testing.assert_frame_equal(one.estimates, same.estimates)
    simulation = one.estimates["method"] == "simulation"
    assert (one.estimates["std_error"] != other.estimates["std_error"])[simulation].all()
    pd.testing.assert_frame_equal(one.estimates[~simulation], other.estimates[~simulation])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": "sdem"}, "model must be one of"),
        ({"effects": "twoway"}, "effects must be one of"),
        ({"bias_correction": "yes"}, "bias_correction must be one of"),
        ({"vcov": "hc1"}, "vcov must be ml, cluster or driscoll_kraay"),
        ({"lagged": ["x9"]}, "only regressors can be lagged, not x9"),
        ({"regressors": ["x1", "x1"]}, "the regressor x1 stands twice"),
        ({"regressors": ["x1", "x7"]}, "the data lack the columns x7"),
        ({"frame": FRAME[FRAME["year"] == 2000]}, "one period alone, 2000"),
        ({"frame": FRAME.assign(y=1.5)}, "outcome 'y' is constant at 1.5"),
        ({"frame": FRAME.assign(y=FRAME["year"] * 1.0)}, "no variation left after the entity and time effects"),
        ({"frame": pd.concat([FRAME, FRAME[:1]])}, "the panel has 0 2000 twice"),
        ({"frame": TWO_YEARS, "regressors": list(TWO_YEARS.columns[5:])}, "no degrees of freedom"),
        ({"weights": W.where(W.index.to_series() != 2, -W)}, "is negative"),
        ({"weights": W.replace(0.25, np.nan)}, "is not finite"),
        ({"weights": W + np.eye(17)}, "0 is its own neighbour"),
        ({"weights": W.iloc[:, :5]}, "must be square"),
        ({"weights": W * 0, "islands": "zero"}, "all weights are zero"),
        ({"frame": FRAME.assign(y=FRAME["x1"] * 2), "bias_correction": "none"}, "reproduce 'y' exactly"),
    ],
)  # fmt: skip
def test_refusals_name_what_is_wrong(change, words):
    with pytest.raises(EstimationError, match=words):
        fit(**change)


@pytest.mark.parametrize("effects", ["none", "entity", "time", "two-way"])
def test_moran_of_residuals_has_the_moments_of_its_projection(effects):
    """Against the dense projection over all rows."""
    panel = spatial_panel(FRAME, "y", X, "place", "year", W, effects=effects)
    (t, n), w = panel.shape, W.to_numpy()
    dummies = {
        "none": [np.ones((t * n, 1))],
        "entity": [np.kron(np.ones((t, 1)), np.eye(n))],
        "time": [np.kron(np.eye(t), np.ones((n, 1)))],
        "two-way": [np.kron(np.ones((t, 1)), np.eye(n)), np.kron(np.eye(t), np.ones((n, 1)))],
    }[effects]
    design = np.column_stack([*dummies, panel.x.reshape(t * n, -1)])
    p = np.eye(t * n) - design @ np.linalg.pinv(design)
    k = np.kron(np.eye(t), (w + w.T) / 2)
    e, df = p @ panel.y.ravel(), t * n - np.linalg.matrix_rank(design)
    mean = np.trace(p @ k) / df
    variance = 2 * (np.trace(p @ k @ p @ k) * df - np.trace(p @ k) ** 2) / (df**2 * (df + 2))
    scale = t * n / (t * w.sum())
    i, z = moran_of_residuals(panel)
    assert i == pytest.approx(scale * (e @ k @ e) / (e @ e), rel=1e-9)
    assert z == pytest.approx(((e @ k @ e) / (e @ e) - mean) / np.sqrt(variance), rel=1e-8)


def test_lm_tests_have_power_where_they_should_and_refuse_what_the_model_refuses():
    found = panel_lm_tests(FRAME, "y", X, "place", "year", W, "two-way").set_index("test")
    assert found.loc["lm_lag", "p_value"] < 0.01 and set(found["df"]) == {1}
    none = panel_lm_tests(simulated(W, 8, 0.0, theta=(0.0, 0.0), seed=3), "y", X, "place", "year", W, "two-way")
    assert (none["p_value"] > 0.01).all()
    with pytest.raises(EstimationError, match="not balanced"):
        panel_lm_tests(FRAME.drop(index=3), "y", X, "place", "year", W, "two-way")


def test_the_interval_of_the_provinces_contiguity():
    codes = [province.province_code for province in load_provinces()]
    w = pd.DataFrame(0.0, codes, codes)
    for one, other in load_adjacency():
        w.loc[one, other] = 1.0
    w = w.div(w.sum(axis=1), axis=0)
    low, high = weights_of(w, codes).interval
    assert low == pytest.approx(-1.613, abs=5e-4) and high == pytest.approx(1.0)
    assert isinstance(weights_of(w, codes), Weights)
