"""Leave-one-out coefficients against refits, and what is said about them."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from catalog import load_tables
from models_py.econometrics import EstimationError
from models_py.parts.diagnostics.influence import influence, influence_tests
from tests.models_py.few_cluster_panels import CODES, KINDS, panel

COLUMNS = {name: [c for c in load_tables()[name].columns if c != "data_kind"] for name in ("influence", "spec_test")}


def said_of(data, term="x") -> pd.DataFrame:
    return influence_tests(data, term, influence(data, term)).set_index("test")


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_is_a_refit(kind):
    data = panel(kind)
    whole = data.fit().estimates.set_index("term")["estimate"]["x"]
    rows = influence(data, "x")
    assert rows.columns.tolist() == COLUMNS["influence"]
    assert rows["kind"].tolist() == ["province"] * 6 + ["year"] * 7
    assert rows["left_out"].tolist() == [*CODES, *range(2013, 2020)]
    for row in rows.itertuples():
        column = "entity_code" if row.kind == "province" else "year"
        refit = dataclasses.replace(data, frame=data.frame[data.frame[column] != row.left_out]).fit()
        expected = refit.estimates.set_index("term").loc["x"]
        assert row.estimate == pytest.approx(expected["estimate"], rel=1e-10)
        assert row.std_error == pytest.approx(expected["std_error"], rel=1e-10)
        assert row.p_value == pytest.approx(expected["p_value"], rel=1e-9)
        assert row.change == pytest.approx(expected["estimate"] - whole, rel=1e-8)
        assert row.n_obs == refit.fit["n_obs"]


def test_what_is_said_follows_from_the_rows():
    data = panel()
    rows = influence(data, "x")
    tests = influence_tests(data, "x", rows)
    assert tests.columns.tolist() == COLUMNS["spec_test"]
    assert not tests.duplicated(list(load_tables()["spec_test"].key)).any()
    assert set(tests["subject"]) == {"x"}
    error = data.fit().estimates["std_error"][0]
    for kind in ("province", "year"):
        part = rows[rows["kind"] == kind].reset_index(drop=True)
        found = tests.set_index("test")["statistic"].filter(like=f"influence_{kind}_")
        assert found[f"influence_{kind}_min"] == part["estimate"].min()
        assert found[f"influence_{kind}_max"] == part["estimate"].max()
        largest = part.loc[part["change"].abs().idxmax()]
        assert found[f"influence_{kind}_largest_dfbeta"] == pytest.approx(largest["change"] / error, rel=1e-10)
        note = tests.set_index("test")["note_en"][f"influence_{kind}_largest_dfbeta"]
        left_out = int(largest["left_out"])
        assert f"without {data.panel.called([left_out]).en if kind == 'province' else left_out};" in note


def driven_by_one(slope: float) -> pd.DataFrame:
    """Flat but for Beijing, whose outcome rises with its exposure; noise small."""
    data = panel(codes=tuple(CODES), years=8)
    frame = data.frame.copy()
    rng = np.random.default_rng(5)
    frame["x"] = np.tile(np.arange(8) > 3, 6) * np.repeat([1.0, 0.2, 0.3, 0.4, 0.5, 0.6], 8)
    frame["y"] = -0.5 * frame["x"] + 0.01 * rng.normal(size=len(frame))
    frame.loc[frame["entity_code"] == 110000, "y"] += slope * frame["x"]
    return dataclasses.replace(data, frame=frame, regressors=("x",))


def test_the_province_behind_the_sign_is_named():
    tests = said_of(driven_by_one(6.0))
    assert tests.loc["influence_province_sign_changes", "statistic"] == 1
    assert ": Beijing." in tests.loc["influence_province_sign_changes", "note_en"]
    assert "Beijing" in tests.loc["influence_province_min", "note_en"]
    assert tests.loc["influence_year_sign_changes", "statistic"] == 0
    assert "none" in tests.loc["influence_year_sign_changes", "note_en"]


def test_the_province_behind_the_significance_is_named():
    data = driven_by_one(1.0)
    tests = said_of(data)
    full = data.fit().estimates["p_value"][0]
    without = (
        dataclasses.replace(data, frame=data.frame[data.frame["entity_code"] != 110000]).fit().estimates["p_value"][0]
    )
    assert full > 0.05 > without
    row = tests.loc["influence_province_significance_changes"]
    assert row["statistic"] >= 1
    assert "not significant" in row["note_en"] and "Beijing" in row["note_en"]


def test_a_province_without_which_nothing_is_identified():
    data = panel()
    frame = data.frame.copy()
    frame["x"] = frame["x"].where(frame["entity_code"] == 130000, 0.0) + np.where(frame["year"] == 2016, 0.1, 0.0)
    frame.loc[frame["entity_code"] == 130000, "x"] = np.arange(7) ** 2
    frame.loc[0, "y"] = np.nan
    data = dataclasses.replace(data, frame=frame)
    rows = influence(data, "x").set_index(["kind", "left_out"])
    lost = rows.loc[("province", 130000)]
    assert lost[["estimate", "std_error", "p_value", "change"]].isna().all()
    assert lost["n_obs"] == 34
    assert rows.drop(("province", 130000))["estimate"].notna().all()
    tests = said_of(data)
    assert tests.loc["influence_province_not_estimated", "statistic"] == 1
    assert ": Hebei." in tests.loc["influence_province_not_estimated", "note_en"]
    assert tests.loc["influence_province_min", "statistic"] == rows.loc["province", "estimate"].min()


def test_nothing_left_to_compare():
    # Two provinces have opposite residuals, so their scores cancel: no clustered standard error.
    data = dataclasses.replace(panel(codes=CODES[:3], years=4), regressors=("a",))
    rows = influence(data, "a")
    assert rows.loc[rows["kind"] == "province", "estimate"].isna().all()
    tests = influence_tests(data, "a", rows).set_index("test")["statistic"]
    assert tests["influence_province_not_estimated"] == 3
    assert math.isnan(tests["influence_province_min"]) and math.isnan(tests["influence_province_largest_dfbeta"])


def test_a_year_with_one_province():
    data = panel()
    frame = data.frame[~((data.frame["year"] == 2019) & (data.frame["entity_code"] > 110000))]
    rows = influence(dataclasses.replace(data, frame=frame), "x").set_index("left_out")
    whole = dataclasses.replace(data, frame=frame).fit().estimates["estimate"][0]
    # The only row of a year is explained by that year's effect, so the year can go without a trace.
    assert rows.loc[2019, "estimate"] == pytest.approx(whole, rel=1e-10)
    assert abs(rows.loc[2019, "change"]) < 1e-10


def test_refusals():
    data = panel()
    with pytest.raises(EstimationError, match="'z' is not a regressor"):
        influence(data, "z")
    with pytest.raises(EstimationError, match="cr1 variance of a is not positive"):
        influence(dataclasses.replace(panel(codes=CODES[:2]), regressors=("a",)), "a")
    with pytest.raises(EstimationError, match="demo, Table 0"):
        influence(dataclasses.replace(data, frame=data.frame.assign(x=1.0)), "x")
