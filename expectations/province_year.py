"""What must hold of `province_year`: a complete panel of plausible figures.

Belongs here: the checks of that table and the columns they need. Their set follows from the registry alone,
so it is known before any data is: an indicator without data has checks that find nothing to object to, while
an indicator whose column is absent fails, because the table promises one column per catalogued indicator.
Does not belong here: the plausible ranges (catalog/indicators.yaml), what counts as a jump (plausibility.py) and
how checks are run (suite.py).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from catalog.base import Text
from catalog.indicators import Indicator, load_registry
from catalog.provinces import load_provinces
from expectations.plausibility import change_factor, jump_factor
from expectations.suite import Check, Severity, run_checks

if TYPE_CHECKING:
    import pandas as pd

TABLE = "province_year"
MAY_BE_EMPTY = False


def prepare(df: pd.DataFrame) -> pd.DataFrame:
    """`df` with the columns the checks read. Pure; the row order and the given columns are kept.

    Adds key_missing (empty key cells of the row), provinces_in_year (catalogued provinces present in the
    row's year), year_gap (years since the previous year in the table; NULL in the first), and for each
    indicator present distinct__<id> (different values among provinces in the row's year; NULL when fewer than
    two have one) and jump__<id> (factor of change since the province's previous calendar year, at least 1;
    infinite from or to zero and across a change of sign; NULL without a previous value).
    Raises KeyError when province_code or year is absent.
    """
    import pandas as pd

    province, year = df["province_code"], df["year"]
    added: dict[str, pd.Series] = {"key_missing": province.isna().astype(int) + year.isna().astype(int)}
    known = df[province.isin([p.province_code for p in load_provinces()])]
    counts = known.groupby("year")["province_code"].nunique()
    added["provinces_in_year"] = year.map(counts).fillna(0).astype(float)
    years = sorted(year.dropna().unique())
    gaps = {later: float(later - earlier) for earlier, later in pairwise(years)}
    added["year_gap"] = year.map(gaps).astype(float)
    for name in load_registry().indicators:
        if name in df.columns:
            added[f"distinct__{name}"] = _distinct(df, name)
            added[f"jump__{name}"] = _jump(df, name)
    return pd.concat([df, pd.DataFrame(added, index=df.index)], axis=1)


def _distinct(df: pd.DataFrame, name: str) -> pd.Series:
    by_year = df.groupby("year")[name]
    distinct = by_year.nunique().where(by_year.count() >= 2)
    return df["year"].map(distinct).astype(float)


def _jump(df: pd.DataFrame, name: str) -> pd.Series:
    import pandas as pd

    # A duplicated key is another check's finding; here its first row stands for the year.
    key = ["province_code", "year"]
    values = df.drop_duplicates(key).set_index(key)[name].astype(float)
    now = df[name].astype(float).to_numpy()
    places = pd.MultiIndex.from_arrays([df["province_code"], df["year"] - 1])
    before = values.reindex(places).to_numpy()
    return pd.Series(change_factor(now, before), index=df.index)


def checks() -> tuple[Check, ...]:
    """All checks of the table, in a fixed order; names are unique and stable."""
    provinces = load_provinces()
    codes = [province.province_code for province in provinces]
    found = [
        _check(
            "key_complete",
            "critical",
            "Every row has a province and a year",
            "每行都有省份与年份",
            lambda gxe: gxe.ExpectColumnValuesToBeBetween(column="key_missing", max_value=0),
        ),
        _check(
            "key_unique",
            "critical",
            "A province and year stand in one row only",
            "同一省份同一年份仅一行",
            lambda gxe: gxe.ExpectCompoundColumnsToBeUnique(column_list=["province_code", "year"]),
        ),
        _check(
            "province_codes_known",
            "critical",
            f"Every province code is one of the {len(codes)} catalogued",
            f"省级代码均属登记的{len(codes)}个省份",
            lambda gxe: gxe.ExpectColumnValuesToBeInSet(column="province_code", value_set=codes),
        ),
        _check(
            "provinces_in_every_year",
            "critical",
            f"Every year holds all {len(codes)} provinces",
            f"每年均含全部{len(codes)}个省份",
            lambda gxe: gxe.ExpectColumnValuesToBeBetween(
                column="provinces_in_year", min_value=len(codes), max_value=len(codes)
            ),
        ),
        _check(
            "years_consecutive",
            "critical",
            "No year is missing between the first and the last",
            "首末年份之间无缺失年份",
            lambda gxe: gxe.ExpectColumnValuesToBeBetween(column="year_gap", min_value=1, max_value=1),
        ),
    ]
    for indicator in load_registry().indicators.values():
        found += _indicator_checks(indicator)
    return tuple(found)


def run(df: pd.DataFrame) -> pd.DataFrame:
    """Prepare `province_year` and run all its checks; see `run_checks` for the result."""
    return run_checks(checks(), prepare(df))


def _indicator_checks(indicator: Indicator) -> list[Check]:
    name, (low, high), label = indicator.id, indicator.range, indicator.label
    factor = jump_factor(indicator)
    unit = load_registry().units[indicator.unit]
    found = [
        _check(
            f"range_{name}",
            "critical",
            f"{label.en}: {_number(low)} to {_number(high)} {unit.en}, or missing",
            f"{label.zh}：{_number(low)}至{_number(high)}{indicator.unit}，或缺失",
            lambda gxe: gxe.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high),
        )
    ]
    if unit.quantity == "ratio":
        # Guards against a plausible range written too wide: no share exceeds the whole, in any unit.
        whole = 1 / float(unit.factor)
        found.append(
            _check(
                f"share_{name}",
                "critical",
                f"{label.en}: a share, so 0 to {whole:g} {unit.en}",
                f"{label.zh}：占比，须在0至{whole:g}{indicator.unit}之间",
                lambda gxe: gxe.ExpectColumnValuesToBeBetween(column=name, min_value=0, max_value=whole),
            )
        )
    found += [
        _check(
            f"differs_{name}",
            "warning",
            f"{label.en}: not one and the same value in every province of a year",
            f"{label.zh}：同一年份各省数值不得全部相同",
            lambda gxe: gxe.ExpectColumnValuesToBeBetween(column=f"distinct__{name}", min_value=2),
        ),
        _check(
            f"jump_{name}",
            "warning",
            f"{label.en}: changes from one year to the next by a factor of at most {factor:g}",
            f"{label.zh}：相邻年份变动不超过{factor:g}倍",
            lambda gxe: gxe.ExpectColumnValuesToBeBetween(column=f"jump__{name}", max_value=factor),
        ),
    ]
    return found


def _number(value: float) -> str:
    return format(value, ",.12g")


def _check(name: str, severity: Severity, en: str, zh: str, build: Callable[[Any], Any]) -> Check:
    return Check(name=name, table=TABLE, severity=severity, description=Text(en=en, zh=zh), build=build)
