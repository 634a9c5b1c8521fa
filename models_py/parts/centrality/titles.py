"""What the measures of centrality are called, in tables, legends and the titles of maps.

Belongs here: their names, which cost no import where only titles are asked for.
"""

from catalog.base import Text

MEASURES = {
    "in_share": Text(zh="流入占比", en="Share of inflow"),
    "in_degree_std": Text(zh="标准化入度", en="In-degree / (n − 1)"),
    "in_max": Text(zh="流入/最大流入", en="Inflow / largest inflow"),
    "in_degree": Text(zh="入度", en="In-degree"),
    "betweenness": Text(zh="中介中心性", en="Betweenness"),
    "pagerank": Text(zh="PageRank", en="PageRank"),
    "community": Text(zh="社区", en="Community"),
}
