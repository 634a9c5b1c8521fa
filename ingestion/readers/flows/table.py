"""A large table of flows as DuckDB reads it: typed columns where the first rows allow it, texts otherwise.

Belongs here: opening it, and filling `raw` with its rows. What is asked of it: large.py, passes.py, batches.py; tables
small enough for memory: rows.py.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal
from ingestion.readers.flows.declared import FlowFile, Roles, cell_columns, positions, text_of
from ingestion.readers.flows.engine import literal, quote, reading_file
from ingestion.readers.flows.periods import parse_period

DELIMITERS = (",", "\t", ";", "|")
_SAMPLE = 500
_CODE = re.compile(r"\d{2,6}")
_NUMBER = re.compile(r"[+-]?\d{1,17}(\.\d{0,20})?([eE][+-]?\d{1,2})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_WHOLE = re.compile(r"\d{4}(\d{2}){0,2}")
_INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})


class UnfitError(Exception):
    """The table does not fit the arrays of stream.py; passes.py reads it."""


class UnsoundError(Exception):
    """The table cannot be read in passes; read row by row it shows why, or turns out sound."""


@dataclass(frozen=True)
class BigTable:
    """FROM clauses of one file and the types of its columns.

    path: of the file that is read, which may be a copy in UTF-8.
    typed: with the types below; a cell that does not fit them is an error of DuckDB.
    texts: every column as text, with `row` (of the file, from 1; blank lines of a CSV are not counted).
    head: rows of the header; 0 for Parquet.
    edges, header, delimiter: of a CSV file: periods at its beginning and end, its columns, what is between them.
    """

    path: str
    typed: str
    texts: str
    types: dict[str, str]
    columns: dict[str, int]
    head: int
    edges: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    delimiter: str = ","

    def is_whole(self, header: str) -> bool:
        """Whether a column holds integers."""
        return self.types[header] in _INTEGERS


def find_delimiter(line: str) -> str:
    """The separator that splits the header into most cells."""
    return max(DELIMITERS, key=lambda each: (line.count(each), -DELIMITERS.index(each)))


def open_parquet(con: duckdb.DuckDBPyConnection, probe: Probe, roles: Roles) -> BigTable:
    """A Parquet file. Raises Refusal for a column that is not there."""
    relation = f"read_parquet({literal(str(probe.path))}, file_row_number = true)"
    with reading_file():
        described = con.execute(f"DESCRIBE FROM {relation}").fetchall()
    types = {str(name): str(kind) for name, kind, *_ in described if name != "file_row_number"}
    at = positions(list(types), roles.headers)
    texts = f"(SELECT file_row_number + 1 AS row, * FROM {relation})"
    plain = f"read_parquet({literal(str(probe.path))})"
    return BigTable(str(probe.path), plain, texts, types, cell_columns(roles, at), 0)


def open_csv(file: FlowFile, roles: Roles, folder: Path) -> BigTable:
    """A CSV file, in UTF-8 or rewritten so in `folder`. Raises Refusal."""
    encoding = _encoding(file)
    path = file.probe.path if encoding == "utf-8" else _as_utf8(file.probe, encoding, folder)
    with path.open("rb") as stream:
        head = stream.read(1 << 20).decode("utf-8", "ignore").removeprefix("\ufeff")
    delimiter = find_delimiter(head[: head.find("\n") + 1])
    lines = csv.reader(io.StringIO(head[: head.rfind("\n") + 1], newline=""), delimiter=delimiter)
    header = [name.strip() for name in next(lines, [])]
    at = positions(header, roles.headers)
    if len(set(header)) < len(header):
        header = [name if header.count(name) == 1 else f"{name}\x1f{n}" for n, name in enumerate(header)]
    sample = [row for _, row in zip(range(_SAMPLE), lines, strict=False) if len(row) == len(header)]
    types = dict.fromkeys(header, "VARCHAR") | _types(roles, at, sample)

    def relation(kinds: dict[str, str]) -> str:
        columns = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in kinds.items())
        return (
            f"read_csv({literal(str(path))}, auto_detect = false, header = true, delim = {literal(delimiter)}, "
            f"quote = '\"', escape = '\"', nullstr = '', strict_mode = true, columns = {{{columns}}})"
        )

    everything = ", ".join(quote(name) for name in header)
    texts = f"(SELECT row_number() OVER () + 1 AS row, {everything} FROM {relation(dict.fromkeys(header, 'VARCHAR'))})"
    edges = _edges(path, at[roles.period], sample, delimiter) if roles.period is not None else ()
    columns = cell_columns(roles, at)
    return BigTable(str(path), relation(types), texts, types, columns, 1, edges, tuple(header), delimiter)


def fill_texts(con: duckdb.DuckDBPyConnection, table: BigTable, roles: Roles, only: str = "") -> None:
    """`raw` out of every row of the table (or those `only` leaves), all cells as text."""
    with reading_file():
        con.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE raw AS
            SELECT row AS seq, row, '' AS cell, o, d, w, p FROM (
                SELECT row, {roles.end("o")} AS o, {roles.end("d")} AS d, {text_of(roles.weight)} AS w,
                       {roles.when} AS p
                FROM {table.texts})
            {only} ORDER BY row
            """
        )


def _edges(path: Path, column: int, sample: Sequence[Sequence[str]], delimiter: str) -> tuple[str, ...]:
    """Periods of the first rows and of the last ones."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 65536))
        tail = stream.read().decode("utf-8", "ignore")
    last = list(csv.reader(tail.splitlines()[1:], delimiter=delimiter))
    return tuple(dict.fromkeys(row[column].strip() for row in (*sample, *last) if len(row) > column))


def _types(roles: Roles, at: dict[str, int], sample: Sequence[Sequence[str]]) -> dict[str, str]:
    """Types the first rows allow; a later row that does not fit shows as an error, and all is read as text."""

    def every(header: str, pattern: re.Pattern[str]) -> bool:
        return bool(sample) and all(pattern.fullmatch(row[at[header]]) for row in sample)

    names = [name for name, *others in roles.ends.values() if name is not None and others == [None, None]]
    types = {name: "INTEGER" for name in names if every(name, _CODE)}
    if every(roles.weight, _NUMBER):
        types[roles.weight] = "DOUBLE"
    if roles.period is not None:
        if every(roles.period, _DATE):
            types[roles.period] = "DATE"
        elif every(roles.period, _WHOLE) and all(parse_period(row[at[roles.period]]) for row in sample):
            types[roles.period] = "INTEGER"
    return types


def _encoding(file: FlowFile) -> str:
    head, declared = file.probe.head, file.source.encoding
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if declared is not None:
        return "utf-8" if codecs.lookup(declared).name in {"utf-8", "utf-8-sig", "ascii"} else declared
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _as_utf8(probe: Probe, encoding: str, folder: Path) -> Path:
    """The file rewritten in UTF-8, in pieces. Raises Refusal for bytes of another encoding."""
    target = folder / "utf8.csv"
    try:
        with (
            probe.path.open(encoding=encoding, newline="") as old,
            target.open("w", encoding="utf-8", newline="") as new,
        ):
            while piece := old.read(1 << 22):
                new.write(piece)
    except (UnicodeDecodeError, LookupError) as error:
        raise Refusal(Problem("encoding", str(error)[:120], f"text in {encoding}")) from None
    return target
