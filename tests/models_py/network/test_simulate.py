"""Simulated networks, goodness of fit and tie probabilities, against known chances and finite differences."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models_py.network import NetworkError, ergm_gof, fit_ergm, simulate_ergm, tie_probability
from models_py.network.ergm import ErgmFit
from models_py.network.gof import GOF_COLUMNS
from models_py.network.probability import TIE_COLUMNS
from tests.models_py.network.networks import distances, drawn, edges_of, places

NODES = places(20, 5)
D = distances(NODES, 6)
EDGES = drawn(NODES, -0.8 + 0.5 * NODES["x"].to_numpy()[None, :] - 0.4 * D.to_numpy())
TERMS = ["edges", "nodeicov('x')", "edgecov('d')", "nodematch('g')"]
DYADS = fit_ergm(NODES, EDGES, TERMS, {"d": D})
PAIRS = fit_ergm(NODES, EDGES, [*TERMS, "mutual"], {"d": D})


def chances(fit: ErgmFit) -> np.ndarray:
    """Probability of each dyad when dyads are independent, by hand."""
    edges, x, d, g = fit.theta[:4]
    group = NODES["g"].to_numpy()
    eta = edges + x * NODES["x"].to_numpy()[None, :] + d * D.to_numpy() + g * (group[:, None] == group)
    return 1 / (1 + np.exp(-eta))


def test_independent_dyads_are_tied_with_their_chance():
    found = simulate_ergm(DYADS, 2000, seed=1)
    assert list(found.columns) == ["simulation", "origin", "destination"]
    count = found.groupby(["origin", "destination"]).size()
    p = chances(DYADS)
    for i, j in itertools.permutations(range(20), 2):
        share = count.get((NODES.index[i], NODES.index[j]), 0) / 2000
        assert abs(share - p[i, j]) < 4.5 * np.sqrt(p[i, j] * (1 - p[i, j]) / 2000) + 1e-9
    assert (found["origin"] != found["destination"]).all()


@pytest.mark.parametrize("terms", [[*TERMS, "mutual"], ["edges", "nodeicov('x')", "gwesp(0.25, fixed=True)"]])
def test_simulated_statistics_have_the_observed_ones_as_their_mean(terms):
    fit = fit_ergm(NODES, EDGES, terms, {"d": D})
    found, rows = simulate_ergm(fit, 300, seed=2), []
    for _, edges in found.groupby("simulation"):
        ties = np.zeros((20, 20), dtype=bool)
        ties[NODES.index.get_indexer(edges["origin"]), NODES.index.get_indexer(edges["destination"])] = True
        rows.append([one.statistic(replace(fit.model.network, ties=ties)) for one in fit.model.free])
    values = np.array(rows)
    off = (values.mean(axis=0) - fit.model.statistics) / (values.std(axis=0) / np.sqrt(300))
    assert np.abs(off).max() < 4.5, off


def test_undirected_networks_and_other_coefficients():
    pairs = EDGES[EDGES["origin"] < EDGES["destination"]]
    fit = fit_ergm(NODES, pairs, ["edges"], directed=False)
    rich, poor = (simulate_ergm(fit, 20, coefficients={"edges": value}) for value in (2.0, -2.0))
    assert len(rich) / (20 * 190) == pytest.approx(1 / (1 + np.exp(-2)), abs=0.03)
    assert len(poor) / (20 * 190) == pytest.approx(1 / (1 + np.exp(2)), abs=0.03)
    both = rich.merge(rich, left_on=["simulation", "origin", "destination"],
                      right_on=["simulation", "destination", "origin"])  # fmt: skip
    assert both.empty
    pd.testing.assert_frame_equal(simulate_ergm(fit, 3, seed=5), simulate_ergm(fit, 3, seed=5))
    with pytest.raises(NetworkError, match="no coefficient age; there are edges"):
        simulate_ergm(fit, coefficients={"age": 1})
    with pytest.raises(NetworkError, match="at least 1, found 0"):
        simulate_ergm(fit, 0)


def held(values) -> dict[int, int]:
    return pd.Series(values).value_counts().to_dict()


def distances_by_loops(ties: np.ndarray) -> list[int]:
    """Steps from each place to each it can reach, by widening circles."""
    steps = []
    for start in range(len(ties)):
        seen, edge, far = {start}, {start}, 0
        while edge:
            edge, far = {int(to) for at in edge for to in np.flatnonzero(ties[at])} - seen, far + 1
            seen |= edge
            steps += [far] * len(edge)
    return steps


def test_goodness_of_fit_counts_what_loops_count():
    found = ergm_gof(DYADS, 20, seed=1)
    assert list(found.columns) == list(GOF_COLUMNS)
    ties = np.zeros((20, 20), dtype=bool)
    ties[NODES.index.get_indexer(EDGES["origin"]), NODES.index.get_indexer(EDGES["destination"])] = True
    observed = found.set_index(["statistic", "value"])["observed"]

    def numbers(name: str) -> dict[int, float]:
        return {int(at): n for at, n in observed[name].items() if at != "unreachable" and n}

    assert numbers("in_degree") == held([int(ties[:, at].sum()) for at in range(20)])
    assert numbers("out_degree") == held([int(ties[at].sum()) for at in range(20)])
    assert numbers("distance") == held(distances_by_loops(ties))
    assert observed["distance"].sum() == 380 and observed["dyads"].sum() == 190
    assert observed["dyads"]["mutual"] == sum(ties[i, j] and ties[j, i] for i in range(20) for j in range(i))
    assert numbers("shared_partners") == held(
        [sum(ties[i, k] and ties[k, j] for k in range(20)) for i, j in np.argwhere(ties)]
    )
    assert found["simulated_low"].le(found["simulated_high"]).all()
    assert found.loc[found["statistic"] == "model", "value"].tolist() == list(DYADS.model.names)
    order = found.loc[found["statistic"] == "in_degree", "value"].astype(int).tolist()
    assert order == list(range(max(order) + 1))
    with pytest.raises(NetworkError, match="at least 2, found 1"):
        ergm_gof(DYADS, 1)


def test_goodness_of_fit_shows_what_independence_misses():
    """Ties that answer ties: without mutual far outside the simulated range, with it inside."""
    rng = np.random.default_rng(0)
    ties = np.triu(rng.random((20, 20)) < 0.2, 1)
    ties |= ties.T & (rng.random((20, 20)) < 0.8)
    edges = edges_of(ties, NODES)
    inside = []
    for terms in (["edges"], ["edges", "mutual"]):
        row = ergm_gof(fit_ergm(NODES, edges, terms), 200).set_index(["statistic", "value"]).loc[("dyads", "mutual")]
        inside.append(row["simulated_low"] <= row["observed"] <= row["simulated_high"])
    assert inside == [False, True]


def test_unknown_dyads_are_compared_nowhere():
    known = pd.DataFrame(list(itertools.permutations(NODES.index, 2))[:200], columns=["origin", "destination"])
    fit = fit_ergm(NODES, EDGES.merge(known), ["edges"], observed=known)
    row = ergm_gof(fit, 200).set_index(["statistic", "value"]).loc[("model", "edges")]
    assert row["simulated_mean"] == pytest.approx(row["observed"], rel=0.05)


def ame(theta: np.ndarray, term: int, match: bool) -> float:
    group = NODES["g"].to_numpy()
    x = np.stack([np.ones((20, 20)), np.tile(NODES["x"], (20, 1)), D.to_numpy(), 1.0 * (group[:, None] == group)])
    off = ~np.eye(20, dtype=bool)
    x = x[:, off]

    def p(x):
        return 1 / (1 + np.exp(-(theta @ x)))

    if match:
        one, zero = x.copy(), x.copy()
        one[term], zero[term] = 1, 0
        return float((p(one) - p(zero)).mean())
    return float((p(x) * (1 - p(x)) * theta[term]).mean())


@pytest.mark.parametrize(("term", "match"), [(1, False), (2, False), (3, True)])
def test_marginal_effects_and_their_delta_errors(term, match):
    found = tie_probability(DYADS)
    assert list(found.columns) == list(TIE_COLUMNS)
    row = found.set_index(["quantity", "term"]).loc[("marginal_effect", DYADS.model.names[term])]
    theta, step = DYADS.theta, 1e-5
    assert row["estimate"] == pytest.approx(ame(theta, term, match), rel=1e-9)
    gradient = [(ame(theta + step * e, term, match) - ame(theta - step * e, term, match)) / (2 * step)
                for e in np.eye(4)]  # fmt: skip
    error = np.sqrt(gradient @ DYADS.solution.cov @ gradient)
    assert row["std_error"] == pytest.approx(error, rel=1e-6)
    assert row["ci_high"] - row["ci_low"] == pytest.approx(2 * 1.959964 * error, rel=1e-6)
    assert row["at"] == "covariates as observed"


def test_mean_probability_is_the_density_and_single_ties_stay_in_bounds():
    pairs = pd.DataFrame({"origin": ["p0", "p3"], "destination": ["p1", "p2"]})
    found = tie_probability(DYADS, pairs)
    mean = found[found["quantity"] == "mean_probability"].iloc[0]
    assert mean["estimate"] == pytest.approx(len(EDGES) / 380)
    ties = found[found["quantity"] == "tie"]
    assert ties["term"].tolist() == ["p0 -> p1", "p3 -> p2"]
    p = chances(DYADS)
    np.testing.assert_allclose(ties["estimate"], [p[0, 1], p[3, 2]])
    assert ((ties["ci_low"] > 0) & (ties["ci_low"] < ties["estimate"]) & (ties["ci_high"] < 1)).all()
    with pytest.raises(NetworkError, match=r"the pairs name places that are no node: z"):
        tie_probability(DYADS, pd.DataFrame({"origin": ["z"], "destination": ["p1"]}))
    with pytest.raises(NetworkError, match="join a place with itself: p1"):
        tie_probability(DYADS, pd.DataFrame({"origin": ["p1"], "destination": ["p1"]}))


def test_with_mutual_probabilities_are_conditional():
    found = tie_probability(PAIRS).set_index(["quantity", "term"])
    assert set(found["at"]) == {"other ties as observed"}
    answered = fit_ergm(NODES, EDGES, [*TERMS, "mutual"], {"d": D}).model.free[4].changes(PAIRS.model.network)
    eta = np.log(chances(PAIRS) / (1 - chances(PAIRS)))
    rho, off = PAIRS.theta[4], ~np.eye(20, dtype=bool)
    expected = (1 / (1 + np.exp(-(eta + rho))) - 1 / (1 + np.exp(-eta)))[off].mean()
    assert found.loc[("marginal_effect", "mutual"), "estimate"] == pytest.approx(expected)
    mean = (1 / (1 + np.exp(-(eta + rho * answered))))[off].mean()
    assert found.loc[("mean_probability", ""), "estimate"] == pytest.approx(mean)


def test_marginal_effects_do_not_depend_on_units():
    yuan = fit_ergm(NODES, EDGES, ["edges", "nodeicov('gdp')"])
    small = fit_ergm(NODES.assign(gdp=NODES["gdp"] / 1e7), EDGES, ["edges", "nodeicov('gdp')"])
    one, other = (tie_probability(fit).set_index("quantity") for fit in (yuan, small))
    for name in ("estimate", "std_error"):
        assert one.loc["marginal_effect", name] * 1e7 == pytest.approx(other.loc["marginal_effect", name], rel=1e-7)
        assert one.loc["marginal_effect_sd", name] == pytest.approx(other.loc["marginal_effect_sd", name], rel=1e-7)


def test_pseudo_likelihood_has_no_intervals():
    fit = fit_ergm(NODES, EDGES, ["edges", "mutual"], estimator="pseudo")
    with pytest.raises(NetworkError, match="no covariance, hence no intervals"):
        tie_probability(fit)
