"""Inequality of resources between the units of a panel, as a part.

Belongs here: what it needs, makes and shows. Does not belong here: formulas (models_py/inequality), rows (measured.py),
drawing (figure_*.py).
"""

from catalog.base import Text
from models_py.parts.frame import Part, Replication, Tables, Work


def compute(work: Work) -> Tables:
    """Tables inequality, inequality_measure, inequality_group, inequality_contribution, inequality_place, lorenz."""
    from models_py.parts.inequality.measured import inequality_tables

    return inequality_tables(work.tables["figures"], work.options, work.panel, work.study.id)


def replicated(work: Work, made: Tables) -> Replication:
    """Measures of resources and groups, for the scripts in replication/."""
    from models_py.parts.inequality.replicate import replicate

    return replicate(work, made)


TABLES = (
    "inequality",
    "inequality_measure",
    "inequality_group",
    "inequality_contribution",
    "inequality_place",
    "lorenz",
)
PART = Part(
    summary=Text(
        en="Inequality of resources by population and by area: Gini, Theil and its groups, Atkinson, concentration, "
        "Lorenz curves, change and who moved it, densities",
        zh="资源按人口与按面积的不均等：基尼、泰尔及分组、阿特金森、集中指数、洛伦兹曲线、变化分解与密度",
    ),
    needs=("figures",),
    makes=TABLES,
    whole=TABLES,
    compute=compute,
    replicate=replicated,
)
