"""Simulated networks of the fitted models beside the observed ones, with a picture and words, as a part.

Belongs here: what the part needs, makes and shows. Does not belong here: simulation (models_py/network), the rows
(compared.py), sentences (words.py), drawing (figure.py).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.parts import ergm, network
from catalog.parts.goodness_of_fit import Options
from models_py.figures.names import stem_of
from models_py.figures.show import Picture
from models_py.parts.frame import Part, Seen, Show, Tables, Work

if TYPE_CHECKING:
    import pandas as pd

    from models_py.figures.table import ReportTable

FIGURE, WORDS = "goodness_of_fit", "goodness_of_fit_words"
_FIGURE = Text(en="Observed and simulated networks", zh="观测网络与模拟网络")
_WORDS = Text(en="What the models miss", zh="模型未能再现者")


def compute(work: Work) -> Tables:
    """The table goodness_of_fit."""
    from models_py.parts.goodness_of_fit.compared import gof_rows

    return {"goodness_of_fit": gof_rows(work)}


def headline(study: Study, tables: Tables, options: Options) -> str:
    """Mutual pairs observed and simulated, by model."""
    rows = tables["goodness_of_fit"]
    mutual = rows[(rows["statistic"] == "dyads") & (rows["value"] == "mutual")]
    told = (
        f"{row['network']} {row['model']} {row['observed']:.0f}, simulated {row['simulated_mean']:.0f}"
        for row in mutual.to_dict("records")
    )
    return f"{study.id}: mutual pairs: {'; '.join(told) or 'no model simulated'}"


def _each(seen: Seen, options: Options) -> "Iterator[tuple[ergm.TableSpec, str, str, pd.DataFrame]]":
    """Table, network, model and rows of every model simulated."""
    rows = seen.rows("goodness_of_fit")
    for table in seen.study.options(ergm.Options).tables if len(rows) else ():
        for name in table.networks:
            for model in options.of(table):
                own = rows[(rows["table_no"] == table.table_no) & (rows["network"] == name) & (rows["model"] == model)]
                if len(own):
                    yield table, name, model, own


def _dependent(table: ergm.TableSpec, model: str) -> bool:
    """Whether ties depend on each other in a model: it has a term of other ties."""
    alone = ("edges", "node", "absdiff", "edgecov")
    return any(not term.removeprefix("offset(").startswith(alone) for term in table.terms(model))


def figures(seen: Seen, options: Options) -> Iterator[Picture]:
    """One for every model simulated."""
    from models_py.parts.goodness_of_fit.figure import gof_figure
    from models_py.parts.goodness_of_fit.words import said

    for table, name, model, rows in _each(seen, options):
        sentences = said(rows, _dependent(table, model))
        drawn = gof_figure(rows, _title(seen.study, table, name, model), sentences, seen.data_kind)
        yield Picture(_stem(table, name, model), drawn.title, drawn)


def words(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """What every model misses, one below the other."""
    from models_py.figures.table import ReportTable, Row, stacked
    from models_py.parts.goodness_of_fit.words import in_one, said

    specs = seen.study.options(network.Options).networks
    body = [
        Row(
            stacked(specs[name].title, table.model_title(model), between=" · "),
            (in_one(said(rows, _dependent(table, model))),),
            at,
        )
        for at, (table, name, model, rows) in enumerate(_each(seen, options))
    ]
    if body:
        header = ((Text(en="Simulated from the model", zh="由模型模拟"),),)
        yield ReportTable(WORDS, _WORDS, header, tuple(body), tuple(_left_out(seen, options)), seen.synthetic, (0,))


def _left_out(seen: Seen, options: Options) -> Iterator[Text]:
    """Models that have no estimate in this run, so that nothing could be simulated from them."""
    there = {(table.table_no, name, model) for table, name, model, _ in _each(seen, options)}
    for table in seen.study.options(ergm.Options).tables:
        absent = [m for m in options.of(table) if any((table.table_no, n, m) not in there for n in table.networks)]
        for model in absent:
            title = table.model_title(model)
            yield Text(
                en=f"{table.table_no}, {title.en}: not simulated on every network, because it was not estimated there "
                "in this run; table spec_test says why.",
                zh=f"{table.table_no}，{title.zh}：本次运行未在全部网络上估计，故未模拟；原因见数据表 spec_test。",
            )


def _stem(table: ergm.TableSpec, name: str, model: str) -> str:
    return stem_of(FIGURE, table.table_no, name, model)


def _title(study: Study, table: ergm.TableSpec, name: str, model: str) -> Text:
    about, title = study.options(network.Options).networks[name].title, table.model_title(model)
    return Text(
        en=f"Observed and simulated networks: {about.en}, {title.en}", zh=f"观测网络与模拟网络：{about.zh}，{title.zh}"
    )


def titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """Every figure there may be."""
    return [
        (_stem(table, name, model), _title(study, table, name, model))
        for table in study.options(ergm.Options).tables
        for name in table.networks
        for model in options.of(table)
    ]


PART = Part(
    summary=Text(
        en="Networks simulated from fitted models beside the observed one: degrees, distances, shared partners, mutual "
        "ties; what a model misses, in words",
        zh="由所估模型模拟的网络与观测网络对照：度、距离、共同伙伴、互惠；模型未能再现者",
    ),
    needs=("network_tie", "network_node", "city", "figures", "estimate"),
    uses=("county_year",),
    consults=("network", "ergm"),
    makes=("goodness_of_fit",),
    whole=("goodness_of_fit",),
    compute=compute,
    headline=headline,
    shows=(
        Show(FIGURE, "figure", _FIGURE, figures, titles=titles),
        Show(WORDS, "table", _WORDS, words),
    ),
)
