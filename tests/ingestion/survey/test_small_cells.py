"""Small cells are withheld so that no subtraction brings them back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from ingestion import FileReading
from ingestion.readers.persons.cmds_survey import rounded
from ingestion.readers.persons.survey.withholding import NONE, Counted, follows, withheld, withhold
from tests.ingestion.survey.conftest import edges, people

Read = Callable[..., FileReading]
WHERE = {"苏州市": 320500, "无锡市": 320200, "常州市": 320400, "南京市": 320100}


def moved(**counts: int) -> list[dict[str, object]]:
    return [
        {"C1": "江苏省", "C2": city, "C3": "", "q101l1": 1.0} for city, count in counts.items() for _ in range(count)
    ]


def notes(reading: FileReading) -> list[str]:
    return [record["reason"] for record in reading.rejected_row if record["code"] == "small_cells"]


def test_without_small_cells_nothing_is_withheld(read_survey: Read) -> None:
    reading = read_survey(people(*moved(苏州市=10, 无锡市=11)), small_cells=10)
    assert edges(reading) == {(330100, 320500): 10.0, (330100, 320200): 10.0}
    assert notes(reading) == []


def test_one_small_cell_takes_the_next_ones_with_it(read_survey: Read) -> None:
    # 9 alone would be the difference between the file's 60 respondents and the published 51 before rounding.
    reading = read_survey(people(*moved(苏州市=9, 无锡市=11, 常州市=10, 南京市=30)), small_cells=10)
    assert edges(reading) == {(330100, 320200): 10.0, (330100, 320100): 30.0}
    (note,) = notes(reading)
    assert "about 0 edges with about 20 respondents" in note
    assert reading.source_file["rows_loaded"] == 60


def test_two_cells_of_one_person_do_not_give_each_other_away(read_survey: Read) -> None:
    # Two cells with two persons together can only be one and one.
    reading = read_survey(people(*moved(苏州市=1, 无锡市=1, 常州市=12, 南京市=30)), small_cells=10)
    assert edges(reading) == {(330100, 320100): 30.0}


def test_small_is_what_respondents_are_few_not_what_weighs_little(read_survey: Read) -> None:
    frame = people(*moved(苏州市=3, 无锡市=3, 常州市=12))
    frame["w_l"] = [1000.0] * 6 + [0.001] * 12
    reading = read_survey(frame, small_cells=4, networks=[{"name": "cmds", "weight": "w_l"}])
    assert edges(reading) == {(330100, 320400): pytest.approx(0.010)}


@pytest.mark.parametrize(
    ("counts", "shown"), [((12, 13, 17, 18), (10, 15, 15, 20)), ((10, 14, 15, 22), (10, 15, 15, 20))]
)
def test_what_is_published_is_rounded_to_five(
    read_survey: Read, counts: tuple[int, ...], shown: tuple[int, ...]
) -> None:
    reading = read_survey(people(*moved(**dict(zip(WHERE, counts, strict=True)))), small_cells=10)
    assert edges(reading) == {(330100, code): float(n) for code, n in zip(WHERE.values(), shown, strict=True)}
    assert sorted(reading.tables["flow"].to_pandas()["rows"]) == sorted(shown)


@pytest.mark.parametrize("bound", [0, 1])
def test_only_the_named_setting_publishes_cells_as_counted(read_survey: Read, bound: int) -> None:
    reading = read_survey(people(*moved(苏州市=1, 无锡市=11)), small_cells=bound)
    assert edges(reading) == {(330100, 320500): 1.0, (330100, 320200): 11.0}


def test_models_are_given_every_cell_as_counted(read_survey: Read) -> None:
    reading = read_survey(people(*moved(苏州市=9, 无锡市=11, 常州市=10, 南京市=31)), small_cells=10)
    cells = reading.tables["survey_edge"].to_pandas().set_index("destination_code")
    assert cells["persons"].to_dict() == {320500: 9, 320200: 11, 320400: 10, 320100: 31}
    assert cells["flow"].to_dict() == {320500: 9.0, 320200: 11.0, 320400: 10.0, 320100: 31.0}
    assert cells["shown"].to_dict() == {320500: False, 320200: True, 320400: False, 320100: True}
    assert set(cells["small_cells"]) == {10}


@pytest.mark.parametrize("bound", [0, 1])
def test_no_bound_withholds_nothing(bound: int) -> None:
    assert not withhold(np.array([1, 1]), [np.zeros(2)], bound).any()
    assert not withheld([network(False, (330100, 330200, 1))], bound)[0].any()


def test_the_default_bound_is_ten(read_survey: Read) -> None:
    from catalog.declarations.survey import SMALL_CELLS, SurveySpec

    assert SurveySpec(wave=2017, fields="cmds_2017").small_cells == SMALL_CELLS == 10


def test_counties_cannot_be_subtracted_from_their_prefectures(read_survey: Read) -> None:
    # Ningbo's three districts: the network of prefectures publishes their sum, 33.
    there = [{"C3": name} for name, count in (("鄞州区", 12), ("海曙区", 18), ("江北区", 3)) for _ in range(count)]
    networks = [{"name": "cmds"}, {"name": "zj", "level": "county", "province": 330000}]
    more = [{"C2": "温州市", "C3": "鹿城区"}] * 15
    reading = read_survey(people(*there, *more), small_cells=10, networks=networks)
    assert edges(reading) == {(330100, 330200): 35.0, (330100, 330300): 15.0}
    # 33 - 12 - 18 would be the 3; so 鄞州's 12 are withheld too.
    assert edges(reading, "zj") == {(330106, 330203): 20.0, (330106, 330302): 15.0}


Cells = list[tuple[int, int, int]]


def tables(most: int = 40, places: int = 5) -> st.SearchStrategy[Cells]:
    """Persons, origin and destination of each edge."""
    edge = st.tuples(st.integers(1, 40), st.integers(0, places), st.integers(0, places))
    return st.lists(edge, min_size=1, max_size=most, unique_by=lambda cell: cell[1:])


def margins(cells: Cells) -> tuple[np.ndarray, list[np.ndarray]]:
    """Persons of each edge, and its origin, destination and the whole network as known totals."""
    persons, origin, destination = (np.array(part) for part in zip(*cells, strict=True))
    return persons, [origin, destination, np.zeros(len(cells), dtype=int)]


@settings(max_examples=200, deadline=None)
@given(tables(), st.integers(2, 15))
def test_every_known_total_hides_no_cell_or_two_with_enough_people(cells: Cells, bound: int) -> None:
    persons, groups = margins(cells)
    hidden = withhold(persons, groups, bound)
    assert hidden[persons < bound].all()
    for group in groups:
        for name in np.unique(group):
            mine = group == name
            if (hidden & mine).any() and (~hidden & mine).any():
                assert (hidden & mine).sum() >= 2 and persons[hidden & mine].sum() >= bound
    if (persons >= bound).all():
        assert not hidden.any()


def ranges(persons: np.ndarray, groups: list[np.ndarray], hidden: np.ndarray) -> np.ndarray:
    """How far each cell may lie from its lowest to its highest value, for whoever knows all totals and that no cell is
    below 0. Found by linear programming, not as the code under test finds it."""
    rows = [group == name for group in groups for name in np.unique(group)]
    left = np.array([row[hidden] for row in rows], dtype=float)
    right = np.array([persons[row & hidden].sum() for row in rows], dtype=float)
    width = np.zeros(len(persons))
    for place, cell in enumerate(np.flatnonzero(hidden)):
        aim = np.eye(hidden.sum())[place]
        low, high = (sign * linprog(sign * aim, A_eq=left, b_eq=right).fun for sign in (1, -1))
        width[cell] = high - low
    return width


@settings(max_examples=60, deadline=None)
@given(tables(most=16, places=3), st.integers(2, 15))
def test_nobody_who_knows_every_total_can_solve_for_a_withheld_cell(cells: Cells, bound: int) -> None:
    persons, groups = margins(cells)
    hidden = withhold(persons, groups, bound)
    # What follows from the totals alone, nothing can hide: nor is any total published.
    alone = ranges(persons, groups, np.ones(len(persons), dtype=bool)) < 1e-6
    solved = hidden & (ranges(persons, groups, hidden) < 1e-6)
    assert not (solved & ~alone).any()


def test_two_withheld_cells_in_each_place_are_not_enough() -> None:
    # Two blocks of four, and one edge between them: the totals of 0 and 1 less those of 10 and 11 are the edge.
    places = [(0, 10), (0, 11), (1, 10), (1, 11), (2, 12), (2, 13), (3, 12), (3, 13), (0, 12)]
    small = [(5, *pair) for pair in places]
    others = [(30, 1, 12), (40, 2, 10), (20, 4, 12), (25, 4, 14), (28, 0, 14)]
    persons, groups = margins([*small, *others])
    pairs = persons < 10
    counts = [np.unique(group[pairs], return_counts=True)[1] for group in groups[:2]]
    assert all((count >= 2).all() for count in counts)
    assert follows(pairs, groups).nonzero()[0].tolist() == [8]
    hidden = withhold(persons, groups, 10)
    # 30 closes a circle through it; the smaller ones would only follow themselves.
    assert persons[hidden].tolist() == [5] * 9 + [30]
    assert not follows(hidden, groups).any()


def test_the_only_edge_of_a_place_does_not_cost_the_others_theirs() -> None:
    persons, groups = margins([(3, 0, 10), (4, 1, 10), (12, 1, 11), (50, 2, 10), (60, 2, 11), (70, 3, 11)])
    hidden = withhold(persons, groups, 10)
    assert hidden[0] and not hidden[persons >= 50].all()


def test_a_cell_may_belong_to_no_total() -> None:
    group = np.array([0, 0, NONE])
    assert withhold(np.array([3, 20, 15]), [group], 10).tolist() == [True, True, False]


def network(counties: bool, *edges: tuple[int, int, int]) -> Counted:
    """Edges as origin, destination, persons."""
    frame = pd.DataFrame(edges, columns=["origin", "destination", "persons"])
    cut = 100 if counties else 1
    block = frame["origin"] // cut * cut * 10**6 + frame["destination"] // cut * cut
    return Counted(frame.assign(block=block), counties)


def test_an_edge_is_withheld_in_every_network_or_in_none() -> None:
    # Within the province the 12 hide the 3; the whole nation has others that would do as well.
    province = network(False, (330100, 330200, 3), (330100, 330300, 12), (330200, 330300, 40), (330300, 330200, 40))
    nation = network(False, *province.edges[["origin", "destination", "persons"]].to_numpy().tolist(),
                     (330100, 320100, 11), (110000, 330200, 11), (110000, 320100, 90))  # fmt: skip
    inside, whole = withheld([province, nation], 10)
    assert inside[:2].all()
    assert whole[:4].tolist() == inside.tolist()


def test_nothing_is_published_of_the_counties_of_a_withheld_edge() -> None:
    cities = network(False, (330100, 330200, 12), (330100, 330300, 5), (330300, 330200, 30), (330300, 330100, 30))
    counties = network(True, (330106, 330203, 12), (330106, 330302, 5), (330302, 330203, 30), (330302, 330106, 30))
    own, parts = withheld([cities, counties], 10)
    assert own[:2].all() and parts[:2].all()


@pytest.mark.parametrize(("count", "bound", "expected"), [(14, 10, 10), (15, 10, 20), (7, 1, 7), (7, 0, 7)])
def test_what_is_told_of_the_withheld_is_rounded(count: int, bound: int, expected: int) -> None:
    assert rounded(count, bound) == expected
