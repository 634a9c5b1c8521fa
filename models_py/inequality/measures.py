"""Measures of inequality between units of unequal size: Gini, Theil, Atkinson, concentration index.

Belongs here: the formulas, each on arrays of shares whose last axis are the units, so that one and the same formula
makes a figure, its jackknife and its bootstrap (intervals.py). A unit may have no basis in a draw; it then has no
resource either. Does not belong here: curves (curves.py), change (change.py).

Sources: Gini and Theil as in the health-services literature (Jin et al. 2015, Iran J Public Health 44(4)); Theil and its
groups: Theil 1967, Economics and Information Theory; Atkinson 1970, J Econ Theory 2; concentration index with ranks of
unequal units: O'Donnell et al. 2008, Analyzing Health Equity Using Household Survey Data, chapter 8.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.inequality.shares import Groups, InequalityError, Shares, Values, group_codes, numbers_of, shares

# From shares of the basis and of the resource (draws x units) to a value for each draw.
Formula = Callable[[np.ndarray, np.ndarray], np.ndarray]
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
    """Theil index and its parts: total, within and between `groups`; total = within + between, exactly.

    L = sum p ln(p / q), p and q shares of basis and resource (mean log deviation); T = sum q ln(q / p). `base`: of the
    logarithm, e or 10, which changes every number by a factor of 2.3026. Without groups nothing is between.
    Raises InequalityError as `shares`, and for L where a unit has none of the resource, whose logarithm is not defined.
    """
    held, scale = shares(resource, basis), _scale(base)
    total = _value(theil_formula(held, index), held)
    between = 0.0
    if groups is not None and len(set(group_codes(groups, resource)[1])) > 1:
        among = shares(resource, basis, groups)
        between = _value(theil_formula(among, index), among)
    return {"total": total / scale, "within": (total - between) / scale, "between": between / scale}


def theil_by_group(
    resource: Values, basis: Values | None, groups: Groups, *, index: Index = "L", base: Base = "e"
) -> pd.DataFrame:
    """The contributions of groups to a Theil index, one row each.

    Columns: n, basis_share, resource_share, theil (inside the group), within (its contribution: its share times its
    index), between (its term of the sum over groups). The sums of within and between add up to the total of `theil`,
    in logarithms of `base`. Raises InequalityError as `theil`.
    """
    held, scale = shares(resource, basis), _scale(base)
    theil_formula(held, index)  # refuses a unit without any of the resource
    codes, names = group_codes(groups, resource)
    rows = []
    for code, _ in enumerate(names):
        p, q = held.basis[codes == code], held.resource[codes == code]
        own, share = _inside(p, q, index), (p.sum() if index == "L" else q.sum())
        among = _terms(p.sum(), q.sum(), index)
        rows.append((len(p), p.sum(), q.sum(), own / scale, share * own / scale, float(among) / scale))
    columns = ["n", "basis_share", "resource_share", "theil", "within", "between"]
    return pd.DataFrame(rows, columns=columns, index=pd.Index(names, name="group"))


def atkinson(resource: Values, basis: Values | None = None, *, epsilon: float = 0.5) -> float:
    """Atkinson index, 0 to 1: 1 - (sum p (q / p)^(1 - e))^(1 / (1 - e)), and 1 - exp(-L) for an aversion e of 1.

    With an aversion of 1 or more it is 1 as soon as one unit has nothing. Raises InequalityError as `shares`, and for
    an aversion that is not positive.
    """
    held = shares(resource, basis)
    return _value(atkinson_formula(epsilon), held)


def concentration_index(resource: Values, basis: Values | None, ranked_by: Values) -> float:
    """Concentration index, -1 to 1: 2 sum q R - 1, R the fraction of the basis in units ranked lower by `ranked_by`,
    plus half the unit's own; units of one rank share its middle. Below zero where low ranks hold more than their share.

    Raises InequalityError as `shares`.
    """
    held = shares(resource, basis)
    return _value(concentration_formula(numbers_of(ranked_by, resource, "ranked_by")), held)


def gini_formula(held: Shares) -> Formula:
    """The Gini coefficient in the order that units have by their ratio: leaving units out does not change it."""
    return concentration_formula(held.ratio, lowest=0.0)


def theil_formula(held: Shares, index: Index) -> Formula:
    """Theil's L or T, in natural logarithms. Raises InequalityError as `theil`."""
    refuse((index not in ("L", "T"), f"index must be L or T, found {index!r}"), error=InequalityError)
    without = [str(unit) for unit in held.units[held.resource == 0]]
    refuse(
        (index == "L" and without, f"Theil's L is not defined where a unit has none: {', '.join(without)}; T is"),
        error=InequalityError,
    )
    return partial(_theil, index=index)


