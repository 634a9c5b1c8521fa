"""Inference with few clusters as a part: every model that has the headline's term, under every reading.

Belongs here: what the part takes, makes and shows: a table of inference for each table of the study, and the headline's
figure. Does not belong here: table and drawing (figure_inference.py).
"""

from functools import partial
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.labels import variable_label
from catalog.parts import exposure, regressions
from catalog.parts.few_clusters import Options
from models_py.figures.names import chinese_number, stem_of
from models_py.figures.show import Picture
from models_py.parts.frame import VARIABLES, Part, Seen, Show, Tables, Work
from models_py.parts.regressions.identities import headline_spec, own_identity, rows_of

if TYPE_CHECKING:
    from models_py.figures.table import ReportTable


TABLES = Text(en="Inference by method and model", zh="各模型不同方法的推断")
FIGURE = Text(en="Inference by method", zh="不同方法的推断")


def table_titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """File names and titles of the tables: one for each table of the study with the headline's term."""
    return [
        (stem_of(table_no, "inference"), Text(en=f"{table_no}, inference", zh=f"{chinese_number(table_no)}，推断"))
        for table_no in _tables_with(study, study.options(regressions.Options).headline.term)
    ]


def tables(seen: Seen, options: Options) -> list["ReportTable"]:
    """The tables in which some model has more than one method."""
    from models_py.parts.few_clusters.figure_inference import inference_table
    from models_py.parts.regressions.described import model_label

    study, rows = seen.study, seen.rows("estimate")
    if rows.empty:
        return []
    term = study.options(regressions.Options).headline.term
    of_term = rows[(rows["term"] == term) & (rows["effect"] == "coef")]
    made = [
        inference_table(
            of_term[of_term["table_no"] == table_no],
            variable_label(study, term),
            study=study.title,
            name=partial(model_label, study),
            synthetic=seen.synthetic,
        )
        for table_no in _tables_with(study, term)
    ]
    return [table for table in made if table is not None]


def figure(seen: Seen, options: Options) -> list[Picture]:
    """The headline's coefficient under every method; none if there is only one."""
    from models_py.parts.few_clusters.figure_inference import inference_methods
    from models_py.parts.regressions.described import model_label

    study, headline = seen.study, seen.study.options(regressions.Options).headline
    own = own_identity(study, headline_spec(study))
    rows = rows_of(seen.rows("estimate"), own)
    if not rows.empty:
        rows = rows[(rows["term"] == headline.term) & (rows["effect"] == "coef")]
    if len(rows) < 2:
        return []
    fits = rows_of(seen.rows("model_fit"), own)
    counts = {} if fits.empty else {"n_obs": int(fits["n_obs"].iloc[0]), "clusters": int(fits["n_clusters"].iloc[0])}
    drawn = inference_methods(
        rows,
        variable_label(study, headline.term),
        seen.panel.unit,
        seen.data_kind,
        label=partial(model_label, study),
        **counts,
    )
    return [Picture("inference", FIGURE, drawn)]


def _tables_with(study: Study, term: str) -> list[str]:
    """Tables of the study's models with a given regressor, in the order of the study file."""
    return list(
        dict.fromkeys(model.table_no for model in study.options(regressions.Options).models if term in model.regressors)
    )


def compute(work: Work) -> Tables:
    """Shares of estimate and spec_test."""
    from models_py.parts.few_clusters.rows import NOT_BY_LOT, PILOTS_NOT_BY_LOT, few_cluster_tables
    from models_py.parts.regressions.study_models import maker_of, study_models

    term = work.study.options(regressions.Options).headline.term
    caveat = PILOTS_NOT_BY_LOT if isinstance(work.study.offered.get(term), exposure.Options) else NOT_BY_LOT
    models = [model.data for model in study_models(maker_of(work)) if term in model.data.regressors]
    return few_cluster_tables(models, (term,), work.options, term, caveat)


PART = Part(
    summary=Text(
        en="Inference with few clusters: cluster jackknife, wild cluster bootstrap, randomisation",
        zh="少聚类推断：聚类刀切、野聚类自助法、随机化推断",
    ),
    needs=("figures", VARIABLES),
    consults=("regressions",),
    makes=("estimate", "spec_test"),
    compute=compute,
    shows=(
        Show("inference_tables", "table", TABLES, tables, titles=table_titles, needs=("estimate",)),
        Show("inference", "figure", FIGURE, figure, needs=("estimate", "model_fit")),
    ),
)
