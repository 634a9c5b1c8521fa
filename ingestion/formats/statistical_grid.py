"""Files of statistical programs as grids, Stata (.dta) and SPSS (.sav, .zsav): one row per observation or case.

Numbers become their shortest exact text. Value labels replace codes only in the columns that name the units: everywhere
else the code is the figure, unless the labels say that it is none: where they are numbers of their own, or stand for
each value in words. A label that is a mark of missing figures is such a mark. Values an SPSS file declares missing are
empty cells. Survey microdata are read by their own layout, never as cells.
"""

import io
import re
import warnings
from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from ingestion.formats.grid import Extent, Grid, Sheet, cell_text, decode
from ingestion.formats.limits import (
    CASES_BYTES,
    CELLS,
    CHARACTERS,
    COLUMNS,
    RAW_CHARACTERS,
    ROWS,
    TEXT_BYTES,
    damage_refused,
    require_at_most,
    require_bytes,
)
from ingestion.formats.spss_dictionary import require_sound
from ingestion.formats.stata_texts import long_texts
from ingestion.problems import Problem
from ingestion.vocabulary.numbers import PROGRAM_MARKS, mark_key, number_or_none
from ingestion.vocabulary.years import parse_year_cell

# Name of a variable -> code as text -> label.
Labels = dict[str, dict[str, str]]
# From this release on Stata writes UTF-8; before it, text is in whatever encoding the computer used.
_FIRST_UNICODE_RELEASE = 118
_FIRST_TAGGED_RELEASE = 117
_HEAD_BYTES = 512


def read_stata_grid(content: bytes, declared_encoding: str | None, labelled: Collection[str]) -> Grid:
    """A Stata file; `labelled` are the variables whose value labels are used, where they have any. Raises Refusal."""
    require_bytes(len(content), TEXT_BYTES)
    _require_size(content)
    with damage_refused("stata", length=len(content)), warnings.catch_warnings():
        # pandas would fall back to another encoding with a warning; guessing is not wanted.
        warnings.simplefilter("error", UnicodeWarning)
        header, columns = _stata_columns(content)
        labels = _stata_labels(content)
    encoding = "utf-8"
    if _release(content) < _FIRST_UNICODE_RELEASE:
        header, columns, encoding, labels = _decoded(header, columns, labels, declared_encoding)
    return Grid((_sheet(header, columns, labels, labelled),), encoding, kind="stata")


def _stata_columns(content: bytes) -> tuple[list[str], list[list[str]]]:
    """The names of the variables and their values, read in pieces that cannot be large however long its texts are.

    Raises Refusal as soon as the texts are more than is kept of a file.
    """
    long = long_texts(io.BytesIO(content))
    row = len(long.variables) * long.longest
    require_at_most(CHARACTERS, row, "characters")
    step = CHARACTERS // row if row else ROWS
    characters = 0
    options: dict[str, Any] = {"convert_categoricals": False, "convert_dates": False, "iterator": True}
    with pd.read_stata(io.BytesIO(content), **options) as opened:
        reader: Any = opened  # its stubs lack read()
        frame = reader.read(step)
        header = [str(name) for name in frame.columns]
        columns: list[list[str]] = [[] for _ in header]
        while len(frame):
            for number in range(len(header)):
                columns[number] += [exact_text(value) for value in frame.iloc[:, number].to_numpy()]
            characters += sum(len(text) for number in long.variables for text in columns[number][-len(frame) :])
            require_at_most(CHARACTERS, characters, "characters")
            try:
                frame = reader.read(step)
            except StopIteration:  # how pandas says that it was read to its end
                break
    return header, columns


def read_spss_grid(content: bytes, declared_encoding: str | None, labelled: Collection[str]) -> Grid:
    """An SPSS file; `labelled` are the variables whose value labels are used, where they have any. Raises Refusal.

    The file says its own encoding; `declared_encoding` overrules it where it is wrong.
    """
    require_bytes(len(content), TEXT_BYTES)
    require_sound(io.BytesIO(content))
    options: dict[str, Any] = {"encoding": declared_encoding, "user_missing": False}
    options |= {"disable_datetime_conversion": True}
    with damage_refused("spss"):
        _, meta = pyreadstat.read_sav(io.BytesIO(content), metadataonly=True, **options)
        most = _most_cases(meta)
        frame, meta = pyreadstat.read_sav(io.BytesIO(content), row_limit=most + 1, **options)
    require_at_most(most, len(frame), "rows")
    labels: dict[str, dict[Any, str]] = meta.variable_value_labels
    header = [str(name) for name in frame.columns]
    # By their places: in a damaged file two variables may have one name, or none.
    columns = [[exact_text(value) for value in frame.iloc[:, n].to_numpy()] for n in range(len(header))]
    told = {name: {exact_text(value): label for value, label in own.items()} for name, own in labels.items()}
    return Grid((_sheet(header, columns, told, labelled),), meta.file_encoding or "utf-8", kind="spss")


