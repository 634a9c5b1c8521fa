"""Checked respondents added up: the edges of one network, hukou place -> current residence, without small cells.

The origin is where somebody is registered, which need not be the last place lived in. Cells are withheld so that no
published figure describes a handful of persons, and not only those below the bound: whoever knows a total could
subtract the published cells from it. Totals are known of a whole network (the file's number of respondents) and, of a
network of counties, of each pair of prefectures (an edge of the other network). So in each of these the cells withheld
are none, or at least two with the bound's number of respondents together; where they are not, the smallest of the
others are withheld as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catalog.declarations.survey import SurveyNetwork
from ingestion.readers.persons.survey.respondents import Respondents, lies_within


@dataclass(frozen=True)
class Edges:
    """One element per edge, in order of origin and destination.

    origin, destination: codes, int32. persons: int64, respondents. flow: float64, persons or sum of weights.
    block: int64, the pair of prefecture-level units the edge lies in.
    """

    origin: np.ndarray
    destination: np.ndarray
    persons: np.ndarray
    flow: np.ndarray
    block: np.ndarray

    def only(self, kept: np.ndarray) -> Edges:
        """The edges where `kept` holds."""
        return Edges(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))


def count_edges(people: Respondents, network: SurveyNetwork) -> Edges:
    """The edges of the loaded respondents; those within one unit are self-loops."""
    unit = "own_city" if network.level == "prefecture" else "own_county"
    loaded = people.reason == 0
    if network.province is not None:
        loaded &= lies_within(network.province, people.origin, people.destination)
    key = _pair(people.origin[unit][loaded], people.destination[unit][loaded])
    edges, position, persons = np.unique(key, return_inverse=True, return_counts=True)
    flow: np.ndarray = persons.astype(np.float64)
    if network.weight != "none":
        weight = people.weight[loaded]
        # In one order whatever the order of records, so that sums are the same to the last digit.
        order = np.lexsort((weight, position))
        flow = np.bincount(position[order], weights=weight[order], minlength=len(edges))
    block = np.zeros(len(edges), dtype=np.int64)
    block[position] = _pair(people.origin["own_city"][loaded], people.destination["own_city"][loaded])
    return Edges(
        (edges // 10**6).astype(np.int32), (edges % 10**6).astype(np.int32), persons.astype(np.int64), flow, block
    )


def _pair(origin: np.ndarray, destination: np.ndarray) -> np.ndarray:
    return origin.astype(np.int64) * 10**6 + destination


def withhold(persons: np.ndarray, groups: list[np.ndarray], bound: int) -> np.ndarray:
    """Which cells are withheld (bool, one per cell); cells are taken in their order where they are equally small.

    persons: respondents of each cell. groups: for each kind of known total the group of each cell.
    bound: cells of fewer respondents are small; 0 or 1 withholds nothing.
    """
    hidden = persons < bound
    before = 0
    while before < hidden.sum():
        before = hidden.sum()
        for group in groups:
            _complete(persons, group, bound, hidden)
    return hidden


def _complete(persons: np.ndarray, group: np.ndarray, bound: int, hidden: np.ndarray) -> None:
    """Withhold more cells of the groups whose total would tell too much. Changes `hidden`."""
    _, number = np.unique(group, return_inverse=True)
    cells = np.bincount(number, weights=hidden)
    people = np.bincount(number, weights=hidden * persons)
    telling = (cells > 0) & (np.bincount(number, weights=~hidden) > 0) & ((cells < 2) | (people < bound))
    # From the smallest on; a stable sort keeps the order of equal ones.
    order = np.argsort(persons, kind="stable")
    for cell in order[telling[number[order]] & ~hidden[order]]:
        own = number[cell]
        if telling[own]:
            hidden[cell] = True
            cells[own] += 1
            people[own] += persons[cell]
            telling[own] = cells[own] < 2 or people[own] < bound


def rounded(count: int, bound: int) -> int:
    """`count` to the nearest multiple of the bound: a note may tell how much is withheld, not exactly."""
    return (2 * count + bound) // (2 * bound) * bound if bound > 1 else count
