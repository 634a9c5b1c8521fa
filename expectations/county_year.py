"""What must hold for `county_year`: codes of counties, one row for each and year, figures in their ranges.

Belongs here: the checks of that table and the columns they need. No set of counties is required: files cover only some.
Does not belong here: the plausible ranges (catalog/indicators.yaml), against which cells are held as they are read.
"""

from expectations import Frame
from expectations.builders import between, is_null
from expectations.place_levels import levels_of
from expectations.suite import Check, checks_of, key_unique, missing

TABLE = "county_year"
# Most publications have no figures of counties.
MAY_BE_EMPTY = True
_check = checks_of(TABLE)


def prepare(df: Frame, places: Frame) -> Frame:
    """`df` with the columns the checks read; places: the lake table `place`. Pure; rows and the given columns are kept.

    Adds key_missing (empty key cells of the row), wrong_code (a code that no county-level unit ever had; else NULL) and
    figures (indicators the row has). Raises KeyError for an absent column.
    """
    code = df["city_code"]
    counties = {place for place, level in levels_of(places).items() if level == "county"}
    keys = ["city_code", "year"]
    return df.assign(
        key_missing=missing(df, keys),
        wrong_code=code.where(code.notna() & ~code.isin(counties)),
        figures=df.drop(columns=[*keys, "data_kind"], errors="ignore").notna().sum(axis=1),
    )


def checks() -> tuple[Check, ...]:
    """All checks of the table, in a fixed order; names are unique and stable."""
    return (
        _check(
            "key_complete",
            "critical",
            "Every row has a county and a year",
            "每行都有县与年份",
            between("key_missing", None, 0),
        ),
        key_unique(TABLE, "A county and year have only one row", "同一县同一年份仅一行"),
        _check(
            "county_codes_known",
            "critical",
            "Every code is of a county-level unit",
            "代码均为县级单位",
            is_null("wrong_code"),
        ),
        _check(
            "rows_not_empty", "critical", "Every row has a figure", "每行至少有一个数值", between("figures", 1, None)
        ),
    )
