"""What must hold for `coordination_rank`: ranks among the places there are, intervals that hold their medians.

Belongs here: the checks of that table and the columns they need. Does not belong here: formulas
(models_py/indices/rank_resampling.py).
"""

from catalog.studies import Study
from expectations import Frame
from expectations.builders import between
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete, years_of_study

TABLE = "coordination_rank"
_REQUIRED = (
    "study", "variant", "entity_code", "year", "rank", "rank_median", "rank_low", "rank_high", "coordination_degree",
    "degree_low", "degree_high", "draws", "seed",
)  # fmt: skip
_check = checks_of(TABLE)


def prepare(df: Frame) -> Frame:
    """`df`, rows in any order, with the columns the checks read. Pure; rows and columns are kept.

    Adds required_missing; beyond_places (the largest rank less the number of places of the row's variant and year);
    disorder (how far the median lies outside its interval, 0 within). Raises KeyError for an absent column.
    """
    places = df.groupby(["study", "variant", "year"])["entity_code"].transform("nunique")
    outside = (df["rank_low"] - df["rank_median"]).clip(lower=0) + (df["rank_median"] - df["rank_high"]).clip(lower=0)
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        beyond_places=df[["rank", "rank_high"]].max(axis=1) - places,
        disorder=outside,
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    return of_study(
        study,
        [
            required_complete(TABLE, _REQUIRED),
            key_unique(TABLE, "A kind of draw, place and year have one row", "同一抽取方式、地区与年份仅一行"),
            years_of_study(TABLE, study),
            _check("ranks_from_one", "critical", "Ranks begin at 1", "名次自1起", between("rank_low", 1, None)),
            _check(
                "ranks_within_places",
                "critical",
                "No rank is beyond the number of places",
                "名次不超过地区数",
                between("beyond_places", None, 0),
            ),
            _check(
                "intervals_hold_medians",
                "critical",
                "The median rank lies within its interval",
                "名次中位数在区间之内",
                between("disorder", None, 0),
            ),
            _check("degree_bounded", "critical", "D lies between 0 and 1", "D在0与1之间", between("degree_high", 0, 1)),
        ],
    )
