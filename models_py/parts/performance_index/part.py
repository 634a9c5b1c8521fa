"""The index as a part: values and scores under every reading and variant."""

from catalog.base import Text
from models_py.parts.frame import Part, Tables, Work


def compute(work: Work) -> Tables:
    """Tables performance_index and indicator_score."""
    from models_py.parts.performance_index.index import index_tables

    return index_tables(work.tables["figures"], work.options, work.panel, work.study.id)


PART = Part(
    summary=Text(
        en="Medical Service Performance Index: means of pooled z-scores, under every reading and weighting",
        zh="医疗服务绩效指数：标准化得分均值，按各口径与权重计算",
    ),
    needs=("figures",),
    makes=("performance_index", "indicator_score"),
    whole=("performance_index", "indicator_score"),
    offers=("performance_index",),
    compute=compute,
)
