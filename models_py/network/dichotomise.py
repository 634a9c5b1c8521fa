"""When a flow is a tie: for every ordered pair the least flow that makes one.

Belongs here: the thresholds, as the flow that must be reached. Does not belong here: pairs a list does not name
(censoring.py). Flows are square arrays of origins by destinations, NaN where no list names the pair; the diagonal is
not looked at.
"""

import numpy as np

# A flow of any size, but not zero.
ANYTHING = float(np.nextafter(0.0, 1.0))
NEVER = np.inf


def least_flows(flows: np.ndarray, kind: str, value: float | None = None) -> np.ndarray:
    """The least flow that makes a tie, of the shape of `flows`; NEVER where none does.

    `kind`: any; positive_mean; global_mean (unlisted pairs count as zero); quantile `value` of the positive flows;
    top_k: the `value` largest of each origin, and whatever equals the last of them; disparity: the backbone of Serrano,
    Boguñá and Vespignani (2009) at level `value`, significant seen from either end. Raises ValueError for another kind.
    """
    known = _without_loops(flows)
    positive = known[known > 0]
    if kind == "top_k":
        return _largest_of_each(known, int(value or 0))
    if kind == "disparity":
        return np.minimum(_backbone(known, value or 0.0), _backbone(known.T, value or 0.0).T)
    if kind == "any" or not len(positive):
        return np.full(flows.shape, ANYTHING if kind == "any" else NEVER)
    if kind == "positive_mean":
        least = positive.mean()
    elif kind == "global_mean":
        least = positive.sum() / (known.size - len(known))
    elif kind == "quantile":
        least = np.quantile(positive, value or 0.0)
    else:
        raise ValueError(f"no threshold is called {kind!r}")
    return np.full(flows.shape, float(least))


def _without_loops(flows: np.ndarray) -> np.ndarray:
    """The flows, zero where a pair is unlisted and on the diagonal."""
    known = np.nan_to_num(np.asarray(flows, dtype=float))
    np.fill_diagonal(known, 0.0)
    return known


def _largest_of_each(known: np.ndarray, count: int) -> np.ndarray:
    """The flow in place `count` of each origin; anything where an origin has fewer."""
    ordered = -np.sort(-known, axis=1)
    last = ordered[:, min(count, known.shape[1]) - 1]
    return np.broadcast_to(np.where(last > 0, last, ANYTHING)[:, None], known.shape)


def _backbone(known: np.ndarray, level: float) -> np.ndarray:
    """Seen from the origins: flows above s (1 - level^(1/(k-1))) are significant, s being the strength of an origin and
    k the number of its partners. One partner alone never is.
    """
    strength, partners = known.sum(axis=1), (known > 0).sum(axis=1)
    several = partners > 1
    critical = np.full(len(known), NEVER)
    critical[several] = strength[several] * (1 - level ** (1 / (partners[several] - 1)))
    return np.broadcast_to(np.nextafter(critical, NEVER)[:, None], known.shape)
