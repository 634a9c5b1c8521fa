"""The table of findings: what is odd in the paper, and the same in these data.

Belongs here: which columns it prints. Does not belong here: any finding (study_findings.py).
"""

from typing import Any

import pandas as pd

from catalog import Study
from catalog.base import Text
from models_py.figures.table import ReportTable, Row, stacked
from models_py.parts.mspi_findings.inputs import FAILS, HOLDS, UNTESTABLE

_HEADER = (
    "论文所示\nPublished",
    "由此推出\nImplied",
    "本数据\nHere (English)",
    "本数据\nHere (Chinese)",
    "判定\nVerdict",
)
_TEXTS = ("published", "implied", "observed", "observed_zh")
_VERDICTS = {HOLDS: "成立", FAILS: "不成立", UNTESTABLE: "无法检验"}


def findings_table(rows: pd.DataFrame, study: Study, synthetic: bool) -> ReportTable:
    """Rows of `finding` of one study, in the order of their numbers. Raises KeyError for an unknown verdict."""
    body = [_row(row) for row in sorted(rows.to_dict("records"), key=lambda r: (len(r["finding_id"]), r["finding_id"]))]
    return ReportTable(
        stem="findings",
        title=Text(
            zh=f"{study.title.zh}：论文疑点与本数据", en=f"{study.title.en}: what is odd in the paper, and here"
        ),
        header=(_HEADER,),
        rows=tuple(body),
        notes=(
            Text(
                zh="判定仅说明标题所述现象是否见于本数据，并非对论文的评判。逐条见数据表 finding。",
                en="A verdict says whether the statement of the heading was found in these data; it is no judgement of "
                "the paper. Row by row in table finding.",
            ),
        ),
        synthetic=synthetic,
        text_columns=(0, 1, 2, 3),
    )


def _row(row: dict[Any, Any]) -> Row:
    texts = ("" if pd.isna(row[name]) else str(row[name]) for name in _TEXTS)
    verdict = Text(zh=_VERDICTS[row["verdict"]], en=row["verdict"])
    return Row(f"{row['finding_id']} {row['title_zh']}\n{row['title_en']}", (*texts, stacked(verdict)))
