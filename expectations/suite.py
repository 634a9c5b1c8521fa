"""What a check is, how checks are declared and run, and how findings are worded.

Belongs here: `Check`, `run_checks`, and checks that several suites share, with names and wording: required fields,
keys, known values, indicators, with the columns such checks read. Does not belong here: requirements of one table
alone (the module of the table) and judging (engine.py).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from catalog.base import Text, refuse, repeated
from catalog.indicators import Indicator, load_registry
from catalog.provinces import load_provinces
from catalog.studies import Study
from catalog.tables import load_tables
from expectations import Frame, Series
from expectations.builders import Build, OfColumn, between, in_set, unique
from expectations.engine import Verdict, judge

Severity = Literal["critical", "warning"]
COLUMNS = ("check_name", "table_name", "passed", "severity", "observed", "description", "description_zh")
EMPTY = "the table is empty / 表为空"
NOTHING = "no rows: nothing to check / 无数据可查"
_EXAMPLES = 5
# Where a row was read, beside its key, as far as its table says.
_CELL = ("sheet", "cell")


@dataclass(frozen=True)
class Check:
    """One check; everything but the expectation itself is known without importing Great Expectations.

    `build` receives the module `great_expectations.expectations` and returns the expectation (builders.py).
    `rule`: the name without what sets it apart from checks of its kind, such as `range` of `range_gdp`; '' where there
    is no other of its kind.
    """

    name: str
    table: str
    severity: Severity
    description: Text
    build: Build
    rule: str = ""


def of_study(study: Study, checks: Iterable[Check]) -> tuple[Check, ...]:
    """The checks under names that begin with the study's id: a table may have rows of several studies."""
    return tuple(
        replace(check, name=f"{study.id}_{check.name}", rule=f"{study.id}_{check.rule or check.name}")
        for check in checks
    )


def checks_of(table: str) -> Callable[..., Check]:
    """Makes checks of a table from a rule, a severity, the description in English and Chinese, and the demand.

    `of`: the indicator or column a check is about, where others have the same rule.
    """

    def check(rule: str, severity: Severity, en: str, zh: str, build: Build, *, of: str = "") -> Check:
        name = f"{rule}_{of}" if of else rule
        return Check(name, table, severity, Text(en=en, zh=zh), build, rule)

    return check


def required_complete(table: str, columns: Sequence[str]) -> Check:
    """Every row has `columns`; reads required_missing."""
    en, zh = f"Every row has {', '.join(columns)}", f"每行均有{'、'.join(columns)}"
    return checks_of(table)("required_complete", "critical", en, zh, between("required_missing", None, 0))


def key_unique(table: str, en: str, zh: str) -> Check:
    """No two rows share the key of the table; described in the table's own words."""
    return checks_of(table)("key_unique", "critical", en, zh, unique(load_tables()[table].key))


def values_known(table: str, name: str, what: tuple[str, str], column: str, values: Sequence[str]) -> Check:
    """A column has no values other than `values`; `what` names one in English and in Chinese."""
    en, zh = f"Every {what[0]} is one of {', '.join(values)}", f"{what[1]}均为{'、'.join(values)}之一"
    return checks_of(table)(name, "critical", en, zh, in_set(column, values))


def indicators_known(table: str) -> Check:
    """Every indicator is one reported in files."""
    return checks_of(table)(
        "indicators_known",
        "critical",
        "Every indicator is catalogued and reported, not derived",
        "指标均已登记且为原始指标，而非派生指标",
        in_set("indicator", [indicator.id for indicator in load_registry().reported]),
    )


def province_codes_known(table: str, column: str = "province_code") -> Check:
    """Every code is a catalogued province's."""
    codes = [province.province_code for province in load_provinces()]
    return checks_of(table)(
        "province_codes_known",
        "critical",
        f"Every province code is one of the {len(codes)} catalogued",
        f"省级代码均属登记的{len(codes)}个省份",
        in_set(column, codes),
    )


def years_of_study(table: str, study: Study) -> Check:
    """Every year is one of the study's."""
    (first, last), until = study.panel.bounds, study.panel.last_in_words
    return checks_of(table)(
        "years_of_study",
        "critical",
        f"Every year lies within the study's years, {first} to {until.en}",
        f"年份均在研究期{first}至{until.zh}之内",
        between("year", first, last),
    )


def in_words(bounds: tuple[float, float], indicator: Indicator) -> Text:
    """A plausible range with its unit."""
    low, high = (format(bound, ",.12g") for bound in bounds)
    unit = load_registry().units[indicator.unit]
    return Text(en=f"{low} to {high} {unit.en}", zh=f"{low}至{high}{indicator.unit}")


def differs(table: str, indicator: Indicator, one: str, one_zh: str) -> Check:
    """The figures of one year are not all the same; reads distinct__<id>. `one`: what the table has figures of."""
    return checks_of(table)(
        "differs",
        "warning",
        f"{indicator.label.en}: not one and the same value in every {one} of a year",
        f"{indicator.label.zh}：同一年份各{one_zh}数值不得全部相同",
        between(f"distinct__{indicator.id}", 2, None),
        of=indicator.id,
    )


def missing(df: Frame, columns: Sequence[str]) -> Series:
    """How many of `columns` each row has no value in. Raises KeyError for an absent column."""
    return df[list(columns)].isna().sum(axis=1)


