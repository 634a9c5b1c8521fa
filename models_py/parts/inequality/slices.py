"""What a measure is taken of: one resource over one basis in one year, with the units that have both.

Belongs here: what is refused, what is left out and how that is said. Does not belong here: measures (measured.py).
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from catalog import load_registry
from catalog.base import Text, refuse
from catalog.parts.inequality import Options
from models_py.inequality import InequalityError
from models_py.inequality.shares import Shares, shares
from models_py.panel import ENTITY, Panel, full_grid, indicator_label


@dataclass(frozen=True)
class Slice:
    """`units`: entity_code -> resource, basis, ranked_by (NaN where not asked for), group; those with resource and
    basis. `dropped`: codes of the others. `panel`: their names.
    """

    resource: str
    basis: str
    year: int
    units: pd.DataFrame
    dropped: tuple[int, ...]
    panel: Panel

    @property
    def key(self) -> dict[str, str | int]:
        """The columns that say what a row is about."""
        return {"resource": self.resource, "basis": self.basis, "year": self.year}

    @cached_property
    def shares(self) -> Shares:
        """The units' shares. Raises InequalityError as there."""
        return shares(self.units["resource"], self.units["basis"])

    @cached_property
    def lacking(self) -> Text | None:
        """Why there is no measure at all; None where there is one."""
        n = len(self.units)
        if n < 2:
            return Text(en=f"Known for {n} of the units; two are needed.", zh=f"仅{n}个单位有数据，至少需要两个。")
        if not self.units["resource"].sum() > 0:
            return Text(en="The resource is zero everywhere.", zh="各单位该资源均为零。")
        return None

    @cached_property
    def without(self) -> Text | None:
        """Why Theil's L is not defined; None where it is."""
        none = self.units.index[self.units["resource"] == 0]
        return self._about(
            none, "Theil's L is not defined where a unit has none", "以下单位该资源为零，泰尔指数L无定义"
        )

    @cached_property
    def unranked(self) -> Text | None:
        """Why there is no concentration index; None where there is one."""
        return self._about(self.units.index[self.units["ranked_by"].isna()], "Rank not known", "缺少排序依据")

    @property
    def left_out(self) -> Text | None:
        """Which units have no figure; None where all have."""
        return self._about(self.dropped, "Left out, without a figure", "因缺数据未计入")

    def _about(self, codes: Iterable[int], english: str, chinese: str) -> Text | None:
        named = self.panel.named(codes)
        return Text(en=f"{english}: {named}.", zh=f"{chinese}：{named}。") if len(list(codes)) else None


def slices_of(figures: pd.DataFrame, options: Options, panel: Panel) -> Iterator[Slice]:
    """Every resource over every basis in every year, in this order.

    A unit without resource or basis in a year is left out of that year and named. Raises InequalityError for values
    below zero or infinite, a basis of zero, units of measurement that seem to change between years, and unknown
    groups; PanelError as `full_grid`.
    """
    names = [*options.resources, *options.basis.values()]
    ranked = [options.ranked_by] if options.ranked_by else []
    cells = full_grid(figures, list(dict.fromkeys([*names, *ranked])), panel)
    for name in names:
        _refuse_signs(cells, name, panel, zero=name in options.basis.values())
        _refuse_mixed_units(cells, name)
    group = _groups(panel, options.groups)
    for resource in options.resources:
        for basis, indicator in options.basis.items():
            for year, rows in cells.groupby("year"):
                one = rows.set_index(ENTITY)
                units = pd.DataFrame({"resource": one[resource], "basis": one[indicator]})
                units = units.assign(group=group, ranked_by=one[ranked[0]] if ranked else math.nan)
                known = units["resource"].notna() & units["basis"].notna()
                yield Slice(resource, basis, int(str(year)), units[known], tuple(units.index[~known]), panel)


def _refuse_signs(cells: pd.DataFrame, name: str, panel: Panel, zero: bool) -> None:
    low = cells[(cells[name] <= 0) if zero else (cells[name] < 0)]
    endless = cells[np.isinf(cells[name])]
    what, label = "zero or below, so nothing can be spread over it" if zero else "below zero", indicator_label(name)
    refuse(
        (len(low), f"{label} is {what}: {panel.list_rows(low)}; correct the file or its declaration"),
        (len(endless), f"{label} is infinite: {panel.list_rows(endless)}; correct the file or its declaration"),
        error=InequalityError,
    )


def _refuse_mixed_units(cells: pd.DataFrame, name: str) -> None:
    """Raise where the median unit changes from one year with figures to the next by more than the quantity can: a
    factor of ten. Zeros say nothing of the unit of measurement.
    """
    registry = load_registry()
    limit = 2 * registry.quantity(registry.indicators[name]).jump
    wide = cells[cells[name] > 0].pivot(index=ENTITY, columns="year", values=name)
    for before, after in pairwise(wide.columns):
        ratio = float((wide[after] / wide[before]).median())
        refuse(
            (
                ratio > limit or ratio < 1 / limit,
                f"{indicator_label(name)}: the median place has {ratio:.3g} times in {after} what it had in {before}; "
                "are units of measurement mixed? Declare the unit of each file in sources.yaml",
            ),
            error=InequalityError,
        )


def _groups(panel: Panel, kind: str) -> pd.Series:
    """The group of each entity. Raises InequalityError for entities whose region is not known."""
    codes = list(panel.codes)
    if kind == "none":
        return pd.Series("", codes)
    if kind == "province":
        return pd.Series([str(code // 10_000 * 10_000) for code in codes], codes)
    unknown = [entity.code for entity in panel.entities if not entity.region]
    refuse(
        (unknown, f"no region is known of {panel.named(unknown[:5])}; set groups: province or none"),
        error=InequalityError,
    )
    return pd.Series([entity.region for entity in panel.entities], codes)
