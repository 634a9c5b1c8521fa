"""Text that a spreadsheet would run is made harmless; everything else stays as it is."""

from __future__ import annotations

import pandas as pd
import pytest

from medpanel.office.files import neutral, neutralise


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_text_that_begins_like_a_formula_gets_an_apostrophe(start: str) -> None:
    out = neutralise(pd.DataFrame({"raw": [f"{start}cmd|'/c calc'!A1", f"ok{start}"]}))
    assert out["raw"].tolist() == [f"'{start}cmd|'/c calc'!A1", f"ok{start}"]


# Not one of these is seen, and programs pass over some of them before they look for a formula.
UNSEEN = [
    "\u200b", "\u200c", "\u200d", "\u200e", "\u2060", "\ufeff", "\u00ad", "\u180e", "\u202e", "\u2066",
    "\u00a0", "\u3000", "\u2003", " ", "\u034f", "\u115f", "\u3164", "\uffa0", "\ufe0f", "\U000e0020", "\x00", "\x1f",
    "\u2028", "\u200b \ufeff\u3000",
]  # fmt: skip


@pytest.mark.parametrize("unseen", UNSEEN, ids=ascii)
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "﹦", "﹢", "﹣", "﹫"])
def test_signs_behind_characters_that_are_not_seen_get_one_too(unseen: str, sign: str) -> None:
    assert neutral(f"{unseen}{sign}1+1") == f"'{unseen}{sign}1+1"
    assert neutral(f"{unseen}a{sign}1") == f"{unseen}a{sign}1"


def test_headers_are_neutralised() -> None:
    out = neutralise(pd.DataFrame([[1, 2]], columns=["=1+1", "n"]))
    assert list(out.columns) == ["'=1+1", "n"]


@pytest.mark.parametrize("text", ["−0.5", "–", "北京", "a=b", "", "\u200b", "1-2"])
def test_what_is_no_formula_stays(text: str) -> None:
    assert neutral(text) == text


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
