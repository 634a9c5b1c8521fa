"""Ranks under other weights: weights are shares, ranks that cannot move do not, those that hang on weights do."""

import numpy as np
import pytest

from models_py.indices.rank_resampling import KINDS, drawn_index, drawn_weights, rank_range
from models_py.indices.standardised import IndexDataError

OWN = np.array([0.5, 0.3, 0.2, 0.0])


@pytest.mark.parametrize("kind", KINDS)
def test_drawn_weights_are_shares(kind):
    drawn = drawn_weights(OWN, kind, 500, np.random.default_rng(1))
    assert drawn.shape == (500, 4) and (drawn >= 0).all()
    assert drawn.sum(axis=1) == pytest.approx(1)
    assert drawn.std(axis=0)[:3].min() > 0.05


def test_an_indicator_without_weight_stays_without_when_indicators_are_drawn():
    drawn = drawn_weights(OWN, "indicators", 500, np.random.default_rng(1))
    assert (drawn[:, 3] == 0).all()
    # All four draws on the one that weighs nothing: there is nothing to share out, so the study's own stand.
    only = drawn_weights(np.array([1.0, 0.0]), "indicators", 500, np.random.default_rng(1))
    assert (only == [1.0, 0.0]).all()


def test_drawn_weights_have_their_known_mean():
    rng = np.random.default_rng(2)
    assert drawn_weights(OWN, "weights", 20_000, rng).mean(axis=0) == pytest.approx(np.full(4, 0.25), abs=0.01)
    equal = np.full(4, 0.25)
    assert drawn_weights(equal, "indicators", 20_000, rng).mean(axis=0) == pytest.approx(equal, abs=0.01)
    # A gamma of shape 0 is 0: an indicator not drawn weighs nothing, with probability (3/4)^4.
    both = drawn_weights(equal, "both", 20_000, rng)
    assert (both == 0).mean() == pytest.approx(0.75**4, abs=0.01)


@pytest.mark.parametrize("weights", [np.array([0.5, 0.6]), np.array([1.2, -0.2])])
def test_what_are_no_shares_is_refused(weights):
    with pytest.raises(IndexDataError, match="add up to 1"):
        drawn_weights(weights, "weights", 10, np.random.default_rng(0))


def test_a_place_best_in_everything_is_first_in_every_draw_and_mixed_ones_move():
    values = np.array([[1.0, 1.0], [0.9, 0.1], [0.1, 0.9], [0.0, 0.0]])
    weights = np.array([0.55, 0.45])
    drawn = drawn_index([values], [weights], lambda x: x, "weights", 400, 3)
    found = rank_range(values @ weights, drawn)
    assert found.rank.tolist() == [1, 2, 3, 4]
    assert found.rank_low.tolist() == [1, 2, 2, 4] and found.rank_high.tolist() == [1, 3, 3, 4]
    assert (found.index_low[0], found.index_high[0]) == pytest.approx((1, 1))
    assert found.index_low[1] < found.index[1] < found.index_high[1]


def test_equal_places_share_the_best_rank():
    found = rank_range(np.array([0.5, 0.5, 0.1]), np.array([[0.5], [0.5], [0.1]]))
    assert found.rank.tolist() == [1, 1, 3] and found.rank_median.tolist() == [1, 1, 3]


def test_draws_are_the_seeds():
    values, weights = [np.random.default_rng(0).random((5, 4))], [OWN]
    one, two, other = (drawn_index(values, weights, lambda x: x, "both", 50, seed) for seed in (7, 7, 8))
    assert (one == two).all() and (one != other).any()
