"""Contradictions in the MSPI paper, looked for in the study's own data, as a part."""

from collections.abc import Iterator

from catalog.base import Text
from catalog.parts.mspi_findings import Options
from models_py.figures.table import ReportTable
from models_py.parts.frame import VARIABLES, Part, Seen, Show, Tables, Work


def compute(work: Work) -> Tables:
    """Table finding."""
    from models_py.parts.mspi_findings.inputs import FindingInputs
    from models_py.parts.mspi_findings.study_findings import study_findings

    return {"finding": study_findings(FindingInputs.of(work))}


def findings(seen: Seen, options: Options) -> Iterator[ReportTable]:
    """The table of findings."""
    from models_py.parts.findings import findings_table

    rows = seen.rows("finding")
    if len(rows):
        yield findings_table(rows, seen.study, seen.synthetic)


PART = Part(
    summary=Text(en="Contradictions of the MSPI paper, looked for in these data", zh="MSPI论文疑点核查"),
    needs=("figures", VARIABLES, "indicator_score", "estimate", "summary_statistic"),
    uses=("smart_exposure", "published_figure"),
    consults=("regressions",),
    makes=("finding",),
    whole=("finding",),
    compute=compute,
    shows=(Show("findings", "table", Text(en="Findings", zh="论文疑点核查"), findings),),
)
