"""What must hold for `entropy_weight`: shares that add up to 1 in every system and variant.

Belongs here: the checks of that table and the columns they need. Does not belong here: formulas (models_py/indices).
"""

from catalog.parts.entropy_index import SYSTEMS
from catalog.studies import Study
from expectations import Frame
from expectations.builders import between
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete, values_known

TABLE = "entropy_weight"
_REQUIRED = ("study", "variant", "system", "indicator", "position", "direction", "entropy", "weight", "carried")
_EXACT = 1e-9
_check = checks_of(TABLE)


def prepare(df: Frame) -> Frame:
    """`df`, rows in any order, with the columns the checks read. Pure; rows and columns are kept.

    Adds required_missing; sum_gap (the weights of the row's system and variant, less 1); divergence_gap (divergence and
    entropy, less 1). Raises KeyError for an absent column.
    """
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        sum_gap=df.groupby(["variant", "system"])["weight"].transform("sum") - 1,
        divergence_gap=df["divergence"] + df["entropy"] - 1,
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    return of_study(
        study,
        [
            required_complete(TABLE, _REQUIRED),
            key_unique(
                TABLE, "An indicator has one weight in a system and variant", "同一设定与系统内每项指标仅一个权重"
            ),
            values_known(TABLE, "systems_known", ("system", "系统"), "system", SYSTEMS),
            _check("weights_not_negative", "critical", "No weight is below 0", "权重非负", between("weight", 0, None)),
            _check(
                "weights_sum_to_one",
                "critical",
                f"Weights of a system and variant sum to 1, within {_EXACT:g}",
                f"同一设定与系统的权重合计为1，误差不超过{_EXACT:g}",
                between("sum_gap", -_EXACT, _EXACT),
            ),
            _check(
                "entropy_is_a_share",
                "critical",
                "Entropy lies between 0 and 1",
                "熵值在0与1之间",
                between("entropy", 0, 1 + _EXACT),
            ),
            _check(
                "divergence_is_the_rest",
                "critical",
                f"Divergence is 1 less entropy, within {_EXACT:g}",
                f"差异系数等于1减熵值，误差不超过{_EXACT:g}",
                between("divergence_gap", -_EXACT, _EXACT),
            ),
        ],
    )
