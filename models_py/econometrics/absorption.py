"""Exact removal of entity and time effects, and linear dependence among what is left.

Belongs here: linear algebra shared by the panel estimators. Does not belong here: inference.
"""

import math

import numpy as np

# A column is dependent when this share of its length, or less, is not explained by the columns before it:
# beyond it, the solution of the normal equations keeps fewer than about six digits.
DEPENDENT = 1e-5


class Groups:
    """Rows that belong to groups, `codes` 0..G-1 one per row, and sums within them over many columns at once."""

    def __init__(self, codes: np.ndarray) -> None:
        self.codes = codes
        self.sizes = np.bincount(codes).astype(float)
        order = np.argsort(codes, kind="stable")
        place = np.arange(len(codes)) - np.searchsorted(codes[order], codes[order])
        # The first row of each group, then the second of each that has one, and so on.
        self._layers = [order[place == at] for at in range(int(place.max()) + 1)]

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sums of each column of `values` (n x m) within the groups, G x m."""
        sums = np.zeros((len(self.sizes), values.shape[1]))
        for rows in self._layers:
            sums[self.codes[rows]] += values[rows]
        return sums

    def within(self, values: np.ndarray) -> np.ndarray:
        """`values` (n x m) less their means within the groups."""
        return values - (self.sums(values) / self.sizes[:, None])[self.codes]


class TwoWayEffects:
    """The space spanned by entity and time dummies, balanced panel or not.

    `entity` and `time` are codes 0..G-1 and 0..T-1, one per row. `rank` is the exact number of independent
    dummies, G + T - (number of connected components).
    """

    def __init__(self, entity: np.ndarray, time: np.ndarray) -> None:
        # The larger family is removed by group means, the smaller by an orthonormal basis of its dummies.
        large, small = (entity, time) if entity.max() >= time.max() else (time, entity)
        self._groups = Groups(large)
        dummies = np.eye(int(small.max()) + 1)[small]
        left, singular, _ = np.linalg.svd(self._groups.within(dummies), full_matrices=False)
        self._basis = left[:, singular > 1e-8 * np.sqrt(len(large))]
        self.rank = int(np.count_nonzero(self._groups.sizes)) + self._basis.shape[1]

    def residuals(self, values: np.ndarray, further: np.ndarray | None = None) -> np.ndarray:
        """What is left of each column of `values` (n x k) after both effects, and after `further`.

        `further`: orthonormal columns free of the effects.
        """
        basis = self._basis if further is None else np.column_stack([self._basis, further])
        values = values - values.mean(axis=0)
        # A second pass removes the rounding the first one leaves when effects dwarf the within variation.
        for _ in range(2):
            values = self._groups.within(values)
            values = values - basis @ (basis.T @ values)
        return values


def independent_columns(residuals: np.ndarray, totals: np.ndarray) -> tuple[list[int], np.ndarray]:
    """Columns of `residuals` that are not combinations of earlier ones, in order, and an orthonormal basis.

    `totals` are the same columns before absorption, centred: a column the effects explain is dependent too.
    """
    basis = np.empty((residuals.shape[0], 0))
    kept: list[int] = []
    least = 1e-9 * np.linalg.norm(totals, axis=0)
    for position, column in enumerate(np.ascontiguousarray(residuals.T)):
        length = math.sqrt(column @ column)
        if length <= least[position]:
            continue
        rest = column / length
        for _ in range(2):
            rest = rest - basis @ (basis.T @ rest)
        remaining = math.sqrt(rest @ rest)
        if remaining > DEPENDENT:
            basis = np.column_stack([basis, rest / remaining])
            kept.append(position)
    return kept, basis


def trend_columns(entity: np.ndarray, time_values: np.ndarray) -> np.ndarray:
    """One linear trend per entity: (t - first t of the panel) where the row is the entity's, else 0."""
    columns = np.zeros((len(entity), int(entity.max()) + 1))
    columns[np.arange(len(entity)), entity] = time_values - time_values.min()
    return columns
