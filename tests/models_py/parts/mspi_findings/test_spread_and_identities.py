"""F-M1 to F-M5: on data in which each holds, and on data in which it does not."""

import re

import numpy as np
import pandas as pd
import pytest

from catalog.parts import comparison, performance_index, regressions
from catalog.parts import exposure as exposure_part
from models_py.parts.mspi_findings.identities import additivity, decomposition, identity, index_spread
from models_py.parts.mspi_findings.inputs import at_most, decimal
from models_py.parts.mspi_findings.layout import sign_of_utilisation
from models_py.parts.mspi_findings.study_findings import study_findings
from tests.models_py.changing import with_header, with_part, without_parts
from tests.models_py.parts.mspi_findings.planting import build, observed

CONTROLS = ["gdp_per_capita", "urbanization", "population_density", "fiscal_expenditure"]
SIZES = {"ssi": 2, "qii": 2, "hmi": 3}


def dummies(frame: pd.DataFrame, outcome: str, regressors: list[str]) -> dict[str, float]:
    """Least squares with a dummy for every province and year, by numpy alone."""
    effects = pd.get_dummies(frame[["entity_code", "year"]].astype(str), dtype=float).to_numpy()
    design = np.column_stack([frame[regressors].to_numpy(), effects])
    solution = np.linalg.lstsq(design, frame[outcome].to_numpy(), rcond=None)[0]
    return dict(zip(regressors, solution, strict=False))


def unprinted(study):
    """The study as one of no paper."""
    return with_header(without_parts(study, comparison.Options), paper=None)


def test_the_spread_implies_the_correlation(base, figures, study):
    holds, text, _ = observed(base, index_spread)
    assert holds is True
    directions = {"emergency_mortality_rate": -1, "inpatient_mortality_rate": -1}
    names = [*study.indicators[4:]]
    assert len(names) == 7
    signed = figures[names] * [directions.get(name, 1) for name in names]
    matrix = np.corrcoef(signed.to_numpy().T)
    expected = matrix[np.triu_indices(7, 1)].mean()
    volume, substitution = re.findall(r"implies a correlation of (-?[\d.]+)", text)
    assert volume == decimal(expected)
    assert volume != substitution
    assert "difference at most 1e-12" in text


@pytest.mark.parametrize(("ddof", "baseline"), [(0, None), (1, (2015, 2019)), (0, (2014, 2024))])
def test_the_spread_under_other_conventions(study, figures, exposure, ddof, baseline):
    other = with_part(unprinted(study), performance_index.Options, ddof=ddof, baseline_years=baseline)
    holds, text, _ = observed(build(other, figures, exposure), index_spread)
    assert holds is True
    assert ("baseline" in text) == (baseline is not None)


def test_an_index_that_is_no_mean_has_another_spread(base, planted):
    holds, text, _ = observed(planted(index=base.index.assign(mspi=base.index["mspi"] * 1.1)), index_spread)
    assert holds is False
    assert "1e-12" not in text


def test_unequal_weights_are_not_testable(base, planted):
    scores = base.scores.assign(weight=np.where(base.scores["indicator"] == "admission_rate", 0.3, 0.7 / 6))
    assert observed(planted(scores=scores), index_spread)[0] is None


def test_coefficients_add_up(base):
    holds, text, chinese = observed(base, additivity)
    assert holds is True
    for reading in ("volume", "substitution"):
        frame = base.variables[reading]
        found = {name: dummies(frame, name, ["exposure", *CONTROLS])["exposure"] for name in ("mspi", *SIZES)}
        parts = ", ".join(f"{name.upper()} {decimal(found[name])}" for name in SIZES)
        assert f"{reading}: {decimal(found['mspi'])} on the index; {parts}," in text
        assert decimal(found["mspi"]) in chinese
    assert "rows: 372" in text


def test_coefficients_of_an_index_of_something_else_do_not_add_up(planted):
    inputs = planted(lambda frame: frame.assign(mspi=frame["mspi"] + 0.1 * frame["ssi"]))
    holds, text, _ = observed(inputs, additivity)
    assert holds is False
    assert "1e-12" not in text


