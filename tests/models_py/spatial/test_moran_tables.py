"""Local Moran: the values of spdep, exact conditional permutations on a small case, false discovery rate by hand."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models_py.spatial import MoranError, moran, moran_global, moran_local
from models_py.spatial.moran_tables import kept_by_fdr, z_of
from models_py.spatial.weight_types import contiguity, row_standardised
from tests.models_py.spatial.panels import ring


def test_the_global_table_is_the_statistic_in_one_row() -> None:
    weights, values = ring(12), pd.Series(np.random.default_rng(1).normal(size=12))
    table = moran_global(values, weights, permutations=99, seed=3)
    assert table.to_dict("records") == [moran(values, weights, 99, 3)]


def test_columbus_local(reference: Path) -> None:
    folder = reference / "moran_columbus_crime"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["CRIME"]["local"]
    data = pd.read_csv(folder / "columbus.csv").set_index("id")
    binary = pd.read_csv(folder / "w_columbus_binary.csv").to_numpy(dtype=float)
    weights = pd.DataFrame(binary / binary.sum(axis=1, keepdims=True), index=data.index, columns=data.index)
    made = moran_local(data["CRIME"], weights, permutations=9999, seed=0)
    assert np.allclose(made["i"], expected["Ii"], rtol=1e-11, atol=0)
    words = {"Low": "L", "High": "H"}
    assert made["quadrant"].tolist() == ["".join(words[part] for part in name.split("-")) for name in expected["quadr"]]
    # esda divides by n - 1: its first value is 0.72178138.
    assert made["i"].iloc[0] * (len(data) - 1) / len(data) == pytest.approx(0.72178138, abs=5e-9)
    # Permutation p-values beside the normal ones of the conditional moments: the same places, within their error.
    from scipy.special import ndtr

    normal = 2 * ndtr(-np.abs(np.array(expected["z_cond"])))
    assert np.corrcoef(made["p_sim"], normal)[0, 1] > 0.99
    assert set(made.index[made["p_sim"] < 0.01]) >= set(data.index[normal < 0.002])
    assert (made.loc[normal > 0.12, "cluster"] == "").all()


def test_permutations_approach_all_arrangements_of_the_others() -> None:
    values = pd.Series([3.0, 1.0, 4.0, 1.5, 9.0, 2.6])
    weights = row_standardised(contiguity(range(6), {(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (0, 2)}))
    weights.loc[0] = [0, 0.6, 0.1, 0, 0, 0.3]  # unequal weights: the order of the drawn matters
    made = moran_local(values, weights, permutations=20_000, seed=1)
    z, w = (values - values.mean()).to_numpy(), weights.to_numpy()
    for place in range(6):
        others, row = np.delete(z, place), np.delete(w[place], place)
        every = np.array([np.array(order) @ row for order in itertools.permutations(others)]) * z[place] / np.mean(z**2)
        gap = abs(made["i"][place] - every.mean())
        exact = float((np.abs(every - every.mean()) >= gap - 1e-12).mean())
        assert made["p_sim"][place] == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 20_000) + 1e-4)


def test_local_values_average_to_the_global_one() -> None:
    weights, values = ring(15), pd.Series(np.random.default_rng(2).normal(size=15))
    made = moran_local(values, weights, permutations=99)
    assert made["i"].mean() == pytest.approx(moran(values, weights, 99)["i"], rel=1e-12)


def test_a_planted_cluster_is_found_and_the_seed_decides() -> None:
    weights = ring(40)
    values = pd.Series(np.random.default_rng(3).normal(size=40))
    values[5:11] += 6
    made = moran_local(values, weights, permutations=999, seed=0)
    assert (made.loc[6:9, "cluster"] == "HH").all() and made.loc[7:8, "significant_fdr"].all()
    assert made.equals(moran_local(values, weights, permutations=999, seed=0))
    assert not made["p_sim"].equals(moran_local(values, weights, permutations=999, seed=1)["p_sim"])


def test_the_false_discovery_rate_by_hand() -> None:
    p = np.array([0.001, 0.2, 0.024, 0.013, 0.9])  # thresholds 0.01 0.02 0.03 0.04 0.05
    assert kept_by_fdr(p, 0.05).tolist() == [True, False, True, True, False]
    assert not kept_by_fdr(np.array([0.02, 0.5, 0.9]), 0.05).any()


def test_bad_values_are_refused() -> None:
    with pytest.raises(MoranError, match="all values"):
        moran_local(pd.Series(np.ones(6)), ring(6))
    with pytest.raises(MoranError, match="no finite value for 2"):
        moran_local(pd.Series([1, 2, np.nan, 4, 5, 6.0]), ring(6))


def test_z_of_a_printed_value_is_that_of_the_statistic() -> None:
    weights, values = ring(12), pd.Series(np.random.default_rng(1).normal(size=12))
    found = moran(values, weights, 9)
    assert z_of(found["i"], weights)[0] == pytest.approx(found["z_norm"], rel=1e-12)
