"""What is known of pairs that no list names: services print only the largest partners of a place.

Belongs here: the bound on unlisted flows and the state of every ordered pair. Does not belong here: where the threshold
lies (dichotomise.py), reading lists.

An unlisted flow is at most the smallest entry of the origin's full list of departures and of the destination's full
list of arrivals, and zero where such a list is not full. Where the bound lies below the least flow that makes a tie,
there is none; otherwise, and where neither place has a list, nobody knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

UNBOUNDED = np.inf


@dataclass(frozen=True)
class Dyads:
    """Square boolean arrays of origins by destinations, false on the diagonal.

    `listed`: some list names the pair. `tie`: it is known to be a tie. `unknown`: whether it is one is not known.
    What is neither is known to be none.
    """

    listed: np.ndarray
    tie: np.ndarray
    unknown: np.ndarray

    @property
    def pairs(self) -> int:
        """Ordered pairs."""
        return self.tie.size - len(self.tie)

    @property
    def observed(self) -> int:
        """Pairs whose state is known."""
        return self.pairs - int(self.unknown.sum())


def list_bounds(lists: pd.DataFrame, direction: str, codes: Sequence[int], periods: int) -> np.ndarray:
    """For each place the most that a partner missing from its lists may have; UNBOUNDED where no list says.

    `lists`: direction, city_code, lists, full_lists, partners, smallest_flow of one network. A list of which no row
    was loaded is none. In a network of several periods only lists that were never full bound the sum; a place must
    have a list in every period.
    """
    own = lists[(lists["direction"] == direction) & (lists["partners"] > 0)]
    found = dict.fromkeys(codes, UNBOUNDED)
    for code, rows in own.groupby("city_code"):
        full, whole = bool((rows["full_lists"] > 0).any()), int(rows["lists"].sum()) >= periods
        if whole and not full:
            found[int(str(code))] = 0.0
        elif whole and periods == 1:
            found[int(str(code))] = float(rows["smallest_flow"].max())
    return np.array([found[code] for code in codes])


def unlisted_bounds(departures: np.ndarray, arrivals: np.ndarray) -> np.ndarray:
    """The most an unlisted flow can be, by pair, from the bounds of origins and of destinations."""
    return np.minimum(departures[:, None], arrivals[None, :])


def dyads(flows: np.ndarray, least: np.ndarray, bounds: np.ndarray, partial: np.ndarray | None = None) -> Dyads:
    """The state of every pair. `flows`: NaN where unlisted; `least`: what makes a tie; `bounds` of unlisted flows.

    `partial`: pairs unlisted in some period although a list was full; their flow is at least the one given.
    """
    apart = ~np.eye(len(flows), dtype=bool)
    listed = ~np.isnan(flows) & apart
    tie = listed & (np.nan_to_num(flows) >= least)
    may_be = ~listed & (bounds >= least) & np.isfinite(least)
    if partial is not None:
        may_be |= listed & partial & ~tie
    return Dyads(listed, tie, may_be & apart)
