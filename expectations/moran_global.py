"""What must hold for `moran_global`: the expectation, p-values a permutation test can have, z on the side of I.

Belongs here: the checks of that table and the columns they need. Does not belong here: the statistic
(models_py/spatial/moran.py).
"""

import numpy as np

from catalog.studies import Study
from expectations import Frame
from expectations.builders import between
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete, years_of_study

TABLE = "moran_global"
_REQUIRED = (
    "study",
    "weights",
    "variable",
    "year",
    "i",
    "expected_i",
    "permutations",
    "seed",
    "n",
    "note_en",
    "note_zh",
)
_P_VALUES = ("p_norm", "p_rand", "p_sim", "p_sim_greater")
_EXACT = 1e-9
_check = checks_of(TABLE)


def prepare(df: Frame) -> Frame:
    """`df` with the columns the checks read. Pure; rows and columns are kept.

    Adds required_missing; p_low and p_high (smallest and largest p-value of the row); p_least (p_sim or
    p_sim_greater, the smaller, less the smallest a permutation test can give); expected_gap (the expectation less
    -1 / (n - 1)); side (1 where I and z_norm lie on different sides of nothing, else 0). Raises KeyError for an absent
    column.
    """
    p_values = df[list(_P_VALUES)].astype(float)
    smallest = 1 / (df["permutations"].astype(float) + 1)
    gap = df["i"].astype(float) - df["expected_i"].astype(float)
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        p_low=p_values.min(axis=1),
        p_high=p_values.max(axis=1),
        p_least=p_values[["p_sim", "p_sim_greater"]].min(axis=1) - smallest,
        expected_gap=df["expected_i"].astype(float) + 1 / (df["n"].astype(float) - 1),
        side=(np.sign(gap) * np.sign(df["z_norm"].astype(float)) < 0).astype(int),
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    return of_study(
        study,
        [
            required_complete(TABLE, _REQUIRED),
            key_unique(TABLE, "One row per variable, year and weights", "同一变量、年份与权重仅一行"),
            years_of_study(TABLE, study),
            _check("p_not_negative", "critical", "No p-value is negative", "p值不为负", between("p_low", 0, None)),
            _check("p_at_most_one", "critical", "No p-value is above 1", "p值不大于1", between("p_high", None, 1)),
            _check(
                "p_of_permutations",
                "critical",
                "No p-value of permutations is below 1 / (permutations + 1)",
                "置换p值不低于1/(置换次数+1)",
                between("p_least", -_EXACT, None),
            ),
            _check(
                "expectation",
                "critical",
                "The expectation is -1 / (n - 1)",
                "期望为-1/(n-1)",
                between("expected_gap", -_EXACT, _EXACT),
            ),
            _check(
                "z_on_the_side_of_i",
                "critical",
                "z is positive where I is above its expectation, and negative below",
                "z与I相对期望的方向一致",
                between("side", None, 0),
            ),
        ],
    )
