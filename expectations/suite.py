"""What a check is, and how checks are run with Great Expectations on the pandas engine.

Belongs here: `Check`, `run_checks` and the reading of Great Expectations' results.
Does not belong here: what any table must satisfy; that is in the module of the table.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from catalog.base import Text
from catalog.studies import Study
from catalog.tables import load_tables

if TYPE_CHECKING:
    import pandas as pd

Severity = Literal["critical", "warning"]
COLUMNS = ("check_name", "table_name", "passed", "severity", "observed", "description", "description_zh")
EMPTY = "the table is empty / 表为空"
NOTHING = "no rows: nothing to check / 无数据可查"
_EXAMPLES = 5


@dataclass(frozen=True)
class Check:
    """One check; everything but the expectation itself is known without importing Great Expectations.

    `build` receives the module `great_expectations.expectations` and returns the expectation.
    """

    name: str
    table: str
    severity: Severity
    description: Text
    build: Callable[[Any], Any]


def of_study(study: Study, checks: Sequence[Check]) -> tuple[Check, ...]:
    """The checks under names that begin with the study's id: a table may hold the rows of several studies."""
    return tuple(replace(check, name=f"{study.id}_{check.name}") for check in checks)


def run_checks(checks: Sequence[Check], df: pd.DataFrame, *, may_be_empty: bool = False) -> pd.DataFrame:
    """Run checks of one table on `df`, prepared by the table's own module. One row per check, in order.

    Columns: check_name, table_name, passed, severity, observed, description, description_zh.
    A check that could not be evaluated has failed, with the engine's message in `observed`; so has every
    check of an empty frame, unless the suite says that its table `may_be_empty`: then every check passes and
    `observed` says that there were no rows. Each table's module states which in its own MAY_BE_EMPTY.
    Raises ValueError for no checks, two checks of one name, or several tables.
    """
    import pandas as pd

    if not checks:
        raise ValueError("no checks given")
    tables = {check.table for check in checks}
    if len(tables) > 1:
        raise ValueError(f"checks of several tables in one call: {sorted(tables)}")
    names = [check.name for check in checks]
    if len(set(names)) < len(names):
        raise ValueError(f"two checks share a name: {sorted({n for n in names if names.count(n) > 1})}")
    if df.empty:
        outcomes = dict.fromkeys(names, (True, NOTHING) if may_be_empty else (False, EMPTY))
    else:
        key = [column for column in load_tables()[checks[0].table].key if column in df.columns]
        # Sorted, so that the examples named in `observed` do not depend on the order rows arrived in.
        frame = df.sort_values(key, kind="stable", ignore_index=True) if key else df
        outcomes = _evaluate(checks, frame, key)
    rows = []
    for check in checks:
        passed, observed = outcomes[check.name]
        text = check.description
        rows.append((check.name, check.table, passed, check.severity, observed, text.en, text.zh))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _evaluate(checks: Sequence[Check], df: pd.DataFrame, key: list[str]) -> dict[str, tuple[bool, str]]:
    with warnings.catch_warnings():
        # Great Expectations imports a module Python has deprecated; where warnings are errors that stops it.
        warnings.simplefilter("ignore", DeprecationWarning)
        import great_expectations as gx
        from great_expectations import expectations as gxe
        from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("medpanel").add_dataframe_asset(checks[0].table)
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": df})
    expectations = []
    for check in checks:
        expectation = check.build(gxe)
        # Results come back in another order than the expectations went in.
        expectation.meta = {"check": check.name}
        expectations.append(expectation)
    suite = gx.ExpectationSuite(name=checks[0].table, expectations=expectations)
    validation = batch.validate(
        suite,
        result_format={
            "result_format": "SUMMARY",
            "unexpected_index_column_names": key,
            "partial_unexpected_count": _EXAMPLES,
        },
    )
    results: list[Any] = list(validation.results)
    outcomes = {result.expectation_config.meta["check"]: _outcome(result, df, key) for result in results}
    lost = [check.name for check in checks if check.name not in outcomes]
    if lost:
        raise RuntimeError(f"Great Expectations returned no result for {lost}")
    return outcomes


def _outcome(result: Any, df: pd.DataFrame, key: list[str]) -> tuple[bool, str]:
    message = _exception_message(result.exception_info)
    if message is not None:
        return False, f"could not be evaluated: {message}"
    found = dict(result.result)
    furthest = _furthest(found, dict(result.expectation_config.kwargs), df, key)
    return bool(result.success), _observed(found, key) + furthest


def _furthest(result: dict[str, Any], bounds: dict[str, Any], df: pd.DataFrame, key: list[str]) -> str:
    """The lowest and highest value out of bounds, where there are more than the examples show; else nothing."""
    column = bounds.get("column")
    if int(result.get("unexpected_count") or 0) <= _EXAMPLES or column not in df.columns:
        return ""
    ends = []
    for word, bound, outside, end in (
        ("lowest", bounds.get("min_value"), df[column].lt, "min"),
        ("highest", bounds.get("max_value"), df[column].gt, "max"),
    ):
        beyond = df[outside(bound)] if bound is not None else df.iloc[:0]
        if not beyond.empty:
            row = beyond.loc[beyond[column] == getattr(beyond[column], end)()].iloc[0]
            ends.append(f"; {word} {_where({name: row[name] for name in [column, *key]}, key)}")
    return "".join(ends)


def _exception_message(info: Mapping[str, Any] | None) -> str | None:
    """The message in `exception_info`, which is flat, or one mapping per metric that failed."""
    if not info:
        return None
    if "raised_exception" in info:
        return str(info.get("exception_message")) if info["raised_exception"] else None
    messages = [
        str(item.get("exception_message"))
        for item in info.values()
        if isinstance(item, Mapping) and item.get("raised_exception", True)
    ]
    return "; ".join(dict.fromkeys(messages)) or None


def _observed(result: dict[str, Any], key: list[str]) -> str:
    if "element_count" in result:
        checked = int(result["element_count"]) - int(result.get("missing_count") or 0)
        unexpected = int(result["unexpected_count"])
        if checked == 0:
            return "no values to check"
        if unexpected == 0:
            return f"{checked} values as expected"
        examples = result.get("partial_unexpected_index_list") or result.get("partial_unexpected_list") or []
        more = "; ..." if unexpected > len(examples) else ""
        places = "; ".join(_where(example, key) for example in examples)
        return f"{unexpected} of {checked} not as expected: {places}{more}"
    parts = []
    if result.get("observed_value") is not None:
        parts.append(f"observed {_plain(result['observed_value'])}")
    if result.get("partial_unexpected_list"):
        parts.append(f"unexpected {_plain(result['partial_unexpected_list'])}")
    if result.get("partial_missing_list"):
        parts.append(f"missing {_plain(result['partial_missing_list'])}")
    return "; ".join(parts) or "as expected"


def _where(example: Any, key: list[str]) -> str:
    if not isinstance(example, Mapping):
        return _plain(example)
    values = [f"{name} = {_plain(value)}" for name, value in example.items() if name not in key]
    place = ", ".join(f"{name} {_plain(example[name])}" for name in key if name in example)
    return f"{', '.join(values)} at {place}" if values and place else place or ", ".join(values)


def _plain(value: Any) -> str:
    """Numbers without numpy's type names; floats at 12 digits, so that rounding does not change the text."""
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(_plain(item) for item in value)
    item = value.item() if hasattr(value, "item") else value
    return format(item, ".12g") if isinstance(item, float) else str(item)
