"""Checks that several suites declare alike, and the columns they read: required fields, keys, known values, indicators.

Belongs here: their names and words, once; each reads a column that a function below makes or the table has.
Does not belong here: what one table alone must satisfy; that is in the module of the table.
"""

from collections.abc import Callable, Sequence

from catalog.base import Text
from catalog.indicators import Indicator, load_registry
from catalog.provinces import load_provinces
from catalog.studies import Study
from catalog.tables import load_tables
from expectations import Frame, Series
from expectations.builders import Build, between, in_set, unique
from expectations.suite import Check, Severity


def checks_of(table: str) -> Callable[[str, Severity, str, str, Build], Check]:
    """Makes checks of a table from a name, a severity, the description in English and Chinese, and the demand."""
    return lambda name, severity, en, zh, build: Check(name, table, severity, Text(en=en, zh=zh), build)


def required_complete(table: str, columns: Sequence[str]) -> Check:
    """Every row has `columns`; reads required_missing."""
    en, zh = f"Every row has {', '.join(columns)}", f"每行均有{'、'.join(columns)}"
    return checks_of(table)("required_complete", "critical", en, zh, between("required_missing", None, 0))


def key_unique(table: str, en: str, zh: str) -> Check:
    """No two rows agree in the key of the table, in the table's words."""
    return checks_of(table)("key_unique", "critical", en, zh, unique(load_tables()[table].key))


def values_known(table: str, name: str, what: tuple[str, str], column: str, values: Sequence[str]) -> Check:
    """A column holds nothing but `values`; `what` one is called in English and in Chinese."""
    en, zh = f"Every {what[0]} is one of {', '.join(values)}", f"{what[1]}均为{'、'.join(values)}之一"
    return checks_of(table)(name, "critical", en, zh, in_set(column, values))


def indicators_known(table: str) -> Check:
    """Every indicator is one that files report."""
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
    first, last = study.years
    return checks_of(table)(
        "years_of_study",
        "critical",
        f"Every year lies within the study's years, {first} to {last}",
        f"年份均在研究期{first}至{last}之内",
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
        f"differs_{indicator.id}",
        "warning",
        f"{indicator.label.en}: not one and the same value in every {one} of a year",
        f"{indicator.label.zh}：同一年份各{one_zh}数值不得全部相同",
        between(f"distinct__{indicator.id}", 2, None),
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

    A repeated key is another check's finding; its first row stands for the year.
    """
    import pandas as pd

    key = [*place, "year"]
    figures = df.drop_duplicates(key).set_index(key)[list(names)].astype(float)
    before = pd.MultiIndex.from_arrays([*(df[name] for name in place), df["year"] - 1])
    return figures.reindex(before).set_axis(df.index)
