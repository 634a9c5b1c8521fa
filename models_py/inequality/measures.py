"""Measures of inequality between units of unequal size: Gini, Theil, Atkinson, concentration index.

Belongs here: the formulas. Each is a function of how often every unit counts, so that one and the same formula makes a
figure (each unit once), its jackknife and its bootstrap (intervals.py). Does not belong here: curves (curves.py),
change (change.py).

Sources: Gini and Theil as in the health-services literature (Jin et al. 2015, Iran J Public Health 44(4)); Theil and
its groups: Theil 1967, Economics and Information Theory; Atkinson 1970, J Econ Theory 2; concentration index with ranks
of unequal units: O'Donnell et al. 2008, Analyzing Health Equity Using Household Survey Data, chapter 8.
"""

import math
from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.inequality.shares import Groups, InequalityError, Shares, Values, group_codes, numbers_of, shares

# From how often each unit counts (draws x units) to a value for each draw.
Formula = Callable[[np.ndarray], np.ndarray]
Index = Literal["L", "T"]
Base = Literal["e", "10"] | int


def gini(
    resource: Values, basis: Values | None = None, groups: Groups | None = None, *, corrected: bool = False
) -> float:
    """Gini coefficient, 0 (equal per unit of basis) to 1: 1 - sum (Q_i + Q_i-1)(P_i - P_i-1), units sorted by resource
    per basis, P and Q cumulative shares of basis and resource.

    `groups`: units are added up to groups first. `corrected` multiplies by n / (n - 1): asked for, never by default.
    Raises InequalityError as `shares`.
    """
    held = shares(resource, basis, groups)
    n = len(held.units)
    return _value(gini_formula(held), held) * (n / (n - 1) if corrected else 1.0)


def theil(
    resource: Values,
    basis: Values | None = None,
    groups: Groups | None = None,
    *,
    index: Index = "L",
    base: Base = "e",
) -> dict[str, float]:
    """Theil index and its parts: total, within and between `groups`; total = within + between, neither below zero.

    L = sum p ln(p / q), p and q shares of basis and resource (mean log deviation); T = sum q ln(q / p). `base`: of the
    logarithm, e or 10, which changes every number by a factor of 2.3026. Without groups nothing is between.
    Raises InequalityError as `shares`, and for L where a unit has none of the resource, whose logarithm is not defined.
    """
    held = shares(resource, basis)
    total, between = _value(theil_formula(held, index, base), held), 0.0
    if groups is not None and len(group_codes(groups, resource)[1]) > 1:
        among = shares(resource, basis, groups)
        # Rounding is the only way above the total.
        between = min(_value(theil_formula(among, index, base), among), total)
    return {"total": total, "within": total - between, "between": between}


def theil_by_group(
    resource: Values, basis: Values | None, groups: Groups, *, index: Index = "L", base: Base = "e"
) -> pd.DataFrame:
    """The contributions of groups to a Theil index, one row each.

    Columns: n, basis_share, resource_share, theil (inside the group), within (its contribution: its share times its
    index), between (its term of the sum over groups). The sums of within and between add up to the total of `theil`,
    in logarithms of `base`. Raises InequalityError as `theil`.
    """
    held, scale = shares(resource, basis), _scale(base)
    theil_formula(held, index)  # refuses what it is not defined for
    codes, names = group_codes(groups, resource)
    rows = []
    for code, _ in enumerate(names):
        mine = codes == code
        p, q = float(held.basis[mine].sum()), float(held.resource[mine].sum())
        # One unit is equal to itself, and so are units that all have nothing.
        own = Shares(held.units[mine], held.resource[mine] / (q or 1), held.basis[mine] / p)
        inside = _value(theil_formula(own, index, base), own) if q > 0 else 0.0
        share = p if index == "L" else q
        rows.append((int(mine.sum()), p, q, inside, share * inside, _term(p, q, index) / scale))
    columns = ["n", "basis_share", "resource_share", "theil", "within", "between"]
    return pd.DataFrame(rows, columns=columns, index=pd.Index(names, name="group"))


def atkinson(resource: Values, basis: Values | None = None, *, epsilon: float = 0.5) -> float:
    """Atkinson index, 0 to 1: 1 - (sum p (q / p)^(1 - e))^(1 / (1 - e)), and 1 - exp(-L) for an aversion e of 1.

    With an aversion of 1 or more it is 1 as soon as one unit has nothing. Raises InequalityError as `shares`, and for
    an aversion that is not positive.
    """
    held = shares(resource, basis)
    return _value(atkinson_formula(held, epsilon), held)


