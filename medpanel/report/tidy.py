"""A table for computing with: as CSV, one line of header, and its underlying rows as a Stata file.

Belongs here: which published rows a table was made from, and their labels, units and notes. Does not belong here: what
a table says (models_py/parts), formats for print (latex.py, word.py, excel.py).
"""

import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from catalog import Column, Table, load_tables
from catalog.base import Text
from medpanel.office.files import FIXED_TIME, csv_bytes
from medpanel.office.stata import with_notes
from medpanel.publishing.withheld import QUOTING
from medpanel.replication.names import label, one_line
from medpanel.report.columns import safe
from models_py.figures.names import stem_of
from models_py.figures.table import PrintedTable
from models_py.parts.frame import Seen

# The mark at its beginning tells Excel that it is UTF-8.
CSV_ENCODING = "utf-8-sig"
# Says real or synthetic in every row; its description names both, which one file of real data must not.
KIND = "data_kind"
# Texts of so many bytes at most have a width of their own; longer ones lie apart.
_LONGEST = 2045


@dataclass(frozen=True)
class Underlying:
    """Rows of a published table that a printed one was made from."""

    table: Table
    rows: pd.DataFrame


def csv_of(table: PrintedTable) -> bytes:
    """One line of header, its levels joined, then the rows as printed; the title stands over the labels."""
    made = safe(table)
    heads = [": ".join(dict.fromkeys(filter(None, texts))) for texts in zip(*made.header, strict=True)]
    lines = [[made.heading, *heads], *([row.label, *row.cells] for row in made.rows)]
    return csv_bytes([[text.replace("\n", " ") for text in line] for line in lines], encoding=CSV_ENCODING)


def published_tables(read: Collection[str]) -> dict[str, str]:
    """The published tables among what a show read, each with the name it was read under: its own, or a part's share."""
    tables, found = load_tables(), {}
    for name in sorted(read):
        base = name.partition("__")[0]
        if base in tables and not tables[base].internal:
            # A share says more exactly what was read; it comes after the whole in this order.
            found[base] = name
    return found


def underlying(seen: Seen, stem: str, read: Collection[str]) -> list[Underlying]:
    """The rows of results behind the table `stem`: of a table that holds several printed ones, this one's.

    Where figures may not be passed on, rows that quote figures as received are no part of it.
    """
    made = []
    for base, name in published_tables(read).items():
        table, rows = load_tables()[base], seen.rows(name)
        quotes = any({*pair} <= set(rows.columns) for pair in QUOTING)
        if table.origin == "study" and len(rows) and not (seen.remarks and quotes):
            made.append(Underlying(table, _labelled(table, _of(rows, stem), seen.data_kind)))
    return made


def _labelled(table: Table, rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """With the kind of the data in each row, as published."""
    return rows.assign(**{KIND: kind}) if table.labelled else rows


def _of(rows: pd.DataFrame, stem: str) -> pd.DataFrame:
    """The rows of the table number that the stem begins with; all if it begins with none."""
    if "table_no" not in rows.columns:
        return rows.reset_index(drop=True)
    stems = {no: stem_of(str(no)) for no in rows["table_no"].unique()}
    fitting = [no for no, own in stems.items() if own and f"{stem}_".startswith(f"{own}_")]
    longest = max(fitting, key=lambda no: len(stems[no]), default=None)
    return (rows if longest is None else rows[rows["table_no"] == longest]).reset_index(drop=True)


def dta(made_from: Underlying, title: Text, notes: Collection[Text]) -> bytes:
    """The rows as a Stata 118 file (Stata 14 and later): labels with units in both languages, notes of the data set."""
    rows, columns = _plain(made_from.rows), made_from.table.columns
    infinite = [name for name in rows.select_dtypes("number") if np.isinf(rows[name]).any()]
    rows = rows.replace([np.inf, -np.inf], np.nan)
    told = [f"{title.zh} {title.en}", f"{made_from.table.zh} {made_from.table.en}"]
    told += [f"{name}: infinite values are missing here 无穷值在此为缺失" for name in infinite]
    told += [text for note in notes for text in (note.zh, note.en)]
    told += [f"{name}: {column.zh} {column.en}" for name, column in columns.items() if name in rows and name != KIND]
    written = io.BytesIO()
    rows.to_stata(
        written,
        write_index=False,
        byteorder="little",
        version=118,
        time_stamp=FIXED_TIME,
        data_label=label(title.zh, title.en),
        variable_labels={name: _label(columns, name) for name in rows.columns},
        convert_strl=_long(rows),
    )
    return with_notes(written.getvalue(), [one_line(text) for text in told])


def _plain(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows in types Stata has: numbers, and text that is empty where there is none."""
    made = {}
    for name in rows.columns:
        column = rows[name]
        if pd.api.types.is_bool_dtype(column):
            made[name] = column.astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
        elif pd.api.types.is_numeric_dtype(column):
            made[name] = column.to_numpy(dtype="float64", na_value=np.nan)
        else:
            made[name] = column.astype(object).where(column.notna(), "").map(str).to_numpy(dtype=object)
    return pd.DataFrame(made)


def _long(rows: pd.DataFrame) -> list[str]:
    texts = rows.select_dtypes(exclude="number")
    return [str(name) for name in texts if texts[name].map(lambda text: len(text.encode())).max() > _LONGEST]


def _label(columns: Mapping[str, Column], name: str) -> str:
    if name == KIND:
        return "数据性质 Kind of data"
    column = columns.get(name)
    if column is None:
        return ""
    # A backtick begins a macro in Stata.
    en, zh = column.en.replace("`", ""), column.zh.replace("`", "")
    return label(zh, f"{en} [{column.unit}]" if column.unit else en)
