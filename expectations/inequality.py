"""What must hold for `inequality`: a row for every resource, basis and year, each unit counted or left out, parts that
add up.

Belongs here: the checks of that table and the columns they need. Does not belong here: measures
(models_py/inequality) and how checks are run (suite.py).
"""

from itertools import product

from catalog.provinces import load_provinces
from catalog.studies import Study
from expectations import Frame
from expectations.builders import between
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete, years_of_study

TABLE = "inequality"
_REQUIRED = ("study", "resource", "basis", "year", "n", "dropped")
_THEIL = ["theil", "theil_within", "theil_between"]
_EXACT = 1e-12
_check = checks_of(TABLE)


def prepare(df: Frame, study: Study) -> Frame:
    """`df`, the rows of one study, with the columns the checks read. Pure; rows and columns are kept.

    Adds required_missing; cells_lacking (resource x basis x study year cells without a row, of the resources and bases
    the table has); units_gap (units counted and left out, less the panel's: the provinces, or, of another unit, the
    most of any row); theil_lowest and theil_gap (the lowest of the Theil index and its parts, and both parts less the
    index); unexplained (1 where Gini or Theil is missing without a note, else 0). Raises KeyError for an absent column.
    """
    counted = df["n"] + df["dropped"]
    units = len(load_provinces()) if study.panel.unit == "province" else counted.max()
    silent = (df[["note_en", "note_zh"]].fillna("") == "").any(axis=1)
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        cells_lacking=len(
            _cells(df, study) - set(df[["resource", "basis", "year"]].itertuples(index=False, name=None))
        ),
        units_gap=counted - units,
        theil_lowest=df[_THEIL].min(axis=1),
        theil_gap=df["theil_within"] + df["theil_between"] - df["theil"],
        unexplained=(df[["gini", *_THEIL]].isna().any(axis=1) & silent).astype(int),
    )


def _cells(df: Frame, study: Study) -> set[tuple[object, ...]]:
    """The cells that must have a row."""
    first, last = study.years
    return set(product(df["resource"].unique(), df["basis"].unique(), range(first, last + 1)))


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    first, until = study.panel.years[0], study.panel.last_in_words
    return of_study(
        study,
        [
            required_complete(TABLE, _REQUIRED),
            key_unique(TABLE, "A resource, basis and year have only one row", "同一资源、基数与年份仅一行"),
            years_of_study(TABLE, study),
            _check(
                "panel_complete",
                "critical",
                f"Every resource and basis has a row for each year, {first} to {until.en}",
                f"各资源与基数均含{first}至{until.zh}年每年一行",
                between("cells_lacking", None, 0),
            ),
            _check(
                "units_accounted",
                "critical",
                "Units counted and left out are all units of the panel",
                "计入与未计入单位之和等于面板单位总数",
                between("units_gap", 0, 0),
            ),
            _check(
                "gini_bounds",
                "critical",
                "Gini coefficients lie within 0 and 1",
                "基尼系数在0与1之间",
                between("gini", 0, 1),
            ),
            _check(
                "theil_not_negative",
                "critical",
                "Neither the Theil index nor a part of it is below zero",
                "泰尔指数及其组成部分均不为负",
                between("theil_lowest", 0, None),
            ),
            _check(
                "theil_is_within_and_between",
                "critical",
                f"theil = theil_within + theil_between in every row, within {_EXACT:g}",
                f"逐行满足 theil = theil_within + theil_between，误差不超过{_EXACT:g}",
                between("theil_gap", -_EXACT, _EXACT),
            ),
            _check(
                "missing_explained",
                "critical",
                "A Gini or Theil index is missing only where a note says why, in both languages",
                "基尼系数或泰尔指数缺值处均有中英文说明",
                between("unexplained", None, 0),
            ),
        ],
    )
