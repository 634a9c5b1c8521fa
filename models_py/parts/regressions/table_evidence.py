"""Tests and diagnostics as tables: what was tested of the design, and how it was computed.

Belongs here: which rows of `spec_test`, whichever part made them, are printed, and how. Does not belong here: estimates
(table.py).
"""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.identity import COLUMNS, variant_choices, variant_of
from catalog.labels import label_of
from catalog.parts import regressions
from models_py.figures.names import chinese_number, stem_of
from models_py.figures.table import ReportTable, Row, both, number, p_number, stacked
from models_py.parts.regressions.identities import headline_spec, own_identity

NAME = "design_evidence"
_HEADER = ("统计量\nStatistic", "自由度\ndf", "p值\np", "计算说明\nWhat was computed")


def evidence_tables(rows: pd.DataFrame, study: Study, synthetic: bool) -> list[ReportTable]:
    """A table for each `table_no` of `spec_test`.

    Of the regressions only the headline's tests are printed, and everywhere only the study's own reading; the rest
    stays in the table.
    """
    if rows.empty:
        return []
    own = own_identity(study, headline_spec(study))
    # A part that stands twice says so in the variant of its rows, which is no variant of the model.
    choices = [variant_choices(variant) for variant in rows["variant"]]
    plain = rows.assign(variant=[variant_of({k: v for k, v in c.items() if k != "part"}) for c in choices])
    other = ~rows["table_no"].isin({model.table_no for model in study.options(regressions.Options).models})
    of_headline = (plain[list(COLUMNS)] == pd.Series(own.columns)).all(axis=1)
    shown = rows[rows["reading"].isin(["", study.own_reading]) & (of_headline | other)]
    return [_table(part, study, str(number), synthetic) for number, part in shown.groupby("table_no", sort=False)]


def _table(rows: pd.DataFrame, study: Study, table_no: str, synthetic: bool) -> ReportTable:
    records = rows.to_dict("records")
    labels = [label_of({name: row[name] for name in COLUMNS}, own_reading=study.own_reading) for row in records]
    models = list({label.en: label for label in labels}.values())
    places = {model.en: place for place, model in enumerate(models)}
    body = [
        Row(_name(row) if len(models) == 1 else f"{_name(row)}\n{both(label)}", _cells(row), places[label.en])
        for row, label in zip(records, labels, strict=True)
    ]
    return ReportTable(
        stem=stem_of(NAME, table_no),
        title=Text(
            zh=f"{study.title.zh}：设计证据与检验，{chinese_number(table_no)}",
            en=f"{study.title.en}: evidence on the design, {table_no}",
        ),
        header=(_HEADER,),
        rows=tuple(body),
        notes=(
            Text(
                zh=f"模型：{'；'.join(model.zh for model in models)}。–：该项无自由度或无p值。"
                "诊断不能证明因果识别成立。其他模型与口径的检验见数据表 spec_test。",
                en=f"Model: {'; '.join(model.en for model in models)}. –: the item has no degrees of freedom or no "
                "p-value. No diagnostic proves identification. Tests of other models and readings: table spec_test.",
            ),
        ),
        synthetic=synthetic,
        text_columns=(3,),
    )


def _name(row: Mapping[Hashable, Any]) -> str:
    return f"{row['test']}: {row['subject']}" if row["subject"] else str(row["test"])


def _cells(row: Mapping[Hashable, Any]) -> tuple[str, ...]:
    value = float(row["statistic"])
    counted = value.is_integer() and abs(value) > 1
    en, zh = ("" if pd.isna(text) else str(text) for text in (row["note_en"], row["note_zh"]))
    return (
        number(value, 0 if counted else 3),
        number(row["df"], 0),
        p_number(row["p_value"]),
        stacked(Text(en=en, zh=zh)),
    )
