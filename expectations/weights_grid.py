"""What must hold for `weights_grid`: probabilities add up, coefficients are feasible, what is missing is explained.

Belongs here: the checks of that table and the columns they need. Does not belong here: models and marginal likelihoods
(models_py/spatial).
"""

from catalog.studies import Study
from expectations import Frame
from expectations.builders import between
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete

TABLE = "weights_grid"
_REQUIRED = ("study", "model", "estimator", "weights", "variant", "note_en", "note_zh")
_EXACT = 1e-9
_check = checks_of(TABLE)


def prepare(df: Frame) -> Frame:
    """`df` with the columns the checks read. Pure; rows and columns are kept.

    Adds required_missing; whole (the posterior probabilities of the row's study and construction, added up); inside
    (how far rho lies within its feasible interval, below 0 outside it; an end that is not bounded does not count);
    apart (1 where only one of marginal likelihood and probability is given, else 0). Raises KeyError for an absent
    column.
    """
    rho = df["rho"].astype(float)
    ends = [rho - df["interval_low"].astype(float), df["interval_high"].astype(float) - rho]
    whole = df.groupby(["study", "variant"])["posterior"].transform("sum").where(df["posterior"].notna())
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        whole=whole.astype(float),
        inside=ends[0].combine(ends[1], min),
        apart=(df["posterior"].notna() != df["log_marginal"].notna()).astype(int),
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    return of_study(
        study,
        [
            required_complete(TABLE, _REQUIRED),
            key_unique(TABLE, "One row per weights, model and construction", "同一权重、模型与指数构造仅一行"),
            _check(
                "probabilities_add_up",
                "critical",
                "The probabilities of a construction add up to 1",
                "同一指数构造的后验概率合计为1",
                between("whole", 1 - _EXACT, 1 + _EXACT),
            ),
            _check(
                "probability_is_a_share",
                "critical",
                "Every probability lies between 0 and 1",
                "后验概率在0与1之间",
                between("posterior", 0, 1),
            ),
            _check(
                "rho_feasible",
                "critical",
                "Every coefficient of dependence lies within its feasible interval",
                "空间相关系数均在可行区间内",
                between("inside", 0, None),
            ),
            _check(
                "both_or_neither",
                "critical",
                "Marginal likelihood and probability are both given or both missing",
                "边际似然与后验概率同时给出或同时为空",
                between("apart", None, 0),
            ),
        ],
    )
