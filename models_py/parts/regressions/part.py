"""Regressions as a part: every model under every reading, the headline's further versions, summary statistics."""

from __future__ import annotations

from catalog.base import Text
from models_py.parts.frame import VARIABLES, Part, Tables, Work


def compute(work: Work) -> Tables:
    """Tables estimate, model_fit and summary_statistic."""
    from models_py.parts.regressions.models import maker_of
    from models_py.parts.regressions.panel_study import fit_study
    from models_py.parts.regressions.summary import summary_statistics
    from models_py.parts.regressions.vintages import fit_vintages
    from models_py.parts.rows import joined

    made = maker_of(work)
    summary, first = summary_statistics(made), work.study.find(type(work.options)) == work.options
    results = [fit_study(made), *fit_vintages(made, work.tables.get("figures_alternative"), work.remake).values()]
    return {
        "estimate": joined(result.estimate for result in results),
        "model_fit": joined(result.model_fit for result in results),
        # The variables are the study's, whoever uses them: the first regressions describe them.
        "summary_statistic": summary if first else summary.head(0),
    }


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
)
