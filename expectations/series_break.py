"""Breaks of series inside a study's years, one notice for each indicator the study uses.

Belongs here: the warnings read beside a study's estimates. A break does not stop a study: year effects may absorb it,
and the reader must be able to judge that.
Does not belong here: the breaks themselves (catalog/indicators.yaml) and how checks are run (suite.py).
"""

from catalog.indicators import load_registry
from catalog.studies import Study
from expectations import Frame
from expectations.builders import is_null
from expectations.suite import Check, checks_of, of_study

TABLE = "series_break"
# A catalog without any break is conceivable.
MAY_BE_EMPTY = True
_check = checks_of(TABLE)


def judges(study: Study) -> bool:
    """Only a study that uses indicators of the panel has series that could break."""
    return bool(study.indicators)


def prepare(df: Frame, study: Study) -> Frame:
    """`df` with a column break__<id> for each indicator of the study. Pure; rows and the given columns are kept.

    It holds what changes, in the rows of that indicator whose break has years of the study on both sides, unless the
    series of the study's unit is chained over it; NULL elsewhere. Raises KeyError for an absent column.
    """
    first, last = study.years
    chained = df["chained"].fillna("").astype(str).str.split("|").map(lambda levels: study.panel.unit in levels)
    inside = (df["year"] > first) & (df["year"] <= last) & ~chained.astype(bool)
    text = df["description"].where(
        df["levels_comparable"].fillna(False), df["description"] + " (levels not comparable)"
    )
    return df.assign(
        **{f"break__{name}": text.where(inside & (df["indicator"] == name), None) for name in study.indicators}
    )


def checks(study: Study) -> tuple[Check, ...]:
    """One warning for each indicator the study uses, in the study's order; names begin with the study's id."""
    first, last = study.panel.years[0], study.panel.last_in_words
    labels = {name: load_registry().indicators[name].label for name in study.indicators}
    return of_study(
        study,
        [
            _check(
                "series_break",
                "warning",
                f"{label.en}: no break of the series inside {first}-{last.en}",
                f"{label.zh}：{first}—{last.zh}年内无口径断点",
                is_null(f"break__{name}"),
                of=name,
            )
            for name, label in labels.items()
        ],
    )
