"""The printed Moran's I under every weights, as a table.

Belongs here: its rows. Does not belong here: z (checks.py).
"""

import pandas as pd

from catalog.base import Text
from catalog.labels import weights_label
from models_py.figures.table import ReportTable, Row, number, stars
from models_py.parts.coupling_findings.checks import TEST
from models_py.parts.findings import both

_NOTE = both(
    "z of the printed figures under normality, from the weights alone; * p < 0.10, ** p < 0.05, *** p < 0.01. No data "
    "of this study enter, but for economic and nested weights.",
    "仅由权重计算的论文数值之z（正态假设）；* p < 0.10，** p < 0.05，*** p < 0.01。"
    "除经济与嵌套权重外不涉及本研究数据。",
)


def printed_moran_table(rows: pd.DataFrame, title: Text, synthetic: bool) -> ReportTable:
    """`rows`: the part's rows of spec_test."""
    own = rows[rows["test"] == TEST]
    years = list(dict.fromkeys(own["subject"]))
    body = []
    for name, of_weights in own.groupby("weights", sort=False):
        held = of_weights.set_index("subject")
        cells = [f"{number(held.loc[y, 'statistic'], 2)}{stars(float(held.loc[y, 'p_value']))}" for y in years]
        body.append(Row(weights_label(str(name)), tuple(cells)))
    return ReportTable("published_moran", title, (tuple(years),), tuple(body), (_NOTE,), synthetic)
