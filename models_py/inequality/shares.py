"""Units as shares of a resource and of its basis, checked; every measure starts from these.

Belongs here: what a measure may be given, and the error for the rest. Does not belong here: any measure.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.panel import first_few

Values = Sequence[float] | np.ndarray | pd.Series
Groups = Sequence[Hashable] | np.ndarray | pd.Series
# Beside the largest; ratios of shares and their sums then stay well within floating point.
_SMALLEST = 1e-100


class InequalityError(ValueError):
    """The values have no such measure; the message names the units, or what is wrong with all of them."""


@dataclass(frozen=True)
class Shares:
    """`resource` and `basis`: each unit's share, both adding up to 1; `units`: their labels."""

    units: pd.Index
    resource: np.ndarray
    basis: np.ndarray

    @property
    def ratio(self) -> np.ndarray:
        """Resource per basis, the mean being 1."""
        return self.resource / self.basis


def shares(resource: Values, basis: Values | None = None, groups: Groups | None = None) -> Shares:
    """The shares of each unit; with `groups`, of each group, whose units are added up first.

    `resource`: amounts, not densities; `basis`: people or area of the same units, equal where not given. Two Series
    are matched by their labels. Raises InequalityError for fewer than two units, values that are absent, infinite or
    negative, a basis of zero, a resource that is zero everywhere, labels that do not match, and units so far apart in
    size that floating point cannot hold both.
    """
    amounts = _series(resource, "resource")
    sizes = _alike(pd.Series(1.0, amounts.index) if basis is None else basis, amounts, "basis")
    _require(amounts, "resource")
    _refuse_at(amounts, amounts < 0, "resource", "below zero")
    _require(sizes, "basis")
    _refuse_at(sizes, sizes <= 0, "basis", "zero or below")
    _refuse_lost(amounts, "resource")
    _refuse_lost(sizes, "basis")
    # The largest is divided out first, so that no sum can overflow.
    amounts, sizes = amounts / (amounts.max() or 1), sizes / sizes.max()
    if groups is not None:
        names = _group_names(groups, amounts)
        amounts, sizes = amounts.groupby(names).sum(), sizes.groupby(names).sum()
    refuse(
        (len(amounts) < 2, f"inequality needs at least two units, found {len(amounts)}"),
        (not amounts.sum() > 0, "the resource is zero everywhere, so there is nothing to share"),
        error=InequalityError,
    )
    return Shares(amounts.index, (amounts / amounts.sum()).to_numpy(), (sizes / sizes.sum()).to_numpy())


def group_codes(groups: Groups, resource: Values) -> tuple[np.ndarray, pd.Index]:
    """The number of each unit's group, and the groups' names, sorted. Raises InequalityError as `shares`."""
    return pd.factorize(_group_names(groups, _series(resource, "resource")), sort=True)


def numbers_of(values: Values, resource: Values, what: str) -> np.ndarray:
    """Further numbers of the same units, in their order. Raises InequalityError as `shares`, for any sign."""
    found = _alike(values, _series(resource, "resource"), what)
    _require(found, what)
    return found.to_numpy()


def _series(values: object, what: str, number: bool = True) -> pd.Series:
    found = values if isinstance(values, pd.Series) else pd.Series(values)
    if not number:
        return found
    try:
        return found.astype("float64")
    except (TypeError, ValueError):
        raise InequalityError(f"{what}: not numbers but {found.dtype}") from None


def _alike(values: object, resource: pd.Series, what: str, number: bool = True) -> pd.Series:
    """Values of the same units in the same order: by label where the resource has labels of its own."""
    found = _series(values, what, number)
    if isinstance(values, pd.Series) and not found.index.equals(resource.index):
        apart = [str(label) for label in resource.index.symmetric_difference(found.index)]
        twice = not (found.index.is_unique and resource.index.is_unique)
        refuse(
            (apart, f"{what}: units without a partner: {first_few(apart)}"),
            (twice, f"{what}: a label occurs twice, so units cannot be matched"),
            error=InequalityError,
        )
        return found.reindex(resource.index)
    refuse(
        (len(found) != len(resource), f"{what}: {len(found)} values for {len(resource)} units"), error=InequalityError
    )
    return found.set_axis(resource.index)


def _group_names(groups: object, resource: pd.Series) -> pd.Series:
    names = _alike(groups, resource, "groups", number=False)
    _refuse_at(names, names.isna(), "groups", "absent")
    return names


def _require(values: pd.Series, what: str) -> None:
    """Raise InequalityError for numbers absent or infinite, naming their units."""
    _refuse_at(values, values.isna(), what, "absent")
    _refuse_at(values, np.isinf(values), what, "infinite")


def _refuse_lost(values: pd.Series, what: str) -> None:
    """Raise InequalityError for units too small beside the largest for their share to be told from none."""
    lost = (values > 0) & (values < _SMALLEST * values.max())
    _refuse_at(values, lost, what, "too small beside the largest")


def _refuse_at(values: pd.Series, wrong: pd.Series, what: str, fault: str) -> None:
    named = [f"{unit} ({value})" for unit, value in values[wrong].items()] if wrong.any() else []
    refuse((named, f"{what} {fault}: {first_few(named)}"), error=InequalityError)
