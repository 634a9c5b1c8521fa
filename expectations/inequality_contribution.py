"""What must hold for `inequality_contribution`: causes that add up, for each unit and for all.

Belongs here: the checks of that table and the columns they need. Does not belong here: the decomposition
(models_py/inequality/change.py).
"""

from catalog.studies import Study
from expectations import Frame
from expectations.builders import between
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete, years_of_study

TABLE = "inequality_contribution"
# One year, or other units in every year, have no change.
MAY_BE_EMPTY = True
_CAUSES = ["from_reranking", "from_basis", "from_resource"]
_REQUIRED = ("study", "resource", "basis", "year", "entity_code", "since", *_CAUSES, "total")
_EXACT = 1e-12
_check = checks_of(TABLE)


def prepare(df: Frame) -> Frame:
    """`df` with the columns the checks read. Pure; rows and columns are kept.

    Adds required_missing, total_gap (the causes less the total), change and reranking (sums of total and
    from_reranking over the units of the row's resource, basis and year) and years_since (year less since). Raises
    KeyError for an absent column.
    """
    together = df.groupby(["resource", "basis", "year"])
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        total_gap=df[_CAUSES].sum(axis=1, skipna=False) - df["total"],
        change=together["total"].transform("sum"),
        reranking=together["from_reranking"].transform("sum"),
        years_since=df["year"] - df["since"],
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    return of_study(
        study,
        [
            required_complete(TABLE, _REQUIRED),
            key_unique(
                TABLE, "A unit has one row per resource, basis and year", "同一资源、基数、年份的同一单位仅一行"
            ),
            years_of_study(TABLE, study),
            _check(
                "causes_add_up",
                "critical",
                f"total is the sum of the three causes in every row, within {_EXACT:g}",
                f"逐行满足 total 等于三项之和，误差不超过{_EXACT:g}",
                between("total_gap", -_EXACT, _EXACT),
            ),
            _check(
                "change_bounded",
                "critical",
                "No Gini coefficient changes by more than 1",
                "基尼系数变化不超过1",
                between("change", -1, 1),
            ),
            _check(
                "reranking_not_negative",
                "critical",
                "Over all units, re-ranking never lowers the Gini coefficient",
                "各单位合计，位次变动不会降低基尼系数",
                between("reranking", -_EXACT, None),
            ),
            _check(
                "since_before",
                "critical",
                "The year compared with is an earlier one",
                "对照年份早于当年",
                between("years_since", 1, None),
            ),
        ],
    )
