"""Contradictions in the mobility paper, looked for in the study's own tables, as a part."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog.base import Text
from catalog.parts.mobility_findings import Options
from models_py.parts.frame import Part, Seen, Show, Tables, Work

if TYPE_CHECKING:
    from models_py.figures.table import ReportTable


def compute(work: Work) -> Tables:
    """Table finding."""
    from models_py.parts.mobility_findings.checks import mobility_findings

    published = work.tables["published_figure"]
    return {"finding": mobility_findings(work.study, work.data_kind, published, work.tables)}


def findings(seen: Seen, options: Options) -> Iterator["ReportTable"]:
    """The table of findings."""
    from models_py.parts.findings import findings_table

    rows = seen.rows("finding")
    if len(rows):
        yield findings_table(rows, seen.study, seen.synthetic)


PART = Part(
    summary=Text(en="Contradictions of the mobility paper, looked for in these data", zh="人口流动论文疑点核查"),
    needs=("published_figure",),
    uses=("imbalance", "imbalance_gap", "network_summary", "model_fit", "city"),
    consults=("imbalance",),
    makes=("finding",),
    whole=("finding",),
    compute=compute,
    shows=(Show("findings", "table", Text(en="Findings", zh="论文疑点核查"), findings),),
)
