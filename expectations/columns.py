"""Columns that the `prepare` of several suites computes alike. What is then demanded of them: the suites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def missing(df: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """How many of `columns` each row has no value in. Raises KeyError for an absent column."""
    return df[list(columns)].isna().sum(axis=1)


def distinct_in_year(df: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """distinct__<name>: different values in the year of each row; NULL where fewer than two rows of it have one."""
    by_year = df.groupby("year")[list(names)]
    distinct = by_year.nunique().where(by_year.count() >= 2).astype(float)
    return distinct.reindex(df["year"]).set_axis(df.index).add_prefix("distinct__")


def year_before(df: pd.DataFrame, place: Sequence[str], names: Sequence[str]) -> pd.DataFrame:
    """The figures `names` had at the same `place` in the calendar year before each row; NULL without one.

    A repeated key is another check's finding; its first row stands for the year.
    """
    import pandas as pd

    key = [*place, "year"]
    figures = df.drop_duplicates(key).set_index(key)[list(names)].astype(float)
    before = pd.MultiIndex.from_arrays([*(df[name] for name in place), df["year"] - 1])
    return figures.reindex(before).set_axis(df.index)
