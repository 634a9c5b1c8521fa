"""Expectations in the few shapes the suites need; each returns what `Check.build` asks for.

Belongs here: a shape that two suites use. NULL passes all of them but `not_null`: absence is checked by itself.
Does not belong here: names, severities and descriptions; those are in the module of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Build = Callable[[Any], Any]


def between(column: str, low: float | None, high: float | None) -> Build:
    """Every value of `column` lies within the bounds, themselves included; None leaves a side open."""
    return lambda gxe: gxe.ExpectColumnValuesToBeBetween(column=column, min_value=low, max_value=high)


def in_set(column: str, values: Iterable[Any]) -> Build:
    """Every value of `column` is one of `values`."""
    known = list(values)
    return lambda gxe: gxe.ExpectColumnValuesToBeInSet(column=column, value_set=known)


def equal(one: str, other: str) -> Build:
    """Two columns agree in every row that has both."""
    return lambda gxe: gxe.ExpectColumnPairValuesToBeEqual(
        column_A=one, column_B=other, ignore_row_if="either_value_is_missing"
    )


def is_null(column: str) -> Build:
    """`column` holds the fault found in a row, so it must be NULL throughout; faults are printed as they stand."""
    return lambda gxe: gxe.ExpectColumnValuesToBeNull(column=column)


def not_null(column: str) -> Build:
    """`column` has a value in every row."""
    return lambda gxe: gxe.ExpectColumnValuesToNotBeNull(column=column)


def unique(columns: Iterable[str]) -> Build:
    """No two rows agree in all of `columns`."""
    names = list(columns)
    if len(names) == 1:
        return lambda gxe: gxe.ExpectColumnValuesToBeUnique(column=names[0])
    return lambda gxe: gxe.ExpectCompoundColumnsToBeUnique(column_list=names)
