"""What must hold for `series_vintage`: a series is one edition or a declared splice, and nothing is left out unnoticed.

Belongs here: the checks of that table and the columns they need.
Does not belong here: which vintage is kept (sources.yaml and dbt) and how checks are run (suite.py).
"""

from catalog.tables import load_tables
from expectations import Frame
from expectations.builders import between, is_null
from expectations.suite import Check, checks_of, indicators_known, key_unique, missing, required_complete, values_known

TABLE = "series_vintage"
# A folder of pilot lists and flows has no series.
MAY_BE_EMPTY = True
ROLES = ("kept", "spliced", "withheld")
_check = checks_of(TABLE)
_REQUIRED = (*load_tables()[TABLE].key, "role", "first_year", "last_year", "figures", "chosen", "withheld", "reason")


def prepare(df: Frame) -> Frame:
    """`df` with the columns the checks read. Pure; rows and the given columns are kept.

    Adds required_missing (empty required fields of the row), kept_of_series (vintages kept in the row's series),
    used_though_withheld (figures in use of a vintage withheld, else NULL), left_out (the years, and the number of
    figures, of a vintage withheld where the series has none; NULL where nothing is left out), fell_back (why a
    preferred vintage gave no figure, where its entry does not allow another; NULL elsewhere) and spliced_downloads
    (revised figures of a vintage in use whose years come from several downloads; else NULL). Raises KeyError for an
    absent column.
    """
    import pandas as pd

    kept = (df["role"] == "kept").groupby([df["indicator"], df["entity_level"]]).transform("sum")
    withheld = df["withheld"].fillna(0)
    text = [
        f"{count:.0f} figures of {first}-{last}"
        for count, first, last in zip(withheld, df["first_year"], df["last_year"], strict=True)
    ]
    # The cause comes first: the file and cell, then what follows from them.
    cause = [
        f"{why} -> {indicator} ({level}) would come from {kept} instead of {vintage}"
        for why, indicator, level, kept, vintage in zip(
            df["refused_because"],
            df["indicator"],
            df["entity_level"],
            df["vintage"],
            df["refused_vintage"],
            strict=True,
        )
    ]
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        kept_of_series=kept.astype(float),
        used_though_withheld=df["chosen"].where((df["role"] == "withheld") & (df["chosen"] > 0)),
        left_out=pd.Series(text, index=df.index, dtype=object).where(withheld > 0, None),
        fell_back=pd.Series(cause, index=df.index, dtype=object).where(df["fallback"] == "refuse", None),
        spliced_downloads=df["revised"].where((df["downloads"] > 1) & (df["revised"] > 0)),
    )


def checks() -> tuple[Check, ...]:
    """All checks of the table, in a fixed order; names are unique and stable."""
    return (
        required_complete(TABLE, _REQUIRED),
        key_unique(TABLE, "Vintages are unique within a series", "同一序列中每个版本仅一行"),
        indicators_known(TABLE),
        values_known(TABLE, "roles_known", ("role", "取舍"), "role", ROLES),
        _check(
            "one_kept",
            "critical",
            "Every series keeps exactly one vintage",
            "每个序列恰采用一个版本",
            between("kept_of_series", 1, 1),
        ),
        _check(
            "withheld_unused",
            "critical",
            "No figure of a withheld vintage is in use",
            "被搁置版本的数值均未采用",
            is_null("used_though_withheld"),
        ),
        _check(
            "nothing_left_out",
            "warning",
            "No vintage has figures its series lacks; if one has, declare a splice in sources.yaml or do without them",
            "没有版本含序列所缺的数值；如有，可在 sources.yaml 中声明衔接，否则不予采用",
            is_null("left_out"),
        ),
        _check(
            "no_fallback",
            "critical",
            "No series comes from another vintage because the preferred one was refused; mend the file, or declare "
            "`fallback: allow` in its entry of sources.yaml",
            "没有序列因首选版本被拒绝而改用其他版本；请更正文件，或在 sources.yaml 的条目中声明 fallback: allow",
            is_null("fell_back"),
        ),
        _check(
            "downloads_not_spliced",
            "warning",
            "No vintage in use mixes downloads of which the later revised the earlier; if one does, download all its "
            "years again",
            "所用版本未混用存在修订的前后两次下载；如有，请重新下载全部年份",
            is_null("spliced_downloads"),
        ),
    )
