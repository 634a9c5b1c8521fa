"""Rows in the shape of a published table.

Belongs here: column order and types, rows of `spec_test`, bilingual notes. Does not belong here: any number's making.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from catalog import load_tables


@dataclass(frozen=True)
class SpecTest:
    """One row of `spec_test` without its label; the note in English and in Chinese."""

    test: str
    statistic: float
    english: str
    chinese: str
    df: float = math.nan
    p_value: float = math.nan


def spec_tests(label: Mapping[str, str], rows: Sequence[SpecTest]) -> pd.DataFrame:
    """Rows of `spec_test` under one label (study, table_no, model); English note first, then the Chinese one."""
    frame = pd.DataFrame(
        {
            **label,
            "test": row.test,
            "statistic": float(row.statistic),
            "df": float(row.df),
            "p_value": float(row.p_value),
            "note": f"{row.english} {row.chinese}",
        }
        for row in rows
    )
    return as_table(frame, "spec_test")


def as_table(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """`frame` with the columns of a published table, all but data_kind, in its order; whole numbers as Int64."""
    columns = load_tables()[table].columns
    names = [name for name in columns if name != "data_kind"]
    frame = frame.reindex(columns=names) if frame.empty else frame[names]
    types = {"INTEGER": "Int64", "DOUBLE": "float64"}
    return frame.astype({name: types[columns[name].type] for name in names if columns[name].type in types}).reset_index(
        drop=True
    )
