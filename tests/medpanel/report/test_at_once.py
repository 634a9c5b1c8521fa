"""Calls made by several processes: results in order, errors as they are raised, helpers that die."""

import multiprocessing
import os
from functools import partial

import pytest

from medpanel.report.at_once import at_once
from models_py.figures.style import FigureError


def squared(number: int) -> int:
    if number == 3:
        raise FigureError("no three")
    return number**2


def dies_in_a_helper(number: int) -> int:
    if multiprocessing.parent_process() is not None:
        os._exit(1)
    return number


@pytest.mark.parametrize("processes", [1, 3])
def test_results_are_in_the_order_of_the_calls(processes):
    assert at_once([partial(squared, number) for number in (7, 2, 0, 5)], processes) == [49, 4, 0, 25]
    assert at_once([], processes) == []


@pytest.mark.parametrize("processes", [1, 2])
def test_what_a_call_raises_is_raised(processes):
    with pytest.raises(FigureError, match="no three"):
        at_once([partial(squared, number) for number in (1, 2, 3, 3, 3, 4)], processes)


def test_a_call_whose_helper_died_is_made_all_the_same():
    assert at_once([partial(dies_in_a_helper, number) for number in range(4)], 3) == [0, 1, 2, 3]
    assert not multiprocessing.active_children()
