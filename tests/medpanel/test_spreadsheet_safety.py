"""Text that a spreadsheet would run is made harmless; everything else stays as it is."""

from __future__ import annotations

import pandas as pd
import pytest

from medpanel.office.files import neutralise


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_text_that_begins_like_a_formula_gets_an_apostrophe(start: str) -> None:
    out = neutralise(pd.DataFrame({"raw": [f"{start}cmd|'/c calc'!A1", f"ok{start}"]}))
    assert out["raw"].tolist() == [f"'{start}cmd|'/c calc'!A1", f"ok{start}"]


def test_numbers_dates_and_missing_cells_are_untouched() -> None:
    df = pd.DataFrame(
        {
            "number": [-1.5, 2.0],
            "count": pd.array([-1, None], dtype="Int64"),
            "day": pd.to_datetime(["2013-01-29", None]),
            "flag": [True, False],
            "mixed": pd.Series([-3, "=1"], dtype=object),
            "text": ["北京", None],
        }
    )
    out = neutralise(df)
    pd.testing.assert_frame_equal(out.drop(columns="mixed"), df.drop(columns="mixed"))
    assert out["mixed"].tolist() == [-3, "'=1"]


def test_the_frame_given_is_not_changed_and_equal_column_names_do_no_harm() -> None:
    df = pd.DataFrame([["=1", "=2"]], columns=["a", "a"], index=["x"])
    before = df.copy()
    out = neutralise(df)
    pd.testing.assert_frame_equal(df, before)
    assert out.to_numpy().tolist() == [["'=1", "'=2"]]
    assert out.index.tolist() == ["x"]


def test_categories_and_empty_frames_are_handled() -> None:
    out = neutralise(pd.DataFrame({"c": pd.Categorical(["=1", "'=1", "b"])}))
    assert out["c"].tolist() == ["'=1", "'=1", "b"]
    assert neutralise(pd.DataFrame({"a": []})).empty
