"""Where a flow becomes a tie, on a network small enough to do by hand."""

import numpy as np
import pytest

from models_py.network.dichotomise import ANYTHING, NEVER, least_flows

NAN = np.nan
# Rows are origins. The diagonal is nonsense on purpose; one pair is unlisted, one has a flow of zero.
FLOWS = np.array([[9e9, 8.0, 2.0, 1.0], [6.0, NAN, 0.0, NAN], [3.0, 4.0, 5e9, 4.0], [NAN, NAN, NAN, NAN]])
POSITIVE = [8.0, 2.0, 1.0, 6.0, 3.0, 4.0, 4.0]


def ties(kind: str, value: float | None = None) -> set[tuple[int, int]]:
    """Pairs whose flow reaches the least one."""
    found = np.nan_to_num(FLOWS) >= least_flows(FLOWS, kind, value)
    return {(int(i), int(j)) for i, j in zip(*np.nonzero(found), strict=True) if i != j}


def test_means_and_quantiles_are_of_positive_flows_between_places() -> None:
    assert np.allclose(least_flows(FLOWS, "positive_mean"), 4.0)
    assert np.allclose(least_flows(FLOWS, "global_mean"), 28 / 12)
    assert np.allclose(least_flows(FLOWS, "quantile", 0.5), np.median(POSITIVE))
    assert ties("positive_mean") == {(0, 1), (1, 0), (2, 1), (2, 3)}
    assert ties("global_mean") == ties("positive_mean") | {(2, 0)}


def test_any_flow_is_a_tie_but_none_of_zero() -> None:
    assert ties("any") == {(0, 1), (0, 2), (0, 3), (1, 0), (2, 0), (2, 1), (2, 3)}
    assert least_flows(FLOWS, "any")[0, 1] == ANYTHING > 0


def test_the_largest_of_each_origin_with_whatever_equals_the_last() -> None:
    assert ties("top_k", 1) == {(0, 1), (1, 0), (2, 1), (2, 3)}
    assert ties("top_k", 2) == {(0, 1), (0, 2), (1, 0), (2, 1), (2, 3)}
    assert ties("top_k", 99) == ties("any")


def test_the_backbone_is_that_of_the_formula_seen_from_either_end() -> None:
    known = np.nan_to_num(FLOWS)
    np.fill_diagonal(known, 0)

    def significance(flows: np.ndarray, i: int, j: int) -> float:
        k = (flows[i] > 0).sum()
        return 1.0 if k < 2 else float((1 - flows[i, j] / flows[i].sum()) ** (k - 1))

    for level in (0.05, 0.3, 0.6):
        wanted = {(i, j) for i, j in ties("any") if min(significance(known, i, j), significance(known.T, j, i)) < level}
        assert ties("disparity", level) == wanted, level
    assert ties("disparity", 0.6), "the last level keeps something"
    # One partner alone is never significant: 1 -> 0 is so from the end of 0, or not at all.
    assert (1, 0) not in ties("disparity", 0.3)


def test_a_network_without_flow_has_no_tie_and_an_unknown_threshold_is_refused() -> None:
    nothing = np.full((3, 3), NAN)
    assert (least_flows(nothing, "positive_mean") == NEVER).all()
    assert (least_flows(nothing, "disparity", 0.05) == NEVER).all()
    with pytest.raises(ValueError, match="'median'"):
        least_flows(FLOWS, "median")
