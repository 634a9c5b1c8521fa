"""Robust estimators against pyfixest, hand-made regressions and planted paths; and what they refuse."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from catalog import load_tables
from catalog.parts.treatment_timing import Options
from models_py.parts.treatment_timing.event_study import first_exposure
from models_py.parts.treatment_timing.evidence import timing_evidence
from models_py.parts.treatment_timing.staggered import staggered_evidence
from tests.models_py.staggered_panels import CONTROLS, NEVER, dummies, least_squares, staggered

SPEC = Options(treatment="exposure", leads=3, lags=4)
STARTS = {2013: 3, 2015: 6, 2018: 5, NEVER: 5}


def evidence(data, spec=SPEC):
    return staggered_evidence(data, spec, first_exposure(data.frame, spec.treatment, spec.threshold))


def rows(table: pd.DataFrame, estimator: str, variant: str = "") -> pd.DataFrame:
    """Rows of an estimator by term, or by test."""
    found = table[(table["estimator"] == estimator) & (table["variant"] == variant)]
    return found.set_index("term" if "term" in found.columns else "test")


@pytest.fixture(scope="module")
def data():
    return staggered(STARTS)


@pytest.fixture(scope="module")
def found(data):
    return evidence(data)


@pytest.fixture(scope="module")
def flat(data) -> pd.DataFrame:
    """The compared rows as pyfixest wants them; `first` 0 for the never exposed."""
    adoption = first_exposure(data.frame, "exposure")
    frame = data.frame[data.frame["entity_code"].map(adoption["status"]) != "always"].reset_index(drop=True)
    first = frame["entity_code"].map(adoption["first_year"])
    exposed = frame["year"] >= first
    return frame.assign(
        first=first.fillna(0).astype(int), treat=exposed, exposed=exposed.astype(float), since=frame["year"] - first
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("variant", "controls"), [("", list(CONTROLS)), ("controls=none", ["0"])])
def test_two_stage_is_pyfixests(found, flat, variant, controls):
    import pyfixest

    peer = pyfixest.did2s(
        flat,
        "outcome",
        f"~ {' + '.join(controls)} | entity_code + year",
        "~ exposed",
        treatment="treat",
        cluster="entity_code",
    )
    row = rows(found[0], "did2s", variant).loc["exposed"]
    # pyfixest stops its projections at a tolerance; the covariance is the same formula.
    assert row["estimate"] == pytest.approx(peer.coef()["exposed"], rel=1e-6)
    assert row["std_error"] == pytest.approx(np.sqrt(np.ravel(peer._vcov)[0]), rel=1e-5)
    assert row["df"] == 15


def test_two_stage_by_two_least_squares(found, flat):
    unexposed = flat[flat["exposed"] == 0]
    design = np.column_stack([flat[list(CONTROLS)], dummies(flat)])
    beta = np.linalg.lstsq(design[unexposed.index], unexposed["outcome"], rcond=None)[0]
    residual = flat["outcome"] - design @ beta
    table = rows(found[0], "did2s")
    assert table.at["exposed", "estimate"] == pytest.approx(residual[flat["exposed"] == 1].mean())
    for event in range(4):
        assert table.at[f"event_{event}", "estimate"] == pytest.approx(residual[flat["since"] == event].mean())
    assert table.at["event_4", "estimate"] == pytest.approx(residual[flat["since"] >= 4].mean())


def test_two_stage_with_one_year_before_exposure():
    """Where pyfixest's own two-stage fails: provinces with a single unexposed row."""
    data = staggered({2014: 6, 2016: 4, NEVER: 5}, noise=0.0, slope=0.0)
    first = data.frame["entity_code"].map(first_exposure(data.frame, "exposure")["first_year"])
    since = data.frame["year"] - first
    # Different paths by cohort, which two-way fixed effects would mix up.
    effect = np.where(since >= 0, 1 + 0.5 * since + (first == 2016), 0.0)
    estimate, _ = evidence(replace(data, frame=data.frame.assign(outcome=data.frame["outcome"] + effect)))
    for name in ("did2s", "sun_abraham"):
        assert rows(estimate, name).at["exposed", "estimate"] == pytest.approx(effect[since >= 0].mean())
        assert rows(estimate, name).at["event_2", "estimate"] == pytest.approx(2 + 4 / 10)


