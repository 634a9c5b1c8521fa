"""Fingerprints: any difference in what a result is made from shows, and nothing is left out in silence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from catalog.base import Text
from medpanel.reuse import fingerprint

FRAME = pd.DataFrame({"code": [1, 2], "name": ["甲", None], "value": [0.5, np.nan]})


def test_equal_ingredients_have_one_fingerprint() -> None:
    assert fingerprint(rows=FRAME, text=Text(en="a", zh="甲")) == fingerprint(
        rows=FRAME.copy(), text=Text(en="a", zh="甲")
    )


@pytest.mark.parametrize(
    "changed",
    [
        FRAME.assign(value=[0.5, 0.0]),
        FRAME.assign(value=[np.nextafter(0.5, 1), np.nan]),
        FRAME.assign(code=FRAME["code"].astype("int32")),
        FRAME.rename(columns={"code": "Code"}),
        FRAME[["name", "code", "value"]],
        FRAME.iloc[::-1],
        FRAME.iloc[:1],
        FRAME.set_axis([3, 4]),
        FRAME.assign(name=["甲", ""]),
    ],
    ids=[
        "a cell",
        "its last bit",
        "a type",
        "a name",
        "order of columns",
        "order of rows",
        "fewer rows",
        "index",
        "NULL",
    ],
)
def test_any_difference_of_a_frame_shows(changed: pd.DataFrame) -> None:
    assert fingerprint(rows=changed) != fingerprint(rows=FRAME)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"b": 1}),
        ({"a": "1"}, {"a": 1}),
        ({"a": None}, {"a": ""}),
        ({"a": ["x", "y"]}, {"a": ["xy"]}),
        ({"a": ["x, y"]}, {"a": ["x", "y"]}),
        ({"a": {"x": FRAME}}, {"a": {"y": FRAME}}),
        ({"a": Text(en="a", zh="b")}, {"a": Text(en="b", zh="a")}),
    ],
)
def test_any_difference_of_a_value_shows(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert fingerprint(**one) != fingerprint(**other)


@pytest.mark.parametrize("unclear", [object(), {1, 2}, lambda: 1])
def test_what_has_no_definite_content_is_refused(unclear: object) -> None:
    with pytest.raises(TypeError, match="no content"):
        fingerprint(a=unclear)
