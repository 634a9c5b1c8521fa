"""Moran's I by year and weights, as a printed table with a reading in words.

Belongs here: rows, words and notes. Does not belong here: computing (rows.py).
"""

from __future__ import annotations

import pandas as pd

from catalog.base import Text
from catalog.labels import weights_label
from catalog.parts.moran import Options
from models_py.figures.names import number_of, stem_of
from models_py.figures.table import NOTHING, ReportTable, Row, number, p_number, stars
from models_py.panel import Panel

TITLE = Text(zh="全局莫兰指数", en="Global Moran's I")
READING = Text(zh="莫兰指数读法", en="Moran's I in words")
_NOTE = Text(
    zh="括号内为双侧置换检验p值；* p < 0.10，** p < 0.05，*** p < 0.01。各行期望均为−1/(n−1)。"
    "空间权重不同，I不可直接比较大小。",
    en="In brackets: two-sided p of permutations; * p < 0.10, ** p < 0.05, *** p < 0.01. Expectation -1/(n-1) in every "
    "cell. Sizes of I under different weights cannot be compared.",
)


def global_table(rows: pd.DataFrame, options: Options, panel: Panel, synthetic: bool) -> ReportTable:
    """Years down, weights across. `rows`: those of moran_global."""
    held = {(row["weights"], row["year"]): row for row in rows.to_dict("records")}
    body = []
    for year in sorted(rows["year"].unique()):
        found = [held.get((name, year)) for name in options.weights]
        cells = [
            NOTHING if one is None else f"{number(one['i'], 4)}{stars(one['p_sim'])}\n({p_number(one['p_sim'])})"
            for one in found
        ]
        body.append(Row(str(year), tuple(cells)))
    n, some = len(panel.codes), rows.iloc[0]
    sample = Text(
        zh=f"{n}个{panel.unit.one.zh}，置换{some['permutations']}次，种子[{some['seed']}, 年份]。",
        en=f"{n} {panel.unit.many.en}, {some['permutations']} permutations, seed [{some['seed']}, year].",
    )
    header = tuple(weights_label(name) for name in options.weights)
    return ReportTable(
        stem_of(options.table_no, options.name),
        TITLE,
        (header,),
        tuple(body),
        (_NOTE, sample),
        synthetic,
        number=number_of(options.table_no),
    )


def reading_table(rows: pd.DataFrame, local: pd.DataFrame, options: Options, synthetic: bool) -> ReportTable:
    """A sentence for each row of the study's own weights, and one for the clusters of each local year."""
    own = rows[rows["weights"] == options.weights[0]].sort_values("year")
    body = [Row(str(row["year"]), (Text(en=row["note_en"], zh=row["note_zh"]),)) for row in own.to_dict("records")]
    body += [Row(str(year), (clusters_in_words(part),), 1) for year, part in local.groupby("year")]
    header = (Text(zh="读法", en="Reading"),)
    return ReportTable(stem_of("moran_reading", options.name), READING, (header,), tuple(body), (), synthetic, (0,))


def clusters_in_words(local: pd.DataFrame) -> Text:
    """How many places are in clusters, and how many of them a false discovery rate leaves."""
    counts = {name: int((local["cluster"] == name).sum()) for name in ("HH", "LL", "HL", "LH")}
    kept = int(local["significant_fdr"].sum())
    listed, listed_zh = (mark.join(f"{name} {count}" for name, count in counts.items()) for mark in (", ", "、"))
    return Text(
        en=f"Local clusters at 5 %: {listed}; kept at a false discovery rate of 5 %: {kept} of {len(local)}. About "
        f"{0.05 * len(local):.1f} are expected by chance alone.",
        zh=f"5%水平局部集聚：{listed_zh}；控制错误发现率5%后保留{kept}个（共{len(local)}个）；"
        f"仅凭随机预期约{0.05 * len(local):.1f}个。",
    )
