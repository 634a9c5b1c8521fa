"""Measures of inequality from one table of units: Gini, Theil, Atkinson, concentration index.

`units`: group_name, year, ranked_by, a column for each resource and each basis.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd


def compute(data: Mapping[str, pd.DataFrame], lists: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Every measure of every resource over every basis in every year."""
    found = []
    for resource in lists["resources"]:
        for basis in lists["bases"]:
            # Units without resource or basis in a year are left out of that year.
            known = data["units"].dropna(subset=[resource, basis])
            for year, one in known.groupby("year"):
                rows = pd.concat([whole(one, resource, basis, lists), by_group(one, resource, basis, lists)])
                found.append(rows.assign(resource=resource, basis=basis, year=year))
    return pd.concat(found, ignore_index=True)


def whole(one: pd.DataFrame, resource: str, basis: str, lists: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Measures of all units together; p and q are shares of basis and resource."""
    p = (one[basis] / one[basis].sum()).to_numpy()
    q = (one[resource] / one[resource].sum()).to_numpy()
    group = one["group_name"].astype(str).to_numpy()
    values = {"n": float(len(one)), "gini": gini(p, q)}
    values["theil"] = theil(p, q, "L")
    groups = [(p[group == name], q[group == name]) for name in np.unique(group)]
    values["theil_within"] = sum(a.sum() * theil(a, b, "L") for a, b in groups)
    values["theil_between"] = sum(term(a.sum(), b.sum(), "L") for a, b in groups)
    scale = np.log(10) if lists["log_base"][0] == "10" else 1.0
    values |= {f"theil_{form.lower()}": theil(p, q, form) / scale for form in ("L", "T")}
    values |= {f"atkinson_{aversion:g}": atkinson(p, q, aversion) for aversion in lists["aversions"]}
    values["concentration"] = concentration(p, q, one["ranked_by"].to_numpy())
    return pd.DataFrame({"group_name": "all", "measure": list(values), "value": list(values.values())})


def by_group(one: pd.DataFrame, resource: str, basis: str, lists: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Of each group: the Theil index inside it, and its contributions within and between groups."""
    p, q, form = one[basis] / one[basis].sum(), one[resource] / one[resource].sum(), lists["form"][0]
    scale = np.log(10) if lists["log_base"][0] == "10" else 1.0
    rows = []
    for name, units in one.groupby("group_name"):
        a, b = p[units.index].to_numpy(), q[units.index].to_numpy()
        inside, share = theil(a, b, form), a.sum() if form == "L" else b.sum()
        values = {"group_theil": inside, "group_within": share * inside, "group_between": term(a.sum(), b.sum(), form)}
        rows += [(str(name), measure, value / scale) for measure, value in values.items()]
    return pd.DataFrame(rows, columns=["group_name", "measure", "value"])


def gini(p: np.ndarray, q: np.ndarray) -> float:
    """1 - sum (Q_i + Q_i-1)(P_i - P_i-1), units sorted by resource per basis, P and Q cumulative."""
    order = np.argsort(q / p)
    upto = np.cumsum(q[order])
    return float(1 - ((upto + upto - q[order]) * p[order]).sum())


def theil(p: np.ndarray, q: np.ndarray, form: str) -> float:
    """L = sum p ln(p / q), T = sum q ln(q / p), of units that need not add up to 1."""
    return float(sum(term(a, b, form) for a, b in zip(p / p.sum(), q / (q.sum() or 1.0), strict=True)))


def term(p: float, q: float, form: str) -> float:
    """One term; without any of the resource T's is zero and L's is not defined."""
    if form == "T":
        return float(q * np.log(q / p)) if q > 0 else 0.0
    return float(p * np.log(p / q)) if q > 0 else np.nan


def atkinson(p: np.ndarray, q: np.ndarray, aversion: float) -> float:
    """1 - (sum p (q / p)^(1 - e))^(1 / (1 - e)); 1 - exp(-L) for an aversion of 1."""
    if aversion >= 1 and (q == 0).any():
        return 1.0
    if aversion == 1:
        return float(1 - np.exp(-theil(p, q, "L")))
    return float(1 - (p * (q / p) ** (1 - aversion)).sum() ** (1 / (1 - aversion)))


def concentration(p: np.ndarray, q: np.ndarray, rank: np.ndarray) -> float:
    """2 sum q R - 1, R the share of the basis in units ranked lower, plus half that of units of the same rank."""
    middle = np.array([p[rank < own].sum() + p[rank == own].sum() / 2 for own in rank])
    return float(2 * (q * middle).sum() - 1)
