"""What a check is, how checks are declared and run, and how what was found is put into words.

Belongs here: `Check`, the declarations every suite has, `run_checks`. Does not belong here: what any table must satisfy
(the module of the table) and judging (engine.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from catalog.base import Text, refuse, repeated
from catalog.studies import Study
from catalog.tables import load_tables
from expectations import Frame
from expectations.builders import Build, OfColumn
from expectations.engine import Verdict, judge

Severity = Literal["critical", "warning"]
COLUMNS = ("check_name", "table_name", "passed", "severity", "observed", "description", "description_zh")
EMPTY = "the table is empty / 表为空"
NOTHING = "no rows: nothing to check / 无数据可查"
_EXAMPLES = 5


@dataclass(frozen=True)
class Check:
    """One check; everything but the expectation itself is known without importing Great Expectations.

    `build` receives the module `great_expectations.expectations` and returns the expectation (builders.py).
    """

    name: str
    table: str
    severity: Severity
    description: Text
    build: Build


def of_study(study: Study, checks: Iterable[Check]) -> tuple[Check, ...]:
    """The checks under names that begin with the study's id: a table may hold the rows of several studies."""
    return tuple(replace(check, name=f"{study.id}_{check.name}") for check in checks)


def run_checks(checks: Sequence[Check], df: Frame, *, may_be_empty: bool = False) -> Frame:
    """Run checks of one table on `df`, prepared by the table's own module. One row per check, in order.

    Columns: check_name, table_name, passed, severity, observed, description, description_zh.
    A check that could not be evaluated has failed, with the engine's message in `observed`; so has every
    check of an empty frame, unless the suite says that its table `may_be_empty`: then every check passes and
    `observed` says that there were no rows. Each table's module states which in its own MAY_BE_EMPTY.
    Raises ValueError for no checks, two checks of one name, or several tables.
    """
    import pandas as pd

    tables, twice = sorted({check.table for check in checks}), repeated(check.name for check in checks)
    refuse(
        (not checks, "no checks given"),
        (len(tables) > 1, f"checks of several tables in one call: {tables}"),
        (twice, f"two checks share a name: {twice}"),
    )
    if df.empty:
        outcomes = [(True, NOTHING) if may_be_empty else (False, EMPTY)] * len(checks)
    else:
        key = [column for column in load_tables()[checks[0].table].key if column in df.columns]
        # Sorted, so that the examples named in `observed` do not depend on the order rows arrived in.
        frame = df.sort_values(key, kind="stable", ignore_index=True) if key else df.reset_index(drop=True)
        outcomes = [
            (verdict.passed, _observed(check.build, verdict, frame, key))
            for check, verdict in zip(checks, judge([check.build for check in checks], frame), strict=True)
        ]
    rows = [
        (check.name, check.table, passed, check.severity, observed, check.description.en, check.description.zh)
        for check, (passed, observed) in zip(checks, outcomes, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _observed(demand: Build, verdict: Verdict, df: Frame, key: list[str]) -> str:
    if verdict.error is not None:
        return f"could not be evaluated: {verdict.error}"
    if verdict.rows is None:
        return _of_table(verdict.result)
    if verdict.checked == 0:
        return "no values to check"
    if len(verdict.rows) == 0:
        return f"{verdict.checked} values as expected"
    given = verdict.demand
    columns = [given[name] for name in ("column", "column_A", "column_B") if name in given]
    faults = df.iloc[list(verdict.rows)][list(dict.fromkeys([*columns, *given.get("column_list", ()), *key]))]
    if isinstance(demand, OfColumn):
        faults = faults.rename(columns={demand.column: demand.printed})
    examples = "; ".join(_where(row, key) for row in faults.head(_EXAMPLES).to_dict("records"))
    more = f"; ...{_furthest(faults, given, key)}" if len(faults) > _EXAMPLES else ""
    return f"{len(faults)} of {verdict.checked} not as expected: {examples}{more}"


def _furthest(faults: Frame, bounds: Mapping[str, Any], key: list[str]) -> str:
    """The lowest and highest value out of bounds, where there are bounds; the values are the first column."""
    values, ends = faults.iloc[:, 0], []
    for word, bound, outside, extreme in (
        ("lowest", bounds.get("min_value"), values.lt, "idxmin"),
        ("highest", bounds.get("max_value"), values.gt, "idxmax"),
    ):
        beyond = values[outside(bound)] if bound is not None else values[:0]
        if not beyond.empty:
            row = faults.loc[[getattr(beyond, extreme)()]].to_dict("records")[0]
            ends.append(f"; {word} {_where(row, key)}")
    return "".join(ends)


def _of_table(result: Mapping[str, Any]) -> str:
    parts = [
        f"{word} {_plain(result[name])}"
        for word, name in (
            ("observed", "observed_value"),
            ("unexpected", "partial_unexpected_list"),
            ("missing", "partial_missing_list"),
        )
        if result.get(name) not in (None, [])
    ]
    return "; ".join(parts) or "as expected"


def _where(row: Mapping[Any, Any], key: list[str]) -> str:
    """The values of a row, and the row's place."""
    values = ", ".join(f"{name} = {_plain(value)}" for name, value in row.items() if name not in key)
    place = ", ".join(f"{name} {_plain(row[name])}" for name in key)
    return f"{values} at {place}" if values and place else values or place


def _plain(value: Any) -> str:
    """Numbers without numpy's type names; floats at 12 digits, so that rounding does not change the text."""
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(_plain(item) for item in value)
    item = value.item() if hasattr(value, "item") else value
    return format(item, ".12g") if isinstance(item, float) else str(item)
