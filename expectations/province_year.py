"""What must hold for `province_year`: a complete panel of plausible figures.

Belongs here: the checks of that table and the columns they need. Their set follows from the registry alone,
so it is known before any data is: an indicator without data has checks that find nothing to object to, while
an indicator whose column is absent fails, because the table promises one column per catalogued indicator.
Does not belong here: the plausible ranges (catalog/indicators.yaml), what counts as a jump (plausibility.py) and
how checks are run (suite.py).
"""

from itertools import pairwise

from catalog.indicators import Indicator, load_registry
from catalog.provinces import load_provinces
from expectations import Frame
from expectations.builders import between
from expectations.plausibility import change_factor, jump_factor
from expectations.suite import (
    Check,
    checks_of,
    differs,
    distinct_in_year,
    in_words,
    key_unique,
    missing,
    province_codes_known,
    year_before,
)

TABLE = "province_year"
# Figures of cities alone, or no figures at all but lists and flows, make a publication too.
MAY_BE_EMPTY = True
_check = checks_of(TABLE)


def prepare(df: Frame) -> Frame:
    """`df` with the columns the checks read. Pure; the row order and the given columns are kept.

    Adds key_missing (empty key cells of the row), provinces_in_year (catalogued provinces present in the
    row's year), provinces_lost (those of other years that are not), year_gap (years since the previous year in
    the table; NULL in the first), and for each indicator present distinct__<id> (different values among provinces
    in the row's year; NULL when fewer than two have one) and jump__<id> (factor of change since the province's
    previous calendar year, at least 1; infinite from or to zero and across a change of sign; NULL without a
    previous value).
    Raises KeyError when province_code or year is absent.
    """
    import pandas as pd

    key, year = ["province_code", "year"], df["year"]
    names = [name for name in load_registry().indicators if name in df.columns]
    known = df[df["province_code"].isin([province.province_code for province in load_provinces()])]
    gaps = {later: float(later - earlier) for earlier, later in pairwise(sorted(year.dropna().unique()))}
    in_year = year.map(known.groupby("year")["province_code"].nunique()).fillna(0).astype(float)
    added = {
        "key_missing": missing(df, key),
        "provinces_in_year": in_year,
        "provinces_lost": known["province_code"].nunique() - in_year,
        "year_gap": year.map(gaps).astype(float),
    }
    jumps = pd.DataFrame(
        change_factor(df[names].astype(float).to_numpy(), year_before(df, ["province_code"], names).to_numpy()),
        index=df.index,
        columns=[f"jump__{name}" for name in names],
    )
    return pd.concat([df, pd.DataFrame(added, index=df.index), distinct_in_year(df, names), jumps], axis=1)


def checks() -> tuple[Check, ...]:
    """All checks of the table, in a fixed order; names are unique and stable."""
    provinces = len(load_provinces())
    of_indicators = (item for one in load_registry().wide for item in _indicator_checks(one))
    return (
        _check(
            "key_complete",
            "critical",
            "Every row has a province and a year",
            "每行都有省份与年份",
            between("key_missing", None, 0),
        ),
        key_unique(TABLE, "A province and year have only one row", "同一省份同一年份仅一行"),
        province_codes_known(TABLE),
        _check(
            "provinces_in_every_year",
            "critical",
            "Every year has the same provinces",
            "各年省份相同",
            between("provinces_lost", None, 0),
        ),
        # A panel of 30 is one somebody declared (`provinces_absent`): the readers refuse any other.
        _check(
            "all_provinces",
            "warning",
            f"Every year has all {provinces} provinces",
            f"每年均含全部{provinces}个省份",
            between("provinces_in_year", provinces, provinces),
        ),
        _check(
            "years_consecutive",
            "critical",
            "No year is missing between the first and the last",
            "首末年份之间无缺失年份",
            between("year_gap", 1, 1),
        ),
        *of_indicators,
    )


def _indicator_checks(indicator: Indicator) -> list[Check]:
    name, label, unit = indicator.id, indicator.label, load_registry().units[indicator.unit]
    words, factor = in_words(indicator.range, indicator), jump_factor(indicator)
    # Guards against a plausible range written too wide: no share exceeds the whole, in any unit.
    whole = 1 / float(unit.factor)
    of_share = _check(
        "share",
        "critical",
        f"{label.en}: a share, so 0 to {whole:g} {unit.en}",
        f"{label.zh}：占比，须在0至{whole:g}{indicator.unit}之间",
        between(name, 0, whole),
        of=name,
    )
    return [
        _check(
            "range",
            "critical",
            f"{label.en}: {words.en}, or missing",
            f"{label.zh}：{words.zh}，或缺失",
            between(name, *indicator.range),
            of=name,
        ),
        *([of_share] if unit.quantity == "ratio" else []),
        differs(TABLE, indicator, "province", "省"),
        _check(
            "jump",
            "warning",
            f"{label.en}: changes from one year to the next by a factor of at most {factor:g}",
            f"{label.zh}：相邻年份变动不超过{factor:g}倍",
            between(f"jump__{name}", None, factor),
            of=name,
        ),
    ]
