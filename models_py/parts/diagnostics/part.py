"""Evidence that needs nothing but the fit, as a part: influence, residual correlation, power, where exposure varies."""

from __future__ import annotations

from catalog.base import Text
from models_py.parts.diagnostics.shows import NAME, TITLE, figures, titles
from models_py.parts.frame import VARIABLES, Part, Show, Tables, Work


def compute(work: Work) -> Tables:
    """Shares of estimate and spec_test, and influence, for the headline's model under every reading."""
    from models_py.parts.diagnostics.evidence import fit_evidence
    from models_py.parts.diagnostics.exposure_variation import variation_rows
    from models_py.parts.regressions.models import headline_models, headline_of
    from models_py.parts.rows import joined

    models = [model.data for model in headline_models(work)]
    made = [fit_evidence(data, headline_of(work.study).term, work.options) for data in models]
    tests = [item.spec_test for item in made]
    if "smart_exposure" in work.tables:
        tests.append(variation_rows(work.tables["smart_exposure"], models[0]))
    return {
        "estimate": joined(item.estimate for item in made),
        "spec_test": joined(tests),
        "influence": joined(item.influence for item in made),
    }


PART = Part(
    summary=Text(
        en="Influence of single entities and years, correlation of residuals, power, where exposure varies",
        zh="影响分析、残差相关、检验功效、暴露度变异",
    ),
    needs=("figures", VARIABLES),
    uses=("smart_exposure",),
    consults=("regressions",),
    makes=("estimate", "spec_test", "influence"),
    whole=("influence",),
    compute=compute,
    shows=(Show(NAME, "figure", TITLE, figures, titles=titles),),
)
