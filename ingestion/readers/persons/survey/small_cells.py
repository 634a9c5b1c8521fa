"""Small cells withheld, so that no published figure describes a handful of persons.

Not only the cells below the bound: whoever knows a total could subtract the published cells from it. Totals are known
of a whole network (the file's number of respondents) and, of a network of counties, of each pair of prefectures (an
edge of the other network). So in each of these the cells withheld are none, or at least two with the bound's number
of respondents together; where they are not, the smallest of the others are withheld as well.
"""

from __future__ import annotations

import numpy as np


def withhold(persons: np.ndarray, groups: list[np.ndarray], bound: int) -> np.ndarray:
    """Which cells are withheld (bool, one per cell); cells are taken in their order where they are equally small.

    persons: respondents of each cell. groups: for each kind of known total the group of each cell.
    bound: cells of fewer respondents are small; 0 or 1 withholds nothing.
    """
    hidden = persons < bound
    while hidden.any():
        before = int(hidden.sum())
        for group in groups:
            _complete(persons, group, bound, hidden)
        if int(hidden.sum()) == before:
            break
    return hidden


def _complete(persons: np.ndarray, group: np.ndarray, bound: int, hidden: np.ndarray) -> None:
    """Withhold more cells of the groups whose total would tell too much. Changes `hidden`."""
    _, number = np.unique(group, return_inverse=True)
    cells = np.bincount(number, weights=hidden)
    people = np.bincount(number, weights=hidden * persons)
    open_cells = np.bincount(number, weights=~hidden)
    telling = (cells > 0) & (open_cells > 0) & ((cells < 2) | (people < bound))
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
