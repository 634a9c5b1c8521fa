"""Tables on a design and a paper: tests, choices of the specification curve, findings.

Belongs here: which columns they print. Does not belong here: estimates (listing.py, regression.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.labels import choice_label, option_label
from models_py.figures.names import stem_of
from models_py.figures.table import ReportTable, Row, both, chinese_number, number, p_number

_CHOICES = (
    "选项\nOption",
    "解释方差\nVariance share",
    "规格数\nN",
    "中位数\nMedian",
    "范围\nRange",
    "为正\nPositive",
    "p < 0.05\nSignificant",
)
_FINDINGS = (
    "论文所示\nPublished",
    "由此推出\nImplied",
    "本数据\nHere (English)",
    "本数据\nHere (Chinese)",
    "判定\nVerdict",
)


def evidence_tables(rows: pd.DataFrame, study: Study, synthetic: bool) -> list[ReportTable]:
    """Design evidence, a table for each `table_no` of `spec_test`: what was tested, and how it was computed.

    Of the regressions only the headline's tests are printed, and the study's own reading; the rest stays in the table.
    """
    readings = set(study.index.readings) if study.index is not None else set()
    regressions = {model.table_no for model in study.models}
    headline = (study.headline.table_no, study.headline.model)
    own = [not readings & set(str(model).split(" ")) for model in rows["model"]]
    of_headline = [
        table_no not in regressions or (table_no, model) == headline
        for table_no, model in zip(rows["table_no"], rows["model"], strict=True)
    ]
    shown = rows[pd.Series(own, index=rows.index) & pd.Series(of_headline, index=rows.index)]
    return [_tests(part, study, str(table_no), synthetic) for table_no, part in shown.groupby("table_no", sort=False)]


def _tests(rows: pd.DataFrame, study: Study, table_no: str, synthetic: bool) -> ReportTable:
    models = list(dict.fromkeys(rows["model"]))
    body = []
    for row in rows.to_dict("records"):
        value = float(row["statistic"])
        counted = value.is_integer() and abs(value) > 1
        cells = (number(value, 0 if counted else 3), number(row["df"], 0), p_number(row["p_value"]), _note(row["note"]))
        label = str(row["test"]) if len(models) == 1 else f"{row['test']}\n{row['model']}"
        body.append(Row(label, cells, models.index(row["model"])))
    return ReportTable(
        stem=stem_of("design_evidence", table_no),
        title=Text(
            zh=f"{study.title.zh}：设计证据与检验，{chinese_number(table_no)}",
            en=f"{study.title.en}: evidence on the design, {table_no}",
        ),
        header=(("统计量\nStatistic", "自由度\ndf", "p值\np", "计算说明\nWhat was computed"),),
        rows=tuple(body),
        notes=(
            Text(
                zh=f"模型：{'；'.join(models)}。–：该项无自由度或无p值。诊断不能证明因果识别成立。"
                "其他模型与口径的检验见数据表 spec_test。",
                en=f"Model: {'; '.join(models)}. –: the item has no degrees of freedom or no p-value. No diagnostic "
                "proves identification. Tests of other models and readings: table spec_test.",
            ),
        ),
        synthetic=synthetic,
        text_columns=(3,),
    )


def _note(note: Any) -> str:
    return "" if pd.isna(note) else str(note)


def choices_table(rows: pd.DataFrame, study: Study, synthetic: bool) -> ReportTable:
    """Which choice moves the estimate most: rows of `specification_choice`."""
    body = []
    rows = rows.sort_values(["position", "choice"], kind="stable")
    for block, (choice, part) in enumerate(rows.groupby("choice", sort=False)):
        name = both(choice_label(study, str(choice)))
        for row in part.to_dict("records"):
            cells = (
                both(option_label(study, str(choice), row["option"])),
                f"{row['variance_share']:.1%}",
                number(float(row["specifications"]), 0),
                number(row["median_estimate"]),
                f"{number(row['low'])} … {number(row['high'])}",
                f"{row['share_positive']:.0%}",
                f"{row['share_significant']:.0%}",
            )
            body.append(Row(name, cells, block))
    return ReportTable(
        stem="specification_choice",
        title=Text(
            zh=f"{study.title.zh}：哪项设定对估计影响最大", en=f"{study.title.en}: which choice moves the estimate most"
        ),
        header=(_CHOICES,),
        rows=tuple(body),
        notes=(
            Text(
                zh="解释方差：规格曲线估计值方差中位于该设定项各选项之间的部分。",
                en="Variance share: part of the variance of the curve's estimates between the options of the choice.",
            ),
        ),
        synthetic=synthetic,
    )


def findings_table(rows: pd.DataFrame, study: Study, synthetic: bool) -> ReportTable:
    """What is odd in the paper, and the same in these data: rows of `finding`."""
    names = ("published", "implied", "observed", "observed_zh", "verdict")
    body = [
        Row(
            f"{row['finding_id']} {row['title_zh']}\n{row['title_en']}",
            tuple("" if pd.isna(row[name]) else str(row[name]) for name in names),
        )
        for row in sorted(rows.to_dict("records"), key=lambda r: (len(r["finding_id"]), r["finding_id"]))
    ]
    return ReportTable(
        stem="findings",
        title=Text(
            zh=f"{study.title.zh}：论文疑点与本数据", en=f"{study.title.en}: what is odd in the paper, and here"
        ),
        header=(_FINDINGS,),
        rows=tuple(body),
        notes=(Text(zh="逐条见数据表 finding。", en="Row by row in table finding."),),
        synthetic=synthetic,
        text_columns=(0, 1, 2, 3),
    )
