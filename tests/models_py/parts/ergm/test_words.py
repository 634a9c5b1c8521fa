"""Sentences and axes that depend on what is known of the pairs: said only where it is so."""

import pandas as pd
import pytest

from catalog.base import Text
from models_py.network import ErgmFit
from models_py.parts.ergm.prepared import Prepared
from models_py.parts.ergm.words import treatment_words
from models_py.parts.goodness_of_fit.figure import gof_figure

NO_FIT: ErgmFit = None  # type: ignore[assignment]


def prepared(*ties: bool | None) -> Prepared:
    pairs = pd.DataFrame({"origin": 1, "destination": 2, "tie": pd.array(list(ties), dtype="boolean")})
    return Prepared("day", pd.DataFrame(), pairs, listed_by=True)


@pytest.mark.parametrize("treatment", ["observed", "all_zero"])
def test_pairs_are_said_to_be_unknown_only_where_some_are(treatment) -> None:
    known = treatment_words(prepared(True, False), treatment, NO_FIT)
    assert "each pair is known to be a tie or not" in known.en and "均已知" in known.zh
    some = treatment_words(prepared(True, None, None), treatment, NO_FIT)
    assert some.en.startswith("2 pairs that may be ties or not were") and some.zh.startswith("2个状态不明")


def test_numbers_stand_on_an_axis_by_size_whatever_the_order_of_rows() -> None:
    values = ["10", "unreachable", "2", "1"]
    rows = pd.DataFrame({"statistic": "distance", "value": values, "observed": 1.0, "networks": 100})
    rows = rows.assign(simulated_mean=1.0, simulated_low=0.0, simulated_high=2.0)
    figure = gof_figure(rows, Text(en="Fit", zh="拟合"), (Text(en="Said.", zh="所言。"),), "real")
    panel = figure.chart_for("en").to_dict()["vconcat"][1]["hconcat"][0]["layer"][0]
    assert panel["encoding"]["x"]["sort"] == ["1", "2", "10", "∞"]
    assert panel["encoding"]["x"]["title"] == "Distance (∞: not connected)"
