"""Network models against exact optima, statnet's figures and published ones, each within the tolerance of its case."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models_py.network import ErgmFit, fit_ergm

DYADS, PAIRS, SMALL = "ergm_288_dyad_independent", "ergm_288_mutual", "ergm_small_published"
TERMS = ["edges", "nodeicov('x')", "nodeocov('x')", "edgecov('L')"]


def expected(reference: Path, case: str) -> dict:
    return json.loads((reference / case / "expected.json").read_text(encoding="utf-8"))


def edges_of(path: Path) -> pd.DataFrame:
    return pd.read_csv(path).rename(columns={"tail": "origin", "head": "destination"})


@cache
def of_288(reference: Path, case: str, terms: tuple[str, ...], **options) -> ErgmFit:
    nodes = pd.read_csv(reference / DYADS / "nodes.csv").set_index("id")
    distance = np.loadtxt(reference / DYADS / "edgecov_logdist.csv", delimiter=",")
    frame = pd.DataFrame(distance, nodes.index, nodes.index)
    return fit_ergm(nodes, edges_of(reference / case / "edges.csv"), list(terms), {"L": frame}, **options)


@cache
def small(reference: Path, name: str, terms: tuple[str, ...], **options) -> ErgmFit:
    nodes = pd.read_csv(reference / SMALL / f"{name}_nodes.csv").set_index("id")
    edges = edges_of(reference / SMALL / f"{name}_edges.csv")
    return fit_ergm(nodes, edges, list(terms), directed=name != "flomarriage", **options)


def test_288_places_dyads_independent(reference):
    wanted, fit = expected(reference, DYADS), of_288(reference, DYADS, tuple(TERMS))
    assert fit.estimates["term"].tolist() == wanted["order"].split(", ")
    np.testing.assert_allclose(fit.estimates["estimate"], wanted["coef"], atol=1e-6)
    np.testing.assert_allclose(fit.estimates["std_error"], wanted["se"], rtol=1e-4)
    for name in ("aic", "bic"):
        assert fit.fit[name] == pytest.approx(wanted[name], abs=2e-3)
    assert fit.fit["log_likelihood"] == pytest.approx(wanted["loglik"], abs=1e-3)
    assert [round(fit.fit[name]) for name in ("null_deviance", "deviance")] == wanted["deviance"]
    assert fit.fit["n_obs"] == 288 * 287 and fit.fit["log_likelihood_error"] == 0
    assert fit.solution.simulated is None


def test_288_places_with_mutual(reference):
    wanted, fit = expected(reference, PAIRS), of_288(reference, PAIRS, (*TERMS, "mutual"))
    assert fit.estimates["term"].tolist() == wanted["order"].split(", ")
    np.testing.assert_allclose(fit.model.statistics, wanted["stats"], atol=1e-3)
    np.testing.assert_allclose(fit.estimates["estimate"], wanted["exact_ml"]["coef"], atol=1e-6)
    np.testing.assert_allclose(fit.estimates["std_error"], wanted["exact_ml"]["se"], atol=1e-6)
    for name, key in (("log_likelihood", "ll"), ("aic", "aic"), ("bic", "bic")):
        assert fit.fit[name] == pytest.approx(wanted["exact_ml"][key], abs=1e-6)
    assert fit.solution.simulated is None


def test_288_places_statistic_of_gwesp(reference):
    fit = of_288(reference, PAIRS, (*TERMS, "mutual", "gwesp(0.5, fixed=TRUE)"), estimator="pseudo")
    assert fit.model.names[-1] == "gwesp.OTP.fixed.0.5"
    assert fit.model.statistics[-1] == pytest.approx(expected(reference, PAIRS)["gwesp_0_5_stat"], abs=5e-5)


def test_florentine_marriages_and_wealth(reference):
    wanted = expected(reference, SMALL)["flomarriage_edges_nodecov_wealth"]
    fit = small(reference, "flomarriage", ("edges", "nodecov('wealth')"))
    np.testing.assert_allclose(fit.estimates["estimate"], wanted["coef"], atol=1e-6)
    np.testing.assert_allclose(fit.estimates["std_error"], wanted["se"], atol=1e-6)
    for name, key in (("log_likelihood", "loglik"), ("aic", "aic"), ("bic", "bic")):
        assert fit.fit[name] == pytest.approx(wanted[key], abs=1e-6)


def test_monks_edges_and_mutual(reference):
    wanted, fit = expected(reference, SMALL)["samplk3_edges_mutual"], small(reference, "samplk3", ("edges", "mutual"))
    assert fit.model.statistics.tolist() == wanted["stats"]
    np.testing.assert_allclose(
        fit.estimates["estimate"], [wanted["exact"]["edges"], wanted["exact"]["mutual"]], atol=1e-6
    )
    for name, key in (("log_likelihood", "loglik"), ("aic", "aic"), ("bic", "bic")):
        assert fit.fit[name] == pytest.approx(wanted["exact"][key], abs=1e-6)


SIMULATED = [
    ("flomarriage", ("edges", "triangle"), "flomarriage_edges_triangle"),
    ("samplike", ("edges", "mutual", "gwesp(0.5, fixed=TRUE)"), "samplike_edges_mutual_gwesp_0_5"),
]


@pytest.mark.parametrize(("network", "terms", "case"), SIMULATED)
def test_simulated_likelihood_against_statnet(reference, network, terms, case):
    wanted, fit = expected(reference, SMALL)[case], small(reference, network, terms)
    np.testing.assert_allclose(fit.model.statistics, wanted["stats"], atol=1e-6)
    error = np.array(wanted["se"])
    assert (np.abs(fit.theta - wanted["mcmle_mean_3_seeds"]) < 0.1 * error).all(), fit.theta
    np.testing.assert_allclose(fit.estimates["std_error"], error, rtol=0.05)
    assert fit.fit["log_likelihood"] == pytest.approx(wanted["loglik"], abs=0.1)


@pytest.mark.parametrize(("network", "terms", "case"), SIMULATED)
def test_pseudo_likelihood_has_statnets_coefficients_and_no_errors(reference, network, terms, case):
    fit = small(reference, network, terms, estimator="pseudo")
    np.testing.assert_allclose(fit.theta, expected(reference, SMALL)[case]["mple"], atol=1e-6)
    assert fit.estimates["std_error"].isna().all() and fit.estimates["p_value"].isna().all()
    assert fit.fit["log_likelihood"] is None and set(fit.estimates["method"]) == {"pseudo"}
    assert "no standard errors" in fit.evidence["likelihood"]


def test_published_runs_of_one_chain(reference):
    """Printed by one run of statnet each: within 0.2 standard errors."""
    for name, terms, printed, errors in (
        ("flomarriage", ("edges", "triangle"), (-1.6525, 0.1676), (0.3502, 0.5766)),
        ("samplk3", ("edges", "mutual"), (-2.1259, 2.2540), (0.2133, 0.4886)),
    ):
        fit = small(reference, name, terms)
        assert (np.abs(fit.theta - printed) < 0.2 * np.array(errors)).all()