@pytest.mark.filterwarnings("ignore")
def test_interaction_weights_are_pyfixests(data, flat):
    import pyfixest

    bare = replace(data, regressors=("exposure",))
    table = rows(evidence(bare)[0], "sun_abraham")
    peer = pyfixest.event_study(flat, "outcome", "entity_code", "year", "first", estimator="saturated").aggregate()
    for event in (-3, -2, 0, 1, 2, 3, 4):
        assert table.at[f"event_{event}", "estimate"] == pytest.approx(peer.at[event, "Estimate"], rel=1e-6)
        assert table.at[f"event_{event}", "std_error"] == pytest.approx(peer.at[event, "Std. Error"], rel=1e-6)


def test_interaction_weights_by_hand_with_controls(found, flat):
    cells = [(c, e) for c in (2015, 2018) for e in range(2013 - c, 2025 - c) if e != -1]
    columns = np.column_stack([flat[list(CONTROLS)], *[(flat["first"] == c) & (flat["since"] == e) for c, e in cells]])
    beta = dict(zip(cells, least_squares(flat, columns.astype(float))[2:], strict=True))
    sizes = {2015: 6, 2018: 5}
    table = rows(found[0], "sun_abraham")
    for event in (-3, 0, 4):
        weights = {c: n for c, n in sizes.items() if (c, event) in beta}
        expected = sum(n * beta[c, event] for c, n in weights.items()) / sum(weights.values())
        assert table.at[f"event_{event}", "estimate"] == pytest.approx(expected, rel=1e-8)
    after = {cell: sizes[cell[0]] for cell in cells if cell[1] >= 0}
    expected = sum(n * beta[cell] for cell, n in after.items()) / sum(after.values())
    assert table.at["exposed", "estimate"] == pytest.approx(expected, rel=1e-8)