def distinct_in_year(df: Frame, names: Sequence[str]) -> Frame:
    """distinct__<name>: different values in the year of each row; NULL where fewer than two rows of it have one."""
    by_year = df.groupby("year")[list(names)]
    distinct = by_year.nunique().where(by_year.count() >= 2).astype(float)
    return distinct.reindex(df["year"]).set_axis(df.index).add_prefix("distinct__")


def year_before(df: Frame, place: Sequence[str], names: Sequence[str]) -> Frame:
    """The figures `names` had at the same `place` in the calendar year before each row; NULL without one.

    A repeated key is for another check to find; its first row counts for the year.
    """
    import pandas as pd

    key = [*place, "year"]
    figures = df.drop_duplicates(key).set_index(key)[list(names)].astype(float)
    before = pd.MultiIndex.from_arrays([*(df[name] for name in place), df["year"] - 1])
    return figures.reindex(before).set_axis(df.index)


@dataclass(frozen=True)
class Judged:
    """What checks found: the outcome of each, and by its name the rows that are not as expected, if any.

    Such rows have the values that were judged, then the key of the table and the cell they were read in.
    """

    outcomes: Frame
    faults: Mapping[str, Frame]

    @property
    def failed(self) -> Mapping[str, Frame]:
        """The faults of checks that failed: some checks allow a share of them."""
        failed = set(self.outcomes.loc[~self.outcomes["passed"], "check_name"])
        return {name: rows for name, rows in self.faults.items() if name in failed}


def run_checks(checks: Sequence[Check], df: Frame, *, may_be_empty: bool = False) -> Frame:
    """The outcomes alone of `judged`."""
    return judged(checks, df, may_be_empty=may_be_empty).outcomes


def judged(checks: Sequence[Check], df: Frame, *, may_be_empty: bool = False) -> Judged:
    """Run checks of one table on `df`, prepared by the table's own module. One outcome per check, in order.

    Columns of the outcomes: check_name, table_name, passed, severity, observed, description, description_zh.
    A check that cannot be evaluated fails, with the engine's message in `observed`; so does every
    check of an empty frame, unless the suite says that its table `may_be_empty`: then every check passes and
    `observed` says that there were no rows. Each table's module says which in its MAY_BE_EMPTY.
    Raises ValueError for no checks, two checks of one name, or several tables.
    """
    import pandas as pd

    tables, twice = sorted({check.table for check in checks}), repeated(check.name for check in checks)
    refuse(
        (not checks, "no checks given"),
        (len(tables) > 1, f"checks of several tables in one call: {tables}"),
        (twice, f"two checks share a name: {twice}"),
    )
    faults: dict[str, Frame] = {}
    if df.empty:
        outcomes = [(True, NOTHING) if may_be_empty else (False, EMPTY)] * len(checks)
    else:
        places = dict.fromkeys((*load_tables()[checks[0].table].key, *_CELL))
        key = [column for column in places if column in df.columns]
        # Sorted, so that the examples named in `observed` do not depend on the order rows arrived in.
        frame = df.sort_values(key, kind="stable", ignore_index=True) if key else df.reset_index(drop=True)
        outcomes = []
        for check, verdict in zip(checks, judge([check.build for check in checks], frame), strict=True):
            if verdict.rows and not verdict.error:
                faults[check.name] = _faults(check.build, verdict, frame, key)
            outcomes.append((verdict.passed, _observed(verdict, faults.get(check.name), key)))
    table = pd.DataFrame(
        [
            (check.name, check.table, passed, check.severity, observed, check.description.en, check.description.zh)
            for check, (passed, observed) in zip(checks, outcomes, strict=True)
        ],
        columns=list(COLUMNS),
    )
    return Judged(table, faults)


def _faults(demand: Build, verdict: Verdict, df: Frame, key: list[str]) -> Frame:
    """The rows that are not as expected: the values judged, then the key."""
    given = verdict.demand
    columns = [given[name] for name in ("column", "column_A", "column_B") if name in given]
    faults = df.iloc[list(verdict.rows or ())][list(dict.fromkeys([*columns, *given.get("column_list", ()), *key]))]
    return faults.rename(columns={demand.column: demand.printed}) if isinstance(demand, OfColumn) else faults


def _observed(verdict: Verdict, faults: Frame | None, key: list[str]) -> str:
    if verdict.error is not None:
        return f"could not be evaluated: {verdict.error}"
    if verdict.rows is None:
        return _of_table(verdict.result)
    if verdict.checked == 0:
        return "no values to check"
    if faults is None:
        return f"{verdict.checked} values as expected"
    examples = "; ".join(_where(row, key) for row in faults.head(_EXAMPLES).to_dict("records"))
    more = f"; ...{_furthest(faults, verdict.demand, key)}" if len(faults) > _EXAMPLES else ""
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
    place = ", ".join(f"{name} {_plain(row[name])}" for name in key if name not in _CELL or row[name])
    return f"{values} at {place}" if values and place else values or place


def _plain(value: Any) -> str:
    """Numbers without numpy's type names; floats at 12 digits, so that rounding does not change the text."""
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(_plain(item) for item in value)
    item = value.item() if hasattr(value, "item") else value
    return format(item, ".12g") if isinstance(item, float) else str(item)
