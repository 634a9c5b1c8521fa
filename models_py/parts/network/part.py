"""Networks of flows as a part: nodes, ties, and how much hangs on the threshold and on what is not listed.

Belongs here: what the part takes, makes and shows. Does not belong here: building networks (built.py), printed tables
(tables.py), the arithmetic of thresholds and bounds (models_py/network).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.parts.network import Options
from models_py.parts.frame import Part, Seen, Show, Tables, Work

if TYPE_CHECKING:
    from models_py.figures.table import ReportTable

TABLES = ("network_node", "network_tie", "network_summary", "node_list_gap")
THRESHOLDS = Text(zh="各阈值下的网络", en="Networks under several thresholds")
UNLISTED = Text(zh="未列出的节点对", en="Pairs that no list names")
OFFICIAL = Text(zh="节点与官方区划名单", en="Nodes beside the official list")


def compute(work: Work) -> Tables:
    """Tables network_node, network_tie, network_summary and node_list_gap."""
    from models_py.parts.network.built import gap_rows, networks_of, node_rows, summary_rows, tie_rows

    networks, study = networks_of(work.tables, work.options), work.study.id
    return {
        "network_node": node_rows(networks, study),
        "network_tie": tie_rows(networks, work.options, study),
        "network_summary": summary_rows(networks, work.options, study),
        "node_list_gap": gap_rows(networks, study),
    }


def headline(study: Study, tables: Tables, options: Options) -> str:
    """Nodes, ties and density of each network under its own threshold."""
    own = tables["network_summary"]
    own = own[own["own"].astype(bool)]
    said = (
        f"{row['network']} {row['n_nodes']} nodes, {row['n_ties']} ties, density {row['density']:.3f}, "
        f"{row['unknown']} pairs unknown"
        for row in own.to_dict("records")
    )
    return f"{study.id}: {'; '.join(said)}"


def thresholds(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """Size, density and flow kept of each network under each threshold."""
    from models_py.parts.network.tables import thresholds_table

    rows = seen.rows("network_summary")
    if len(rows):
        yield thresholds_table(rows, options, "network_thresholds", THRESHOLDS, seen.synthetic)


def unlisted(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """The three kinds of pairs of each network under its own threshold, and densities that rest on them."""
    from models_py.parts.network.tables import unlisted_table

    rows = seen.rows("network_summary")
    if len(rows):
        yield unlisted_table(rows, options, "network_unlisted", UNLISTED, seen.synthetic)


def official(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """How many units of the official list are no nodes, by reason, and how many nodes are not in it."""
    from models_py.parts.network.tables import official_table

    rows = seen.rows("network_summary")
    rows = rows[rows["own"].astype(bool) & rows["official_units"].notna()] if len(rows) else rows
    if len(rows):
        yield official_table(rows, options, "network_official", OFFICIAL, seen.synthetic)


PART = Part(
    summary=Text(
        en="Networks of flows between cities or counties: nodes, ties under several thresholds, and what is known of "
        "pairs that no list names",
        zh="城市或县之间的流动网络：节点、各阈值下的边，以及未列出节点对的已知程度",
    ),
    needs=("city_pair", "figures", "city"),
    uses=("county_year", "flow_list", "survey_edge"),
    makes=TABLES,
    whole=TABLES,
    compute=compute,
    headline=headline,
    shows=(
        Show("network_thresholds", "table", THRESHOLDS, thresholds),
        Show("network_unlisted", "table", UNLISTED, unlisted),
        Show("network_official", "table", OFFICIAL, official),
    ),
)
