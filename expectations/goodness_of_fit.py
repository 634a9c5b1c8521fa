"""What must hold for `goodness_of_fit`: counts add up, the simulated range is in order, nothing is missing.

Belongs here: the checks of that table and the columns they need. Does not belong here: simulation (models_py/network).
"""

from catalog.studies import Study
from expectations import Frame
from expectations.builders import between
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete, values_known

TABLE = "goodness_of_fit"
STATISTICS = ("model", "in_degree", "out_degree", "distance", "shared_partners", "dyads")
# No model could be estimated.
MAY_BE_EMPTY = True
_REQUIRED = (
    "study", "network", "model", "statistic", "value", "observed", "simulated_mean", "simulated_low", "simulated_high",
)  # fmt: skip
# Statistics whose numbers add up to the same in every network of so many nodes.
_FIXED = ("in_degree", "out_degree", "distance", "dyads")
_KEY = ["study", "network", "model", "statistic"]
_EXACT = 1e-6
_check = checks_of(TABLE)


def prepare(df: Frame) -> Frame:
    """`df` with the columns the checks read. Pure; rows and columns are kept.

    Adds required_missing; range (high less low); least (the smallest number of a row that counts something); apart (by
    how much the numbers of a statistic add up to something else in simulated networks than in the observed one, as a
    share; of statistics whose sum is fixed). Raises KeyError for an absent column.
    """
    numbers = df[["observed", "simulated_mean", "simulated_low", "simulated_high"]].astype(float)
    counted = df["statistic"] != "model"
    sums = df.assign(**numbers).groupby(_KEY)[["observed", "simulated_mean"]].transform("sum")
    fixed = df["statistic"].isin(_FIXED)
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        range=numbers["simulated_high"] - numbers["simulated_low"],
        least=numbers.min(axis=1).where(counted),
        apart=((sums["simulated_mean"] - sums["observed"]).abs() / sums["observed"]).where(fixed),
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    return of_study(
        study,
        [
            required_complete(TABLE, _REQUIRED),
            key_unique(TABLE, "One row per network, model, statistic and value", "同一网络、模型、统计量与取值仅一行"),
            values_known(TABLE, "statistics_known", ("statistic", "统计量"), "statistic", STATISTICS),
            _check(
                "range_in_order",
                "critical",
                "No simulated range ends below its beginning",
                "模拟区间上限不小于下限",
                between("range", 0, None),
            ),
            _check("not_negative", "critical", "No count is negative", "计数不为负", between("least", 0, None)),
            _check(
                "same_total",
                "critical",
                "Nodes and pairs are as many in simulated networks as in the observed one",
                "模拟网络与观测网络的节点数、节点对数合计相同",
                between("apart", None, _EXACT),
            ),
            _check(
                "networks_simulated",
                "critical",
                "At least 20 networks were simulated",
                "模拟网络不少于20个",
                between("networks", 20, None),
            ),
        ],
    )
