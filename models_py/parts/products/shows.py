"""The table of products as it is printed.

Belongs here: its title, notes and names of effects. Does not belong here: its rows in the database (table.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.parts.products import Options
from models_py.figures.names import chinese_number, stem_of
from models_py.parts.frame import Seen

if TYPE_CHECKING:
    import pandas as pd

    from models_py.figures.table import ReportTable

TABLE = Text(en="Products of coefficients", zh="系数乘积")

_DECOMPOSITION = Text(
    zh="系数乘积：各中介变量是结果变量的组成部分，乘积只是分解，不构成机制或中介。",
    en="Products of coefficients: the mediators are parts of the outcome, so the products decompose it; nothing here "
    "is a mechanism or mediation.",
)
_ASSOCIATIONS = Text(
    zh="系数乘积：关联之积，不构成机制或中介。",
    en="Products of coefficients: products of associations; nothing here is a mechanism or mediation.",
)


def titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """File name and title of the table."""
    return [(stem_of(options.table_no), Text(en=options.table_no, zh=chinese_number(options.table_no)))]


def tables(seen: Seen, options: Options) -> list[ReportTable]:
    """The table of products; none without rows."""
    from catalog.labels import effect_label, variable_label
    from models_py.figures.estimates import estimates_table
    from models_py.parts.products.table import IDENTITY, IDENTITY_TEST
    from models_py.parts.regressions.models import own_reading

    study, rows = seen.study, _of(seen.rows("estimate"), options)
    if rows.empty:
        return []
    tests = _of(seen.rows("spec_test"), options)
    parts = not tests.empty and bool((tests.loc[tests["test"] == IDENTITY_TEST, "statistic"] <= IDENTITY).any())
    table = estimates_table(
        rows,
        _title(study),
        term_label=lambda term: variable_label(study, term),
        effect_label=lambda effect: effect_label(options.part(), effect),
        own_reading=own_reading(study),
        synthetic=seen.synthetic,
        notes=(_DECOMPOSITION if parts else _ASSOCIATIONS,),
    )
    return [table]


def _title(study: Study) -> Text:
    return Text(zh=f"{study.title.zh}：系数乘积", en=f"{study.title.en}: products of coefficients")


def _of(rows: pd.DataFrame, options: Options) -> pd.DataFrame:
    return rows if rows.empty else rows[rows["table_no"] == options.table_no]
