"""Valued flows by Poisson pseudo-likelihood, beside the network models of ties, as a part.

Belongs here: what the part needs, makes and shows. Does not belong here: estimation (fits.py), printing (table.py).
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from catalog import Study
from catalog.base import Text
from catalog.parts import ergm, network
from catalog.parts.gravity import Options
from models_py.parts.frame import Part, Seen, Show, Tables, Work
from models_py.parts.gravity.titles import titles

if TYPE_CHECKING:
    from models_py.figures.table import ReportTable

TABLES = ("estimate", "model_fit")


def compute(work: Work) -> Tables:
    """Shares of estimate and model_fit."""
    from models_py.parts.gravity.fits import gravity_tables

    return gravity_tables(work)


def says(seen: Seen, options: Options) -> "Iterator[Text]":
    """Of each table's first network: ratios of flows for one standard deviation, with both effects."""
    from models_py.parts.ergm.words import Names

    rows, declared = seen.rows("estimate"), seen.study.options(ergm.Options)
    networks = seen.study.options(network.Options).networks
    for table in declared.tables if len(rows) else ():
        title = networks[table.networks[0]].title
        own = rows[(rows["table_no"] == options.table_no) & (rows["variant"] == "") & (rows["model"] == "both effects")]
        own = own[(own["effect"] == "flow_ratio_sd") & (own["sample"] == table.networks[0])]
        for row in own.to_dict("records"):
            term = Names(declared.nodal, table).term(row["term"])
            level, low, high = f"{row['ci_level']:.0%}", f"{row['ci_low']:.3f}", f"{row['ci_high']:.3f}"
            yield Text(
                en=f"Flows, {title.en}: one standard deviation more ({term.en}) goes with {row['estimate']:.3f} "
                f"times the flow, {level} interval {low} to {high}.",
                zh=f"流量（{title.zh}）：{term.zh}高一个标准差，流量为{row['estimate']:.3f}倍，{level}区间{low}至{high}。",
            )


def headline(study: Study, tables: Tables, options: Options) -> str:
    """Coefficients of pairs with both effects, by network."""
    rows = tables["estimate"]
    own = rows[(rows["table_no"] == options.table_no) & (rows["variant"] == "") & (rows["effect"] == "coef")]
    own = own[own["model"] == "both effects"]
    told = (f"{row['sample']} {row['term']} {row['estimate']:.3g}" for row in own.to_dict("records"))
    return f"{study.id}: flows: {'; '.join(told)}"


def tables(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """Flows and ties side by side, a table for each network."""
    from models_py.parts.gravity.table import gravity_tables

    yield from gravity_tables(seen, options)


def named(study: Study, options: Options, row: Mapping[str, Any]) -> Text | None:
    """What a row of its table calls its term: as the network models of the same places do."""
    from models_py.parts.ergm.words import Names

    declared = study.options(ergm.Options)
    table = next((one for one in declared.tables if row["sample"] in one.networks), None)
    if table is None or row["table_no"] != options.table_no:
        return None
    return Names(declared.nodal, table).term(str(row["term"]))


PART = Part(
    summary=Text(
        en="Gravity: flows between places by Poisson pseudo-likelihood with effects of origins and destinations, "
        "beside the network models of ties; associations, not effects",
        zh="引力模型：流量的泊松拟似然，含起点与终点效应，与网络模型对照；为关联而非因果",
    ),
    needs=("network_tie", "network_node", "city", "figures"),
    uses=("county_year",),
    consults=("network", "ergm"),
    makes=TABLES,
    compute=compute,
    headline=headline,
    term_label=named,
    says=says,
    shows=(Show("gravity", "table", Text(en="Flows beside ties", zh="流量与边对照"), tables, titles=titles),),
)
