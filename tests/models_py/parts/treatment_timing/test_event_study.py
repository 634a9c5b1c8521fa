"""The event study against plain least squares, its covariance against pyfixest, and what is not identified."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from catalog import load_tables
from catalog.parts.treatment_timing import Options
from models_py.econometrics.result import EstimationError
from models_py.parts.treatment_timing.event_study import event_study
from models_py.parts.treatment_timing.honest import honest_bounds
from tests.models_py.staggered_panels import CONTROLS, NEVER, least_squares, staggered

SPEC = Options(treatment="exposure", leads=3, lags=4)
STARTS = {2013: 5, 2015: 6, 2017: 6, 2019: 4, NEVER: 5}


@pytest.fixture(scope="module")
def data():
    return staggered(STARTS)


@pytest.fixture(scope="module")
def study(data):
    return event_study(data, SPEC)


def by_test(study) -> pd.DataFrame:
    return study.spec_test.set_index("test")


def hand_made(data) -> tuple[pd.DataFrame, np.ndarray, list[str]]:
    """Event indicators written out, without the provinces exposed in 2013."""
    frame = data.frame[data.frame["entity_code"].map(lambda c: c not in first_five(data))].reset_index(drop=True)
    exposed = frame[frame["exposure"] > 0].groupby("entity_code")["year"].min()
    relative = frame["year"] - frame["entity_code"].map(exposed)
    terms = {"event_-3": relative <= -3, "event_-2": relative == -2}
    terms |= {f"event_{k}": relative == k for k in range(4)} | {"event_4": relative >= 4}
    return frame, np.column_stack([frame[list(CONTROLS)], *terms.values()]).astype(float), list(terms)


def first_five(data) -> list[int]:
    rows = data.frame[(data.frame["year"] == 2013) & (data.frame["exposure"] > 0)]
    return rows["entity_code"].tolist()


def test_coefficients_are_those_of_explicit_indicators(data, study):
    frame, columns, terms = hand_made(data)
    beta = least_squares(frame, columns)[2:]
    assert study.estimate["term"].tolist() == terms
    np.testing.assert_allclose(study.estimate["estimate"], beta, rtol=1e-9)
    assert set(study.estimate["df"]) == {20.0}
    assert by_test(study).at["event study clusters", "statistic"] == 21


def test_full_covariance_is_pyfixests(data, study):
    import pyfixest

    frame, columns, terms = hand_made(data)
    wide = pd.DataFrame(columns, columns=["a", "b", *[f"e{i}" for i in range(len(terms))]])
    wide[["y", "u", "t"]] = frame[["outcome", "entity_code", "year"]].to_numpy()
    peer = pyfixest.feols(f"y ~ {' + '.join(wide.columns[:-3])} | u + t", wide, vcov={"CRV1": "u"}, fixef_rm="none")
    assert list(study.covers) == terms
    # pyfixest stops its projections at a tolerance.
    np.testing.assert_allclose(study.joint.subset(terms)[1], peer._vcov[2:, 2:], rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("trends", [False, True])
def test_joint_covariance_has_the_fits_standard_errors(data, trends):
    joint = replace(data, trends=trends).fit()
    terms = joint.estimates["term"].tolist()[::-1]
    beta, cov = joint.subset(terms)
    fit = joint.estimates.set_index("term").loc[terms]
    np.testing.assert_allclose(np.sqrt(np.diag(cov)), fit["std_error"], rtol=1e-9)
    np.testing.assert_allclose(cov, cov.T, rtol=1e-9)
    np.testing.assert_allclose(beta, fit["estimate"], rtol=1e-12)
    assert joint.df == sum(STARTS.values()) - 1


def test_wald_test_of_the_leads(study):
    leads = ["event_-3", "event_-2"]
    beta = study.estimate.set_index("term").loc[leads, "estimate"].to_numpy()
    wald = beta @ np.linalg.inv(study.joint.subset(leads)[1]) @ beta
    tests = by_test(study)
    assert tests.at["pre-trend F", "statistic"] == pytest.approx(wald / 2)
    assert tests.at["pre-trend F", "df"] == 20
    assert tests.at["pre-trend F", "p_value"] == pytest.approx(stats.f.sf(wald / 2, 2, 20))
    assert tests.at["pre-trend chi2", "statistic"] == pytest.approx(wald)
    assert tests.at["pre-trend chi2", "p_value"] == pytest.approx(stats.chi2.sf(wald, 2))
    se = study.estimate.set_index("term").loc[leads, "std_error"].min()
    expected = (stats.t.ppf(0.975, 20) + stats.t.ppf(0.8, 20)) * se
    assert tests.at["pre-trend smallest detectable lead", "statistic"] == pytest.approx(expected)
    assert "F(2, 20)" in tests.at["pre-trend F", "note_en"]
    assert "year −2 rests on 16 provinces" in tests.at["pre-trend F", "note_en"]


def test_a_planted_pre_trend_is_found():
    data = staggered({2017: 10, 2019: 10, NEVER: 10}, noise=0.3)
    first = data.frame[data.frame["exposure"] > 0].groupby("entity_code")["year"].min()
    relative = (data.frame["year"] - data.frame["entity_code"].map(first)).fillna(-1)
    bent = data.frame.assign(outcome=data.frame["outcome"] + 0.4 * relative)
    assert by_test(event_study(replace(data, frame=bent), SPEC)).at["pre-trend F", "p_value"] < 1e-4
    # Nothing else of the panel would have been enough.
    assert by_test(event_study(data, SPEC)).at["pre-trend F", "p_value"] > 0.01


def test_columns_and_keys(study):
    for name, frame in (("estimate", study.estimate), ("spec_test", study.spec_test)):
        table = load_tables()[name]
        assert frame.columns.tolist() == [column for column in table.columns if column != "data_kind"]
        assert not frame.duplicated(list(table.key)).any()
    assert set(study.estimate["table_no"]) == {"Event study"}
    assert set(study.estimate["model"]) == {"(2)"}
    assert set(study.estimate["estimator"]) == {"twfe"}
    assert study.estimate["n_obs"].tolist() == [252] * len(study.estimate)
    assert set(study.estimate["unit_en"]) == {"SD"}
    assert study.spec_test[["subject", "note_en", "note_zh"]].notna().all(axis=None)


def test_provinces_exposed_throughout_are_left_out_and_named(study):
    note = by_test(study).at["event study clusters", "note_en"]
    assert "5 provinces left out" in note
    assert "Beijing" in note and "北京" not in note
    assert "year 4 = years 4 to 9" in note and "event_" not in note


def test_leads_nobody_is_seen_in_are_named():
    study = event_study(staggered({2014: 6, 2015: 6, NEVER: 6}), SPEC)
    tests = by_test(study)
    assert tests.at["event terms left out", "statistic"] == 1
    assert "year −3: no province is seen there" in tests.at["event terms left out", "note_en"]
    assert "event_-2" in study.covers
    assert tests.at["pre-trend F", "df"] == 17


def test_a_lead_of_one_province_has_no_standard_error_and_no_test():
    study = event_study(staggered({2014: 6, 2015: 1, NEVER: 6}), SPEC)
    lead = study.estimate.set_index("term").loc["event_-2"]
    assert np.isfinite(lead["estimate"])
    assert lead[["std_error", "p_value", "ci_low", "df"]].isna().all()
    row = by_test(study).loc["pre-trend F"]
    assert np.isnan(row["statistic"])
    assert "rests on a single province" in row["note_en"]


@pytest.mark.parametrize(
    ("starts", "reason"),
    [({2014: 6, NEVER: 6}, "two years or more before"), ({2013: 6, 2014: 6, NEVER: 3}, "two years or more before")],
)
def test_no_lead_at_all(starts, reason):
    study = event_study(staggered(starts), SPEC)
    row = by_test(study).loc["pre-trend F"]
    assert np.isnan(row["statistic"])
    assert reason in row["note_en"]
    assert len(study.estimate) == 5


def test_everybody_exposed_from_the_first_year():
    study = event_study(staggered({2013: 8, NEVER: 4}), SPEC)
    assert study.estimate.empty
    assert study.joint is None and not study.covers
    row = by_test(study).loc["event study"]
    assert np.isnan(row["statistic"])
    assert "no province is seen both before and after" in row["note_en"]


def test_without_never_exposed_the_absorbed_term_is_named():
    # One cohort: years since exposure are the years themselves.
    study = event_study(staggered({2017: 8}), SPEC)
    assert "Not estimated" in by_test(study).at["event study", "note_en"]
    # Two cohorts, no bins: event time, province and year effects are collinear by one line.
    spec = Options(treatment="exposure", leads=8, lags=9)
    both = event_study(staggered({2015: 5, 2017: 5}, years=range(2013, 2019), controls=()), spec)
    note = by_test(both).at["event terms left out", "note_en"]
    assert "year −4: the effects absorb it" in note


def references(study) -> list[float]:
    """Years that are zero by construction, as published."""
    return study.spec_test.query("test == 'event study reference'")["statistic"].tolist()


def relative(data) -> pd.Series:
    first = data.frame[data.frame["exposure"] > 0].groupby("entity_code")["year"].min()
    return data.frame["year"] - data.frame["entity_code"].map(first)


def told(study) -> tuple[str, str]:
    row = by_test(study).loc["event study clusters"]
    return row["note_en"], row["note_zh"]


def test_the_reference_is_the_year_before_exposure_where_that_is_seen(study):
    assert references(study) == [-1] and study.references == (-1,)
    english, chinese = told(study)
    assert "Reference, in years from first exposure: -1." in english and "参照期（距首次暴露年数）：-1；" in chinese


def test_without_a_figure_in_the_year_before_the_reference_is_another():
    """Nobody has an outcome in the year before: the effects absorb the furthest lead, which is then zero."""
    data = staggered({2015: 4, 2017: 4, NEVER: 4})
    frame = data.frame.assign(outcome=data.frame["outcome"].mask(relative(data) == -1))
    study = event_study(replace(data, frame=frame), SPEC)
    assert references(study) == [-3] and "event_-3" not in study.covers
    english, chinese = told(study)
    assert "first exposure: -3." in english and "首次暴露前一年" not in chinese
    # Bounds compare with the year before exposure: without it there are none.
    bounds, tests = honest_bounds(study, SPEC)
    assert bounds.empty and tests["statistic"].isna().all()
    assert tests["note_en"].str.startswith("Not computed").all()


def test_a_control_that_is_missing_in_the_year_before_moves_the_reference_too():
    data = staggered({2015: 4, 2017: 4, NEVER: 4})
    frame = data.frame.assign(control_a=data.frame["control_a"].mask(relative(data) == -1))
    assert references(event_study(replace(data, frame=frame), SPEC)) == [-3]


def test_what_the_effects_absorb_beside_it_is_a_reference_too():
    spec = Options(treatment="exposure", leads=8, lags=9)
    both = event_study(staggered({2015: 5, 2017: 5}, years=range(2013, 2019), controls=()), spec)
    # Two cohorts of one history each leave five differences for the seven years beside the one before.
    assert references(both) == [-4, -3, -1]


def test_nothing_estimated_has_no_reference():
    study = event_study(staggered({2013: 8, NEVER: 4}), SPEC)
    assert references(study) == [] and study.references == ()


def test_those_an_event_study_rests_on_are_counted_by_their_figures(study):
    row = by_test(study).loc["event study exposed"]
    assert row["statistic"] == 16
    data = staggered({2015: 4, 2017: 4, NEVER: 4})
    first = sorted(set(data.frame.loc[relative(data).notna(), "entity_code"]))[:3]
    gone = data.frame["entity_code"].isin(first) & (relative(data) < 0)
    fewer = event_study(replace(data, frame=data.frame.assign(outcome=data.frame["outcome"].mask(gone))), SPEC)
    assert by_test(fewer).at["event study exposed", "statistic"] == 5


def test_dropped_rows_are_counted(data):
    frame = data.frame.copy()
    frame.loc[frame.index[-3:], "outcome"] = np.nan
    study = event_study(replace(data, frame=frame), SPEC)
    assert "3 dropped for empty cells" in by_test(study).at["event study clusters", "note_en"]


def test_region_year_effects(data):
    frame = data.frame.assign(region_year=(data.frame["entity_code"] // 10000 % 2 + 1) * 10000 + data.frame["year"])
    study = event_study(replace(data, frame=frame, time="region_year"), SPEC)
    assert study.joint is not None
    assert study.estimate["std_error"].gt(0).all()


def test_collinear_controls_are_a_note(data):
    frame = data.frame.assign(control_b=2 * data.frame["control_a"])
    study = event_study(replace(data, frame=frame), SPEC)
    assert "'control_b' is collinear with 'control_a'" in by_test(study).at["event study", "note_en"]


def test_the_treatment_must_be_in_the_model(data):
    with pytest.raises(EstimationError, match="'density' is not a regressor"):
        event_study(data, Options(treatment="density"))
