"""The comparison with a paper's printed figures, as a part."""

from __future__ import annotations

from catalog.base import Text
from models_py.parts.frame import Part, Tables, Work


def compute(work: Work) -> Tables:
    """Table published_comparison."""
    from models_py.parts.comparison.comparison import published_comparison

    rows = published_comparison(
        work.tables["published_figure"],
        work.tables["estimate"],
        work.tables["model_fit"],
        work.tables["summary_statistic"],
        work.study,
        work.panel,
        work.data_kind,
        exposure=work.tables.get("smart_exposure"),
    )
    return {"published_comparison": rows}


PART = Part(
    summary=Text(en="The figures a paper prints beside the study's own", zh="论文刊印数字与本研究结果对照"),
    needs=("published_figure", "estimate", "model_fit", "summary_statistic"),
    uses=("smart_exposure",),
    makes=("published_comparison",),
    whole=("published_comparison",),
    compute=compute,
)
