"""Passing demands to Great Expectations, and reading its results.

Each expectation has a cost whatever the size of the frame, so demands that differ only in the column, the
indicator and the bounds share one: their values are stacked one below the other, with the bounds beside them.
Belongs here: stacks, calling Great Expectations, its errors. Does not belong here: what a check is called and how a
finding is put into words (suite.py). Great Expectations takes seconds to import, so only functions import it.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from expectations import Frame
from expectations.builders import Between, Build, OfColumn

_VALUE, _LOWEST, _HIGHEST = "value", "lowest", "highest"
# Positions of all rows that are not as expected; the values are read from the frame.
_RESULT_FORMAT = {"result_format": "COMPLETE", "exclude_unexpected_values": True}


@dataclass(frozen=True)
class Verdict:
    """What was found for one demand.

    `rows`: positions of the rows that are not as expected, among `checked` values; None if the demand is on the
    table as a whole, described by `result`. `demand`: its columns and bounds, by the names Great Expectations has.
    `error`: why it could not be evaluated.
    """

    passed: bool
    demand: Mapping[str, Any] = field(default_factory=dict)
    checked: int = 0
    rows: Sequence[int] | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None


def judge(demands: Sequence[Build], df: Frame) -> list[Verdict]:
    """The verdict on every demand, in order. The index of `df` counts its rows."""
    stacks: dict[Build, list[int]] = {}
    for number, demand in enumerate(demands):
        stacks.setdefault(_alike(demand, df), []).append(number)
    found: dict[int, Verdict] = {}
    for alike, numbers in stacks.items():
        if len(numbers) > 1 and isinstance(alike, OfColumn):
            members = [demand for n in numbers if isinstance(demand := demands[n], OfColumn)]
            found.update(zip(numbers, _judge_stack(alike, members, df), strict=False))
    single = [number for number in range(len(demands)) if number not in found]
    found.update(zip(single, judge_singly([demands[n] for n in single], df), strict=True))
    return [found[number] for number in range(len(demands))]


def judge_singly(demands: Sequence[Build], df: Frame) -> list[Verdict]:
    """The same with one expectation per demand, on `df` as it is."""
    _, gxe, _ = _great_expectations()
    return _validate([demand(gxe) for demand in demands], df)


def _alike(demand: Build, df: Frame) -> Build:
    """A key shared by all demands that may be stacked together; the demand itself if it cannot be stacked."""
    from pandas.api.types import is_numeric_dtype

    if not isinstance(demand, OfColumn) or demand.column not in df.columns:
        return demand
    if not isinstance(demand, Between):
        return replace(demand, column=_VALUE, indicator="")
    return Between(demand.expectation, _VALUE) if is_numeric_dtype(df[demand.column].dtype) else demand


def _judge_stack(alike: OfColumn, members: Sequence[OfColumn], df: Frame) -> list[Verdict]:
    """The verdicts on demands that are alike; none if the stack could not be evaluated."""
    import numpy as np
    import pandas as pd

    rows = _rows_asked(alike, members, df)
    values = [df[member.column].iloc[own] for member, own in zip(members, rows, strict=True)]
    stack = pd.DataFrame({_VALUE: pd.concat(values, ignore_index=True)})
    _, gxe, _ = _great_expectations()
    expectations = [alike(gxe)] if not isinstance(alike, Between) else _within(members, rows, stack, gxe)
    verdicts = _validate(expectations, stack) if len(stack) else []
    if any(verdict.error for verdict in verdicts):
        return []
    fault = np.zeros(len(stack), dtype=bool)
    for verdict in verdicts:
        fault[list(verdict.rows or ())] = True
    faults = [own[of_own] for own, of_own in zip(rows, np.split(fault, np.cumsum([*map(len, rows)])[:-1]), strict=True)]
    return [
        Verdict(not len(wrong), {"column": member.column, **dict(member.arguments)}, len(own), wrong.tolist())
        for member, own, wrong in zip(members, rows, faults, strict=True)
    ]


def _rows_asked(alike: OfColumn, members: Sequence[OfColumn], df: Frame) -> list[Any]:
    """Positions of the rows each demand is about: those with a value, of its indicator if it has one."""
    import numpy as np

    everywhere = np.arange(len(df))
    of_indicator: dict[Any, Any] = df.groupby("indicator").indices if any(m.indicator for m in members) else {}
    own = [of_indicator.get(m.indicator, everywhere[:0]) if m.indicator else everywhere for m in members]
    if alike.of_missing:
        return own
    present = {name: df[name].notna().to_numpy() for name in {member.column for member in members}}
    return [rows[present[member.column][rows]] for member, rows in zip(members, own, strict=True)]


def _within(members: Sequence[OfColumn], rows: Sequence[Any], stack: Frame, gxe: Any) -> list[Any]:
    """Puts the bounds beside the values: none may lie below its lowest, nor above its highest."""
    import numpy as np

    bounds = np.array([member.bounds for member in members if isinstance(member, Between)])
    stack[_VALUE] = stack[_VALUE].astype(float)
    stack[[_LOWEST, _HIGHEST]] = np.repeat(bounds, [*map(len, rows)], axis=0)
    above = gxe.ExpectColumnPairValuesAToBeGreaterThanB
    return [above(column_A=a, column_B=b, or_equal=True) for a, b in ((_VALUE, _LOWEST), (_HIGHEST, _VALUE))]


def _validate(expectations: Sequence[Any], df: Frame) -> list[Verdict]:
    gx, _, source = _great_expectations()
    if not expectations:
        return []
    for number, expectation in enumerate(expectations):
        # Results come back in another order than the expectations went in.
        expectation.meta = {"number": number}
    suite = gx.ExpectationSuite(name="medpanel", expectations=list(expectations))
    results = source.read_dataframe(df).validate(suite, result_format=_RESULT_FORMAT).results
    found = {result.expectation_config.meta["number"]: _verdict(result) for result in results}
    if len(found) < len(expectations):
        lost = [str(expectation) for n, expectation in enumerate(expectations) if n not in found]
        raise RuntimeError(f"Great Expectations returned no result for {lost}")
    return [found[number] for number in range(len(expectations))]


def _verdict(result: Any) -> Verdict:
    demand, found = dict(result.expectation_config.kwargs), dict(result.result)
    error = _exception_message(result.exception_info)
    if error is not None:
        return Verdict(False, demand, error=error)
    if "element_count" not in found:
        return Verdict(bool(result.success), demand, result=found)
    checked = int(found["element_count"]) - int(found.get("missing_count") or 0)
    return Verdict(bool(result.success), demand, checked, found.get("unexpected_index_list") or [])


def _exception_message(info: Mapping[str, Any] | None) -> str | None:
    """The message in `exception_info`, which is flat, or one mapping per metric that failed."""
    items = [info] if "raised_exception" in (info or {}) else [*(info or {}).values()]
    raised = [item for item in items if isinstance(item, Mapping) and item.get("raised_exception", True)]
    return "; ".join(dict.fromkeys(str(item.get("exception_message")) for item in raised)) or None


@cache
def _great_expectations() -> tuple[Any, Any, Any]:
    """Its package, its expectations, and a source of frames in a context that is not saved anywhere."""
    with warnings.catch_warnings():
        # It imports a module Python has deprecated; where warnings are errors that stops it.
        warnings.simplefilter("ignore", DeprecationWarning)
        import great_expectations as gx
        from great_expectations import expectations as gxe
        from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return gx, gxe, context.data_sources.pandas_default
