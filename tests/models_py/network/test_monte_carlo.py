"""Simulation against all networks of four or five places listed one by one, and against exact likelihoods."""

import itertools
import logging
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

import bootstrap
from models_py.network import DegenerateError, NetworkError, Sampling, fit_ergm
from models_py.network import chains as chains_module
from models_py.network.chains import Engine, chains_of, effective, prepare, split_rhat
from models_py.network.graph import Network, network_of
from models_py.network.model import model_of
from models_py.network.monte_carlo import engine_of, fit_by_simulation, hull_share
from models_py.network.terms import coefficients
from tests.models_py.network.networks import distances, drawn, edges_of, places
from tests.models_py.network.test_terms import random_network

DIRECTED = ["edges", "edgecov('d')", "mutual", "gwesp(0.4, fixed=True)", "gwesp(0.2, fixed=True, type='ITP')",
            "gwidegree(0.5, fixed=True)", "odegree(1)", "isolates"]  # fmt: skip
UNDIRECTED = ["edges", "nodecov('x')", "triangle", "gwdegree(0.7, fixed=True)", "degree(2)"]


@cache
def every_network(directed: bool, terms: tuple[str, ...], seed: int = 13) -> tuple[Network, np.ndarray]:
    """A network of four (directed) or five places, and the statistics of all there are."""
    n = 4 if directed else 5
    network = random_network(n, directed, 0.5, seed)
    places = [(i, j) for i in range(n) for j in range(n) if (i != j if directed else i < j)]
    made, rows = coefficients(network, terms), []
    for bits in itertools.product((False, True), repeat=len(places)):
        ties = np.zeros((n, n), dtype=bool)
        for (i, j), tie in zip(places, bits, strict=True):
            ties[i, j] = tie
            ties[j, i] |= tie and not directed
        rows.append([one.statistic(replace(network, ties=ties)) for one in made])
    return network, np.array(rows)


@pytest.mark.parametrize(("directed", "terms"), [(True, DIRECTED), (False, UNDIRECTED)])
def test_long_run_means_are_those_of_all_networks(directed, terms):
    """Every kind of term and of proposal at once: means and covariances over 4,096 or 1,024 networks."""
    network, every = every_network(directed, tuple(terms))
    theta = np.random.default_rng(2).normal(size=len(terms)) * 0.5
    weights = np.exp(every @ theta)
    weights /= weights.sum()
    mean = weights @ every
    sd = np.sqrt(weights @ (every - mean) ** 2)
    likely = np.random.default_rng(3).random((network.n, network.n)) ** 2
    engine = Engine(network, tuple(coefficients(network, terms)), likely if directed else likely + likely.T)
    (chain,) = chains_of(engine, network.ties, 1, 7)
    draws = engine.sample(chain, engine.weights(theta), 60_000, 30)
    off = (draws.mean(axis=0) - mean) / (sd / np.sqrt(effective(draws[None])))
    assert np.abs(off).max() < 4, off
    np.testing.assert_allclose(draws.std(axis=0), sd, rtol=0.03)


def enumerated(terms: list[str], directed: bool, seed: int) -> tuple[Network, np.ndarray, np.ndarray, float]:
    """The exact maximum, its covariance and log-likelihood, over all networks."""
    network, every = every_network(directed, tuple(terms), seed)
    seen = np.array([one.statistic(network) for one in coefficients(network, terms)])

    def negative(theta):
        logs = every @ theta
        return np.logaddexp.reduce(logs) - seen @ theta

    found = minimize(negative, np.zeros(len(seen)), method="BFGS", options={"gtol": 1e-9})
    weights = np.exp(every @ found.x - np.logaddexp.reduce(every @ found.x))
    centred = every - weights @ every
    return network, found.x, np.linalg.inv(centred.T @ (centred * weights[:, None])), -found.fun


@pytest.mark.parametrize(
    ("directed", "terms", "seed"),
    [
        (True, ["edges", "gwesp(0.4, fixed=True)"], 11),
        (True, ["edges", "mutual", "gwidegree(0.5, fixed=True)"], 13),
        (False, ["edges", "triangle"], 13),
    ],
)
def test_maximum_over_all_networks(directed, terms, seed):
    network, theta, cov, value = enumerated(terms, directed, seed)
    fit = fit_ergm(network.nodes, network.edges(), terms, directed=directed, seed=3)
    error = np.sqrt(np.diag(cov))
    assert (np.abs(fit.theta - theta) < 0.1 * error).all(), (fit.theta, theta, error)
    np.testing.assert_allclose(fit.estimates["std_error"], error, rtol=0.07)
    simulated = fit.fit["log_likelihood_error"]
    assert abs(fit.fit["log_likelihood"] - value) < max(4 * simulated, 0.01)
    assert 0 < simulated <= 0.1 and set(fit.estimates["method"]) == {"mcmc"}


