"""Tables on a design and a paper: tests, choices of the specification curve, findings.

Belongs here: which columns they print. Does not belong here: estimates (listing.py, regression.py).
"""

from __future__ import annotations

import pandas as pd

from catalog import Study
from catalog.base import Text
from models_py.figures.table import ReportTable, Row

_FINDINGS = (
    "论文所示\nPublished",
    "由此推出\nImplied",
    "本数据\nHere (English)",
    "本数据\nHere (Chinese)",
    "判定\nVerdict",
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
