"""Estimates one under the other, with method, interval and p-value: a table for those that are no regression's columns.

Belongs here: which columns it prints. Does not belong here: which rows, and what terms and effects are called
(models_py/parts).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from catalog.base import Text
from catalog.labels import label_of, method_label
from models_py.figures.names import chinese_number, stem_of
from models_py.figures.table import NOTHING, ReportTable, Row, both, number, p_number, stacked, stars

_HEADER = (
    "模型\nModel",
    "方法\nMethod",
    "估计值\nEstimate",
    "标准误\nSE",
    "置信区间\nInterval",
    "p值\np",
    "自由度\ndf",
)


def estimates_table(
    rows: pd.DataFrame,
    title: Text,
    *,
    term_label: Callable[[str], Text],
    effect_label: Callable[[str], Text],
    own_reading: str,
    synthetic: bool,
    notes: Sequence[Text] = (),
) -> ReportTable:
    """A row for each row of `estimate`, all of one table. `title`: what follows the table's number; `notes`: further
    ones. An effect `coef` and the study's `own_reading` go unsaid.
    """
    table_no = str(rows["table_no"].iloc[0])
    body = []
    for row in rows.to_dict("records"):
        label = both(term_label(row["term"]))
        effect = "" if row["effect"] == "coef" else f"\n{both(effect_label(row['effect']))}"
        body.append(Row(f"{label}{effect}", _cells(row, own_reading)))
    levels = sorted({f"{level:.0%}" for level in rows["ci_level"].dropna()})
    share = "、".join(levels) or NOTHING
    general = Text(
        zh=f"区间水平 {share}；* p < 0.10，** p < 0.05，*** p < 0.01；–：该方法不给出。结果为关联，非因果效应。",
        en=f"Intervals: {share}; * p < 0.10, ** p < 0.05, *** p < 0.01; –: not given by the method. "
        "Associations, not effects.",
    )
    return ReportTable(
        stem=stem_of(table_no),
        title=Text(zh=f"{chinese_number(table_no)}  {title.zh}", en=f"{table_no}. {title.en}"),
        header=(_HEADER,),
        rows=tuple(body),
        notes=(general, *notes),
        synthetic=synthetic,
    )


def _cells(row: Mapping[Any, Any], own_reading: str) -> tuple[str, ...]:
    interval = f"[{number(row['ci_low'])}, {number(row['ci_high'])}]" if pd.notna(row["ci_low"]) else NOTHING
    return (
        stacked(label_of(dict(row), own_reading=own_reading)),
        stacked(method_label(row["method"])),
        f"{number(row['estimate'])}{stars(row['p_value'])}",
        number(row["std_error"]),
        interval,
        p_number(row["p_value"]),
        number(row["df"], 0),
    )
