"""Making text safe to open in a spreadsheet program, which runs a cell that looks like a formula.

Belongs here: neutralising CSV exports. Does not belong here: writing the file.
"""

from typing import Any

import pandas as pd

# The full-width signs are formulas too in programs set to Chinese or Japanese.
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutralise(df: pd.DataFrame) -> pd.DataFrame:
    """A copy of `df` in which every text cell that begins like a formula has a leading apostrophe.

    Numbers (negative ones too), dates and missing cells are untouched.
    """
    out = df.copy()
    for position in range(out.shape[1]):
        column = out.iloc[:, position]
        if not pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_datetime64_any_dtype(column):
            out.isetitem(position, column.map(neutral).array)
    return out


def neutral(value: Any) -> Any:
    """The value, with a leading apostrophe if it is text that begins like a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA) else value
