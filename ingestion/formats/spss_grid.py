"""SPSS files (.sav, .zsav) as grids: one row per case, numbers as their shortest exact text.

Value labels replace codes only in the columns that name the units: everywhere else the code is the figure. Values the
file declares missing are empty cells. Survey microdata are read by their own layout, never as cells.
"""

from __future__ import annotations

import io
from collections.abc import Collection
from typing import Any

import pyreadstat

from ingestion.formats.grid import Grid, Sheet
from ingestion.formats.stata_grid import exact_text
from ingestion.problems import Problem, Refusal


def read_spss_grid(content: bytes, declared_encoding: str | None, labelled: Collection[str]) -> Grid:
    """An SPSS file; `labelled` are the variables whose value labels are used, where they have any. Raises Refusal.

    The file says its own encoding; `declared_encoding` overrules it where it is wrong.
    """
    try:
        frame, meta = pyreadstat.read_sav(
            io.BytesIO(content), encoding=declared_encoding, user_missing=False, disable_datetime_conversion=True
        )
    except Exception as error:  # the library raises several kinds for damaged files; all of them refuse the file
        found = f"{type(error).__name__}: {error}"[:200]
        raise Refusal(Problem("unreadable", found=found, expected="an SPSS .sav file")) from error
    labels: dict[str, dict[Any, str]] = meta.variable_value_labels
    header = tuple(str(name) for name in frame.columns)
    columns = [
        [_text(value, labels.get(name, {}) if name in labelled else {}) for value in frame[name].to_numpy()]
        for name in header
    ]
    rows = tuple(tuple(text.strip() for text in row) for row in zip(*columns, strict=True))
    return Grid((Sheet("", rows, header=header),), meta.file_encoding or "utf-8", kind="spss")


def _text(value: Any, labels: dict[Any, str]) -> str:
    if value in labels:
        return str(labels[value])
    return exact_text(value)
