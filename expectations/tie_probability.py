"""What must hold for `tie_probability`: probabilities are shares, intervals hold their estimate, nothing is missing.

Belongs here: the checks of that table and the columns they need. Does not belong here: computing (models_py/network).
"""

from catalog.studies import Study
from expectations import Frame
from expectations.builders import between
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete, values_known

TABLE = "tie_probability"
QUANTITIES = ("average", "marginal", "marginal_sd", "tie")
_REQUIRED = ("study", "network", "model", "quantity", "term", "estimate", "std_error", "ci_low", "ci_high", "at")
_SHARES = ("average", "tie")
_EXACT = 1e-9
_check = checks_of(TABLE)


def prepare(df: Frame) -> Frame:
    """`df` with the columns the checks read. Pure; rows and columns are kept.

    Adds required_missing; share (the estimate of a probability, NULL for a difference); below and above (how far the
    ends of the interval lie beyond the estimate, which is never). Raises KeyError for an absent column.
    """
    estimate = df["estimate"].astype(float)
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        share=estimate.where(df["quantity"].isin(_SHARES)),
        below=estimate - df["ci_low"].astype(float),
        above=df["ci_high"].astype(float) - estimate,
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    return of_study(
        study,
        [
            required_complete(TABLE, _REQUIRED),
            key_unique(TABLE, "One row per network, model, quantity and term", "同一网络、模型、量与项仅一行"),
            values_known(TABLE, "quantities_known", ("quantity", "量"), "quantity", QUANTITIES),
            _check(
                "probability_is_a_share",
                "critical",
                "Every probability lies between 0 and 1",
                "概率在0与1之间",
                between("share", 0, 1),
            ),
            _check(
                "difference_at_most_one",
                "warning",
                "No estimate is below -1",
                "估计值不小于-1",
                between("estimate", -1, None),
            ),
            _check(
                "error_not_negative",
                "critical",
                "No standard error is negative",
                "标准误不为负",
                between("std_error", 0, None),
            ),
            _check(
                "interval_from_below",
                "critical",
                "No interval begins above its estimate",
                "区间下限不大于估计值",
                between("below", -_EXACT, None),
            ),
            _check(
                "interval_to_above",
                "critical",
                "No interval ends below its estimate",
                "区间上限不小于估计值",
                between("above", -_EXACT, None),
            ),
        ],
    )
