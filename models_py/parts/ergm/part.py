"""Network models of who is tied to whom, with tests, probabilities, treatments of unlisted pairs, words, as a part.

Belongs here: what the part needs, makes and shows. Does not belong here: estimation (models_py/network), the models
fitted (fits.py), sentences (words.py), printing (tables.py).
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from catalog import Study
from catalog.base import Text
from catalog.parts import network
from catalog.parts.ergm import Options
from models_py.parts.ergm.titles import titles
from models_py.parts.frame import Part, Seen, Show, Tables, Work

if TYPE_CHECKING:
    from models_py.figures.table import ReportTable

TABLES = ("estimate", "model_fit", "spec_test", "tie_probability")
# Sentences on one table at the top of a page.
_SAID = 2


def compute(work: Work) -> Tables:
    """Shares of estimate, model_fit and spec_test, and tie_probability."""
    from models_py.parts.ergm.fits import ergm_tables

    return ergm_tables(work)


def headline(study: Study, tables: Tables, options: Options) -> str:
    """Coefficients of figures of the destination in each table's headline model on its first network."""
    rows, said = tables["estimate"], []
    for table in options.tables:
        own = rows[(rows["table_no"] == table.table_no) & (rows["sample"] == table.networks[0])]
        own = own[(own["model"] == table.headline) & (own["variant"] == "") & (own["effect"] == "coef")]
        counts = own["n_obs"].max()
        found = dict(zip(own["term"], own["estimate"], strict=True))
        named = [term for name in options.nodal.variables if (term := f"nodeicov.{name}") in found]
        told = ", ".join(f"{term} {found[term]:.4g}" for term in named) or "no figures of the destination"
        said.append(f"{table.table_no} {table.headline}, {table.networks[0]} ({counts} pairs): {told}")
    return f"{study.id}: {'; '.join(said)}"


def says(seen: Seen, options: Options) -> Iterator[Text]:
    """Of each table's headline model on its first network: the odds of a tie for one standard deviation more of the
    first figures of the destination that the model names.
    """
    from models_py.figures.table import p_equals
    from models_py.parts.ergm.words import Names

    rows, networks = seen.share("estimate", options), seen.study.options(network.Options).networks
    for table in options.tables if len(rows) else ():
        own = rows[(rows["table_no"] == table.table_no) & (rows["sample"] == table.networks[0])]
        own = own[(own["model"] == table.headline) & (own["variant"] == "") & (own["effect"] == "odds_ratio_sd")]
        title, names = networks[table.networks[0]].title, Names(options.nodal, table)
        for row in own[own["term"].str.startswith("nodeicov.")].head(_SAID).to_dict("records"):
            term, p = names.term(row["term"]), p_equals(row["p_value"])
            interval = f"{row['ci_level']:.0%}", f"{row['ci_low']:.3f}", f"{row['ci_high']:.3f}"
            value = f"{row['estimate']:.3f}"
            yield Text(
                en=f"{title.en}, {table.headline}: one standard deviation more ({term.en}) goes with {value} times the "
                f"odds of a tie, {interval[0]} interval {interval[1]} to {interval[2]} (p {p}).",
                zh=f"{title.zh}，{table.headline}：{term.zh}高一个标准差，成边优势为{value}倍，{interval[0]}区间{interval[1]}"
                f"至{interval[2]}（p {p}）。",
            )


def tables(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """Models side by side, odds and probabilities, other treatments, networks side by side, words."""
    from models_py.parts.ergm import tables as printed

    if not len(seen.share("estimate", options)):
        return
    found = list(printed.results_of(seen, options))
    for one in found:
        made = (
            printed.estimates_table(one, seen),
            printed.odds_table(one, seen),
            printed.unlisted_table(one, options, seen),
            printed.words_table(one, seen),
        )
        yield from (table for table in made if table is not None)
    for table in options.tables:
        beside = printed.networks_table([one for one in found if one.table == table], seen)
        if beside is not None:
            yield beside


def named(study: Study, options: Options, row: Mapping[str, Any]) -> Text | None:
    """What a row of one of its tables calls its term."""
    from models_py.parts.ergm.words import Names

    table = next((one for one in options.tables if one.table_no == row["table_no"]), None)
    return None if table is None else Names(options.nodal, table).term(str(row["term"]))


PART = Part(
    summary=Text(
        en="Exponential random graph models: exact where a likelihood is, by simulation beyond; odds ratios, "
        "probabilities of ties, tests, other treatments of unlisted pairs, each in words; associations, not effects",
        zh="网络的指数随机图模型：有精确似然者不模拟，其余以模拟法估计；优势比、成边概率、检验、未列出节点对的其他处理及读法；"
        "为关联而非因果",
    ),
    needs=("network_tie", "network_node", "city", "figures"),
    uses=("county_year",),
    consults=("network",),
    makes=TABLES,
    whole=("tie_probability",),
    compute=compute,
    headline=headline,
    term_label=named,
    says=says,
    shows=(Show("ergm", "table", Text(en="Network models", zh="网络模型"), tables, titles=titles),),
)
