"""What each choice does to the estimates: eta squared, sampling without leaks, order, medians."""

import numpy as np
import pandas as pd
import pytest

from models_py.parts.specification_curve.choices import Space
from models_py.parts.specification_curve.curve import choice_table, variance_shares
from tests.models_py.parts.specification_curve.conftest import model_of

OPTIONS = {"utilisation": ("volume", "substitution", "mixed"), "lag": (0, 1), "effects": ("year",), "ddof": (1, 0)}
EFFECT = {"volume": 0.0, "substitution": 1.0, "mixed": 3.0}


@pytest.fixture
def space(study) -> Space:
    return Space(model_of(study), "exposure", OPTIONS)


def curve(space: Space, numbers: list[int], noise: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame([space.combination(number) for number in numbers])
    frame["estimate_sd"] = frame["utilisation"].map(EFFECT) - 0.5 * frame["lag"] + noise * rng.normal(size=len(frame))
    frame["p_value"] = np.where(frame["utilisation"] == "mixed", 0.01, 0.2)
    return frame


def test_all_combinations_give_eta_squared(space):
    frame = curve(space, list(range(12)), noise=0.3)
    shares = variance_shares(frame, space)
    y = frame["estimate_sd"]
    for name in ("utilisation", "lag", "ddof"):
        between = frame.groupby(name)["estimate_sd"].transform("mean").var(ddof=0)
        np.testing.assert_allclose(shares[name], between / y.var(ddof=0), rtol=1e-10)
    assert set(shares) == {"utilisation", "lag", "ddof"}


def test_an_uneven_draw_does_not_leak(space):
    # Lag 1 mostly with mixed: raw means of ddof and lag differ, though ddof does nothing and lag moves by -0.5.
    numbers = [0, 1, 4, 6, 8, 9, 10, 10, 10, 11, 11, 2]
    frame = curve(space, numbers)
    shares = variance_shares(frame, space)
    assert abs(frame.groupby("ddof")["estimate_sd"].mean().diff().iloc[-1]) > 0.1
    assert shares["ddof"] < 1e-12
    dummies = np.column_stack([frame["utilisation"] == "substitution", frame["utilisation"] == "mixed"]).astype(float)
    lag, one = frame["lag"].to_numpy(dtype=float), np.ones((len(frame), 1))
    others = np.column_stack([one, dummies, frame["ddof"]])
    rest = lag - others @ np.linalg.lstsq(others, lag, rcond=None)[0]
    y = frame["estimate_sd"] - frame["estimate_sd"].mean()
    np.testing.assert_allclose(shares["lag"], 0.25 * (rest @ rest) / (y @ y), rtol=1e-9)


def test_the_table(space, study):
    table = choice_table(study, space, curve(space, list(range(12)), noise=0.01))
    assert table["choice"].drop_duplicates().tolist()[:2] == ["utilisation", "lag"]
    assert table.groupby("choice")["position"].first().to_dict() == {"utilisation": 1, "lag": 2, "ddof": 3}
    rows = table.set_index(["choice", "option"])
    assert rows.index.tolist()[:3] == [("utilisation", o) for o in OPTIONS["utilisation"]]
    assert ("ddof", "0") in rows.index and ("lag", "1") in rows.index
    mixed = rows.loc[("utilisation", "mixed")]
    assert mixed["specifications"] == 4
    assert 2.4 < mixed["low"] < mixed["median_estimate"] < mixed["high"] < 3.1
    assert mixed["share_positive"] == 1 and mixed["share_significant"] == 1
    assert rows.loc[("utilisation", "volume"), "share_significant"] == 0


def test_estimates_that_are_all_alike(space):
    frame = curve(space, list(range(12))).assign(estimate_sd=0.25)
    assert set(variance_shares(frame, space).values()) == {0.0}


def test_nothing_varies(study):
    space = Space(model_of(study), "exposure", {"lag": (0,)})
    frame = pd.DataFrame({"lag": [None], "estimate_sd": [0.1], "p_value": [0.5]})
    assert variance_shares(frame, space) == {}
    assert choice_table(study, space, frame).empty
