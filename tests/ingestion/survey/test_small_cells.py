"""Small cells are withheld so that no subtraction brings them back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion import FileReading
from ingestion.readers.persons.cmds_survey import rounded, withhold
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
    assert edges(reading) == {(330100, 320500): 10.0, (330100, 320200): 11.0}
    assert notes(reading) == []


def test_one_small_cell_takes_the_next_ones_with_it(read_survey: Read) -> None:
    # 9 alone would be the difference between the file's 60 respondents and the published 51.
    reading = read_survey(people(*moved(苏州市=9, 无锡市=11, 常州市=10, 南京市=30)), small_cells=10)
    assert edges(reading) == {(330100, 320200): 11.0, (330100, 320100): 30.0}
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
    assert edges(reading) == {(330100, 320400): pytest.approx(0.012)}


@pytest.mark.parametrize("bound", [0, 1])
def test_no_bound_withholds_nothing(bound: int) -> None:
    assert not withhold(np.array([1, 1]), [np.zeros(2)], bound).any()


def test_the_default_bound_is_ten(read_survey: Read) -> None:
    from catalog.declarations.survey import SMALL_CELLS, SurveySpec

    assert SurveySpec(wave=2017, fields="cmds_2017").small_cells == SMALL_CELLS == 10


def test_counties_cannot_be_subtracted_from_their_prefectures(read_survey: Read) -> None:
    # Ningbo's three districts: the network of prefectures publishes their sum, 33.
    there = [{"C3": name} for name, count in (("鄞州区", 12), ("海曙区", 18), ("江北区", 3)) for _ in range(count)]
    networks = [{"name": "cmds"}, {"name": "zj", "level": "county", "province": 330000}]
    more = [{"C2": "温州市", "C3": "鹿城区"}] * 15
    reading = read_survey(people(*there, *more), small_cells=10, networks=networks)
    assert edges(reading) == {(330100, 330200): 33.0, (330100, 330300): 15.0}
    # 33 - 12 - 18 would be the 3; so 鄞州's 12 are withheld too.
    assert edges(reading, "zj") == {(330106, 330203): 18.0, (330106, 330302): 15.0}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 4)), min_size=1, max_size=40), st.integers(2, 15))
def test_every_known_total_hides_two_cells_with_enough_people(cells: list[tuple[int, int]], bound: int) -> None:
    persons, block = (np.array(part) for part in zip(*cells, strict=True))
    whole = np.zeros(len(persons))
    hidden = withhold(persons, [block, whole], bound)
    assert hidden[persons < bound].all()
    for group in (block, whole):
        for name in np.unique(group):
            mine = group == name
            if (hidden & mine).any() and (~hidden & mine).any():
                assert (hidden & mine).sum() >= 2 and persons[hidden & mine].sum() >= bound
    if (persons >= bound).all():
        assert not hidden.any()


@pytest.mark.parametrize(("count", "bound", "expected"), [(14, 10, 10), (15, 10, 20), (7, 1, 7), (7, 0, 7)])
def test_what_is_told_of_the_withheld_is_rounded(count: int, bound: int, expected: int) -> None:
    assert rounded(count, bound) == expected
