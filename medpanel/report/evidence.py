"""Tables on a design and a paper: tests, choices of the specification curve, findings.

Belongs here: which columns they print. Does not belong here: estimates (listing.py, regression.py).
"""

from __future__ import annotations

import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.labels import load_labels, option_label
from medpanel.report.table import ReportTable, Row, both, number, p_number

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


def tests_table(rows: pd.DataFrame, study: Study, synthetic: bool) -> ReportTable:
    """Design evidence: rows of `spec_test`, with what was computed and how."""
    order = {name: i for i, name in enumerate(dict.fromkeys(rows["table_no"]))}
    body = []
    for row in rows.sort_values("table_no", key=lambda c: c.map(order), kind="stable").to_dict("records"):
        cells = (
            f"{row['table_no']} {row['model']}",
            number(row["statistic"]),
            number(row["df"], 0),
            p_number(row["p_value"]),
            "" if pd.isna(row["note"]) else str(row["note"]),
        )
        body.append(Row(str(row["test"]), cells, order[row["table_no"]]))
    return ReportTable(
        stem="design_evidence",
        title=Text(zh=f"{study.title.zh}：设计证据与检验", en=f"{study.title.en}: evidence on the design"),
        header=(("模型\nModel", "统计量\nStatistic", "自由度\ndf", "p值\np", "计算说明\nWhat was computed"),),
        rows=tuple(body),
        notes=(
            Text(
                zh="–：该项无自由度或无p值。诊断不能证明因果识别成立。",
                en="–: the item has no degrees of freedom or no p-value. No diagnostic proves identification.",
            ),
        ),
        synthetic=synthetic,
    )


def choices_table(rows: pd.DataFrame, study: Study, synthetic: bool) -> ReportTable:
    """Which choice moves the estimate most: rows of `specification_choice`."""
    body = []
    rows = rows.sort_values(["position", "choice"], kind="stable")
    for block, (choice, part) in enumerate(rows.groupby("choice", sort=False)):
        name = both(load_labels().choices[str(choice)])
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
        for row in rows.to_dict("records")
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
    )
