"""Weights, indices, coupling and levels: identities, worked figures, refusals."""

import numpy as np
import pandas as pd
import pytest

from models_py.indices import coupling_coordination, entropy_weights
from models_py.indices.coupling import LEVELS, indicator_weights, level_of, min_max, system_index
from models_py.indices.standardised import IndexDataError

RANDOM = np.random.default_rng(3)
DATA = pd.DataFrame(RANDOM.lognormal(size=(60, 4)), columns=list("abcd"))
SIGNS = {"a": 1, "b": 1, "c": -1, "d": 1}
WEIGHTINGS = ("entropy", "equal", "first_component", "critic")


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_weights_sum_to_one_and_the_index_stays_within_bounds(weighting):
    weights = indicator_weights(DATA, SIGNS, weighting)
    assert weights["weight"].sum() == pytest.approx(1) and (weights["weight"] >= 0).all()
    index = system_index(DATA, SIGNS, weights)
    assert index.between(0, 1).all()
    assert index.to_numpy() == pytest.approx(min_max(DATA, SIGNS).to_numpy() @ weights["weight"].to_numpy())


def test_entropy_weights_by_hand():
    """Pooled over all rows; the shift stands in p alone, in both its places."""
    x = pd.DataFrame({"a": [0.0, 1.0, 4.0, 2.0], "b": [5.0, 1.0, 3.0, 3.0]})
    weights = indicator_weights(x, {"a": 1, "b": -1}).set_index("indicator")
    scaled = np.column_stack([x["a"] / 4, (5 - x["b"]) / 4])
    p = (scaled + 1e-4) / (scaled + 1e-4).sum(axis=0)
    entropy = -(p * np.log(p)).sum(axis=0) / np.log(4)
    assert weights["entropy"].to_numpy() == pytest.approx(entropy)
    assert weights["weight"].to_numpy() == pytest.approx((1 - entropy) / (1 - entropy).sum())
    index = system_index(x, {"a": 1, "b": -1}, weights.reset_index())
    assert index.max() <= 1 and index.iloc[0] == 0.0
    pd.testing.assert_frame_equal(weights.reset_index(), entropy_weights(x, {"a": 1, "b": -1}))


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_identical_columns_weigh_the_same(weighting):
    data = DATA.assign(b=DATA["a"])
    weights = indicator_weights(data, {**SIGNS, "b": 1}, weighting).set_index("indicator")["weight"]
    assert weights["a"] == pytest.approx(weights["b"])


def test_a_column_concentrated_on_one_unit_weighs_most_and_a_constant_one_nothing():
    data = DATA.assign(d=[0.0] * 59 + [1.0])
    weights = indicator_weights(data, SIGNS).set_index("indicator")["weight"]
    assert weights.idxmax() == "d"
    with pytest.warns(UserWarning, match="'b' is constant"):
        assert indicator_weights(DATA.assign(b=1.0), SIGNS).set_index("indicator").loc["b", "weight"] == 0
    for weighting in ("critic", "first_component"):
        with pytest.warns(UserWarning), pytest.raises(IndexDataError, match="constant indicators: b"):
            indicator_weights(DATA.assign(b=1.0), SIGNS, weighting)


def test_critic_weights_by_their_definition():
    scaled = min_max(DATA, SIGNS)
    content = [scaled[name].std() * sum(1 - scaled[name].corr(scaled[other]) for other in scaled) for name in scaled]
    found = indicator_weights(DATA, SIGNS, "critic")["weight"].to_numpy()
    assert found == pytest.approx(np.array(content) / sum(content))


def test_rescaling():
    weights = indicator_weights(DATA, SIGNS)
    plain = system_index(DATA, SIGNS, weights)
    stretched = system_index(DATA, SIGNS, weights, "minmax")
    assert (stretched.min(), stretched.max()) == (0.0, 1.0)
    assert system_index(DATA, SIGNS, weights, "max").to_numpy() == pytest.approx((plain / plain.max()).to_numpy())


def indices(*pairs: tuple[float, float]) -> tuple[pd.Series, pd.Series]:
    return pd.Series([one for one, _ in pairs]), pd.Series([other for _, other in pairs])


def test_d_is_the_fourth_root_of_the_product():
    one, other = pd.Series(RANDOM.uniform(size=200)), pd.Series(RANDOM.uniform(size=200))
    made = coupling_coordination(one, other)
    assert made["coordination_degree"].to_numpy() == pytest.approx(((one * other) ** 0.25).to_numpy())
    assert made["coupling_degree"].between(0, 1).all()


def test_figures_of_the_domain():
    made = coupling_coordination(
        *indices((0.996, 1.0), (0.345, 0.345), (0.09, 0.09), (0.0, 0.0), (1.0, 1.0), (0.0, 0.8))
    )
    assert made["coordination_degree"].round(3).tolist() == [0.999, 0.587, 0.3, 0.0, 1.0, 0.0]
    assert made["coupling_degree"].tolist()[3:] == [0.0, 1.0, 0.0]
    assert made["level"].tolist()[2:5] == ["mild_disorder", "extreme_disorder", "quality_coordination"]


def test_other_forms():
    one, other = indices((0.2, 0.8), (0.5, 0.5))
    standard = coupling_coordination(one, other)["coupling_degree"].to_numpy()
    with pytest.warns(UserWarning, match="0.707"):
        half = coupling_coordination(one, other, "half")
    assert half["coupling_degree"].to_numpy() == pytest.approx(standard / 2)
    assert half["coordination_degree"].max() <= np.sqrt(0.5)
    assert coupling_coordination(one, other, "power")["coupling_degree"].to_numpy() == pytest.approx(standard**4)
    assert coupling_coordination(one, other, "wang")["coupling_degree"].tolist() == pytest.approx(
        [np.sqrt(0.4 * 0.25), 1]
    )


def test_bounds_belong_to_the_level_above():
    for scale in ("ten", "four"):
        known = LEVELS[scale]
        assert level_of([level.low for level in known], scale) == [level.id for level in known]
        assert level_of([level.low - 1e-6 for level in known[1:]], scale) == [level.id for level in known[:-1]]
    assert level_of([1.0, 0.1 + 0.2], "ten") == ["quality_coordination", "mild_disorder"]


@pytest.mark.parametrize(
    ("pair", "words"),
    [((0.5, 1.2), "second index has values"), ((-0.1, 0.5), "first index has values"), ((np.nan, 0.5), "first")],
)
def test_indices_out_of_bounds_are_refused(pair, words):
    with pytest.raises(IndexDataError, match=words):
        coupling_coordination(*indices(pair))


def test_refusals_of_data():
    with pytest.raises(IndexDataError, match="same rows"):
        coupling_coordination(pd.Series([0.1]), pd.Series([0.1], index=[4]))
    with pytest.raises(IndexDataError, match="no column 'z'"):
        min_max(DATA, {"z": 1})
    with pytest.raises(IndexDataError, match="must be \\+1 or -1, found 0"):
        min_max(DATA, {"a": 0})
    with pytest.raises(IndexDataError, match="empty or infinite"):
        min_max(DATA.assign(a=np.inf), {"a": 1})
    with pytest.raises(IndexDataError, match="does not vary"):
        system_index(DATA * 0, {"a": 1}, pd.DataFrame({"indicator": ["a"], "weight": [1.0]}), "minmax")