def test_rows_that_differ_are_said(planted):
    def spoil(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[frame["year"] == 2020, "ssi"] = np.nan
        return frame

    holds, text, _ = observed(planted(spoil), additivity)
    assert holds is False
    assert "rows: 341, 372" in text


def test_the_index_on_its_dimensions(base):
    holds, text, _ = observed(base, identity)
    assert holds is True
    assert text.count("SSI 0.2857 (2/7), QII 0.2857 (2/7), HMI 0.4286 (3/7), exposure 0.0000, R2 1.0000") == 2
    assert "says nothing about channels" in text


def test_the_dimensions_of_another_index_are_no_identity(planted):
    rng = np.random.default_rng(3)
    holds, text, _ = observed(planted(lambda f: f.assign(mspi=f["mspi"] + rng.normal(0, 0.1, len(f)))), identity)
    assert holds is False
    assert "R2 1.0000" not in text
    assert "says nothing about channels" not in text


def test_weights_of_unequal_dimensions(study, figures, exposure):
    models = [spec for spec in study.options(regressions.Options).models if spec.table_no == "Table 2"]
    own = study.options(performance_index.Options)
    dimensions = {**own.dimensions, "hmi": own.dimensions["hmi"][:1]}
    only = with_part(unprinted(study), regressions.Options, models=models)
    only = with_part(only, performance_index.Options, dimensions=dimensions)
    inputs = build(only, figures, exposure)
    holds, text, _ = observed(inputs, identity)
    assert holds is True
    assert "SSI 0.4000 (2/5), QII 0.4000 (2/5), HMI 0.2000 (1/5)" in text
    assert observed(inputs, additivity)[0] is True
    assert observed(inputs, index_spread)[0] is True


def test_direct_and_indirect_add_up(base):
    holds, text, _ = observed(base, decomposition)
    assert holds is True
    total = dummies(base.variables["volume"], "mspi", ["exposure", *CONTROLS])["exposure"]
    assert f"volume: direct 0.0000, indirect {decimal(total)}, total {decimal(total)}" in text


def test_direct_and_indirect_of_an_outcome_that_is_no_identity(planted):
    """The omitted-variable formula holds whatever the outcome; the direct part is then not zero."""
    rng = np.random.default_rng(4)
    inputs = planted(lambda f: f.assign(mspi=f["mspi"] + 0.5 * f["exposure"] + rng.normal(0, 0.1, len(f))))
    holds, text, _ = observed(inputs, decomposition)
    assert holds is True
    assert "direct 0.0000" not in text
    assert observed(inputs, identity)[0] is False


def test_direct_and_indirect_of_different_rows_do_not_add_up(planted):
    def spoil(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[frame["year"] == 2014, "qii"] = np.nan
        return frame

    assert observed(planted(spoil), decomposition)[0] is False


def test_less_use_is_booked_as_a_loss(base):
    holds, text, chinese = observed(base, sign_of_utilisation)
    assert holds is True
    found = {r: dummies(f, "ssi", ["exposure", *CONTROLS])["exposure"] for r, f in base.variables.items()}
    assert found["volume"] < 0
    assert found["substitution"] == pytest.approx(-found["volume"], rel=1e-9)
    moved = decimal(2 / 7 * (found["substitution"] - found["volume"]))
    assert f"moves the index's coefficient by {moved}" in text
    assert f"变动{moved}" in chinese
    assert "a loss under the volume reading" in text


def test_more_use_is_no_such_improvement(study, figures, exposure):
    more = figures.copy()
    for name in ("visits_per_resident", "admission_rate"):
        more[name] *= np.exp(3 * exposure["exposure"])
    holds, text, _ = observed(build(unprinted(study), more, exposure), sign_of_utilisation)
    assert holds is False
    assert "does not go with less hospital use" in text


def test_a_study_without_exposure(study, figures):
    models = [
        {"table_no": "T", "model": "a", "outcome": "mspi", "regressors": ["gdp_per_capita"]},
    ]
    headline = {"table_no": "T", "model": "a", "term": "gdp_per_capita"}
    alone = with_part(unprinted(study), regressions.Options, models=models, headline=headline)
    inputs = build(without_parts(alone, exposure_part.Options), figures, None)
    holds, text, _ = observed(inputs, identity)
    assert holds is True
    assert "exposure" not in text
    rows = study_findings(inputs).set_index("finding_id")
    assert (rows.loc[["F-M2", "F-M4", "F-M5", "F-M8", "F-M10", "F-M11"], "verdict"] == "not testable").all()
    assert rows.loc["F-M2", "observed"] == "The study has no exposure."


def test_what_cannot_be_estimated_says_why(planted):
    rows = study_findings(planted(lambda f: f.assign(hmi=1.0))).set_index("finding_id")
    assert rows.loc["F-M2", "verdict"] == "not testable"
    assert rows.loc["F-M2", "observed"].startswith("Not estimated: mspi, common specification hmi (volume): ")
    assert rows.loc["F-M2", "observed_zh"].startswith("无法估计：")
    assert rows.loc["F-M2", "published"] is not None
    assert rows.loc["F-M1", "verdict"] == "holds"


@pytest.mark.parametrize(
    ("gap", "text"),
    [(0.0, "at most 1e-12"), (3e-16, "at most 1e-12"), (2e-11, "at most 1e-10"), (0.01234567, "0.01235")],
)
def test_rounding_is_written_as_a_bound(gap, text):
    assert at_most(gap) == text


def test_no_negative_zero():
    assert decimal(-1e-9) == "0.0000"
    assert decimal(-0.25, 1) == "-0.2"
