"""Inference with few clusters as a part: every model that has the headline's term, under every reading."""

from __future__ import annotations

from catalog.base import Text
from models_py.parts.few_clusters.shows import FIGURE, TABLES, figure, table_titles, tables
from models_py.parts.frame import VARIABLES, Part, Show, Tables, Work


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
