"""Regressions as a part: every model under every reading, the headline's further versions, summary statistics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from catalog.base import Text
from models_py.parts.frame import VARIABLES, Part, Show, Tables, Work
from models_py.parts.regressions.shows import evidence, headline, summaries, summary_titles, table_titles, tables

if TYPE_CHECKING:
    from models_py.parts.regressions.study_models import StudyModel


def compute(work: Work) -> Tables:
    """Tables estimate, model_fit and summary_statistic."""
    from models_py.parts.regressions.models import maker_of
    from models_py.parts.regressions.panel_study import fit_study
    from models_py.parts.regressions.summary import summary_statistics
    from models_py.parts.regressions.vintages import fit_vintages
    from models_py.parts.rows import joined

    made = maker_of(work)
    results = [fit_study(made), *fit_vintages(made, work.tables.get("figures_alternative"), work.remake).values()]
    return {
        "estimate": joined(result.estimate for result in results),
        "model_fit": joined(result.model_fit for result in results),
        "summary_statistic": summary_statistics(made),
    }


def models(work: Work) -> Sequence[StudyModel]:
    """The regressions a replication bundle holds."""
    from models_py.parts.regressions.models import maker_of
    from models_py.parts.regressions.study_models import study_models

    return study_models(maker_of(work))


PART = Part(
    summary=Text(
        en="Two-way fixed-effects regressions with errors clustered by entity, and summary statistics",
        zh="双向固定效应回归（按地区聚类）与描述性统计",
    ),
    needs=("figures", VARIABLES),
    uses=("figures_alternative", "indicator_score"),
    makes=("estimate", "model_fit", "summary_statistic"),
    whole=("estimate", "model_fit", "summary_statistic"),
    compute=compute,
    shows=(
        Show("summary", "table", Text(en="Summary statistics", zh="描述性统计"), summaries, titles=summary_titles),
        Show("regressions", "table", Text(en="Regressions", zh="回归"), tables, titles=table_titles),
        # Tests of every part, so that they are shown whichever parts a study has.
        Show("design_evidence", "table", Text(en="Design evidence", zh="设计证据"), evidence),
    ),
    models=models,
    headline=headline,
)
