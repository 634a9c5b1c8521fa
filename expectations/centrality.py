"""What must hold for `centrality`: shares of one whole, ties with two ends.

Belongs here: the checks of that table and the columns they need. Does not belong here: how cells are withheld.
"""

from catalog.studies import Study
from expectations import Frame
from expectations.builders import between
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete

TABLE = "centrality"
_REQUIRED = ("study", "network", "city_code", "in_degree", "out_degree", "in_degree_std", "betweenness", "pagerank")
_SHARES = ("in_degree_std", "in_share", "in_max", "betweenness", "pagerank")
_check = checks_of(TABLE)


def prepare(df: Frame) -> Frame:
    """`df` with the columns the checks read. Pure. Raises KeyError for an absent column.

    Adds required_missing, share_sum and pagerank_sum (over the row's network) and degree_gap (in-degrees less
    out-degrees of the network: every tie leaves one node and arrives at another).
    """
    network = [df["study"], df["network"]]
    gap = (df["in_degree"] - df["out_degree"]).astype(float)
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        share_sum=df["in_share"].astype(float).groupby(network).transform("sum", min_count=1),
        pagerank_sum=df["pagerank"].astype(float).groupby(network).transform("sum"),
        degree_gap=gap.groupby(network).transform("sum"),
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    found = (
        required_complete(TABLE, _REQUIRED),
        key_unique(TABLE, "A node has one row in its network", "每个网络每个节点仅一行"),
        *(
            _check(
                f"{name}_within", "critical", f"{name} lies within 0 and 1", f"{name} 在0与1之间", between(name, 0, 1)
            )
            for name in _SHARES
        ),
        _check(
            "shares_of_a_whole",
            "critical",
            "The shares of inflow of a network sum to 1",
            "同一网络的流入占比之和为1",
            between("share_sum", 1 - 1e-9, 1 + 1e-9),
        ),
        _check(
            "pagerank_of_a_whole",
            "critical",
            "PageRank of a network sums to 1",
            "同一网络的PageRank之和为1",
            between("pagerank_sum", 1 - 1e-6, 1 + 1e-6),
        ),
        _check(
            "ties_have_two_ends",
            "critical",
            "In-degrees and out-degrees of a network sum to the same",
            "同一网络入度之和等于出度之和",
            between("degree_gap", 0, 0),
        ),
        *(
            _check(
                f"{name}_not_negative", "critical", f"{name} is not negative", f"{name} 不为负", between(name, 0, None)
            )
            for name in ("in_strength", "out_strength")
        ),
    )
    return of_study(study, found)
