"""The kinds of demand a check may make, as few as the suites need; each is what `Check.build` expects.

Belongs here: a kind that two suites use. NULL passes all of them except `not_null`: absence is checked separately.
Does not belong here: names, severities and descriptions (suite.py, the module of the table), judging (engine.py).
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Build = Callable[[Any], Any]


@dataclass(frozen=True)
class OfColumn:
    """A demand on every value of one column: the expectation's name in Great Expectations, and its arguments.

    `indicator`: only rows of this indicator are checked; the column is then printed with its id at the end. Demands
    that differ only in column and indicator are evaluated together (engine.py).
    """

    expectation: str
    column: str
    arguments: tuple[tuple[str, Any], ...] = ()
    indicator: str = ""

    def __call__(self, gxe: Any) -> Any:
        """The expectation, of the module `great_expectations.expectations`."""
        if not self.indicator:
            return getattr(gxe, self.expectation)(column=self.column, **dict(self.arguments))
        from great_expectations.expectations.row_conditions import Column

        only = Column("indicator") == self.indicator
        return getattr(gxe, self.expectation)(column=self.column, **dict(self.arguments), row_condition=only)

    @property
    def printed(self) -> str:
        """The column's name in findings."""
        return self.column + self.indicator

    @property
    def of_missing(self) -> bool:
        """Whether the demand is about missing values; all others skip them."""
        return self.expectation.endswith("Null")


@dataclass(frozen=True)
class Between(OfColumn):
    """A demand that values lie within bounds; either side may be open."""

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest number allowed."""
        given = dict(self.arguments)
        low = -math.inf if given["min_value"] is None else float(given["min_value"])
        high = math.inf if given["max_value"] is None else float(given["max_value"])
        return (
            math.nextafter(low, math.inf) if given["strict_min"] else low,
            math.nextafter(high, -math.inf) if given["strict_max"] else high,
        )


def between(
    column: str,
    low: float | None,
    high: float | None,
    *,
    above: bool = False,
    below: bool = False,
    indicator: str = "",
) -> Build:
    """Every value of `column` lies within the bounds; None leaves a side open.

    The bounds themselves are allowed, except the low one with `above` and the high one with `below`.
    """
    given = {"min_value": low, "max_value": high, "strict_min": above, "strict_max": below}
    return Between("ExpectColumnValuesToBeBetween", column, tuple(given.items()), indicator)


def in_set(column: str, values: Iterable[Any], *, indicator: str = "") -> Build:
    """Every value of `column` is one of `values`."""
    return OfColumn("ExpectColumnValuesToBeInSet", column, (("value_set", tuple(values)),), indicator)


def is_null(column: str) -> Build:
    """`column` contains the fault found in a row, so it must be NULL throughout; faults are printed as they are."""
    return OfColumn("ExpectColumnValuesToBeNull", column)


def not_null(column: str) -> Build:
    """`column` has a value in every row."""
    return OfColumn("ExpectColumnValuesToNotBeNull", column)


def equal(one: str, other: str) -> Build:
    """Two columns agree in every row that has both."""
    return lambda gxe: gxe.ExpectColumnPairValuesToBeEqual(
        column_A=one, column_B=other, ignore_row_if="either_value_is_missing"
    )


def unique(columns: Iterable[str]) -> Build:
    """No two rows agree in all of `columns`."""
    names = list(columns)
    if len(names) == 1:
        return lambda gxe: gxe.ExpectColumnValuesToBeUnique(column=names[0])
    return lambda gxe: gxe.ExpectCompoundColumnsToBeUnique(column_list=names)
