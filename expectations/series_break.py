"""Breaks of series inside a study's years, one notice for each indicator the study uses.

Belongs here: the warnings read beside a study's estimates. A break does not stop a study: year effects may take it up,
and a reader must be able to judge that.
Does not belong here: the breaks themselves (catalog/indicators.yaml) and how checks are run (suite.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.base import Text
from catalog.indicators import load_registry
from catalog.studies import Study
from expectations.builders import is_null
from expectations.suite import Check, of_study, run_checks

if TYPE_CHECKING:
    import pandas as pd

TABLE = "series_break"
# A catalog without any break is conceivable.
MAY_BE_EMPTY = True


def prepare(df: pd.DataFrame, study: Study) -> pd.DataFrame:
    """`df` with a column break__<id> for each indicator of the study. Pure; rows and the given columns are kept.

    It holds what changes, in the rows of that indicator whose break has years of the study on both sides; NULL
    elsewhere. Raises KeyError for an absent column.
    """
    import pandas as pd

    first, last = study.years
    inside = (df["year"] > first) & (df["year"] <= last)
    warned = df["description"] + " (levels not comparable)"
    text = df["description"].where(df["levels_comparable"].fillna(False), warned)
    added = {f"break__{name}": text.where(inside & (df["indicator"] == name), None) for name in study.indicators}
    return pd.concat([df, pd.DataFrame(added, index=df.index)], axis=1)


def checks(study: Study) -> tuple[Check, ...]:
    """One warning for each indicator the study uses, in the study's order; names begin with the study's id."""
    found = []
    first, last = study.years
    for name in study.indicators:
        label = load_registry().indicators[name].label
        text = Text(
            en=f"{label.en}: no break of the series inside {first}-{last}",
            zh=f"{label.zh}：{first}—{last}年内无口径断点",
        )
        found.append(Check(f"series_break_{name}", TABLE, "warning", text, is_null(f"break__{name}")))
    return of_study(study, found)


def run(df: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Prepare `series_break` for the study and run its checks; see `run_checks` for the result."""
    return run_checks(checks(study), prepare(df, study), may_be_empty=MAY_BE_EMPTY)
