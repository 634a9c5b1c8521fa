"""A large table of flows as DuckDB reads it: typed columns where the first rows allow it, texts otherwise.

Does not belong here: what is asked of it (large.py). Tables small enough for memory: rows.py.
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

from catalog import Source
from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal
from ingestion.readers.flows.engine import literal, quote
from ingestion.readers.flows.periods import parse_period
from ingestion.readers.flows.rows import Roles, cell_columns, find_delimiter, parquet_relation, positions

_SAMPLE = 500
_CODE = re.compile(r"\d{2,6}")
_NUMBER = re.compile(r"[+-]?\d{1,17}(\.\d{0,20})?([eE][+-]?\d{1,2})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_WHOLE = re.compile(r"\d{4}(\d{2}){0,2}")
_INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})


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


def open_parquet(con: duckdb.DuckDBPyConnection, probe: Probe, roles: Roles) -> BigTable:
    """A Parquet file. Raises Refusal for a column that is not there."""
    relation, types = parquet_relation(con, probe)
    at = positions(list(types), roles.headers)
    texts = f"(SELECT file_row_number + 1 AS row, * FROM {relation})"
    plain = f"read_parquet({literal(str(probe.path))})"
    return BigTable(str(probe.path), plain, texts, types, cell_columns(roles, at), 0)


def open_csv(probe: Probe, source: Source, roles: Roles, folder: Path) -> BigTable:
    """A CSV file, in UTF-8 or rewritten so in `folder`. Raises Refusal."""
    path, encoding = probe.path, _encoding(probe, source)
    if encoding != "utf-8":
        path = _as_utf8(probe, encoding, folder)
    with path.open("rb") as stream:
        head = stream.read(1 << 20).decode("utf-8", "ignore").removeprefix("\ufeff")
    line = head[: head.find("\n") + 1]
    delimiter = find_delimiter(line)
    lines = csv.reader(io.StringIO(head[: head.rfind("\n") + 1], newline=""), delimiter=delimiter)
    raw_header = next(lines, [])
    header = [name.strip() for name in raw_header]
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
    texts = relation(dict.fromkeys(header, "VARCHAR"))
    numbered = f"(SELECT row_number() OVER () + 1 AS row, {everything} FROM {texts})"
    return BigTable(
        str(path),
        relation(types),
        numbered,
        types,
        cell_columns(roles, at),
        1,
        _edges(path, roles, at, sample, delimiter),
        tuple(header),
        delimiter,
    )


def _edges(
    path: Path, roles: Roles, at: dict[str, int], sample: Sequence[Sequence[str]], delimiter: str
) -> tuple[str, ...]:
    """Periods of the first rows and of the last ones."""
    if roles.period is None:
        return ()
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 65536))
        tail = stream.read().decode("utf-8", "ignore")
    last = list(csv.reader(tail.splitlines()[1:], delimiter=delimiter))
    column = at[roles.period]
    return tuple(dict.fromkeys(row[column].strip() for row in (*sample, *last) if len(row) > column))


def _types(roles: Roles, at: dict[str, int], sample: Sequence[Sequence[str]]) -> dict[str, str]:
    """Types the first rows allow; a later row that does not fit shows as an error, and all is read as text."""

    def every(header: str, pattern: re.Pattern[str]) -> bool:
        return bool(sample) and all(pattern.fullmatch(row[at[header]]) for row in sample)

    types = {}
    for name, code, province in roles.ends.values():
        if name is not None and code is None and province is None and every(name, _CODE):
            types[name] = "INTEGER"
    if every(roles.weight, _NUMBER):
        types[roles.weight] = "DOUBLE"
    if roles.period is not None:
        if every(roles.period, _DATE):
            types[roles.period] = "DATE"
        elif every(roles.period, _WHOLE) and all(parse_period(row[at[roles.period]]) for row in sample):
            types[roles.period] = "INTEGER"
    return types


def _encoding(probe: Probe, source: Source) -> str:
    if probe.head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if source.encoding is not None:
        return "utf-8" if codecs.lookup(source.encoding).name in {"utf-8", "utf-8-sig", "ascii"} else source.encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(probe.head)
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
