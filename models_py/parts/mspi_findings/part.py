"""What is odd in the MSPI paper, looked for in the study's own data, as a part."""

from __future__ import annotations

from catalog.base import Text
from models_py.parts.frame import VARIABLES, Part, Tables, Work


def compute(work: Work) -> Tables:
    """Table finding."""
    from models_py.parts.mspi_findings.inputs import FindingInputs
    from models_py.parts.mspi_findings.study_findings import study_findings

    return {"finding": study_findings(FindingInputs.of(work))}


PART = Part(
    summary=Text(en="Contradictions of the MSPI paper, looked for in these data", zh="MSPI论文疑点核查"),
    needs=("figures", VARIABLES, "indicator_score", "estimate", "summary_statistic"),
    uses=("smart_exposure", "published_figure"),
    makes=("finding",),
    whole=("finding",),
    compute=compute,
)
