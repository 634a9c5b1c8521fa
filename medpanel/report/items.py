"""What a study's report can show, known before anything is computed: one item for each asset of the report.

Belongs here: names and titles of the items, and which item a file belongs to. Does not belong here: the files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from catalog import Study
from catalog.base import Text
from medpanel.report.names import stem_of

Kind = Literal["table", "figure"]


@dataclass(frozen=True)
class Item:
    """A table or figure in all its formats and readings; `name` begins the stems of its files."""

    name: str
    kind: Kind
    title: Text


def items_of(study: Study) -> tuple[Item, ...]:
    """The tables and figures of a study, in the order of its report. An item without data has no files."""
    tables = [study.summary_table, *(model.table_no for model in study.models)]
    if study.mediation is not None:
        tables.append(study.mediation.table_no)
    items = [Item(stem_of(t), "table", _table_title(t)) for t in dict.fromkeys(tables)]
    figures: list[tuple[str, bool, str, str]] = [
        ("figure_1", study.figure_1 is not None, "Map of exposure", "暴露度地图"),
        ("exposure_over_time", study.exposure is not None, "Exposure over time", "暴露度随时间的变化"),
        ("inference", study.inference is not None, "Inference by method", "不同方法的推断"),
        ("event_study", study.timing is not None, "Event study", "事件研究"),
        ("staggered_adoption", study.timing is not None, "Estimators for staggered exposure", "分批暴露的估计方法"),
        ("twfe_weights", study.timing is not None, "Two-way fixed-effects weights", "双向固定效应权重"),
        ("influence", study.design is not None, "Influence", "影响分析"),
        ("specification_curve", study.specification_curve is not None, "Specification curve", "规格曲线"),
    ]
    items += [Item(name, "figure", Text(en=en, zh=zh)) for name, there, en, zh in figures if there]
    evidence = [
        ("design_evidence", study.design is not None or study.inference is not None, "Design evidence", "设计证据"),
        ("specification_choice", study.specification_curve is not None, "What each choice moves", "各项设定的影响"),
        ("findings", study.index is not None, "Findings", "论文疑点核查"),
    ]
    items += [Item(name, "table", Text(en=en, zh=zh)) for name, there, en, zh in evidence if there]
    return tuple(items)


def item_of(stem: str, items: tuple[Item, ...]) -> Item | None:
    """The item a file's stem belongs to: the longest name it begins with."""
    found = [item for item in items if stem == item.name or stem.startswith(f"{item.name}_")]
    return max(found, key=lambda item: len(item.name), default=None)


def _table_title(table_no: str) -> Text:
    return Text(en=table_no, zh=table_no.replace("Table ", "表") if table_no.startswith("Table ") else table_no)
