"""Moran's I of crime in Columbus against spdep; the figures are read from the case."""

import json
from pathlib import Path

import pandas as pd
import pytest

from models_py.spatial import moran


def test_columbus(reference: Path):
    folder = reference / "moran_columbus_crime"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["CRIME"]
    data = pd.read_csv(folder / "columbus.csv").set_index("id")
    binary = pd.read_csv(folder / "w_columbus_binary.csv").to_numpy(dtype=float)
    weights = pd.DataFrame(binary / binary.sum(axis=1, keepdims=True), index=data.index, columns=data.index)
    result = moran(data["CRIME"], weights, permutations=9999, seed=0)
    assert result["i"] == pytest.approx(expected["I"], rel=1e-11)
    assert result["expected_i"] == pytest.approx(expected["EI"], rel=1e-11)
    assert result["z_rand"] == pytest.approx(expected["z_rand"], rel=1e-10)
    assert result["z_norm"] == pytest.approx(expected["z_norm"], rel=1e-10)
    assert result["p_rand"] == pytest.approx(expected["p_rand_two"], rel=1e-8)
    assert result["p_norm"] == pytest.approx(2 * expected["p_norm_greater"], rel=1e-8)
    gap = result["i"] - result["expected_i"]
    assert (gap / result["z_rand"]) ** 2 == pytest.approx(expected["VI_rand"], rel=1e-10)
    assert (gap / result["z_norm"]) ** 2 == pytest.approx(expected["VI_norm"], rel=1e-10)
    assert result["p_sim_greater"] == expected["p_mc9999_greater"]
