"""Gini, Theil and Atkinson of ten incomes and of 48 states against R's ineq; the figures are read from the case."""

import json
from pathlib import Path

import pandas as pd
import pytest

from models_py.inequality import atkinson, gini, theil


@pytest.mark.parametrize("case", ["ten_incomes", "gsp1970"])
def test_ineq(reference: Path, case: str) -> None:
    folder = reference / "inequality_ineq_example"
    held = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    values = held["x"] if case == "ten_incomes" else pd.read_csv(folder / "gsp1970.csv").set_index("state")["gsp"]
    expected = held[case]
    assert len(values) == expected["n"]
    found = {
        "gini": gini(values),
        "gini_corr": gini(values, corrected=True),
        "theil_T": theil(values, index="T")["total"],
        "theil_L": theil(values)["total"],
        "atkinson_05": atkinson(values, epsilon=0.5),
    }
    assert found == pytest.approx({name: expected[name] for name in found}, rel=1e-10)