def atkinson_formula(epsilon: float) -> Formula:
    """The Atkinson index with an aversion to inequality of `epsilon`. Raises InequalityError as `atkinson`."""
    refuse(
        (not (epsilon > 0 and math.isfinite(epsilon)), f"epsilon must be above zero, found {epsilon}"),
        error=InequalityError,
    )
    return partial(_atkinson, epsilon=epsilon)


def concentration_formula(ranked_by: np.ndarray, lowest: float = -1.0) -> Formula:
    """The concentration index over ranks of `ranked_by`; rounding never takes it below `lowest`."""
    _, ranks = np.unique(ranked_by, return_inverse=True)
    members = np.eye(ranks.max() + 1)[ranks]

    def formula(p: np.ndarray, q: np.ndarray) -> np.ndarray:
        tied = p @ members
        middle = np.cumsum(tied, axis=-1) - tied / 2
        # Differences from the basis: equal shares give zero without rounding.
        found = 2 * (((q - p) @ members) * middle).sum(axis=-1)
        return np.maximum(found, lowest)

    return formula


def _theil(p: np.ndarray, q: np.ndarray, index: Index) -> np.ndarray:
    found: np.ndarray = _terms(p, q, index).sum(axis=-1)
    # Rounding of terms that cancel is the only way below zero.
    return np.maximum(found, 0.0)


def _terms(p: np.ndarray | float, q: np.ndarray | float, index: Index) -> np.ndarray:
    """p ln(p / q) or q ln(q / p), zero where a unit is not there, or, in T, has nothing."""
    one, other = np.broadcast_arrays(*((p, q) if index == "L" else (q, p)))
    there = one > 0
    ratio = np.divide(one, other, out=np.ones(one.shape), where=there)
    return one * np.log(ratio)


def _inside(p: np.ndarray, q: np.ndarray, index: Index) -> float:
    """The index of one group among its own units; a group that has nothing is equal inside."""
    return 0.0 if not q.sum() > 0 else float(_theil(p / p.sum(), q / q.sum(), index))


def _atkinson(p: np.ndarray, q: np.ndarray, epsilon: float) -> np.ndarray:
    there = p > 0
    ratio = np.divide(q, p, out=np.ones(p.shape), where=there)
    with np.errstate(divide="ignore"):
        if epsilon == 1:
            return 1 - np.exp((p * np.where(there, np.log(ratio), 0.0)).sum(axis=-1))
        mean = (p * np.where(there, ratio ** (1 - epsilon), 0.0)).sum(axis=-1)
        return np.maximum(1 - mean ** (1 / (1 - epsilon)), 0.0)


def _scale(base: Base) -> float:
    """By how much natural logarithms are divided. Raises InequalityError."""
    found: Mapping[object, float] = {"e": 1.0, "10": math.log(10), 10: math.log(10)}
    refuse((base not in found, f"base must be e or 10, found {base!r}"), error=InequalityError)
    return found[base]


def _value(formula: Formula, held: Shares) -> float:
    return float(formula(held.basis, held.resource))
