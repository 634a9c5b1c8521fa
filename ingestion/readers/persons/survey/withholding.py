"""Which cells of a table of persons are withheld so that no published figure describes a handful of them.

Belongs here: choosing the cells, as arrays. Does not belong here: counting respondents, and what is said of the
withheld (cmds_survey.py).

Cells below the bound are withheld, and further ones because whoever knows a total could subtract the published cells
from it. Totals are assumed known of every origin, every destination and the whole of each network, and of a network of
counties also of each pair of prefectures, which is an edge of the other network. Two rules hold for them:
- of the cells of one total none is withheld, or at least two with the bound's number of respondents together;
- no withheld cell follows from the totals taken together, unless it would follow from the totals alone, with every cell
  withheld: where a place has only one edge, nothing hides that edge but that the place's total is not published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg.lapack import dpstrf

# The number of a cell's group where it belongs to none.
NONE = -1
# Far below the share of any cell that totals leave open (1 / cells of a cycle), far above what rounding adds.
_EXACT = 1e-7


@dataclass(frozen=True)
class Counted:
    """The edges of one network between two units: columns origin, destination, persons, block (a pair of prefectures).

    counties: units are counties, so that an edge is a part of its block; otherwise it is the block.
    """

    edges: pd.DataFrame
    counties: bool


def withheld(networks: Sequence[Counted], bound: int) -> list[np.ndarray]:
    """Of each network which edges are withheld (bool). An edge of several networks is withheld in all or none.

    Nothing is published of the counties of two prefectures whose own edge is withheld.
    """
    if bound < 2:
        return [np.zeros(len(one.edges), dtype=bool) for one in networks]
    between = [_blocks(one) for one in networks]
    hidden = _hidden_edges(between, bound, None)
    shown = [_key(part) for part, one in zip(between, networks, strict=True) if not one.counties]
    own = hidden[hidden.isin(np.concatenate(shown))] if shown else hidden[:0]
    within = [own[:0]]
    # A network of counties lies in one province, and what is known of one tells nothing of another.
    counties = [one.edges for one in networks if one.counties and len(one.edges)]
    for province in sorted({int(edges["origin"].iloc[0]) // 10**4 for edges in counties}):
        here = [edges for edges in counties if edges["origin"].iloc[0] // 10**4 == province]
        within.append(_hidden_edges(here, bound, own))
    gone = pd.concat(within)
    return [_key(one.edges).isin(gone if one.counties else hidden).to_numpy() for one in networks]


def _blocks(one: Counted) -> pd.DataFrame:
    """A network as edges between prefectures; of counties, the sums of those in different prefectures."""
    if not one.counties:
        return one.edges
    summed = one.edges.groupby("block", as_index=False)["persons"].sum()
    origin, destination = summed["block"] // 10**6, summed["block"] % 10**6
    return summed.assign(origin=origin, destination=destination)[origin != destination]


def _key(edges: pd.DataFrame) -> pd.Series:
    return edges["origin"].astype(np.int64) * 10**6 + edges["destination"]


def _hidden_edges(networks: Sequence[pd.DataFrame], bound: int, doomed: pd.Series | None) -> pd.Series:
    """Keys of the edges withheld in networks of one level. `doomed`: blocks withheld whole; None: edges are blocks."""
    cells = pd.concat(networks, ignore_index=True)
    cells = cells.assign(key=_key(cells)).drop_duplicates("key").sort_values("key", ignore_index=True)
    groups = [] if doomed is None else [_numbers(cells["block"], ~cells["block"].isin(doomed))]
    for network in networks:
        member = cells["key"].isin(_key(network))
        groups += [_numbers(cells[end], member) for end in ("origin", "destination")]
        groups.append(np.where(member, 0, NONE))
    seed = None if doomed is None else cells["block"].isin(doomed).to_numpy()
    return cells["key"][withhold(cells["persons"].to_numpy(), groups, bound, seed)]


def _numbers(names: pd.Series, member: pd.Series) -> np.ndarray:
    return np.where(member, pd.factorize(names)[0], NONE)


def withhold(
    persons: np.ndarray, groups: Sequence[np.ndarray], bound: int, seed: np.ndarray | None = None
) -> np.ndarray:
    """Which cells are withheld (bool, one per cell); equally small cells are taken in their order.

    persons: respondents of each cell. groups: for each kind of known total the group of each cell, NONE for none.
    bound: cells of fewer respondents are small; 0 or 1 withholds nothing. seed: cells withheld for other reasons.
    """
    hidden = persons < bound if seed is None else (persons < bound) | seed
    if bound < 2 or not hidden.any():
        return hidden
    totals = _Totals.of(groups)
    while True:
        before = NONE
        while before < hidden.sum():
            before = hidden.sum()
            for group in groups:
                _complete(persons, group, bound, hidden)
        if not _cover(persons, totals, hidden):
            return hidden


def follows(hidden: np.ndarray, groups: Sequence[np.ndarray]) -> np.ndarray:
    """Which withheld cells follow from the published cells and all totals (bool, one per cell)."""
    return _Totals.of(groups).telling(hidden)


def _complete(persons: np.ndarray, group: np.ndarray, bound: int, hidden: np.ndarray) -> None:
    """Withhold more cells of the groups whose total would tell too much. Changes `hidden`."""
    inside = np.flatnonzero(group != NONE)
    _, number = np.unique(group[inside], return_inverse=True)
    gone = hidden[inside]
    cells = np.bincount(number, weights=gone)
    people = np.bincount(number, weights=gone * persons[inside])
    telling = (cells > 0) & (np.bincount(number, weights=~gone) > 0) & ((cells < 2) | (people < bound))
    # From the smallest on; a stable sort keeps the order of equal ones.
    for place in np.argsort(persons[inside], kind="stable"):
        own, cell = number[place], inside[place]
        if telling[own] and not hidden[cell]:
            hidden[cell] = True
            cells[own] += 1
            people[own] += persons[cell]
            telling[own] = cells[own] < 2 or people[own] < bound


def _cover(persons: np.ndarray, totals: _Totals, hidden: np.ndarray) -> bool:
    """Withhold one more cell for each that follows from the totals and need not; False if none does.

    Changes `hidden`.
    """
    solved = totals.solved(hidden)
    told = totals.telling(hidden, solved)
    if told.any():  # those that follow from the totals alone are beyond help
        told &= ~totals.telling(np.ones(len(persons), dtype=bool))
    others = np.flatnonzero(~hidden)
    for cell in np.flatnonzero(told).tolist():
        frees = totals.frees(others, cell, solved)
        chosen = hidden[others]
        if not (frees & chosen).any():  # one withheld for an earlier cell may do
            # What would free this cell; else what shares a total with it, until something does; else anything.
            ranks = np.where(frees, 0, np.where(totals.share(others, cell), 1, 2)) + 3 * chosen
            hidden[others[np.lexsort((persons[others], ranks))[0]]] = True
    return bool(told.any())


@dataclass(frozen=True)
class _Totals:
    """Known totals as linear equations: `member` has a row per cell, the numbers of the totals it counts in.

    The last number stands for no total. A cell x follows from the equations A x = b if and only if its unit vector lies
    in their row space, that is if its leverage a' (A A')⁻ a is 1.
    """

    member: np.ndarray
    size: int

    @classmethod
    def of(cls, groups: Sequence[np.ndarray]) -> _Totals:
        parts, size = [], 0
        for group in groups:
            names, number = np.unique(group, return_inverse=True)
            parts.append(np.where(group == NONE, NONE, number + size))
            size += len(names)
        member = np.stack(parts, axis=1)
        return cls(np.where(member == NONE, size, member), size)

    def telling(self, hidden: np.ndarray, solved: _Solved | None = None) -> np.ndarray:
        """Which of the hidden cells follow."""
        inverse = (solved or self.solved(hidden)).inverse
        return hidden & (_form(inverse, self.member, self.member) > 1 - _EXACT)

    def frees(self, others: np.ndarray, cell: int, solved: _Solved) -> np.ndarray:
        """Which of the others, withheld as well, would make that the cell no longer follows."""
        theirs, own = self.member[others], self.member[[cell]]
        inside = np.abs(solved.outside[theirs].sum(axis=1)) < _EXACT
        return inside & (np.abs(_form(solved.inverse, theirs, own)) > _EXACT)

    def share(self, others: np.ndarray, cell: int) -> np.ndarray:
        """Which of the others count in an origin's, a destination's or a block's total that the cell counts in."""
        theirs, own = self.member[others], self.member[cell]
        whole = np.bincount(self.member.ravel(), minlength=self.size + 1) == len(self.member)
        return ((theirs == own) & (own < self.size) & ~whole[own]).any(axis=1)

    def solved(self, hidden: np.ndarray) -> _Solved:
        """The equations of the hidden cells."""
        gram = np.zeros((self.size + 1, self.size + 1))
        rows = self.member[hidden]
        np.add.at(gram, (rows[:, :, None], rows[:, None, :]), 1.0)
        # Pivots tell which equations say something new.
        _, order, rank, _ = dpstrf(gram[:-1, :-1], tol=1e-6)
        basis, rest = np.sort(order[:rank] - 1), np.sort(order[rank:] - 1)
        inverse, outside = np.zeros_like(gram), np.zeros(self.size + 1)
        inverse[np.ix_(basis, basis)] = np.linalg.inv(gram[np.ix_(basis, basis)])
        outside[rest] = np.random.default_rng(0).uniform(1, 2, len(rest))
        outside[basis] = -inverse[np.ix_(basis, basis)] @ gram[np.ix_(basis, rest)] @ outside[rest]
        return _Solved(inverse, outside)


@dataclass(frozen=True)
class _Solved:
    """inverse: of A A', on equations that say what all the others say; 0 elsewhere.

    outside: a vector at right angles to every column of A; drawn, so that it is so to no other column.
    """

    inverse: np.ndarray
    outside: np.ndarray


def _form(matrix: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """a' M b for each row a of `left` and b of `right`, or its only one."""
    return matrix[left[:, :, None], right[:, None, :]].sum(axis=(1, 2))
