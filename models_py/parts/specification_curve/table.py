"""Which choice moves the estimate most, as a table.

Belongs here: its columns. Does not belong here: the shares (curve.py).
"""

import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.labels import choice_label, option_label
from models_py.figures.table import ReportTable, Row, both, number

_HEADER = (
    "选项\nOption",
    "解释方差\nVariance share",
    "规格数\nN",
    "中位数\nMedian",
    "范围\nRange",
    "为正\nPositive",
    "p < 0.05\nSignificant",
)


def choices_table(rows: pd.DataFrame, study: Study, synthetic: bool) -> ReportTable:
    """Rows of `specification_choice` of one study, the largest mover first, a block for each choice."""
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
        header=(_HEADER,),
        rows=tuple(body),
        notes=(
            Text(
                zh="解释方差：规格曲线估计值方差中位于该设定项各选项之间的部分。",
                en="Variance share: part of the variance of the curve's estimates between the options of the choice.",
            ),
        ),
        synthetic=synthetic,
    )
