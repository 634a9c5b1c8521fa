"""Rows of the published tables that evidence on a design is made of.

Belongs here: empty cells, column order, notes in two languages, the words for provinces.
Does not belong here: any statistic.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from catalog import load_tables
from models_py.panel import province_label

# A term that rests on one province fits it exactly: its clustered standard error leaves out that province's own noise.
FEWEST_PROVINCES = 2


def both(english: str, chinese: str) -> str:
    """A note in English and then in Chinese."""
    return f"{english} {chinese}"


def named(codes: Iterable[int]) -> str:
    """Provinces by name and code, in the order of their codes; a dash when there are none."""
    return ", ".join(province_label(code) for code in sorted(codes)) or "-"


def as_table(rows: Sequence[Mapping[Any, Any]], table: str) -> pd.DataFrame:
    """`rows` as published table `table`: its columns but data_kind, in its order; an absent cell is empty.

    Raises KeyError for a column the table does not have.
    """
    declared = load_tables()[table].columns
    columns = [name for name in declared if name != "data_kind"]
    unknown = {name for row in rows for name in row} - set(columns)
    if unknown:
        raise KeyError(f"{table} has no column {sorted(unknown)}")
    frame = pd.DataFrame([{name: row.get(name) for name in columns} for row in rows], columns=columns)
    numbers = [name for name in columns if declared[name].type == "DOUBLE"]
    whole = [name for name in columns if declared[name].type == "INTEGER"]
    return frame.astype({**dict.fromkeys(numbers, "float64"), **dict.fromkeys(whole, "int64")})


def interval_row(
    label: Mapping[str, str], term: str, method: str, estimate: float, std_error: float, df: float, level: float
) -> dict[str, Any]:
    """A row of `estimate` with a t test of zero and a t interval; both empty where the standard error is not positive.

    `df` may be infinite (normal).
    """
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    row = {**label, "term": term, "effect": "coef", "method": method, "estimate": estimate}
    if not std_error > 0:
        return row
    t = estimate / std_error
    normal = math.isinf(df)
    quantile = float(ndtri(0.5 + level / 2) if normal else stdtrit(df, 0.5 + level / 2))
    return {
        **row,
        "std_error": std_error,
        "statistic": t,
        "p_value": 2 * float(ndtr(-abs(t)) if normal else stdtr(df, -abs(t))),
        "ci_low": estimate - quantile * std_error,
        "ci_high": estimate + quantile * std_error,
        "ci_level": level,
        "df": None if normal else df,
    }
