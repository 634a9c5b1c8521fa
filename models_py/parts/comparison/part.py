"""The comparison with a paper's printed figures, as a part."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.papers import paper_named
from catalog.parts.comparison import Options
from models_py.parts.frame import Part, Seen, Show, Tables, Work

if TYPE_CHECKING:
    from models_py.figures.table import ReportTable


TITLE = Text(en="Printed figures beside ours", zh="论文刊印数字对照")


def compute(work: Work) -> Tables:
    """Table published_comparison."""
    from models_py.parts.comparison.comparison import published_comparison

    published = work.tables["published_figure"]
    rows = published_comparison(published, work.tables, work.study, work.panel, work.data_kind)
    return {"published_comparison": rows}


def compared(seen: Seen, options: Options) -> Iterator["ReportTable"]:
    """The table of printed figures and the study's own."""
    from models_py.parts.comparison.table import comparison_table

    rows = seen.rows("published_comparison")
    if len(rows):
        yield comparison_table(rows, seen.rows("published_figure"), seen.study, seen.panel, seen.synthetic)


def fact_modules(study: Study) -> tuple[str, ...]:
    """The module that knows facts specific to the study's paper (comparison.py imports it)."""
    facts_from = None if study.paper is None else paper_named(study.paper).facts_from
    return () if facts_from is None else (f"models_py.parts.{facts_from}.facts",)


PART = Part(
    summary=Text(en="The figures a paper prints beside the study's own", zh="论文刊印数字与本研究结果对照"),
    needs=("published_figure",),
    uses=("estimate", "model_fit", "summary_statistic"),
    consults=("regressions",),
    imports_by_name=fact_modules,
    makes=("published_comparison",),
    whole=("published_comparison",),
    compute=compute,
    shows=(Show("published_comparison", "table", TITLE, compared, needs=("published_figure",)),),
)
