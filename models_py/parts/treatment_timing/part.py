"""Evidence on timing as a part: under every reading and threshold of the headline's model."""

from __future__ import annotations

from catalog.base import Text
from models_py.parts.frame import VARIABLES, Part, Show, Tables, Work
from models_py.parts.treatment_timing import shows


def compute(work: Work) -> Tables:
    """Shares of estimate and spec_test, and twfe_weight; weights do not depend on the threshold, so they stand once."""
    from dataclasses import replace

    from models_py.parts.regressions.models import headline_models
    from models_py.parts.rows import joined
    from models_py.parts.treatment_timing.evidence import timing_evidence

    spec = work.options
    models = [model.data for model in headline_models(work)]
    made = [timing_evidence(data, spec) for data in models]
    further = [
        timing_evidence(
            replace(data, identity=data.identity.varied(threshold=threshold)),
            spec.model_copy(update={"threshold": threshold}),
            weights=False,
        )
        for threshold in spec.further_thresholds
        for data in models
    ]
    return {
        "estimate": joined(item.estimate for item in [*made, *further]),
        "spec_test": joined(item.spec_test for item in [*made, *further]),
        "twfe_weight": joined(item.twfe_weight for item in made),
    }


PART = Part(
    summary=Text(
        en="Evidence on timing: event study, bounds on trends, weights, estimators for staggered exposure",
        zh="时点证据：事件研究、平行趋势敏感性、权重、分批暴露估计",
    ),
    needs=("figures", VARIABLES),
    consults=("regressions",),
    makes=("estimate", "spec_test", "twfe_weight"),
    whole=("twfe_weight",),
    compute=compute,
    shows=(
        Show(
            "event_study",
            "figure",
            shows.EVENT_STUDY_TITLE,
            shows.event_studies,
            titles=shows.event_study_titles,
            needs=("smart_exposure",),
        ),
        Show("staggered_adoption", "figure", shows.STAGGERED_TITLE, shows.staggered, titles=shows.staggered_titles),
        Show("twfe_weights", "figure", shows.WEIGHTS_TITLE, shows.weights, titles=shows.weights_titles),
        Show("timing_estimates", "table", shows.ESTIMATES_TITLE, shows.tables, titles=shows.table_titles),
    ),
)
