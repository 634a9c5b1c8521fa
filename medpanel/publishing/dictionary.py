"""Texts of a publication: the table data_dictionary and the comments in the database, all from the catalog.

Does not belong here: the texts themselves (catalog/tables.yaml, catalog/indicators.yaml).
"""

from collections.abc import Iterable

import pandas as pd

from catalog.tables import Column, Table
from medpanel.publishing.inputs import DataKind

SYNTHETIC = "SYNTHETIC DATA (generated, not statistics). "
COLUMNS = (
    "table_name",
    "column_name",
    "type",
    "unit",
    "description",
    "description_zh",
    "source",
    "original_headers",
    "key_position",
)


def data_dictionary(tables: Iterable[Table]) -> pd.DataFrame:
    """One row per column of `tables`, columns as in the table data_dictionary."""
    rows = [
        (
            table.name,
            name,
            column.type,
            column.unit,
            column.en,
            column.zh,
            column.source or table.source,
            column.headers,
            table.key.index(name) + 1 if name in table.key else None,
        )
        for table in tables
        for name, column in table.columns.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"key_position": "Int32"})


def table_comment(table: Table, kind: DataKind) -> str:
    """Comment of a table: what it holds in both languages, its key and its source."""
    key = ", ".join(table.key)
    text = f"{table.text} Key / 主键: {key}. Source / 来源: {table.source}"
    return _mark(table, kind) + text


def column_comment(table: Table, column: Column, kind: DataKind) -> str:
    """Comment of a column: what it holds in both languages, its unit where it has one, its source."""
    return f"{_mark(table, kind)}{column.text}. Source / 来源: {column.source or table.source}"


def _mark(table: Table, kind: DataKind) -> str:
    """The warning before everything generated. Reference facts such as province are facts in any kind."""
    return SYNTHETIC if kind == "synthetic" and table.labelled else ""
