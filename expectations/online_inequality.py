"""What must hold for `online_inequality`: measures within their bounds, gaps that are the difference they are called.

Belongs here: the checks of that table and the columns they need. Does not belong here: the measures
(models_py/parts/online_doctors/measures.py) and how checks are run (suite.py).
"""

from catalog.studies import Study
from expectations import Frame
from expectations.builders import between, in_set
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete

TABLE = "online_inequality"
# Without a list of doctors there is nothing to compare.
MAY_BE_EMPTY = True
MEASURES = ("doctors", "gini", "gini_gap", "first_tier_share", "accessibility_mean", "accessibility_gini", "left_out")
_SHARES = frozenset({"gini", "first_tier_share", "accessibility_gini"})
_REQUIRED = ("study", "measure", "resource", "scope", "unit", "n", "year", "note_en", "note_zh")
_EXACT = 1e-12
_check = checks_of(TABLE)


def prepare(df: Frame) -> Frame:
    """`df` with the columns the checks read. Pure; rows and given columns are kept.

    Adds required_missing; share (the value where it is a Gini or a share), other (the value of every measure but
    gaps), gap_error (a gap less the difference of the Ginis of its scope; NULL where one is missing) and unexplained
    (1 where a value is missing without a note, else 0). Raises KeyError for an absent column.
    """
    import pandas as pd

    ginis = df[df["measure"] == "gini"].drop_duplicates(["resource", "scope"]).set_index(["resource", "scope"])["value"]
    offline = pd.MultiIndex.from_arrays([["offline"] * len(df), df["scope"]])
    online = pd.MultiIndex.from_frame(df[["resource", "scope"]])
    difference = ginis.reindex(offline).to_numpy(dtype=float) - ginis.reindex(online).to_numpy(dtype=float)
    gap, value = df["measure"] == "gini_gap", df["value"].astype(float)
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        share=value.where(df["measure"].isin(_SHARES)),
        other=value.mask(gap),
        gap_error=(value - difference).where(gap),
        unexplained=(value.isna() & (df["note_en"].fillna("") == "")).astype(int),
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table, in fixed order; each name begins with the study's id."""
    return of_study(
        study,
        [
            required_complete(TABLE, _REQUIRED),
            key_unique(TABLE, "A measure has one value for each resource and scope", "同一指标、资源与范围仅一值"),
            _check(
                "measures_known",
                "critical",
                f"Every measure is one of {', '.join(MEASURES)}",
                f"指标均为{'、'.join(MEASURES)}之一",
                in_set("measure", MEASURES),
            ),
            _check(
                "shares_bounded",
                "critical",
                "Ginis and shares lie within 0 and 1",
                "基尼系数与占比在0与1之间",
                between("share", 0, 1),
            ),
            _check(
                "not_negative",
                "critical",
                "No value but a gap is negative",
                "除差值外均不为负",
                between("other", 0, None),
            ),
            _check(
                "gaps_are_differences",
                "critical",
                f"A gap is the offline Gini minus the online one, within {_EXACT:g}",
                f"基尼差等于线下减线上，误差不超过{_EXACT:g}",
                between("gap_error", -_EXACT, _EXACT),
            ),
            _check(
                "missing_explained",
                "critical",
                "A value is missing only where a note says why",
                "缺值均注明原因",
                between("unexplained", None, 0),
            ),
        ],
    )
