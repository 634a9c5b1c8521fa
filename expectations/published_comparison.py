"""What must hold for `published_comparison`: every printed figure beside ours, and no claims from synthetic data.

Belongs here: the checks of that table. Does not belong here: the comparison itself (models_py/parts/comparison).
"""

from catalog.studies import Study
from expectations import Frame
from expectations.builders import between, not_null
from expectations.suite import Check, checks_of, key_unique, of_study

TABLE = "published_comparison"
# A study may leave out tables of its paper; with fewer figures of its own than these the names no longer meet.
_SHARE_FOUND = 0.5
_check = checks_of(TABLE)


def prepare(df: Frame, study: Study, data_kind: str) -> Frame:
    """The rows of `study` with the columns the checks read. Pure; other studies' rows are left out.

    Adds found (share of the study's rows that have `estimated`), claims (number of `within_95` and `matches` filled in
    the row) where the data are synthetic, else 0, and unanswered (1 where the data are real and `estimated` has no
    `matches`, else 0). Raises ValueError for a study without a paper and KeyError for an absent column.
    """
    if study.paper is None:
        raise ValueError(f"the study {study.id} declares no paper, so it has no {TABLE}")
    rows, synthetic = df[df["study"] == study.id], data_kind == "synthetic"
    return rows.assign(
        found=rows["estimated"].notna().mean(),
        claims=rows[["within_95", "matches"]].notna().sum(axis=1) if synthetic else 0,
        unanswered=0 if synthetic else (rows["estimated"].notna() & rows["matches"].isna()).astype(int),
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    return of_study(
        study,
        [
            key_unique(TABLE, "Printed figures are unique", "每个刊印数字仅一行"),
            _check(
                "published_present",
                "critical",
                "Every row has the printed figure",
                "每行均有刊印数字",
                not_null("published"),
            ),
            _check(
                "synthetic_claims_nothing",
                "critical",
                "On synthetic data within_95 and matches are NULL",
                "合成数据的within_95与matches均为空",
                between("claims", None, 0),
            ),
            _check(
                "real_answered",
                "critical",
                "On real data every figure of ours is compared to the printed decimals",
                "真实数据中有本项目数值的行均与刊印小数位比较",
                between("unanswered", None, 0),
            ),
            _check(
                "counterparts_found",
                "warning",
                f"At least {_SHARE_FOUND:.0%} of the printed figures have a counterpart of ours",
                f"至少{_SHARE_FOUND:.0%}的刊印数字有本项目的对应数值",
                between("found", _SHARE_FOUND, None),
            ),
        ],
    )
