"""How far the ranks of a composite index hang on which indicators it is made of and what they weigh.

Belongs here: drawing weights, and what becomes of ranks under them. Does not belong here: the formula of the index
(given as a function) and the weights of the study (coupling.py).

After Saisana, Saltelli and Tarantola (2005, JRSS A 168): an index is shown with the ranks it would give had its makers
chosen otherwise. The intervals are no confidence intervals: nothing is sampled from a population.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from catalog.base import refuse
from models_py.indices.standardised import IndexDataError

Resampled = Literal["indicators", "weights", "both"]
KINDS: tuple[Resampled, ...] = ("indicators", "weights", "both")
# What lies outside on each side.
_TAIL = 2.5


@dataclass(frozen=True)
class RankRange:
    """Ranks of n places, 1 the highest index: the own rank, and median, 2.5 and 97.5 percentile over the draws; index
    likewise. All: one value per place.
    """

    rank: np.ndarray
    rank_median: np.ndarray
    rank_low: np.ndarray
    rank_high: np.ndarray
    index: np.ndarray
    index_low: np.ndarray
    index_high: np.ndarray


def drawn_weights(weights: np.ndarray, kind: Resampled, draws: int, rng: np.random.Generator) -> np.ndarray:
    """draws x K weights, each row summing to 1.

    `weights`: of the K indicators of one system. indicators: K are drawn with replacement and keep their weights, once
    for each time they are drawn. weights: uniform on the simplex, Dirichlet(1, ..., 1). both: Dirichlet with the number
    of times an indicator was drawn, 0 for one that was not. Raises IndexDataError for weights that are not shares.
    """
    refuse(
        (bool((weights < 0).any()) or not np.isclose(weights.sum(), 1), "weights are not shares that add up to 1"),
        error=IndexDataError,
    )
    count = len(weights)
    if kind == "weights":
        return rng.dirichlet(np.ones(count), draws)
    times = rng.multinomial(count, np.full(count, 1 / count), draws)
    drawn = times * weights if kind == "indicators" else rng.gamma(times)
    total = drawn.sum(axis=1, keepdims=True)
    # Drawn were only indicators that weigh nothing: the study's own weights.
    return np.where(total > 0, drawn / np.where(total > 0, total, 1), weights)


def drawn_index(
    values: Sequence[np.ndarray],
    weights: Sequence[np.ndarray],
    index: Callable[..., np.ndarray],
    kind: Resampled,
    draws: int,
    seed: int,
) -> np.ndarray:
    """rows x draws: the index when the weights of each system are drawn anew, independently of one another.

    `values`: of each system, rows x indicators, from 0, worst, to 1, best. `weights`: of the study, one array for each
    system. `index`: from the systems' values (rows x draws, one array for each system) to the index. Raises
    IndexDataError for weights that are not shares.
    """
    rng = np.random.default_rng(seed)
    return index(*(x @ drawn_weights(w, kind, draws, rng).T for x, w in zip(values, weights, strict=True)))


def rank_range(own: np.ndarray, drawn: np.ndarray) -> RankRange:
    """Ranks of n places. `own`: n values of the index; `drawn`: n x draws."""
    low, median, high = np.percentile(_ranks(drawn), (_TAIL, 50, 100 - _TAIL), axis=1)
    index_low, index_high = np.percentile(drawn, (_TAIL, 100 - _TAIL), axis=1)
    return RankRange(_ranks(own[:, None])[:, 0], median, low, high, own, index_low, index_high)


def _ranks(index: np.ndarray) -> np.ndarray:
    """Ranks within each column, 1 the highest; equal ones share the best."""
    ordered = np.sort(-index, axis=0)
    return np.column_stack([np.searchsorted(ordered[:, draw], -index[:, draw]) + 1 for draw in range(index.shape[1])])
