"""The change of a Gini coefficient between two dates, taken apart by cause and by unit.

Belongs here: the decomposition. Does not belong here: which dates a study compares (parts/inequality).

G = 2 sum q R - 1, q a unit's share of the resource, R the share of the basis ranked below it and half its own, ranks
by resource per basis. Three things change it: who ranks where (re-ranking), the shares of the basis, the shares of the
resource. Re-ranking is G less the concentration index over the ranks of the first date (Jenkins and Van Kerm 2006,
Oxford Economic Papers 58); the rest is linear in either share with the other at the mean of both dates, so that the
three add up exactly and no order of steps is preferred. Shares add up to 1, so a unit's terms are taken against the
middle of the distribution: a unit that gains share above the middle raises G.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.inequality.shares import InequalityError, Shares


@dataclass(frozen=True)
class GiniChange:
    """`total` = reranking + basis + resource. `by_unit`: unit, reranking, basis, resource; each column adds up to its
    cause.
    """

    total: float
    reranking: float
    basis: float
    resource: float
    by_unit: pd.DataFrame


def gini_change(before: Shares, after: Shares) -> GiniChange:
    """The change from `before` to `after`. Raises InequalityError where these are not the same units in one order."""
    refuse((not before.units.equals(after.units), "both dates need the same units in one order"), error=InequalityError)
    p, q = before.basis, before.resource
    r, s = after.basis, after.resource
    then, now = _below(before.ratio), _below(after.ratio)
    rows = pd.DataFrame(
        {
            "unit": before.units,
            "reranking": 2 * (s - r) * ((now - then) @ r),
            "basis": 2 * (r - p) * (then.T @ ((q + s) / 2) - 0.5),
            "resource": 2 * (s - q) * (then @ ((p + r) / 2) - 0.5),
        }
    )
    causes = {name: float(rows[name].sum()) for name in ("reranking", "basis", "resource")}
    return GiniChange(sum(causes.values()), **causes, by_unit=rows)


def _below(ratio: np.ndarray) -> np.ndarray:
    """1 where the unit of the column ranks below that of the row, a half where both rank alike, but for rounding."""
    one, other = ratio[:, None], ratio[None, :]
    return (np.sign(one - other) * ~np.isclose(one, other, rtol=1e-12, atol=0) + 1) / 2
