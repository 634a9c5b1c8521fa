"""Quantile classes of a map: equal values share a class, and a class nothing falls in is merged away.

Belongs here: classing numbers. Does not belong here: colours and drawing (province_map.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models_py.figures.style import FigureError


@dataclass(frozen=True)
class QuantileClasses:
    """`index`: class of each value, 0 the lowest, -1 for a missing one. `bounds`: smallest and largest value of each
    class left. `asked`: classes asked for; those left are `len(bounds)`. `cuts`: the upper ends of all classes left but
    the highest.
    """

    index: tuple[int, ...]
    bounds: tuple[tuple[float, float], ...]
    asked: int
    cuts: tuple[float, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of values in each class left."""
        return tuple(self.index.count(i) for i in range(len(self.bounds)))

    def index_of(self, values: Sequence[float]) -> tuple[int, ...]:
        """The class of other values under the same cuts, -1 for a missing one."""
        numbers = np.asarray(values, dtype="float64")
        found = np.searchsorted(self.cuts, numbers, side="left")
        return tuple(int(i) for i in np.where(np.isnan(numbers), -1, found))


def quantile_classes(values: Sequence[float], classes: int) -> QuantileClasses:
    """`values` in at most `classes` classes, cut at the quantiles 1/classes, 2/classes, ... of those present.

    Quantiles interpolate linearly between order statistics (Hyndman and Fan 1996, type 7); a value on a cut belongs to
    the class below it, so that equal values cannot be parted. Raises FigureError for fewer than 2 classes, an infinite
    value and when no value is present.
    """
    if classes < 2:
        raise FigureError(f"a map needs at least 2 classes, found {classes}")
    numbers = np.asarray(values, dtype="float64")
    present = ~np.isnan(numbers)
    if not present.any():
        raise FigureError("no value to class")
    if np.isinf(numbers).any():
        raise FigureError("an infinite value cannot be classed")
    cuts = np.quantile(numbers[present], np.arange(1, classes) / classes)
    raw = np.searchsorted(cuts, numbers, side="left")
    filled = np.unique(raw[present])
    index = np.where(present, np.searchsorted(filled, raw), -1)
    bounds = []
    for i in range(len(filled)):
        members = numbers[index == i]
        bounds.append((float(members.min()), float(members.max())))
    ends = tuple(float(cut) for cut in cuts[filled[:-1]])
    return QuantileClasses(tuple(map(int, index)), tuple(bounds), classes, ends)
