"""Inference with few clusters as a part: every model that has the headline's term, under every reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.base import Text
from models_py.parts.frame import VARIABLES, Part, Seen, Show, Tables, Work

if TYPE_CHECKING:
    from catalog import Study
    from catalog.parts.few_clusters import Options
    from models_py.figures.picture import Picture
    from models_py.figures.table import ReportTable


FIGURE = Text(en="Inference by method", zh="不同方法的推断")


def compute(work: Work) -> Tables:
    """Shares of estimate and spec_test."""
    from catalog.parts import exposure
    from models_py.parts.few_clusters.notes import NOT_BY_LOT, PILOTS_NOT_BY_LOT
    from models_py.parts.few_clusters.rows import few_cluster_rows
    from models_py.parts.regressions.models import headline_of, maker_of
    from models_py.parts.regressions.study_models import study_models
    from models_py.parts.rows import joined

    term = headline_of(work.study).term
    counted = isinstance(work.study.offered.get(term), exposure.Options)
    caveat = PILOTS_NOT_BY_LOT if counted else NOT_BY_LOT
    models = [model.data for model in study_models(maker_of(work)) if term in model.data.regressors]
    rows = [few_cluster_rows(data, (term,), work.options, term, caveat) for data in models]
    return {"estimate": joined(row[0] for row in rows), "spec_test": joined(row[1] for row in rows)}


def table_titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """Names and titles of the tables, known from the study file."""
    from models_py.parts.few_clusters import shows

    return shows.table_titles(study)


def tables(seen: Seen, options: Options) -> list[ReportTable]:
    """Each table of the study under every method."""
    from models_py.parts.few_clusters import shows

    return shows.tables(seen)


def figure(seen: Seen, options: Options) -> list[Picture]:
    """The headline under every method."""
    from models_py.parts.few_clusters import shows

    return shows.figure(seen, FIGURE)


PART = Part(
    summary=Text(
        en="Inference with few clusters: cluster jackknife, wild cluster bootstrap, randomisation",
        zh="少聚类推断：聚类刀切、野聚类自助法、随机化推断",
    ),
    needs=("figures", VARIABLES),
    makes=("estimate", "spec_test"),
    compute=compute,
    shows=(
        Show(
            "inference_tables",
            "table",
            Text(en="Inference by method and model", zh="各模型不同方法的推断"),
            tables,
            titles=table_titles,
            needs=("estimate",),
        ),
        Show("inference", "figure", FIGURE, figure, needs=("estimate", "model_fit")),
    ),
)
