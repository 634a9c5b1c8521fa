"""First exposure: who begins when, and what leaves it open."""

import numpy as np
import pandas as pd
import pytest

from models_py.econometrics.result import EstimationError
from models_py.parts.treatment_timing.adoption import adoption_tests, codes, first_exposure
from tests.models_py.staggered_panels import NEVER, staggered

LABEL = {"study": "demo", "table_no": "Event study", "model": "(2)"}


def frame_of(**paths: list[float]) -> pd.DataFrame:
    rows = [(int(name[1:]), 2013 + t, value) for name, path in paths.items() for t, value in enumerate(path)]
    return pd.DataFrame(rows, columns=["province_code", "year", "share"]).sample(frac=1, random_state=0)


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
    late = frame[(frame["province_code"] == 110000) | (frame["year"] >= 2015)]
    assert first_exposure(late, "share")["status"].tolist() == ["cohort", "always"]


def test_rows_of_spec_test_count_and_name():
    rows = {row["test"]: row for row in adoption_tests(first_exposure(frame_of(**PATHS), "share"), LABEL, "share", 0)}
    assert {test: row["statistic"] for test, row in rows.items()} == {
        "provinces exposed from their first year": 2,
        "provinces never exposed": 1,
        "provinces whose exposure falls back": 1,
        "provinces with unknown first exposure": 1,
        "provinces first exposed in 2014": 2,
        "years before exposure, first exposed in 2014": 1,
        "provinces first exposed in 2015": 1,
        "years before exposure, first exposed in 2015": 2,
    }
    assert "山西省 Shanxi (140000) 2015" in rows["provinces whose exposure falls back"]["note"]
    assert "内蒙古自治区" in rows["provinces with unknown first exposure"]["note"]
    assert "share > 0" in rows["provinces never exposed"]["note"]
    assert "从未暴露" in rows["provinces never exposed"]["note"]


def test_everybody_exposed_throughout():
    data = staggered({2013: 4})
    adoption = first_exposure(data.frame, "exposure")
    assert set(adoption["status"]) == {"always"}
    tests = {row["test"]: row["statistic"] for row in adoption_tests(adoption, LABEL, "exposure", 0)}
    assert tests["provinces exposed from their first year"] == 4
    assert not any("first exposed in" in test for test in tests)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="exposure"), "absent from the data: 'exposure'"),
        (lambda f: pd.concat([f, f.head(1)]), "stand twice"),
        (lambda f: f.assign(exposure=f["exposure"].where(f.index != 3, np.inf)), "infinite in 1 rows"),
    ],
)
def test_refusals(change, message):
    with pytest.raises(EstimationError, match=message):
        first_exposure(change(staggered({2015: 3, NEVER: 2}).frame), "exposure")
