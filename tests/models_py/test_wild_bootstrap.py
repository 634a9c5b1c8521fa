"""The restricted wild cluster bootstrap against one that refits every draw with all dummies."""

from dataclasses import replace

import numpy as np
import pytest

from models_py.econometrics import EstimationError, IdentityError
from models_py.econometrics.few_clusters.wild_bootstrap import (
    POINTS,
    Scores,
    bootstrap_result,
    draw_weights,
    scores,
    wild_cluster_bootstrap,
)
from models_py.econometrics.model_data import partial_out
from tests.models_py.few_cluster_panels import CODES, KINDS, TERMS, panel, t_by_least_squares, with_dummies

G = len(CODES)


def by_refitting(data, term, v, null):
    """t* of every draw: restricted residuals times the draw, then the whole regression again."""
    y, columns, cluster = with_dummies(data)
    position = TERMS.index(term)
    others = np.delete(columns, position, axis=1)
    target = y - null * columns[:, position]
    fitted = others @ np.linalg.lstsq(others, target, rcond=None)[0]
    restricted = target - fitted
    drawn = null * columns[:, position] + fitted + v[:, cluster] * restricted
    return np.array([t_by_least_squares(one, columns, cluster, position, null) for one in drawn])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("weights", "draws"), [("rademacher", 64), ("webb", 60)])
@pytest.mark.parametrize("null", [0.0, 0.7])
def test_every_draw_equals_a_refit(kind, weights, draws, null):
    data = panel(kind)
    v, _ = draw_weights(weights, G, draws, seed=5)
    for term in TERMS[:2]:
        pieces = scores(partial_out(data, term))
        ours, peer = pieces.statistics(v)(null), by_refitting(data, term, v, null)
        np.testing.assert_allclose(ours, peer, rtol=1e-9, atol=1e-9)
        y, columns, cluster = with_dummies(data)
        own = t_by_least_squares(y, columns, cluster, TERMS.index(term), null)
        assert pieces.t(null) == pytest.approx(own, rel=1e-10)


