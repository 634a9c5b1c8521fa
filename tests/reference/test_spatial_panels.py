"""Spatial panel models against exact optima and peers' figures: cigarettes, public capital, a synthetic 31 x 12."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models_py.spatial import SpatialFit, fit_spatial_durbin, panel_lm_tests
from models_py.spatial.information import information

CIGAR, PRODUC, SYNTHETIC = "sdm_cigar_twfe", "sar_sem_produc_state_fe", "sdm_synthetic_31x12"
# Blocks of figures by case: effects, and the blocks' names.
BLOCKS = [
    (CIGAR, "two-way", "exact_two_way"),
    (CIGAR, "entity", "exact_state_fe_only"),
    (PRODUC, "entity", "state_fe"),
    (SYNTHETIC, "two-way", "two_way"),
]
FITS = {
    "SAR_ml": ("sar", "none"),
    "SEM_ml": ("sem", "none"),
    "SDM_ml": ("sdm", "none"),
    "SDM_lee_yu_transformation": ("sdm", "transformation"),
    "SDM_bias_corrected_elhorst": ("sdm", "lee_yu"),
}
CASES = [(case, effects, block, fit) for case, effects, block in BLOCKS for fit in FITS]


@cache
def case_of(reference: Path, case: str) -> tuple[pd.DataFrame, pd.DataFrame, dict, dict]:
    """Panel, weights, the names of its columns, and the expected figures of a case."""
    folder = reference / case
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    if case == SYNTHETIC:
        frame, w = pd.read_csv(folder / "panel.csv"), pd.read_csv(folder / "w.csv").to_numpy(dtype=float)
        names = {"entity": "id", "time": "t", "regressors": ["x1", "x2"]}
    elif case == CIGAR:
        frame = pd.read_csv(folder / "cigar.csv")
        frame = frame.assign(
            y=np.log(frame["sales"]),
            logp=np.log(frame["price"] / frame["cpi"]),
            logy=np.log(frame["ndi"] / frame["cpi"]),
        )
        w = pd.read_csv(folder / "w_usa46.csv", index_col=0).to_numpy(dtype=float)
        names = {"entity": "state", "time": "year", "regressors": ["logp", "logy"]}
    else:
        frame = pd.read_csv(folder / "produc.csv")
        logs = {f"log_{name}": np.log(frame[name]) for name in ("pcap", "pc", "emp")}
        frame = frame.assign(y=np.log(frame["gsp"]), **logs)
        w = pd.read_csv(folder / "w_usaww.csv", index_col=0).to_numpy(dtype=float)
        names = {"entity": "state", "time": "year", "regressors": ["log_pcap", "log_pc", "log_emp", "unemp"]}
    places = sorted(frame[names["entity"]].unique())
    return frame, pd.DataFrame(w / w.sum(axis=1, keepdims=True), places, places), names, expected


def fitted(reference: Path, case: str, effects: str, model: str, correction: str, **options) -> SpatialFit:
    frame, weights, names, _ = case_of(reference, case)
    return fit_spatial_durbin(
        frame, "y", names["regressors"], names["entity"], names["time"], weights,
        model=model, effects=effects, bias_correction=correction, **options,
    )  # fmt: skip


def coefficients(fit: SpatialFit) -> pd.DataFrame:
    return fit.estimates[fit.estimates["effect"] == "coef"].set_index("term")


@pytest.mark.parametrize(("case", "effects", "block", "name"), CASES)
def test_optima_and_standard_errors(reference, case, effects, block, name):
    expected = case_of(reference, case)[3][block].get(name)
    model, correction = FITS[name]
    if expected is None:  # a block that does not have this fit must not pretend to
        assert name not in json.dumps(case_of(reference, case)[3][block])
        return
    fit = fitted(reference, case, effects, model, correction)
    found = coefficients(fit)
    wanted = dict(expected["coef"])
    errors = dict(expected["se"])
    for term in ("rho", "lambda"):
        if term in expected:
            wanted[term], errors[term] = expected[term], expected[f"{term}_se"]
    assert sorted(found.index) == sorted(wanted)
    for term, value in wanted.items():
        assert found.loc[term, "estimate"] == pytest.approx(value, abs=1e-6), term
        assert found.loc[term, "std_error"] == pytest.approx(errors[term], rel=1e-5), term
    assert fit.fit["sigma2"] == pytest.approx(expected["sigma2"], rel=1e-7)
    if "loglik" in expected:
        assert fit.fit["log_likelihood"] == pytest.approx(expected["loglik"], abs=1e-5)
    if "nobs_effective" in expected:
        assert fit.fit["n_counted"] == expected["nobs_effective"]
    if "se_toolbox_convention" in expected and correction == "none":
        toolbox = np.sqrt(np.diag(information(fit.likelihood, fit.optimum, toolbox=True).covariance))
        assert toolbox[:-1] == pytest.approx(expected["se_toolbox_convention"], rel=1e-5)


@pytest.mark.parametrize(("case", "effects", "block"), [one for one in BLOCKS if one[2] != "exact_state_fe_only"])
def test_wald_and_likelihood_ratio(reference, case, effects, block):
    expected = case_of(reference, case)[3][block]["tests"]
    found = fitted(reference, case, effects, "sdm", "none").tests.set_index("test")
    for name in ("wald_sar", "wald_sem", "lr_sar", "lr_sem"):
        key = name.replace("_", "_sdm_vs_")
        assert found.loc[name, "statistic"] == pytest.approx(expected[key], rel=1e-6)
        assert found.loc[name, "p_value"] == pytest.approx(expected["p"][name], rel=1e-5)
    assert set(found["df"]) == {expected["df"]}


@pytest.mark.parametrize(("case", "effects", "block"), [one for one in BLOCKS if one[0] != CIGAR])
@pytest.mark.parametrize(
    ("correction", "key"),
    [("none", "ml"), ("transformation", "lee_yu_transformation"), ("lee_yu", "bias_corrected")],
)
def test_effects(reference, case, effects, block, correction, key):
    known = case_of(reference, case)[3][block]["effects"]
    if key not in known:
        assert (case, key) == (PRODUC, "bias_corrected")
        return
    fit = fitted(reference, case, effects, "sdm", correction, draws=20_000)
    rows = fit.estimates[fit.estimates["effect"] != "coef"].set_index(["term", "effect", "method"])
    for term, expected in known[key].items():
        for place, kind in enumerate(("direct", "indirect", "total")):
            value, error = rows.loc[(term, kind, "simulation"), ["estimate", "std_error"]]
            assert value == pytest.approx(expected[kind], abs=2e-6), (term, kind)
            # The recorded deviation rests on draws of its own, so that it agrees to a few per cent.
            assert error == pytest.approx(expected["sim_sd"][place], rel=0.06), (term, kind)
            assert rows.loc[(term, kind, "delta"), "std_error"] == pytest.approx(error, rel=0.06), (term, kind)


def test_effects_of_cigarettes_at_the_optimum(reference):
    """S1: a peer counts every effect of a lagged regressor as indirect."""
    fit = fitted(reference, CIGAR, "two-way", "sdm", "none")
    rows = fit.estimates.set_index(["term", "effect", "method"])["estimate"]
    expected = {
        "logp": (-1.013299, -0.213983, -1.227282),
        "logy": (0.590805, -0.194259, 0.396546),
    }
    for term, values in expected.items():
        for kind, value in zip(("direct", "indirect", "total"), values, strict=True):
            assert rows[term, kind, "delta"] == pytest.approx(value, abs=1e-5)
        assert np.diag(fit.effects_matrix(term)).mean() == pytest.approx(values[0], abs=1e-5)
        assert fit.effects_matrix(term).sum(axis=1).mean() == pytest.approx(values[2], abs=1e-5)


@pytest.mark.parametrize("key", ["pooled_ols", "state_fe"])
def test_lm_tests_of_cigarettes(reference, key):
    frame, weights, names, _ = case_of(reference, CIGAR)
    folder = reference / "lm_cigar_pooled_state"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[key]
    effects = {"pooled_ols": "none", "state_fe": "entity"}[key]
    check_lm(panel_lm_tests(frame, "y", names["regressors"], "state", "year", weights, effects), expected)


@pytest.mark.parametrize("key", ["lm_pooled", "lm_state_fe"])
def test_lm_tests_of_public_capital(reference, key):
    frame, weights, names, expected = case_of(reference, PRODUC)
    effects = {"lm_pooled": "none", "lm_state_fe": "entity"}[key]
    check_lm(panel_lm_tests(frame, "y", names["regressors"], "state", "year", weights, effects), expected[key])


def check_lm(found: pd.DataFrame, expected: dict) -> None:
    rows = found.set_index("test")["statistic"]
    names = {
        "lm_lag": "LM_lag",
        "lm_error": "LM_err",
        "robust_lm_lag": "robust_LM_lag",
        "robust_lm_error": "robust_LM_err",
    }
    for name, key in names.items():
        assert rows[name] == pytest.approx(expected[key], rel=1e-6), name
    assert rows["lm_lag"] + rows["robust_lm_error"] == pytest.approx(
        rows["lm_error"] + rows["robust_lm_lag"], rel=1e-10
    )


def test_likelihood_ratio_of_time_effects(reference):
    """Least squares is the model without lags: SLX with nothing lagged."""
    expected = json.loads((reference / "lm_cigar_pooled_state" / "expected.json").read_text(encoding="utf-8"))
    both, entity = (
        fitted(reference, CIGAR, effects, "slx", "none", lagged=[]).fit["log_likelihood"]
        for effects in ("two-way", "entity")
    )
    assert 2 * (both - entity) == pytest.approx(expected["LR_time_fe_given_spatial"], rel=1e-9)
    assert entity == pytest.approx(expected["state_fe"]["loglik"], rel=1e-8)
