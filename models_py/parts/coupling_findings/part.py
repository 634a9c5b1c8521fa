"""Contradictions in the coupling paper, looked for in the study's own data, as a part."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.parts.coupling_findings import Options
from models_py.parts.frame import VARIABLES, Part, Seen, Show, Tables, Work

if TYPE_CHECKING:
    from models_py.figures.table import ReportTable

_TITLE = Text(en="Findings", zh="论文疑点核查")
_MORAN = Text(en="The printed Moran's I under other weights", zh="论文莫兰指数在各权重下的z值")


def compute(work: Work) -> Tables:
    """Table finding and a share of spec_test."""
    from models_py.parts.coupling_findings.checks import coupling_tables

    return coupling_tables(work)


def headline(study: Study, tables: Tables, options: Options) -> str:
    """What these data say on the signs the paper prints: of Moran's I and of rho."""
    rows = tables["finding"].set_index("finding_id")
    moran, rho = (str(rows.loc[name, "observed"]) for name in ("F-C3", "F-C6"))
    own = "I " + moran.split("I here: ")[1] if "I here: " in moran else "no Moran's I;"
    printed = "; ".join(str(rows.loc[name, "published"]) for name in ("F-C4", "F-C6"))
    return f"{study.id}, printed: {printed}; here: {own} {rho}"


def findings(seen: Seen, options: Options) -> Iterator["ReportTable"]:
    """The table of findings."""
    from models_py.parts.findings import findings_table

    rows = seen.rows("finding")
    if len(rows):
        yield findings_table(rows, seen.study, seen.synthetic)


def printed_moran(seen: Seen, options: Options) -> Iterator["ReportTable"]:
    """z of the printed Moran's I, weights down, years across."""
    from models_py.parts.coupling_findings.table import printed_moran_table

    rows = seen.share("spec_test", options)
    if len(rows):
        yield printed_moran_table(rows, _MORAN, seen.synthetic)


PART = Part(
    summary=Text(en="Contradictions of the coupling paper, looked for in these data", zh="耦合论文疑点核查"),
    needs=("figures", VARIABLES, "published_figure"),
    uses=("estimate", "spec_test", "moran_global"),
    makes=("finding", "spec_test"),
    whole=("finding",),
    compute=compute,
    headline=headline,
    shows=(
        Show("findings", "table", _TITLE, findings),
        Show("published_moran", "table", _MORAN, printed_moran),
    ),
)