def test_a_province_seen_once_changes_nothing_but_the_number_of_clusters():
    """Its dummy takes its row whole; half of the 128 sign vectors then repeat the other half."""
    data = panel(codes=(*CODES, 220000))
    once = replace(data, frame=data.frame[(data.frame["entity_code"] != 220000) | (data.frame["year"] == 2015)])
    without = replace(data, frame=data.frame[data.frame["entity_code"] != 220000])
    one, other = (wild_cluster_bootstrap(d, "x", weights="rademacher", draws=128) for d in (once, without))
    assert (one.draws, other.draws) == (128, 64)
    assert (one.p_strict, one.p_with_ties) == (other.p_strict, other.p_with_ties)
    v, _ = draw_weights("rademacher", 7, 128, 0)
    ours = scores(partial_out(once, "x")).statistics(v)(0.3)
    np.testing.assert_allclose(ours, by_refitting(once, "x", v, 0.3), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_p_values_count_the_refits(kind):
    data = panel(kind)
    v, _ = draw_weights("rademacher", G, 64, 0)
    result = wild_cluster_bootstrap(data, "x", weights="rademacher", draws=64)
    y, columns, cluster = with_dummies(data)
    own, drawn = abs(t_by_least_squares(y, columns, cluster, 0, 0.0)), np.abs(by_refitting(data, "x", v, 0.0))
    strict, ties = (drawn > own * (1 + 1e-8)).mean(), (drawn > own * (1 - 1e-8)).mean()
    assert (result.p_strict, result.p_with_ties, result.p_value) == (strict, ties, ties)
    assert ties >= strict + 2 / 64  # the sample and its mirror image are among the draws
    assert (result.enumerated, result.draws, result.n_clusters) == (True, 64, G)


@pytest.mark.parametrize("kind", KINDS)
def test_the_statistic_is_cr1s(kind):
    data = panel(kind)
    row = data.fit().estimates.iloc[0]
    result = wild_cluster_bootstrap(data, "x", weights="webb", draws=99)
    assert result.estimate == pytest.approx(row["estimate"], rel=1e-10)
    assert result.std_error == row["std_error"]
    assert result.statistic == pytest.approx(row["statistic"], rel=1e-10)
    factor = data.fit().evidence["ssc_factor"]
    assert scores(partial_out(data, "x")).t(0.0) == pytest.approx(row["statistic"] * np.sqrt(factor), rel=1e-9)


def test_drawn_p_values_count_the_sample_as_a_draw():
    result = wild_cluster_bootstrap(panel(), "x", weights="webb", draws=399, seed=2)
    assert not result.enumerated
    assert result.p_value == pytest.approx((1 + 399 * result.p_with_ties) / 400)


@pytest.mark.parametrize("kind", ["balanced", "unbalanced trends"])
@pytest.mark.parametrize("level", [0.8, 0.5])
def test_the_interval_ends_where_shifted_outcomes_are_rejected(kind, level):
    """A null b on y is the null 0 on y - b x: rejected just outside, kept just inside."""
    data = panel(kind, codes=(*CODES, 220000, 230000), seed=8)
    arguments = {"weights": "webb", "draws": 499, "seed": 4, "level": level}
    result = wild_cluster_bootstrap(data, "x", **arguments)
    assert result.ci_low < result.estimate < result.ci_high

    def p(null):
        shifted = data.frame.assign(y=data.frame["y"] - null * data.frame["x"])
        return wild_cluster_bootstrap(replace(data, frame=shifted), "x", **arguments).p_value

    step = 1e-6 * result.std_error
    for bound, outwards in ((result.ci_low, -1), (result.ci_high, 1)):
        assert p(bound - outwards * step) > round(1 - level, 9) >= p(bound + outwards * step)


def test_a_higher_level_gives_a_wider_interval():
    data = panel(codes=(*CODES, 220000, 230000))
    narrow, wide = (
        wild_cluster_bootstrap(data, "a", weights="rademacher", draws=256, level=level) for level in (0.7, 0.9)
    )
    assert wide.ci_low < narrow.ci_low < narrow.ci_high < wide.ci_high


def test_three_clusters_can_reject_nothing():
    """Eight sign vectors, two of them the sample: p is never below 1/4, so the interval has no end."""
    result = wild_cluster_bootstrap(panel(codes=CODES[:3]), "x", weights="rademacher")
    assert (result.draws, result.ci_low, result.ci_high) == (8, -np.inf, np.inf)
    assert result.p_value >= 0.25


def test_units_do_not_matter():
    data = panel("unbalanced")
    scaled = replace(data, frame=data.frame.assign(x=data.frame["x"] * 1e-6, y=data.frame["y"] * 1e5 + 1e7))
    one, other = (wild_cluster_bootstrap(d, "x", weights="webb", draws=999) for d in (data, scaled))
    assert other.p_value == one.p_value
    np.testing.assert_allclose([other.ci_low, other.ci_high], np.array([one.ci_low, one.ci_high]) * 1e11, rtol=1e-6)


def test_same_seed_same_result_and_another_seed_another():
    first, again, other = (
        wild_cluster_bootstrap(panel(), "a", weights="webb", draws=99, seed=seed) for seed in (1, 1, 2)
    )
    assert first == again
    assert first.ci_low != other.ci_low


@pytest.mark.parametrize("weights", ["rademacher", "webb"])
def test_multipliers_have_mean_zero_and_variance_one(weights):
    assert POINTS[weights].mean() == pytest.approx(0, abs=1e-15)
    assert (POINTS[weights] ** 2).mean() == pytest.approx(1, rel=1e-15)
    v, enumerated = draw_weights(weights, 31, 4000, 0)
    assert not enumerated and v.shape == (4000, 31)
    assert set(np.unique(v)) == set(POINTS[weights])
    shares = np.unique(v, return_counts=True)[1] / v.size
    assert np.abs(shares - 1 / len(shares)).max() < 0.01


@pytest.mark.parametrize(("weights", "clusters", "count"), [("rademacher", 6, 64), ("webb", 4, 1296)])
def test_all_combinations_are_taken_when_they_are_few(weights, clusters, count):
    v, enumerated = draw_weights(weights, clusters, count, 0)
    assert enumerated and len(np.unique(v, axis=0)) == count == len(v)
    assert not draw_weights(weights, clusters, count - 1, 0)[1]


def test_draws_without_variance_are_counted_and_count_as_exceeding():
    """Of the four sign vectors the two with equal signs leave no score."""
    pieces = Scores(1.0, np.array([3.0, -3.0]), np.ones(2), np.array([[1.0, -1.0], [-1.0, 1.0]]), np.zeros((2, 2)))
    v, _ = draw_weights("rademacher", 2, 4, 0)
    result = bootstrap_result(pieces, v, True, 1.0, 0.95)
    assert result.degenerate == 2
    # The others have t* = (6 - 0) / sqrt(8) > t = 2 / sqrt(18), so all four exceed.
    assert result.p_strict == 1.0


def test_an_identity_is_refused():
    data = panel()
    exact = data.frame.assign(y=data.frame["x"] * 2 - data.frame["b"] + data.frame["year"])
    with pytest.raises(IdentityError, match=r"demo, Table 0 \(1\): .*identity"):
        wild_cluster_bootstrap(replace(data, frame=exact), "x", weights="webb")


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({}, {"term": "z"}, "no regressor 'z'"),
        ({}, {"weights": "normal"}, "weights 'normal'"),
        ({}, {"draws": 0}, "draws"),
        ({}, {"level": 1.0}, "level"),
        ({"x": 1.0}, {}, "'x' is constant"),
        ({"b": "x"}, {}, "'b' is collinear with 'x'"),
        ({"y": np.inf}, {}, "infinite"),
        ({"entity_code": 110000, "year": range(42)}, {}, "at least 2 clusters"),
    ],
)
def test_refusals_name_model_and_cause(change, arguments, message):
    data = panel()
    columns = {name: data.frame[value] if value == "x" else value for name, value in change.items()}
    data = replace(data, frame=data.frame.assign(**columns))
    with pytest.raises(EstimationError, match=message):
        wild_cluster_bootstrap(data, **{"term": "x", "weights": "webb", **arguments})