NODES = places(20, 5)
D = distances(NODES, 6)
EDGES = drawn(NODES, -0.8 + 0.5 * NODES["x"].to_numpy()[None, :] - 0.4 * D.to_numpy())
PAIRS = ["edges", "nodeicov('x')", "edgecov('d')", "mutual"]


def test_simulation_finds_the_exact_maximum_and_likelihood():
    """The exact four-state multinomial judges the simulated fit of the same model; the path judges the likelihood."""
    exact = fit_ergm(NODES, EDGES, PAIRS, {"d": D})
    dyads = fit_ergm(NODES, EDGES, PAIRS[:3], {"d": D})
    model = model_of(network_of(NODES, EDGES, {"d": D}), PAIRS)
    start = np.append(dyads.theta, 0.0)
    made = fit_by_simulation(model, None, start, dyads.fit["log_likelihood"], Sampling(error=0.05), 1)
    error = exact.estimates["std_error"].to_numpy()
    assert (np.abs(made.theta - exact.theta) < 0.1 * error).all()
    np.testing.assert_allclose(np.sqrt(np.diag(made.cov)), error, rtol=0.07)
    assert 0 < made.log_likelihood_error <= 0.05
    assert abs(made.log_likelihood - exact.fit["log_likelihood"]) < 4 * made.log_likelihood_error + 0.005
    diagnostics = made.diagnostics.set_index("term")
    assert (diagnostics["ess"] >= 1000).all() and (diagnostics["rhat"] < 1.05).all()
    off = (diagnostics["simulated_mean"] - diagnostics["observed"]) / diagnostics["simulated_sd"]
    assert off.abs().max() < 0.4
    assert list(made.trace.columns) == ["chain", "draw", *model.names] and made.trace["chain"].nunique() == 4


def test_an_exact_likelihood_is_never_simulated(monkeypatch):
    def sampled(*arguments):
        raise AssertionError("sampled")

    monkeypatch.setattr(chains_module, "draw", sampled)
    monkeypatch.setattr(Engine, "sample", sampled)
    for terms in (PAIRS, PAIRS[:3]):
        assert fit_ergm(NODES, EDGES, terms, {"d": D}).solution.simulated is None


DEEP = ["edges", "nodeicov('x')", "gwesp(0.25, fixed=True)"]


def test_a_search_given_up_on_its_way_is_not_called_degenerate(monkeypatch):
    """From 30 standard deviations off, three rounds come nearer and do not arrive."""
    monkeypatch.setattr("models_py.network.monte_carlo._ROUNDS", 3)
    exact = fit_ergm(NODES, EDGES, PAIRS, {"d": D})
    far = exact.theta + np.array([-2.0, 0, 0, 0])
    with pytest.raises(
        NetworkError, match=r"came nearer the observed one, from .* not shown to be degenerate"
    ) as error:
        fit_by_simulation(exact.model, far, far, exact.fit["log_likelihood"], QUICK, 1)
    assert not isinstance(error.value, DegenerateError)


QUICK = Sampling(effective=300.0, error=0.3)


def test_results_depend_on_chains_and_seed_not_on_threads(monkeypatch):
    first = fit_ergm(NODES, EDGES, DEEP, seed=1, sampling=QUICK)
    monkeypatch.setattr(chains_module, "ThreadPoolExecutor", lambda max_workers: ThreadPoolExecutor(1))
    one = fit_ergm(NODES, EDGES, DEEP, seed=1, sampling=QUICK)
    np.testing.assert_array_equal(first.theta, one.theta)
    assert first.fit == one.fit
    assert not np.array_equal(first.theta, fit_ergm(NODES, EDGES, DEEP, seed=2, sampling=QUICK).theta)
    other = fit_ergm(NODES, EDGES, DEEP, seed=1, sampling=replace(QUICK, chains=3))
    assert not np.array_equal(first.theta, other.theta) and other.evidence["chains"] == 3


def test_yuan_and_simulation():
    """E1 beyond pairs: the same random numbers give the same fit in yuan and in ten million yuan."""
    scaled = NODES.assign(gdp=NODES["gdp"] / 1e7)
    terms = ["edges", "nodeicov('gdp')", "gwesp(0.25, fixed=True)"]
    raw, small = (fit_ergm(nodes, EDGES, terms, sampling=QUICK) for nodes in (NODES, scaled))
    factor = np.array([1, 1e7, 1])
    np.testing.assert_allclose(raw.theta * factor, small.theta, rtol=1e-6)
    np.testing.assert_allclose(raw.estimates["std_error"] * factor, small.estimates["std_error"], rtol=1e-6)


