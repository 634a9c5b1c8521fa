"""First exposure: who begins when, and what leaves it open."""

import numpy as np
import pandas as pd
import pytest

from models_py.econometrics.result import EstimationError
from models_py.parts.treatment_timing.event_study import adoption_tests, codes, first_exposure
from tests.models_py.staggered_panels import NEVER, staggered

DATA = staggered({2015: 3, NEVER: 2})


def frame_of(**paths: list[float]) -> pd.DataFrame:
    rows = [(int(name[1:]), 2013 + t, value) for name, path in paths.items() for t, value in enumerate(path)]
    return pd.DataFrame(rows, columns=["entity_code", "year", "share"]).sample(frac=1, random_state=0)


PATHS = {
    "p110000": [0.2, 0.2, 0.2, 0.2],
    "p120000": [0.0, 0.0, 0.3, 0.4],
    "p130000": [0.0, 0.0, 0.0, 0.0],
    "p140000": [0.0, 0.3, 0.0, 0.5],
    "p150000": [0.0, np.nan, 0.2, 0.2],
    "p210000": [0.0, 0.2, np.nan, 0.2],
    "p220000": [0.1, 0.1, 0.1, 0.6],
}


def test_status_first_year_and_years_before():
    adoption = first_exposure(frame_of(**PATHS), "share")
    assert adoption["status"].to_dict() == {
        110000: "always",
        120000: "cohort",
        130000: "never",
        140000: "cohort",
        150000: "unknown",
        210000: "cohort",
        220000: "always",
    }
    assert adoption["first_year"].fillna(0).tolist() == [2013, 2015, 0, 2014, 0, 2014, 2013]
    assert adoption["pre_years"].fillna(-1).tolist() == [0, 2, 4, 1, -1, 1, 0]
    assert adoption["fell_back"].to_dict()[140000] == (2015,)
    assert sum(map(len, adoption["fell_back"])) == 1
    assert codes(adoption, "never", "always") == [110000, 130000, 220000]


def test_the_threshold_moves_the_first_year():
    adoption = first_exposure(frame_of(**PATHS), "share", 0.3)
    assert adoption.at[120000, "first_year"] == 2016
    assert adoption.at[220000, "first_year"] == 2016
    assert adoption.at[110000, "status"] == "never"


def test_a_province_that_enters_late_and_exposed_has_no_year_before():
    frame = frame_of(p110000=[0.0, 0.0, 0.4, 0.4], p120000=[0.0, 0.0, 0.4, 0.4])
    late = frame[(frame["entity_code"] == 110000) | (frame["year"] >= 2015)]
    assert first_exposure(late, "share")["status"].tolist() == ["cohort", "always"]


def test_rows_of_spec_test_count_and_name():
    found = adoption_tests(first_exposure(frame_of(**PATHS), "share"), DATA, "share", 0)
    assert {(row["test"], row["subject"]): row["statistic"] for row in found} == {
        ("exposed from the first year", ""): 2,
        ("never exposed", ""): 1,
        ("exposure falls back", ""): 1,
        ("unknown first exposure", ""): 1,
        ("first exposed", "2014"): 2,
        ("years before exposure", "2014"): 1,
        ("first exposed", "2015"): 1,
        ("years before exposure", "2015"): 2,
    }
    rows = {row["test"]: row for row in found}
    assert ": Shanxi 2015." in rows["exposure falls back"]["note_en"]
    assert "：山西 2015。" in rows["exposure falls back"]["note_zh"]
    assert "Inner Mongolia" in rows["unknown first exposure"]["note_en"]
    assert "share > 0" in rows["never exposed"]["note_en"]
    assert "从未暴露" in rows["never exposed"]["note_zh"]


def test_everybody_exposed_throughout():
    data = staggered({2013: 4})
    adoption = first_exposure(data.frame, "exposure")
    assert set(adoption["status"]) == {"always"}
    tests = {row["test"]: row["statistic"] for row in adoption_tests(adoption, data, "exposure", 0)}
    assert tests["exposed from the first year"] == 4
    assert "first exposed" not in tests


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="exposure"), "absent from the data: 'exposure'"),
        (lambda f: pd.concat([f, f.head(1)]), "occur twice"),
        (lambda f: f.assign(exposure=f["exposure"].where(f.index != 3, np.inf)), "infinite in 1 rows"),
    ],
)
def test_refusals(change, message):
    with pytest.raises(EstimationError, match=message):
        first_exposure(change(staggered({2015: 3, NEVER: 2}).frame), "exposure")
