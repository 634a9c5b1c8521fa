"""The Gini paper's directions, looked for in the study's own tables, as a part."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog.base import Text
from catalog.parts.gini_findings import Options
from models_py.parts.frame import Part, Seen, Show, Tables, Work

if TYPE_CHECKING:
    from models_py.figures.table import ReportTable


def compute(work: Work) -> Tables:
    """Table finding."""
    from models_py.parts.gini_findings.checks import gini_findings
    from models_py.parts.gini_findings.claims import Evidence

    evidence = Evidence(work.tables["inequality"], work.tables.get("online_inequality"), work.options.window)
    return {"finding": gini_findings(work.study, work.data_kind, work.tables["published_figure"], evidence)}


def findings(seen: Seen, options: Options) -> Iterator["ReportTable"]:
    """The table of findings."""
    from models_py.parts.findings import findings_table

    rows = seen.rows("finding")
    if len(rows):
        yield findings_table(rows, seen.study, seen.synthetic)


PART = Part(
    summary=Text(
        en="Directions of the Gini paper's abstract, looked for in these data", zh="基尼论文摘要方向性结论核查"
    ),
    needs=("published_figure", "inequality"),
    uses=("online_inequality",),
    makes=("finding",),
    whole=("finding",),
    compute=compute,
    shows=(Show("findings", "table", Text(en="Findings", zh="论文疑点核查"), findings),),
)
