"""Moran's I against enumeration, and its refusals. The published case: tests/reference/test_moran_columbus.py."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from models_py.spatial import MoranError, moran, permutation_p


def weights(n: int, seed: int = 1, standardise: bool = True) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    w = rng.random((n, n)) * (rng.random((n, n)) < 0.7)
    w[np.arange(n), (np.arange(n) + 1) % n] = 1.0
    np.fill_diagonal(w, 0.0)
    names = [f"p{i}" for i in range(n)]
    return pd.DataFrame(w / w.sum(axis=1, keepdims=True) if standardise else w, index=names, columns=names)


def by_hand(x: np.ndarray, w: np.ndarray) -> float:
    mean, n = sum(x) / len(x), len(x)
    top = sum(w[i, j] * (x[i] - mean) * (x[j] - mean) for i in range(n) for j in range(n))
    return n / w.sum() * top / sum((v - mean) ** 2 for v in x)


@pytest.mark.parametrize("standardise", [True, False])
def test_moments_under_randomisation_are_those_of_all_permutations(standardise):
    w = weights(6, standardise=standardise)
    x = pd.Series(np.random.default_rng(2).normal(size=6) ** 3, index=w.index)
    every = np.array([by_hand(np.array(order), w.to_numpy()) for order in permutations(x)])
    result = moran(x, w)
    assert result["i"] == pytest.approx(by_hand(x.to_numpy(), w.to_numpy()), rel=1e-12)
    assert result["expected_i"] == pytest.approx(every.mean(), abs=1e-12)
    assert result["z_rand"] == pytest.approx((result["i"] - every.mean()) / every.std(), rel=1e-10)
    far = np.mean(np.abs(every - every.mean()) >= abs(result["i"] - every.mean()) - 1e-12)
    above = np.mean(every >= result["i"] - 1e-12)
    many = moran(x, w, permutations=20_000, seed=3)
    assert many["p_sim"] == pytest.approx(far, abs=0.02)
    assert many["p_sim_greater"] == pytest.approx(above, abs=0.02)


def test_variance_under_normality_is_that_of_normal_draws():
    w = weights(8)
    rng = np.random.default_rng(4)
    x = rng.normal(size=(40_000, 8))
    z = x - x.mean(axis=1, keepdims=True)
    drawn = 8 / w.to_numpy().sum() * np.sum(z * (z @ w.to_numpy().T), axis=1) / np.sum(z**2, axis=1)
    result = moran(pd.Series(x[0], index=w.index), w)
    variance = ((result["i"] - result["expected_i"]) / result["z_norm"]) ** 2
    assert variance == pytest.approx(drawn.var(), rel=0.03)


def test_order_of_values_does_not_matter_and_the_seed_decides():
    w = weights(9)
    x = pd.Series(np.random.default_rng(5).normal(size=9), index=w.index)
    assert moran(x, w, seed=1) == moran(x.sample(frac=1, random_state=1), w, seed=1)
    assert moran(x, w, seed=1)["p_sim"] != moran(x, w, seed=2)["p_sim"]


def test_ties_count_as_exceeding():
    drawn = np.array([0.3, 0.1 + 0.2, -0.3, 0.0])
    assert permutation_p(0.3, drawn, 0.0) == (4 / 5, 3 / 5)


def test_refusals():
    w = weights(6)
    x = pd.Series(np.arange(6.0), index=w.index)
    cases = [
        (x * 0, w, "all values are 0.0"),
        (x.where(x != 2), w, "no finite value for p2"),
        (x.rename({"p0": "q"}), w, "p0, q"),
        (x, w.iloc[:, ::-1], "square"),
        (x, w.assign(p1=np.nan), "p1 for p0 is not finite"),
        (x, w * -1, "negative"),
        (x, w + np.eye(6), "p0 is its own neighbour"),
        (x, w.mul([1, 0, 1, 1, 1, 1], axis=0), "p1 has no neighbour"),
        (x[:3], w.iloc[:3, :3], "at least 4"),
        (x, w.rename(index={"p0": "p1"}, columns={"p0": "p1"}), "twice"),
    ]
    for values, matrix, message in cases:
        with pytest.raises(MoranError, match=message):
            moran(values, matrix)
