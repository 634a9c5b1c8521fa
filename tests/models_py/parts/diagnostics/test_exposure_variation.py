"""Where exposure varies, against dummies and by hand."""

import numpy as np
import pandas as pd
import pytest

from catalog import load_provinces, load_tables
from catalog.identity import Identity
from models_py.econometrics.model_data import ModelData
from models_py.panel import province_panel
from models_py.parts.diagnostics.exposure_variation import exposure_variation, variation_rows
from models_py.parts.regressions.variables import StudyError

CODES = [province.province_code for province in load_provinces()]
YEARS = np.arange(2013, 2025)


@pytest.fixture(scope="module")
def data() -> ModelData:
    identity = Identity("mspi", "Table 2", "(2)", reading="volume")
    return ModelData(identity, province_panel((2013, 2024)), pd.DataFrame(), "mspi", ("exposure",))


def by_name(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by test and subject."""
    return rows.set_index((rows["test"] + " " + rows["subject"]).str.strip())


def exposure(late: bool = False) -> pd.DataFrame:
    """Province g: g % 3 changes by 2015; with `late`, Xinjiang also changes in 2018 and 2021."""
    frame = pd.DataFrame([(c, y) for c in CODES for y in YEARS], columns=["entity_code", "year"])
    order = np.repeat(np.arange(31), 12)
    share = 0.1 * (order % 3 > 0) * (frame["year"] >= 2014) + 0.2 * (order % 3 > 1) * (frame["year"] >= 2015)
    frame["exposure"] = np.where(order % 3 == 0, 0.25 * (order > 0), share)
    if late:
        mine = frame["entity_code"] == 650000
        frame.loc[mine, "exposure"] += 0.05 * (frame["year"] >= 2018) - 0.15 * (frame["year"] >= 2021)
    return frame


def within(values: np.ndarray, years: np.ndarray, provinces: int = 31) -> np.ndarray:
    dummies = np.column_stack(
        [np.repeat(np.eye(provinces), len(years), axis=0), np.tile(np.eye(len(years)), (provinces, 1))]
    )
    return values - dummies @ np.linalg.pinv(dummies) @ values


def test_levels_and_changes(data):
    result = exposure_variation(exposure(), data)
    provinces = result.entities.set_index("entity_code")
    assert provinces.loc[CODES[0]].tolist() == [1, "", 0.0, 0.0]
    assert provinces.loc[CODES[1], ["levels", "years_changed"]].tolist() == [2, "2014"]
    assert provinces.loc[CODES[2], ["levels", "years_changed"]].tolist() == [3, "2014, 2015"]
    assert provinces.loc[CODES[2], ["first", "last"]].tolist() == pytest.approx([0.0, 0.3])
    rows = result.spec_test
    assert rows.columns.tolist() == [c for c in load_tables()["spec_test"].columns if c != "data_kind"]
    assert not rows.duplicated(list(load_tables()["spec_test"].key)).any()
    assert set(rows["table_no"]) == {"Table 2"} and set(rows["model"]) == {"(2)"} and set(rows["reading"]) == {"volume"}
    found = by_name(rows)["statistic"]
    assert found[["exposure_levels 1", "exposure_levels 2", "exposure_levels 3"]].tolist() == [11, 10, 10]
    assert found["exposure_never"] == 1
    assert found.filter(like="exposure_changes ").tolist() == [20, 10, *[0] * 9]
    assert found["exposure_years_with_change"] == 2
    assert found["exposure_within_variance_late"] == found["exposure_within_variance_only_late"] == 0
    notes = by_name(rows)["note_en"]
    assert "exposed: Beijing." in notes["exposure_never"]
    assert "2014, 2015" in notes["exposure_years_with_change"]


def test_late_changes(data):
    frame = exposure(late=True)
    result = exposure_variation(frame, data)
    values = frame["exposure"].to_numpy()
    by_province = values.reshape(31, 12)
    held = np.column_stack([by_province[:, :3], np.repeat(by_province[:, [2]], 9, axis=1)]).ravel()
    e = within(values, YEARS)
    found = by_name(result.spec_test)["statistic"]
    late = found["exposure_within_variance_late"]
    assert late == pytest.approx(within(values - held, YEARS) @ e / (e @ e), rel=1e-10)
    assert late + within(held, YEARS) @ e / (e @ e) == pytest.approx(1, rel=1e-10)
    after = within(by_province[:, 3:].ravel(), YEARS[3:])
    assert found["exposure_within_variance_only_late"] == pytest.approx(after @ after / (e @ e), rel=1e-10)
    assert 0 < found["exposure_within_variance_only_late"] < 1
    assert found["exposure_changes 2018"] == found["exposure_changes 2021"] == 1
    assert "Xinjiang" in by_name(result.spec_test)["note_en"]["exposure_changes 2018"]
    assert "：新疆。" in by_name(result.spec_test)["note_zh"]["exposure_changes 2018"]
    assert (
        exposure_variation(frame, data, after=2024).spec_test.set_index("test")["statistic"][
            "exposure_within_variance_late"
        ]
        == 0
    )
    early = exposure_variation(frame, data, after=2012).spec_test.set_index("test")["statistic"]
    assert early["exposure_within_variance_late"] == pytest.approx(1, rel=1e-10)


def test_other_studies_and_years_do_not_count(data):
    frame = exposure()
    more = pd.concat(
        [
            frame.assign(study="mspi"),
            frame.assign(study="other", exposure=7.0),
            frame[:5].assign(study="mspi", year=2012),
        ]
    )
    expected = exposure_variation(frame, data)
    result = exposure_variation(more, data)
    pd.testing.assert_frame_equal(result.entities, expected.entities)
    pd.testing.assert_frame_equal(result.spec_test, expected.spec_test)


@pytest.mark.parametrize("values", ["constant", "province", "year"])
def test_exposure_without_variation_says_so(data, values):
    frame = exposure()
    frame["exposure"] = {"constant": 0.3, "province": frame["entity_code"] / 1e6, "year": frame["year"] / 1e4}[values]
    rows = exposure_variation(frame, data).spec_test.set_index("test")
    for test in ("exposure_within_variance_late", "exposure_within_variance_only_late"):
        assert np.isnan(rows.loc[test, "statistic"])
        assert "No within variation" in rows.loc[test, "note_en"] and "毫无组内变异" in rows.loc[test, "note_zh"]
    assert rows.loc["exposure_years_with_change", "statistic"] == (11 if values == "year" else 0)


def test_refusals(data):
    frame = exposure()
    with pytest.raises(StudyError, match="北京市 Beijing \\(110000\\) 2015"):
        exposure_variation(frame.drop(index=2), data)
    with pytest.raises(StudyError, match="and 7 more"):
        exposure_variation(frame.assign(exposure=frame["exposure"].where(frame.index >= 12)), data)
    with pytest.raises(StudyError, match="occur twice: 北京市 Beijing \\(110000\\) 2013"):
        exposure_variation(pd.concat([frame, frame[:1]]), data)
    with pytest.raises(StudyError, match="lacks the columns exposure"):
        exposure_variation(frame.drop(columns="exposure"), data)
    with pytest.raises(StudyError, match="no row of the study 'mspi'"):
        exposure_variation(frame.assign(study="other"), data)
    [row] = variation_rows(frame.assign(study="other"), data).to_dict("records")
    assert row["test"] == "exposure_variation" and row["subject"] == "" and np.isnan(row["statistic"])
    assert "no row of the study 'mspi'" in row["note_en"] and "未计算" in row["note_zh"]
