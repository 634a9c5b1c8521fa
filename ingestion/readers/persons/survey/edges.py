"""Checked respondents added up: the edges of one network, in the direction hukou place -> current residence.

The origin is where somebody is registered, which need not be the last place lived in. Withholding small cells:
small_cells.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catalog.declarations.survey import SurveyNetwork
from ingestion.readers.persons.survey.respondents import Respondents


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
        for units in (people.origin, people.destination):
            loaded &= units["city"] // 10000 * 10000 == network.province
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
