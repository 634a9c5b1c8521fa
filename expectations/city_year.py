"""What must hold for `city_year`: known kinds of units, plausible figures, and parts no larger than the whole.

Belongs here: the checks of that table and the columns they need. No set of cities is required: files cover only some.
Does not belong here: the plausible ranges (catalog/indicators.yaml), changes between years and sums over provinces,
which hold for single editions (observation.py), and how checks are run (suite.py).
"""

from catalog.indicators import Indicator, load_registry
from expectations import Frame
from expectations.builders import between, is_null
from expectations.place_levels import city_codes
from expectations.suite import Check, checks_of, differs, distinct_in_year, in_words, key_unique, missing

TABLE = "city_year"
# A publication of provinces alone has no figures of cities.
MAY_BE_EMPTY = True
# The part may be revised apart from the whole: after a census of economy, a whole that shrank by a sixth stands beside
# the part as first published. Some such cities are no fault; many mean that the two are not what they claim.
_ROUNDING = 1.02
_MOST_OVER = 0.05
_check = checks_of(TABLE)


def prepare(df: Frame, places: Frame) -> Frame:
    """`df` with the columns the checks read; places: the lake table `place`. Pure; rows and the given columns are kept.

    Adds key_missing (empty key cells of the row), wrong_code (a code that is no prefecture-level unit, municipality or
    county unit directly under a province; else NULL), figures (indicators the row has), part_of_whole (GDP of the
    urban districts over GDP of the city; NULL without both), share_over (of the year's cities with both, the share
    whose part exceeds the whole; NULL in a year without any), and for each indicator distinct__<id> (different values
    among the cities of the row's year; NULL when fewer than two have one). Raises KeyError for an absent column.
    """
    import pandas as pd

    city = df["city_code"]
    names = [indicator.id for indicator in load_registry().of_cities]
    part = df["gdp_urban_districts"].astype(float) / df["gdp"].astype(float)
    added = {
        "key_missing": missing(df, ["city_code", "year"]),
        "wrong_code": city.where(city.notna() & ~city.isin(city_codes(places))),
        "figures": df[names].notna().sum(axis=1),
        "part_of_whole": part,
        "share_over": (part > _ROUNDING).astype(float).where(part.notna()).groupby(df["year"]).transform("mean"),
    }
    return pd.concat([df, pd.DataFrame(added, index=df.index), distinct_in_year(df, names)], axis=1)


def checks() -> tuple[Check, ...]:
    """All checks of the table, in a fixed order; names are unique and stable."""
    return (
        _check(
            "key_complete",
            "critical",
            "Every row has a city and a year",
            "每行都有城市与年份",
            between("key_missing", None, 0),
        ),
        key_unique(TABLE, "A city and year have only one row", "同一城市同一年份仅一行"),
        _check(
            "city_codes_known",
            "critical",
            "Every code is of a prefecture-level unit, a municipality or a county directly under a province",
            "城市代码均为地级单位、直辖市或省直辖县级单位",
            is_null("wrong_code"),
        ),
        _check(
            "rows_not_empty",
            "critical",
            "Every row has a figure",
            "每行至少有一个数值",
            between("figures", 1, None),
        ),
        _check(
            "part_within_whole",
            "warning",
            "GDP of the urban districts is at most that of the city",
            "市辖区生产总值不超过全市",
            between("part_of_whole", None, _ROUNDING),
        ),
        _check(
            "parts_mostly_within_whole",
            "critical",
            f"GDP of the urban districts exceeds that of the city in at most {_MOST_OVER:.0%} of the cities of a year",
            f"同一年份市辖区生产总值超过全市的城市不多于{_MOST_OVER:.0%}",
            between("share_over", None, _MOST_OVER),
        ),
        *(check for indicator in load_registry().of_cities for check in _indicator_checks(indicator)),
    )


def _indicator_checks(indicator: Indicator) -> list[Check]:
    assert indicator.city_range is not None, "of_cities holds those with a range for cities"
    label, words = indicator.label, in_words(indicator.city_range, indicator)
    return [
        _check(
            "range",
            "critical",
            f"{label.en}: {words.en} in every city, or missing",
            f"{label.zh}：各城市{words.zh}，或缺失",
            between(indicator.id, *indicator.city_range),
            of=indicator.id,
        ),
        differs(TABLE, indicator, "city", "城市"),
    ]