def concentration_index(resource: Values, basis: Values | None, ranked_by: Values) -> float:
    """Concentration index, -1 to 1: 2 sum q R - 1, R the fraction of the basis in units ranked lower by `ranked_by`,
    plus half the unit's own; units of one rank share its middle. Below zero where low ranks hold more than their share.

    Raises InequalityError as `shares`.
    """
    held = shares(resource, basis)
    return _value(concentration_formula(held, numbers_of(ranked_by, resource, "ranked_by")), held)


def gini_formula(held: Shares) -> Formula:
    """The Gini coefficient: the concentration index over the units' own ratio."""
    return concentration_formula(held, held.ratio, lowest=0.0)


def theil_formula(held: Shares, index: Index, base: Base = "e") -> Formula:
    """Theil's L or T: with r the ratio and m its mean, L = ln m - mean(ln r), T = mean(r ln r) / m - ln m.

    Raises InequalityError as `theil`.
    """
    without = [str(unit) for unit in held.units[held.resource == 0]]
    refuse(
        (index not in ("L", "T"), f"index must be L or T, found {index!r}"),
        (index == "L" and without, f"Theil's L is not defined where a unit has none: {', '.join(without)}; T is"),
        error=InequalityError,
    )
    ratio, scale = held.ratio, _scale(base)
    log = np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0)

    def formula(times: np.ndarray) -> np.ndarray:
        p = _weights(times, held.basis)
        mean = p @ ratio
        found = np.log(mean) - p @ log if index == "L" else p @ (ratio * log) / mean - np.log(mean)
        # Rounding of terms that cancel is the only way below zero.
        return np.maximum(found, 0.0) / scale

    return formula


def atkinson_formula(held: Shares, epsilon: float) -> Formula:
    """The Atkinson index with an aversion to inequality of `epsilon`. Raises InequalityError as `atkinson`."""
    refuse(
        (not (epsilon > 0 and math.isfinite(epsilon)), f"epsilon must be above zero, found {epsilon}"),
        error=InequalityError,
    )
    from scipy.special import logsumexp

    ratio, power = held.ratio, 1 - epsilon
    none = ratio == 0
    log = np.log(ratio, where=~none, out=np.zeros_like(ratio))

    def formula(times: np.ndarray) -> np.ndarray:
        p = _weights(times, held.basis)
        # By logarithms, because powers of a high aversion overflow.
        level = np.exp(p @ log if epsilon == 1 else logsumexp(power * log, axis=-1, b=p * ~none) / power)
        # With an aversion of 1 or more nothing makes up for a unit that has none.
        level = np.where((epsilon >= 1) & (p @ none > 0), 0.0, level)
        return np.maximum(1 - level / (p @ ratio), 0.0)

    return formula


def concentration_formula(held: Shares, ranked_by: np.ndarray, lowest: float = -1.0) -> Formula:
    """The concentration index over ranks of `ranked_by`; rounding never takes it below `lowest`."""
    order, ratio = np.argsort(ranked_by, kind="stable"), held.ratio
    # Where a rank begins among the sorted units.
    first = np.flatnonzero(np.diff(ranked_by[order], prepend=np.nan) != 0)

    def formula(times: np.ndarray) -> np.ndarray:
        p = _weights(times, held.basis)
        q = p * ratio / (p @ ratio)[..., None]
        tied, gap = (np.add.reduceat(share[..., order], first, axis=-1) for share in (p, q - p))
        middle = np.cumsum(tied, axis=-1) - tied / 2
        # Less the basis: equal shares give zero without rounding.
        return np.maximum(2 * (gap * middle).sum(axis=-1), lowest)

    return formula


def once(held: Shares) -> np.ndarray:
    """Each unit once."""
    return np.ones(len(held.units))


def _weights(times: np.ndarray, basis: np.ndarray) -> np.ndarray:
    counted = times * basis
    return counted / counted.sum(axis=-1, keepdims=True)


def _term(p: float, q: float, index: Index) -> float:
    """A group's term between groups: p ln(p / q), or q ln(q / p)."""
    one, other = (p, q) if index == "L" else (q, p)
    return one * math.log(one / other) if one > 0 else 0.0


def _scale(base: Base) -> float:
    """By how much natural logarithms are divided. Raises InequalityError."""
    found: Mapping[object, float] = {"e": 1.0, "10": math.log(10), 10: math.log(10)}
    refuse((base not in found, f"base must be e or 10, found {base!r}"), error=InequalityError)
    return found[base]


def _value(formula: Formula, held: Shares) -> float:
    return float(formula(once(held)))
