"""Exact likelihoods against plain numpy and scipy that share no code with them."""

import itertools
import time

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from models_py.network import NetworkError, fit_ergm, likelihood_ratio, wald_test
from models_py.network import design as design_module
from tests.models_py.network.networks import distances, drawn, edges_of, places

NODES = places()
X, D = NODES["x"].to_numpy(), distances(NODES)
ETA = -1 + 0.5 * X[None, :] - 0.4 * D.to_numpy()
EDGES = drawn(NODES, ETA)
TERMS = ["edges", "nodeicov('x')", "edgecov('d')", "nodematch('g')"]


def matrix(edges: pd.DataFrame) -> np.ndarray:
    y = np.zeros((len(NODES), len(NODES)))
    for origin, destination in edges.itertuples(index=False):
        y[NODES.index.get_loc(origin), NODES.index.get_loc(destination)] = 1
    return y


def columns() -> np.ndarray:
    g, n = NODES["g"].to_numpy(), len(NODES)
    return np.stack([np.ones((n, n)), np.tile(X, (n, 1)), D.to_numpy(), 1.0 * (g[:, None] == g)])


def plain_logit(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients, covariance, log-likelihood by scipy's minimiser and a written-out Hessian."""

    def negative(b):
        eta = x @ b
        return np.logaddexp(0, eta).sum() - y @ eta

    def slope(b):
        return x.T @ (1 / (1 + np.exp(-(x @ b))) - y)

    def curve(b):
        p = 1 / (1 + np.exp(-(x @ b)))
        return x.T @ (x * (p * (1 - p))[:, None])

    found = minimize(negative, np.zeros(x.shape[1]), jac=slope, hess=curve, method="trust-exact",
                     options={"gtol": 1e-11})  # fmt: skip
    return found.x, np.linalg.inv(curve(found.x)), -found.fun


def test_dyads_against_a_plain_logit():
    fit, y, off = fit_ergm(NODES, EDGES, TERMS, {"d": D}), matrix(EDGES), ~np.eye(30, dtype=bool)
    b, cov, value = plain_logit(columns()[:, off].T, y[off])
    np.testing.assert_allclose(fit.theta, b, atol=1e-7)
    np.testing.assert_allclose(fit.solution.cov, cov, rtol=1e-6, atol=1e-9)
    assert fit.fit["log_likelihood"] == pytest.approx(value, abs=1e-8)
    assert fit.fit["bic"] == pytest.approx(4 * np.log(870) - 2 * value, abs=1e-7)


def test_blocks_of_rows_change_nothing(monkeypatch):
    whole = fit_ergm(NODES, EDGES, [*TERMS, "mutual"], {"d": D})
    monkeypatch.setattr(design_module, "BLOCK", 300)
    monkeypatch.setattr(design_module, "KEPT", 0)
    parts = fit_ergm(NODES, EDGES, [*TERMS, "mutual"], {"d": D})
    assert len(list(parts.model.design.raw())) > 5
    np.testing.assert_allclose(parts.theta, whole.theta, atol=1e-10)
    assert parts.fit["log_likelihood"] == pytest.approx(whole.fit["log_likelihood"], abs=1e-9)


def test_pairs_against_a_plain_multinomial():
    fit, y, x = fit_ergm(NODES, EDGES, ["mutual", *TERMS], {"d": D}), matrix(EDGES), columns()

    def negative(b):
        eta, total = np.tensordot(b[1:], x, 1), 0.0
        for i, j in itertools.combinations(range(30), 2):
            weights = [0.0, eta[i, j], eta[j, i], eta[i, j] + eta[j, i] + b[0]]
            total += np.logaddexp.reduce(weights) - weights[int(y[i, j] + 2 * y[j, i])]
        return total

    found = minimize(negative, fit.theta + 0.01, method="BFGS", options={"gtol": 1e-6})
    np.testing.assert_allclose(fit.theta, found.x, atol=2e-5)
    assert fit.fit["log_likelihood"] == pytest.approx(-negative(fit.theta), abs=1e-8)
    assert -found.fun <= fit.fit["log_likelihood"] + 1e-9


def test_unobserved_dyads_are_left_out_not_zero():
    known = pd.DataFrame([(a, b) for a, b in itertools.permutations(NODES.index, 2) if (a[-1], b[-1]) != ("1", "2")],
                         columns=["origin", "destination"])  # fmt: skip
    inside = EDGES.merge(known)
    assert 0 < len(inside) < len(EDGES)
    fit, seen = fit_ergm(NODES, inside, TERMS, {"d": D}, observed=known), matrix(known) > 0
    b, _, _ = plain_logit(columns()[:, seen].T, matrix(inside)[seen])
    np.testing.assert_allclose(fit.theta, b, atol=1e-7)
    assert fit.fit["n_obs"] == len(known) == fit.evidence["observed_dyads"]
    zero = fit_ergm(NODES, inside, TERMS, {"d": D})
    assert abs(zero.theta[0] - fit.theta[0]) > 1e-3


def test_mutual_sums_over_unobserved_dyads():
    """Hiding one dyad of each pair leaves what its marginal likelihood says, by loops."""
    known = pd.DataFrame([(a, b) for a, b in itertools.permutations(NODES.index, 2) if a + b > b + a or a[-1] > "4"],
                         columns=["origin", "destination"])  # fmt: skip
    inside = EDGES.merge(known)
    fit, seen, y = fit_ergm(NODES, inside, ["edges", "mutual"], observed=known), matrix(known), matrix(inside)
    edges, rho = fit.theta

    def value(edges, rho):
        total = 0.0
        for i, j in itertools.combinations(range(30), 2):
            if not (seen[i, j] or seen[j, i]):
                continue
            weight = {(a, b): np.exp(edges * (a + b) + rho * a * b) for a in (0, 1) for b in (0, 1)}
            fits = [w for (a, b), w in weight.items()
                    if (not seen[i, j] or a == y[i, j]) and (not seen[j, i] or b == y[j, i])]  # fmt: skip
            total += np.log(sum(fits) / sum(weight.values()))
        return total

    assert fit.fit["log_likelihood"] == pytest.approx(value(edges, rho), abs=1e-8)
    for step in ((1e-3, 0), (-1e-3, 0), (0, 1e-3), (0, -1e-3)):
        assert value(edges + step[0], rho + step[1]) < value(edges, rho)


def test_undirected_pairs_count_once():
    sym = (D + D.T) / 2
    edges = drawn(NODES, -1 - 0.5 * sym.to_numpy(), directed=False)
    fit, upper = fit_ergm(NODES, edges, ["edges", "edgecov('d')"], {"d": sym}, directed=False), np.triu_indices(30, 1)
    y = matrix(edges)
    x = np.column_stack([np.ones(435), sym.to_numpy()[upper]])
    np.testing.assert_allclose(fit.theta, plain_logit(x, (y + y.T)[upper])[0], atol=1e-7)
    assert fit.fit["n_obs"] == 435
    turned = edges.rename(columns={"origin": "destination", "destination": "origin"})
    again = fit_ergm(NODES, turned, ["edges", "edgecov('d')"], {"d": sym}, directed=False)
    np.testing.assert_array_equal(again.theta, fit.theta)


@pytest.mark.parametrize(
    "terms", [["edges", "nodeicov('gdp')", "nodeocov('x')"], ["edges", "nodeicov('gdp')", "mutual"]]
)
def test_yuan_are_scaled_inside(terms):
    """E1: the fit in yuan is the fit in ten million yuan, to eight digits."""
    scaled = NODES.assign(gdp=NODES["gdp"] / 1e7)
    raw, small = (fit_ergm(nodes, EDGES, terms) for nodes in (NODES, scaled))
    factor = np.array([1e7 if "gdp" in name else 1.0 for name in raw.model.names])
    np.testing.assert_allclose(raw.theta * factor, small.theta, rtol=1e-8)
    np.testing.assert_allclose(raw.estimates["std_error"] * factor, small.estimates["std_error"], rtol=1e-8)
    np.testing.assert_allclose(raw.estimates["p_value"], small.estimates["p_value"], rtol=1e-6)
    assert raw.fit["log_likelihood"] == pytest.approx(small.fit["log_likelihood"], abs=1e-9)


def test_offsets_enter_with_their_coefficient():
    fit = fit_ergm(NODES, EDGES, ["edges", "nodeicov('x')", "offset(edgecov('d'))"], {"d": D},
                   offset_coefficients={"offset(edgecov.d)": -0.4})  # fmt: skip
    off = ~np.eye(30, dtype=bool)
    x, shift, y = columns()[:2][:, off].T, -0.4 * D.to_numpy()[off], matrix(EDGES)[off]
    residual = y - 1 / (1 + np.exp(-(x @ fit.theta + shift)))
    np.testing.assert_allclose(x.T @ residual, 0, atol=1e-8)
    row = fit.estimates.set_index("term").loc["offset(edgecov.d)"]
    assert row["estimate"] == -0.4 and np.isnan(row["std_error"]) and row["method"] == "fixed"
    with pytest.raises(NetworkError, match=r"no coefficient for offset\(edgecov.d\)"):
        fit_ergm(NODES, EDGES, ["edges", "offset(edgecov('d'))"], {"d": D})
    with pytest.raises(NetworkError, match=r"offset_coefficients for z, which is no offset"):
        fit_ergm(NODES, EDGES, ["edges"], offset_coefficients={"z": 1.0})
    with pytest.raises(NetworkError, match="is not finite; dyads that cannot be ties are left out of `observed`"):
        fit_ergm(NODES, EDGES, ["edges", "offset(edgecov('d'))"], {"d": D},
                 offset_coefficients={"offset(edgecov.d)": -np.inf})  # fmt: skip
    with pytest.raises(NetworkError, match="every term is an offset"):
        fit_ergm(NODES, EDGES, ["offset(edges)"], offset_coefficients={"offset(edges)": 1.0})


def test_fixed_mutual_is_the_fit_at_that_value():
    free = fit_ergm(NODES, EDGES, ["edges", "mutual"])
    fixed = fit_ergm(NODES, EDGES, ["edges", "offset(mutual)"],
                     offset_coefficients={"offset(mutual)": float(free.theta[1])})  # fmt: skip
    assert fixed.theta[0] == pytest.approx(free.theta[0], abs=1e-8)
    assert fixed.fit["log_likelihood"] == pytest.approx(free.fit["log_likelihood"], abs=1e-9)


def test_tests_of_nested_models():
    small, large = (fit_ergm(NODES, EDGES, terms, {"d": D}) for terms in (TERMS[:2], [*TERMS, "mutual"]))
    row = likelihood_ratio(small, large).iloc[0]
    assert row["statistic"] == pytest.approx(2 * (large.fit["log_likelihood"] - small.fit["log_likelihood"]))
    assert row["df"] == 3
    one = wald_test(large, ["mutual"]).iloc[0]
    z = large.estimates.set_index("term").loc["mutual"]
    assert one["statistic"] == pytest.approx(z["statistic"] ** 2) and one["p_value"] == pytest.approx(z["p_value"])
    tests = large.tests.set_index("test")
    assert tests.loc["lr_dependence", "df"] == 1 and tests.loc["lr_terms", "df"] == 4
    without = fit_ergm(NODES, EDGES, TERMS, {"d": D}).fit["log_likelihood"]
    assert tests.loc["lr_dependence", "statistic"] == pytest.approx(2 * (large.fit["log_likelihood"] - without))
    with pytest.raises(NetworkError, match=r"the larger model lacks edgecov\.d"):
        likelihood_ratio(fit_ergm(NODES, EDGES, TERMS, {"d": D}), small)
    with pytest.raises(NetworkError, match="different networks"):
        likelihood_ratio(small, fit_ergm(NODES, EDGES.iloc[1:], TERMS, {"d": D}))
    with pytest.raises(NetworkError, match="no coefficients age"):
        wald_test(small, ["age"])


def test_ten_terms_of_many_dyads_never_sample():
    """E17: 600 places stay on the exact path, in seconds."""
    nodes = places(600, 3)
    nodes = nodes.assign(**{f"x{at}": np.random.default_rng(at).normal(size=600) for at in range(6)})
    terms = ["edges", *(f"nodeicov('x{at}')" for at in range(6)), "nodeocov('x')", "nodematch('g')", "edgecov('d')"]
    d = distances(nodes)
    edges = drawn(nodes, -3 + 0.3 * nodes["x"].to_numpy()[:, None] - 0.2 * d.to_numpy())
    began = time.process_time()
    fit = fit_ergm(nodes, edges, terms, {"d": d})
    assert time.process_time() - began < 20
    assert fit.solution.simulated is None and fit.evidence["likelihood"].startswith("exact")
    assert abs(fit.theta[fit.model.names.index("nodeocov.x")] - 0.3) < 0.05


def test_independent_of_the_order_of_everything():
    order = np.random.default_rng(1).permutation(30)
    fit = fit_ergm(NODES, EDGES, [*TERMS, "mutual"], {"d": D})
    other = fit_ergm(NODES.iloc[order], EDGES.sample(frac=1, random_state=1), ["mutual", *TERMS[::-1]],
                     {"d": D.sample(frac=1, random_state=2).sample(frac=1, axis=1, random_state=3)})  # fmt: skip
    named = dict(zip(other.model.names, other.theta, strict=True))
    np.testing.assert_allclose([named[name] for name in fit.model.names], fit.theta, atol=1e-9)


def test_edges_of_helper_keeps_every_tie():
    y = matrix(EDGES) > 0
    assert len(edges_of(y, NODES)) == len(EDGES)