def test_offset_beyond_pairs_is_the_profile_of_the_likelihood():
    free = fit_ergm(NODES, EDGES, DEEP, sampling=QUICK)
    held = fit_ergm(NODES, EDGES, [*DEEP[:2], "offset(gwesp(0.25, fixed=True))"], sampling=QUICK,
                    offset_coefficients={"offset(gwesp.OTP.fixed.0.25)": float(free.theta[2])})  # fmt: skip
    error = free.estimates["std_error"].to_numpy()[:2]
    assert (np.abs(held.theta - free.theta[:2]) < 0.3 * error).all()
    assert held.fit["log_likelihood"] == pytest.approx(free.fit["log_likelihood"], abs=1.0)


def clustered() -> tuple[pd.DataFrame, pd.DataFrame]:
    """120 places in groups of ten that hardly meet others."""
    nodes = pd.DataFrame(index=[f"p{at}" for at in range(120)])
    group = np.repeat(np.arange(12), 10)
    chance = np.where(group[:, None] == group, 0.6, 0.01)
    ties = np.triu(np.random.default_rng(5).random((120, 120)) < chance, 1)
    return nodes, edges_of(ties, nodes)


def test_a_degenerate_model_stops_in_words():
    """E15."""
    nodes, edges = clustered()
    began = time.process_time()
    with pytest.raises(DegenerateError) as error:
        fit_ergm(nodes, edges, ["edges", "triangle"], directed=False)
    assert time.process_time() - began < 60
    told, table = str(error.value), error.value.statistics
    assert "degenerate" in told and f"edges: {len(edges)} observed" in told and "Try gwesp(0.25, fixed=True)" in told
    assert table["term"].tolist() == ["edges", "triangle"]
    assert table["observed"].iloc[0] == len(edges) and (table["simulated_low"] <= table["simulated_high"]).all()


def test_compilation_is_cached_and_said_when_it_happens(tmp_path):
    """A fresh cache is filled and said to be; a second process loads from it."""
    code = "import logging as log; log.basicConfig(level=20); import models_py.network.chains as it; it.prepare()"
    said = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
            cwd=bootstrap.PROJECT,
            capture_output=True,
            text=True,
            check=True,
        )
        said.append(done.stderr)
    assert "sampler compiled and cached in" in said[0] and "sampler loaded from the cache in" in said[1]


def test_loading_is_said_once(caplog):
    prepare()
    with caplog.at_level(logging.INFO, "models_py.network.chains"):
        prepare()
    assert caplog.records == []


def test_too_many_places_for_simulation():
    nodes = pd.DataFrame(index=range(3))
    network = network_of(nodes, pd.DataFrame({"origin": [0], "destination": [1]}))
    engine = Engine(replace(network, names=tuple(range(30_000))), tuple(coefficients(network, ["edges"])))
    with pytest.raises(NetworkError, match="at most 20000 places, found 30000"):
        engine.start(network.ties)


def test_effective_draws_of_a_known_series():
    """An autoregression of 0.8 has (1 - 0.8) / (1 + 0.8) of its draws; independent draws all of them."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(4, 5000))
    series = np.empty_like(noise)
    series[:, 0] = noise[:, 0] / 0.6
    for at in range(1, 5000):
        series[:, at] = 0.8 * series[:, at - 1] + noise[:, at]
    found = effective(np.stack([series, noise, np.ones_like(noise)], axis=2))
    assert found[0] == pytest.approx(20_000 / 9, rel=0.15) and found[1] > 17_000 and found[2] == 20_000
    assert split_rhat(noise) == pytest.approx(1, abs=0.01)
    assert split_rhat(noise + np.arange(4)[:, None]) > 1.5
    assert effective((noise + 5 * np.arange(4)[:, None])[:, :, None])[0] < 10


def test_share_of_the_way_inside_the_hull():
    square = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    assert hull_share(square, np.array([0.6, 0.5])) == 1
    assert hull_share(square, np.array([2.5, 0.5])) == pytest.approx(0.25 / 1.05, rel=1e-6)


def test_dyads_are_proposed_as_often_as_they_are_likely():
    model = model_of(network_of(NODES, EDGES, {"d": D}), PAIRS)
    engine = engine_of(model)
    slots, rarity = engine.dyads
    count = np.bincount(slots, minlength=400).reshape(20, 20)
    assert (np.diag(count) == 0).all() and (count[~np.eye(20, dtype=bool)] > 0).all()
    np.testing.assert_allclose((count / len(slots))[count > 0] * rarity[count > 0], 1)
    assert engine.likely is not None
    assert np.corrcoef(count[count > 0], engine.likely[count > 0])[0, 1] > 0.98
