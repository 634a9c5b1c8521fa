"""Two-way fixed effects against fixest and plm on Grunfeld's data; the figures are read from the case."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models_py.econometrics import FitResult, fit_two_way_fe

TERMS = ["value", "capital"]
CHOICES: dict[str, dict[str, Any]] = {
    "iid": {"vcov": "iid"},
    "hetero": {"vcov": "hetero"},
    "cluster_firm_fixest_default": {},
    "cluster_firm_no_ssc": {"ssc": {"k_adj": False, "G_adj": False}},
    "cluster_firm_all_fe_counted": {"ssc": {"k_fixef": "full"}},
    "cluster_firm_no_fe_counted": {"ssc": {"k_fixef": "none"}},
    "cluster_year": {"cluster": "year"},
    "twoway_firm_year_minG": {"cluster": ["firm", "year"]},
    "twoway_firm_year_conventional_G": {"vcov": {"CRV1": "firm + year"}, "ssc": {"G_df": "conventional"}},
    "plm_arellano_HC0": {"ssc": {"k_adj": False, "G_adj": False}},
    "plm_arellano_sss": {"ssc": {"k_fixef": "none"}},
}


@pytest.fixture(scope="module")
def case(reference: Path) -> dict[str, Any]:
    return json.loads((reference / "twfe_grunfeld" / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def data(reference: Path) -> pd.DataFrame:
    return pd.read_csv(reference / "twfe_grunfeld" / "grunfeld.csv")


def fit(data: pd.DataFrame, **choices: Any) -> FitResult:
    return fit_two_way_fe(data, "inv", TERMS, "firm", "year", **choices)


@pytest.mark.parametrize("name", list(CHOICES))
def test_coefficients_and_standard_errors(case, data, name):
    result = fit(data, **CHOICES[name])
    np.testing.assert_allclose(result.estimates["estimate"], [case["coef"][t] for t in TERMS], rtol=0, atol=1e-9)
    np.testing.assert_allclose(result.estimates["std_error"], case["se"][name], rtol=1e-8)


def test_crv3_to_the_digits_recorded(case, data):
    result = fit(data, vcov={"CRV3": "firm"})
    # The case prints eight decimals, so agreement is half a unit of the eighth.
    np.testing.assert_allclose(result.estimates["std_error"], case["se"]["pyfixest_CRV3_firm"], rtol=0, atol=5e-9)


def test_crv3_against_pyfixest_itself(data):
    import pyfixest

    peer = pyfixest.feols("inv ~ value + capital | firm + year", data, vcov={"CRV3": "firm"})
    result = fit(data, vcov={"CRV3": "firm"})
    np.testing.assert_allclose(result.estimates["std_error"], peer.se(), rtol=1e-8)


def test_r2_p_values_and_degrees_of_freedom(case, data):
    result = fit(data)
    assert result.fit["r2"] == pytest.approx(case["r2"], abs=1e-9)
    assert result.fit["r2_within"] == pytest.approx(case["r2_within"], abs=1e-9)
    np.testing.assert_allclose(result.estimates["p_value"], case["p_cluster_firm"], rtol=1e-8)
    assert set(result.estimates["df"]) == {case["df_t_cluster"]}
    assert result.evidence["reference_case"] == "twfe_grunfeld"


def test_the_standard_errors_differ_from_each_other(case):
    """The case can tell the conventions apart: no two of these agree to the tolerance used above."""
    names = [name for name in CHOICES if not name.startswith("plm")]
    values = sorted(case["se"][name][0] for name in names)
    assert min(b / a - 1 for a, b in pairwise(values)) > 1e-4