def _most_cases(meta: Any) -> int:
    """How many cases of an SPSS file may be read. Raises Refusal if it says itself that it has more.

    A compressed file, which any suffix may have, is a thousandth of what it unpacks to, and what it says may be wrong:
    no more is ever asked for than may be kept.
    """
    columns = len(meta.column_names)
    require_at_most(COLUMNS, columns, "columns")
    width = sum(max(8, meta.variable_storage_width.get(name) or 8) for name in meta.column_names)
    cases = max(0, meta.number_rows or 0)
    require_at_most(ROWS, cases, "rows")
    require_at_most(CELLS, cases * columns, "cells")
    require_bytes(cases * width, CASES_BYTES, what="bytes_of_cases")
    return min(ROWS, CELLS // max(1, columns), CASES_BYTES // max(1, width))


def _sheet(header: list[str], columns: list[list[str]], labels: Labels, labelled: Collection[str]) -> Sheet:
    """The sheet of named columns of texts. Raises Refusal beyond what is kept of a file."""
    coded: dict[int, Problem] = {}
    for number, name in enumerate(header):
        own = labels.get(name, {})
        if cell_text(name) in labelled:
            columns[number] = [own.get(code, code) for code in columns[number]]
            continue
        columns[number], problem = meant(columns[number], own)
        if problem is not None:
            coded[number + 1] = replace(problem, found=cell_text(name), cell=cell_text(name))
    # Stripped only now: in Latin-1 disguise the last byte of a GBK character can look like a blank.
    rows = []
    raw, extent = Extent(most=RAW_CHARACTERS), Extent()
    for row in zip(*columns, strict=True):
        # Before the texts are copied: all rows may share one long text, which Stata keeps once.
        raw.add("", 1, row)
        rows.append(tuple(cell_text(text) for text in row))
        extent.add("", 1, rows[-1])
    return Sheet("", tuple(rows), header=tuple(map(cell_text, header)), coded=MappingProxyType(coded))


def meant(column: list[str], labels: Mapping[str, str]) -> tuple[list[str], Problem | None]:
    """The column with labels that are marks of missing figures in place of their codes; and why its numbers are no
    figures, if the labels of values that occur say so: encoded_figures or labelled_codes, without its place."""
    marks = {code: label for code, label in labels.items() if mark_key(label) in PROGRAM_MARKS}
    occurring = {
        code: cell_text(labels[code]) for code in dict.fromkeys(column) if code in labels and code not in marks
    }
    shown = [marks.get(code, code) for code in column]
    other = next((code for code, label in occurring.items() if _number(label) not in (None, _number(code))), None)
    if other is not None:
        return shown, Problem("encoded_figures", expected=f"{other} = {occurring[other]}")
    in_words = [code for code, label in occurring.items() if _number(label) is None]
    if in_words and all(code in in_words for code in column if code and code not in marks):
        return shown, Problem("labelled_codes", expected=f"{in_words[0]} = {occurring[in_words[0]]}")
    return shown, None


def _number(text: str) -> Decimal | int | None:
    """The number a label or a code is, also one with a sign of percent or the character for years behind it."""
    number = number_or_none(text.strip().removesuffix("%"))
    return number if number is not None else parse_year_cell(text)


def _stata_labels(content: bytes) -> Labels:
    """Name of each variable with value labels -> its codes, as texts, and their labels."""
    with pd.read_stata(io.BytesIO(content), iterator=True) as reader:
        if not reader.value_labels():
            return {}
    encoding = None if _release(content) >= _FIRST_UNICODE_RELEASE else "LATIN1"
    _, meta = pyreadstat.read_dta(io.BytesIO(content), metadataonly=True, encoding=encoding)
    found: dict[str, dict[Any, str]] = meta.variable_value_labels
    numbers = {
        name: {v: label for v, label in own.items() if isinstance(v, int | float)} for name, own in found.items()
    }
    return {name: {exact_text(float(v)): label for v, label in own.items()} for name, own in numbers.items()}


def exact_text(value: Any) -> str:
    """The shortest text that is exactly this value in its own precision; empty for a missing value.

    Single-precision numbers keep the digits they were stored with: 78.4, not 78.4000015258789.
    """
    if value is None or value is pd.NA or (isinstance(value, float | np.floating) and np.isnan(value)):
        return ""
    if isinstance(value, float | np.floating):
        return np.format_float_positional(value, unique=True, trim="-")
    return str(value)


def _require_size(content: bytes) -> None:
    """Raise Refusal for more cells than are kept, judged by the file's own header: pandas reads no more than that."""
    little, texts = content[1:2] == b"\x02", (content[4:6], content[6:10])
    if _release(content) >= _FIRST_TAGGED_RELEASE:
        head = content[:_HEAD_BYTES]
        width = re.search(rb"<K>(.{2,4}?)</K>", head, re.DOTALL)
        length = re.search(rb"<N>(.{4}(?:.{4})?)</N>", head, re.DOTALL)
        little = b"<byteorder>LSF" in head
        texts = (width.group(1), length.group(1)) if width and length else (b"", b"")
    columns, rows = (int.from_bytes(text, "little" if little else "big") for text in texts)
    require_at_most(COLUMNS, columns, "columns")
    require_at_most(ROWS, rows, "rows")
    require_at_most(CELLS, rows * columns, "cells")


def _release(content: bytes) -> int:
    match = re.match(rb"<stata_dta><header><release>(\d{3})</release>", content)
    return int(match.group(1)) if match else content[0]


def _decoded(
    header: list[str], columns: list[list[str]], labels: Labels, declared: str | None
) -> tuple[list[str], list[list[str]], str, Labels]:
    """The texts in their own encoding: files of old releases are read as Latin-1, which keeps every byte."""
    named = [text for own in labels.values() for text in own.values()]
    texts = {text for column in [header, named, [*labels], *columns] for text in column}
    _, encoding = decode("\n".join(sorted(texts)).encode("latin-1"), declared)
    real = {text: text.encode("latin-1").decode(encoding) for text in texts}
    told = {real[name]: {code: real[text] for code, text in own.items()} for name, own in labels.items()}
    return [real[text] for text in header], [[real[text] for text in column] for column in columns], encoding, told
