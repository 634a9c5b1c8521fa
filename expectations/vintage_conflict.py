"""What must hold for `vintage_conflict`: two editions, two values, and a gap that a revision can explain.

Belongs here: the checks of that table and the columns they need.
Does not belong here: which vintage is kept (sources.yaml and dbt) and how checks are run (suite.py).
"""

from catalog.tables import load_tables
from expectations import Frame
from expectations.builders import between, is_null
from expectations.suite import Check, checks_of, indicators_known, key_unique, missing, required_complete

TABLE = "vintage_conflict"
# With one vintage, or with vintages that agree, there is no conflict to list.
MAY_BE_EMPTY = True
# The census of 2020 moved the residents of most provinces by less than this in any year, of Heilongjiang by 15 %.
_LOOK = 0.1
# The largest revision known cut the GDP of Tianjin of 2016 by a third: the old figure is 56 % above the one kept. What
# differs by more is another indicator or another unit.
_LIMIT = 0.6
_EXACT = 1e-9
_check = checks_of(TABLE)
_REQUIRED = (*load_tables()[TABLE].key, "vintage_kept", "value_kept", "value_other", "rule")


def prepare(df: Frame) -> Frame:
    """`df` with the columns the checks read. Pure; rows and the given columns are kept.

    Adds required_missing (empty required fields of the row), same_vintage and same_value (what both sides have in
    common; NULL where they differ), gap_error (relative_gap less (value_other - value_kept) / |value_kept|, as
    an absolute number; infinite where only one of the two is defined) and gap_size (|relative_gap|; NULL for a
    value kept of zero, to which no gap is relative). Raises KeyError for an absent column.
    """
    import numpy as np

    kept, other, gap = (df[name].astype(float) for name in ("value_kept", "value_other", "relative_gap"))
    expected = (other - kept) / kept.abs().replace(0, np.nan)
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        same_vintage=df["vintage_kept"].astype(object).where(df["vintage_kept"] == df["vintage_other"], None),
        same_value=kept.where(kept == other),
        gap_error=(gap - expected).abs().mask(gap.isna() != expected.isna(), np.inf),
        gap_size=gap.abs(),
    )


def checks() -> tuple[Check, ...]:
    """All checks of the table, in a fixed order; names are unique and stable."""
    return (
        required_complete(TABLE, _REQUIRED),
        key_unique(TABLE, "A figure and another vintage have only one row", "同一数值与同一其他版本的比较仅一行"),
        indicators_known(TABLE),
        _check(
            "vintages_differ",
            "critical",
            "The vintage kept is not the other one",
            "采用的版本与未采用的版本不同",
            is_null("same_vintage"),
        ),
        _check(
            "values_differ",
            "critical",
            "The value kept is not the other one: equal values are no conflict",
            "采用值与未采用值不同：数值相同即无冲突",
            is_null("same_value"),
        ),
        _check(
            "gap_consistent",
            "critical",
            f"relative_gap = (value_other - value_kept) / |value_kept|, within {_EXACT:g}; NULL where that is zero",
            f"relative_gap = (value_other - value_kept) / |value_kept|，误差不超过{_EXACT:g}；采用值为0时缺失",
            between("gap_error", None, _EXACT),
        ),
        _check(
            "gap_small",
            "warning",
            f"Two vintages differ by at most {_LOOK:.0%} of the value kept",
            f"两个版本相差不超过采用值的{_LOOK:.0%}",
            between("gap_size", None, _LOOK),
        ),
        _check(
            "gap_within_revision",
            "critical",
            f"Two vintages differ by at most {_LIMIT:.0%} of the value kept; more is another indicator or unit",
            f"两个版本相差不超过采用值的{_LIMIT:.0%}；超出者应为不同指标或单位",
            between("gap_size", None, _LIMIT),
        ),
    )