def test_local_projections_by_hand(found, flat):
    wide = flat.pivot(index="entity_code", columns="year", values="outcome")
    first = flat.groupby("entity_code")["first"].first().replace(0, NEVER).to_numpy()
    table = rows(found[0], "local_projections")
    for h in (0, 3, -2):
        pieces = []
        for t in range(2014, 2025):
            if not 2013 <= t + h <= 2024:
                continue
            inside = (first == t) | (first > t + max(h, 0))
            change = (wide[t + h] - wide[t - 1]).to_numpy()
            pieces.append(pd.DataFrame({"dy": change, "d": (first == t) * 1.0, "t": t})[inside])
        rows_h = pd.concat(pieces)
        d = rows_h["d"] - rows_h.groupby("t")["d"].transform("mean")
        assert table.at[f"event_{h}", "estimate"] == pytest.approx((d @ rows_h["dy"]) / (d @ d), rel=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_local_projections_have_pyfixests_p_values(found, flat):
    """pyfixest's p-value pins the degrees of freedom we attach to its standard error."""
    import pyfixest

    frame = flat[["entity_code", "year", "first", "outcome"]]
    peer = pyfixest.lpdid(
        frame, "outcome", "entity_code", "year", "first", att=False, pre_window=-3, post_window=4
    ).tidy()
    table = rows(found[0], "local_projections")
    for event in (-3, -2, 0, 1, 2, 3, 4):
        row = peer.loc[f"time_to_treatment::{event}"]
        assert table.at[f"event_{event}", "p_value"] == pytest.approx(row["Pr(>|t|)"], rel=1e-6)
        assert table.at[f"event_{event}", "ci_low"] == pytest.approx(row["2.5%"], rel=1e-6)


def test_columns_sample_and_words(found):
    estimate, tests = found
    for name, frame in (("estimate", estimate), ("spec_test", tests)):
        table = load_tables()[name]
        assert frame.columns.tolist() == [column for column in table.columns if column != "data_kind"]
        assert not frame.duplicated(list(table.key)).any()
    assert set(tests["statistic"]) == {16.0}
    assert set(estimate["model"]) == {"(2)"}
    assert set(tests["table_no"]) == {"Staggered adoption"}
    assert set(tests["subject"]) == {""}
    assert estimate["n_obs"].notna().all()
    # All rows compared; a horizon of a projection has fewer.
    assert set(rows(estimate, "did2s")["n_obs"]) == set(rows(estimate, "sun_abraham")["n_obs"]) == {192}
    assert rows(estimate, "local_projections").at["event_3", "n_obs"] < 192
    for note in tests["note_en"]:
        assert "3 provinces left out" in note
        assert "provinces never exposed" in note
        assert "association, not an effect" in note
    assert tests["note_zh"].str.contains("从未暴露").all()


def test_without_never_exposed_the_last_to_begin_are_the_comparison():
    data = staggered({2015: 5, 2017: 5, 2020: 5})
    estimate, tests = evidence(data)
    shorter = replace(data, frame=data.frame[data.frame["year"] < 2020])
    codes = data.frame["entity_code"].unique()[10:]
    as_never = shorter.frame.assign(
        exposure=shorter.frame["exposure"].mask(shorter.frame["entity_code"].isin(codes), 0.0)
    )
    same, _ = evidence(replace(shorter, frame=as_never))
    pd.testing.assert_frame_equal(estimate, same)
    assert tests["note_en"].str.contains("none is never exposed; years from 2020 on left out").all()


@pytest.mark.parametrize(
    ("starts", "reason"),
    [
        ({2016: 8}, "nobody to compare with"),
        ({2013: 8, NEVER: 3}, "no province is seen both before and after"),
        ({NEVER: 6}, "no province is seen both before and after"),
    ],
)
def test_refusals_are_notes(starts, reason):
    estimate, tests = evidence(staggered(starts))
    assert estimate.empty
    assert len(tests) == 4
    assert tests["statistic"].isna().all()
    assert tests["note_en"].str.contains(reason).all()


def test_controls_the_unexposed_rows_cannot_identify():
    data = staggered({2014: 6, NEVER: 1})
    estimate, tests = evidence(data)
    assert "unexposed rows do not identify" in rows(tests, "did2s").at["entities compared", "note_en"]
    assert rows(estimate, "did2s").empty
    # One province to compare with: estimates without standard errors.
    assert "rests on a single province" in rows(tests, "sun_abraham").at["entities compared", "note_en"]
    assert rows(estimate, "sun_abraham")["estimate"].notna().all()
    assert estimate["std_error"].isna().all()


def test_a_term_of_one_province_has_no_standard_error():
    estimate, _ = evidence(staggered({2014: 6, 2016: 1, NEVER: 6}))
    for name in ("sun_abraham", "local_projections"):
        table = rows(estimate, name)
        assert np.isnan(table.at["event_-2", "std_error"])
        assert table.at["event_0", "std_error"] > 0


def test_gaps_leave_a_province_out_of_local_projections_only(data):
    frame = data.frame.copy()
    frame.loc[frame["entity_code"].eq(210000) & frame["year"].eq(2019), "outcome"] = np.nan
    _, tests = evidence(replace(data, frame=frame))
    note = rows(tests, "local_projections").at["entities compared", "note_en"]
    assert "Provinces with a gap left out: Liaoning." in note
    assert rows(tests, "did2s").at["entities compared", "statistic"] == 16


def test_all_evidence_in_one_call(data):
    found = timing_evidence(data, SPEC)
    for name in ("estimate", "spec_test", "twfe_weight"):
        frame, table = found[name], load_tables()[name]
        assert frame.columns.tolist() == [column for column in table.columns if column != "data_kind"]
        assert not frame.duplicated(list(table.key)).any()
        assert frame[list(table.key)].notna().all(axis=None)
    assert set(found["estimate"]["table_no"]) == {"Event study", "Staggered adoption"}
    assert set(found["spec_test"]["table_no"]) == {"Event study", "Table 2", "Staggered adoption"}
    tests = found["spec_test"].set_index(["test", "subject"])["statistic"]
    assert tests["exposed from the first year", ""] == 3
    assert 0 < tests["weight of comparisons", "versus_always"] < 1
    again = timing_evidence(replace(data, frame=data.frame.sample(frac=1, random_state=3)), SPEC)
    pd.testing.assert_frame_equal(found["estimate"], again["estimate"], check_exact=True)
    pd.testing.assert_frame_equal(found["spec_test"], again["spec_test"], check_exact=True)


@pytest.mark.parametrize("starts", [{2013: 12}, {2013: 10, NEVER: 2}])
def test_a_study_exposed_throughout_gets_notes(starts):
    data = staggered(starts)
    rng = np.random.default_rng(0)
    index = data.frame.assign(exposure=data.frame["exposure"] * rng.uniform(1, 2, len(data.frame)))
    found = timing_evidence(replace(data, frame=index), SPEC)
    assert found["estimate"].empty
    assert found["estimate"].columns.tolist()[:3] == ["study", "table_no", "model"]
    assert len(found["twfe_weight"]) == starts[2013] * 12
    notes = found["spec_test"].set_index("test")["note_en"]
    assert "Not estimated" in notes["event study"]
    assert "Comparisons of cohorts" in notes["coefficient of exposed or not"]
