"""What must hold for `network_summary`: pairs that add up, shares that are shares, one threshold of the network's own.

Belongs here: the checks of that table and the columns they need. Does not belong here: single pairs (network_tie).
"""

from catalog.parts.network import FEWEST
from catalog.studies import Study
from expectations import Frame
from expectations.builders import between, equal
from expectations.suite import Check, checks_of, key_unique, missing, of_study, required_complete

TABLE = "network_summary"
_REQUIRED = (
    "study",
    "network",
    "threshold",
    "own",
    "n_nodes",
    "n_ties",
    "dyads",
    "listed",
    "known_non_ties",
    "unknown",
)
_SHARES = ("density", "flow_kept", "density_all_zero", "density_listed_only")
_ABSENT = ("absent_no_flow", "absent_left_out", "absent_no_figures")
_check = checks_of(TABLE)


def prepare(df: Frame) -> Frame:
    """`df` with the columns the checks read. Pure. Raises KeyError for an absent column.

    Adds required_missing, all_pairs (ordered pairs of so many nodes), counted (pairs listed, known not to be ties, and
    unknown, less all pairs: at least 0, for a listed pair may be unknown too), ties_over (ties beyond the listed
    pairs), thresholds and owns (of the row's network), list_gap (units of the official list that are neither nodes nor
    absent; empty without a list).
    """
    nodes, network = df["n_nodes"].astype(float), [df["study"], df["network"]]
    absent = sum(df[name].astype(float) for name in _ABSENT)
    return df.assign(
        required_missing=missing(df, _REQUIRED),
        all_pairs=nodes * (nodes - 1),
        counted=df["listed"] + df["known_non_ties"] + df["unknown"] - df["dyads"],
        ties_over=df["n_ties"] - df["listed"],
        thresholds=df["threshold"].groupby(network).transform("nunique"),
        list_gap=df["official_units"].astype(float) - absent - (nodes - df["extra_nodes"].astype(float)),
        owns=df["own"].astype(int).groupby(network).transform("sum"),
    )


def checks(study: Study) -> tuple[Check, ...]:
    """All checks of the table for `study`, in fixed order; each name begins with the study's id."""
    found = (
        required_complete(TABLE, _REQUIRED),
        key_unique(TABLE, "A network has one row for each threshold", "每个网络每个阈值仅一行"),
        _check(
            "nodes_enough",
            "critical",
            "A network has three nodes or more",
            "网络至少有三个节点",
            between("n_nodes", 3, None),
        ),
        _check(
            "pairs_of_nodes",
            "critical",
            "Ordered pairs are those of the nodes",
            "有序节点对数与节点数相符",
            equal("dyads", "all_pairs"),
        ),
        _check(
            "pairs_add_up",
            "critical",
            "Listed, known and unknown pairs are all pairs",
            "列出、已知与未知的节点对合为全部",
            between("counted", 0, None),
        ),
        _check(
            "official_units_are_nodes_or_absent",
            "critical",
            "Every unit of the official list is a node or counted as absent",
            "官方名单各单位或为节点，或计为缺少",
            between("list_gap", 0, 0),
        ),
        _check(
            "ties_are_listed",
            "critical",
            "Every tie is a pair that a list names",
            "每条边均为列出的节点对",
            between("ties_over", None, 0),
        ),
        *(
            _check(
                f"{name}_is_a_share",
                "critical",
                f"{name} lies within 0 and 1",
                f"{name} 在0与1之间",
                between(name, 0, 1),
            )
            for name in _SHARES
        ),
        _check(
            "one_own_threshold",
            "critical",
            "One threshold is the network's own",
            "每个网络恰有一个自身阈值",
            between("owns", 1, 1),
        ),
        _check(
            "thresholds_enough",
            "critical",
            f"A network stands under {FEWEST} thresholds or more",
            f"每个网络至少有{FEWEST}个阈值",
            between("thresholds", FEWEST, None),
        ),
        _check(
            "not_empty",
            "warning",
            "Every network has ties",
            "各网络均有边",
            between("n_ties", 0, None, above=True),
        ),
    )
    return of_study(study, found)
