"""Inference with few clusters as a part: every model that has the headline's term, under every reading."""

from __future__ import annotations

from catalog.base import Text
from models_py.parts.frame import VARIABLES, Part, Tables, Work


def compute(work: Work) -> Tables:
    """Shares of estimate and spec_test."""
    from models_py.parts.few_clusters.rows import few_cluster_rows
    from models_py.parts.regressions.models import headline_of, maker_of
    from models_py.parts.regressions.study_models import study_models
    from models_py.parts.rows import joined

    term = headline_of(work.study).term
    models = [model.data for model in study_models(maker_of(work)) if term in model.data.regressors]
    rows = [few_cluster_rows(data, (term,), work.options, term) for data in models]
    return {"estimate": joined(row[0] for row in rows), "spec_test": joined(row[1] for row in rows)}


PART = Part(
    summary=Text(
        en="Inference with few clusters: cluster jackknife, wild cluster bootstrap, randomisation",
        zh="少聚类推断：聚类刀切、野聚类自助法、随机化推断",
    ),
    needs=("figures", VARIABLES),
    makes=("estimate", "spec_test"),
    compute=compute,
)
