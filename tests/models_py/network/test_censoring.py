"""What is known of pairs that no list names."""

import numpy as np
import pandas as pd

from models_py.network.censoring import UNBOUNDED, dyads, list_bounds, unlisted_bounds

NAN = np.nan
CODES = [1, 2, 3, 4]
LISTS = pd.DataFrame(
    [
        # direction, city, lists, of which full, partners, smallest entry
        ("out", 1, 1, 1, 60, 0.5),
        ("out", 2, 1, 0, 12, 0.3),
        ("out", 3, 1, 1, 60, 2.0),
        ("in", 3, 1, 1, 60, 0.1),
    ],
    columns=["direction", "city_code", "lists", "full_lists", "partners", "smallest_flow"],
)


def test_a_full_list_bounds_by_its_smallest_entry_and_one_with_room_by_zero() -> None:
    assert list_bounds(LISTS, "out", CODES, periods=1).tolist() == [0.5, 0.0, 2.0, UNBOUNDED]
    assert list_bounds(LISTS, "in", CODES, periods=1).tolist() == [UNBOUNDED, UNBOUNDED, 0.1, UNBOUNDED]


def test_a_list_of_which_nothing_was_loaded_bounds_nothing() -> None:
    # As that of 三亚 on the days when two places were filed under its name: full, and refused row by row.
    refused = pd.DataFrame([("out", 4, 1, 1, 0, NAN)], columns=LISTS.columns)
    bounds = list_bounds(pd.concat([LISTS, refused]), "out", CODES, periods=1)
    assert bounds.tolist() == [0.5, 0.0, 2.0, UNBOUNDED]


def test_over_several_periods_only_lists_that_never_were_full_and_never_missing_bound_the_sum() -> None:
    several = pd.concat(
        [LISTS.assign(lists=3), LISTS.tail(1).assign(direction="out", city_code=4, full_lists=0, lists=2)]
    )
    assert list_bounds(several, "out", CODES, periods=3).tolist() == [UNBOUNDED, 0.0, UNBOUNDED, UNBOUNDED]


def test_either_ends_list_bounds_a_pair() -> None:
    bounds = unlisted_bounds(np.array([0.5, UNBOUNDED]), np.array([0.1, UNBOUNDED]))
    assert bounds.tolist() == [[0.1, 0.5], [0.1, UNBOUNDED]]


def test_every_pair_is_a_tie_known_to_be_none_or_unknown() -> None:
    flows = np.array([[NAN, 3.0, NAN, 0.7], [NAN, NAN, NAN, NAN], [NAN, 1.0, NAN, NAN], [2.0, NAN, NAN, NAN]])
    bounds = unlisted_bounds(list_bounds(LISTS, "out", CODES, 1), list_bounds(LISTS, "in", CODES, 1))
    found = dyads(flows, np.full((4, 4), 1.0), bounds)
    assert found.listed.sum() == 4 and found.tie.sum() == 3
    # Of place 3 the smallest entry reaches the threshold; place 4 has no list, but what arrives at 3 is bounded.
    assert {(int(i), int(j)) for i, j in zip(*np.nonzero(found.unknown), strict=True)} == {(2, 0), (2, 3), (3, 1)}
    assert found.pairs == 12 and found.observed == 9
    assert not (found.tie & found.unknown).any() and not np.diag(found.unknown).any()


def test_a_flow_known_for_some_periods_alone_is_a_tie_or_unknown() -> None:
    flows = np.array([[NAN, 3.0, 0.7], [NAN, NAN, 0.2], [NAN, NAN, NAN]])
    partial = np.array([[False, True, True], [False, False, False], [False, False, False]])
    found = dyads(flows, np.full((3, 3), 1.0), np.zeros((3, 3)), partial)
    assert found.tie.tolist()[0] == [False, True, False]
    assert np.argwhere(found.unknown).tolist() == [[0, 2]]


def test_where_no_flow_can_make_a_tie_nothing_is_unknown() -> None:
    flows = np.full((3, 3), NAN)
    assert not dyads(flows, np.full((3, 3), np.inf), np.full((3, 3), UNBOUNDED)).unknown.any()
