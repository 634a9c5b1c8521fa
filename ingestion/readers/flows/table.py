"""A table with one figure in a row, as it is opened: records of a small one, DuckDB's columns of a large one.

Belongs here: finding header and cells, and filling `raw`: one record for each figure of a file, its ends, period and
value as the file writes them. Other records: flow_lists.py; what is asked of a large table: flow_edges.py, stream.py;
what becomes of the figures: fates.py.
"""

import codecs
import csv
import datetime as dt
import io
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import dropwhile
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.formats.grid import Sheet, address, cell_text, read_text
from ingestion.formats.limits import TEXT_BYTES, require_bytes
from ingestion.formats.workbooks import read_workbook_grid
from ingestion.paths import one_file
from ingestion.readers.base import Probe, Problem, Refusal, require
from ingestion.readers.flows.declared import FlowFile, Roles, cell_columns, positions, text_of
from ingestion.readers.flows.engine import create_from_rows, literal, quote, reading_file
from ingestion.readers.flows.meanings import SEPARATOR, parse_period
from ingestion.vocabulary.regions import is_figure
from ingestion.vocabulary.values import read_date

DELIMITERS = (",", "\t", ";", "|")
# Row, cell, o, d, w and p.
Record = tuple[int, str, str, str, str, str]
# Number of the row and its cells.
Line = tuple[int, list[str]]
_RAW = {"seq": pa.int64(), "row": pa.int64()} | dict.fromkeys(("cell", "o", "d", "w", "p"), pa.string())
# Name of the row's number among the columns of a file, whose headers are trimmed texts.
_ROW = '"\x1frow"'
_SAMPLE = 500
_CODE = re.compile(r"\d{2,6}")
_NUMBER = re.compile(r"[+-]?\d{1,17}(\.\d{0,20})?([eE][+-]?\d{1,2})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_WHOLE = re.compile(r"\d{4}(\d{2}){0,2}")
_INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})


@dataclass(frozen=True)
class Shape:
    """Where figures stand in the file.

    columns: number of the column of o, d, w and p, for addresses; empty where every figure has its own cell.
    other_set_aside: rows that are no figures (header, notes), or were set aside without coming to `fate`.
    other_loaded: rows of a large table that never came to `fate`.
    broken: rows refused before their figures were read.
    """

    sheet: str = ""
    columns: dict[str, int] = field(default_factory=dict)
    other_set_aside: int = 0
    other_loaded: int = 0
    broken: tuple[tuple[Problem, str], ...] = ()


def fill_raw(con: duckdb.DuckDBPyConnection, records: Sequence[Record]) -> None:
    """`raw` out of records in the order of the file."""
    create_from_rows(con, "raw", _RAW, ((seq, *record) for seq, record in enumerate(records)))


def take_rows(con: duckdb.DuckDBPyConnection, file: FlowFile, roles: Roles) -> Shape:
    """Make `raw` of a table with one figure in a row. Raises Refusal for a header or a file that cannot be used."""
    if file.probe.suffix == ".parquet":
        table = open_parquet(con, file.probe, roles)
        fill_texts(con, table, roles)
        return Shape("", table.columns)
    sheet, (number, header), lines = text_lines(file, [roles.weight], roles.period)
    require(number, Problem("empty_file"))
    at = positions(header, roles.headers)
    records: list[Record] = []
    broken: list[tuple[Problem, str]] = []
    blank = 0
    named = [at[header] for end in roles.ends.values() for header in end if header is not None]
    for row, cells in lines:
        if not any(cells):
            blank += 1
        elif not any(_at(cells, n) for n in named) and not is_figure(_at(cells, at[roles.weight])):
            broken.append(no_data(sheet, row, cells))
        elif len(cells) != len(header):
            broken.append(
                (
                    Problem("flow_row_width", str(len(cells)), str(len(header)), sheet=sheet, row=row),
                    " | ".join(cells)[:200],
                )
            )
        else:
            parts = {role: [cells[at[h]] if h is not None else "" for h in end] for role, end in roles.ends.items()}
            ends = {role: SEPARATOR.join(own).rstrip(SEPARATOR) for role, own in parts.items()} | dict(roles.fixed)
            period = cells[at[roles.period]] if roles.period is not None else ends["p"]
            records.append((row, "", ends["o"], ends["d"], cells[at[roles.weight]], period))
    fill_raw(con, records)
    return Shape(sheet, cell_columns(roles, at), number + blank, broken=tuple(broken))


def _at(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def no_data(sheet: str, row: int, cells: Sequence[str]) -> tuple[Problem, str]:
    """The refusal of a row that names no place and has no figure, at its first filled cell, and its texts."""
    column, text = next((n, text) for n, text in enumerate(cells, start=1) if text)
    found = f"{address(row, column)}: {text}"[:60]
    return Problem("flow_no_data", found, sheet=sheet, row=row), " | ".join(cells)[:200]


def text_lines(
    file: FlowFile, figures: Collection[str] | None = None, period: str | None = None
) -> tuple[str, Line, Iterator[Line]]:
    """Sheet name, the header, and the lines below it; the header's row number tells how many rows stand above it.

    figures: headers of the columns that hold figures; without it, all but the first do. In the others a cell merged
    over several rows, or printed once above them (`fill_down`), speaks for each. period: header of a column whose days
    a workbook may keep as numbers. Of an empty file, row 0 and an empty header. Raises Refusal.
    """
    name, epoch = "", None
    if file.probe.suffix in {".xlsx", ".xls"}:
        sheet = _only_sheet(file)
        name, epoch = sheet.name, sheet.epoch
        top = next((row for row in sheet.rows if any(row)), ())
        lines: Iterator[Line] = dropwhile(lambda line: not any(line[1]), _spread(sheet, top, figures))
    else:
        require_bytes(file.probe.size, TEXT_BYTES)
        text, _ = read_text(file.probe.content, file.source.encoding)
        lines = _csv_lines(text)
    number, header = next(lines, (0, [""]))
    if number:
        lines = _filled_down(lines, header, file.source.fill_down)
    if epoch is not None and period in header:
        lines = _with_days(lines, header.index(period), epoch)
    return name, (number, header), lines


def _only_sheet(file: FlowFile) -> Sheet:
    """The one sheet of a workbook that has rows, or the declared one. Raises Refusal for several or none."""
    wanted = file.spec.sheet
    sheets = [sheet for sheet in read_workbook_grid(file.probe.content).filled if wanted in {None, sheet.name}]
    found = ", ".join(sheet.name for sheet in sheets) or "no_sheet"
    require(len(sheets) == 1, Problem("flow_not_declared", found, "one_sheet"))
    return sheets[0]


def _spread(sheet: Sheet, header: Sequence[str], figures: Collection[str] | None) -> Iterator[Line]:
    """The rows, each as wide as the sheet, with the texts of merged cells in the columns that hold no figures."""
    columns = range(1, sheet.width + 1)
    labels = {n for n, text in enumerate(header, start=1) if (n == 1 if figures is None else text not in figures)}
    for row in range(1, len(sheet.rows) + 1):
        yield row, [sheet.spread(row, n) if n in labels else sheet.cell(row, n) for n in columns]


def _filled_down(lines: Iterator[Line], header: Sequence[str], names: Sequence[str | int]) -> Iterator[Line]:
    """The lines, with the last label above in the empty cells of the columns declared under `fill_down`.

    Raises Refusal for a column that is not there.
    """
    at = positions(header, [name for name in names if isinstance(name, str)])
    beyond = next((name for name in names if isinstance(name, int) and not 1 <= name <= len(header)), None)
    require(beyond is None, Problem("column_missing", str(beyond), ", ".join(header)[:300]))
    columns = {name - 1 if isinstance(name, int) else at[name] for name in names}
    return _carried(lines, columns)


def _carried(lines: Iterator[Line], columns: Collection[int]) -> Iterator[Line]:
    last: dict[int, str] = {}
    for row, cells in lines:
        filled = any(cells)
        last |= {n: cells[n] for n in columns if n < len(cells) and cells[n]}
        yield row, [cell or last.get(n, "") if n in columns and filled else cell for n, cell in enumerate(cells)]


def _with_days(lines: Iterator[Line], column: int, epoch: dt.date) -> Iterator[Line]:
    for number, cells in lines:
        day = read_date(cells[column], epoch) if parse_period(cells[column]) is None else None
        yield number, cells if day is None else [*cells[:column], day.isoformat(), *cells[column + 1 :]]


def _csv_lines(text: str) -> Iterator[Line]:
    delimiter = find_delimiter(text[: text.find("\n") + 1 or None])
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            yield number, [cell_text(cell) for cell in cells]
    except csv.Error as error:
        raise Refusal(Problem("unreadable", str(error), "csv")) from None


class UnfitError(Exception):
    """The table does not fit the arrays of stream.py; the slower pass reads it."""


class UnsoundError(Exception):
    """The table cannot be read in passes; read row by row it shows why, or turns out sound."""


@dataclass(frozen=True)
class BigTable:
    """FROM clauses of one file and the types of its columns.

    path: of the file that is read, which may be a copy in UTF-8.
    typed: with the types below; a cell that does not fit them is an error of DuckDB.
    texts: every column as text, with _ROW (of the file, from 1; blank lines of a CSV are not counted).
    edges, header, delimiter: of a CSV file: periods at its beginning and end, its columns, what is between them.
    stored: of a Parquet file: the name of each column as it is in the file, where characters may be that show nothing.
    """

    path: str
    typed: str
    texts: str
    types: dict[str, str]
    columns: dict[str, int]
    edges: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    delimiter: str = ","
    stored: Mapping[str, str] = field(default_factory=dict)

    def is_whole(self, header: str) -> bool:
        """Whether a column holds integers."""
        return self.types[header] in _INTEGERS


def find_delimiter(line: str) -> str:
    """The separator that splits the header into most cells."""
    return max(DELIMITERS, key=lambda each: (line.count(each), -DELIMITERS.index(each)))


def open_parquet(con: duckdb.DuckDBPyConnection, probe: Probe, roles: Roles) -> BigTable:
    """A Parquet file. Raises Refusal for a column that is not there."""
    file = literal(one_file(probe.path))
    relation = f"read_parquet({file}, file_row_number = true, hive_partitioning = false)"
    with reading_file():
        described = con.execute(f"DESCRIBE FROM {relation}").fetchall()
    stored = [(str(name), str(kind)) for name, kind, *_ in described if name != "file_row_number"]
    types = {cell_text(name): kind for name, kind in stored}
    require(len(types) == len(stored), Problem("repeated_column", ", ".join(name for name, _ in stored)[:300]))
    at = positions(list(types), roles.headers)
    columns = ", ".join(f"{quote(name)} AS {quote(cell_text(name))}" for name, _ in stored)
    typed = f"(SELECT {columns} FROM read_parquet({file}, hive_partitioning = false))"
    texts = f"(SELECT file_row_number + 1 AS {_ROW}, {columns} FROM {relation})"
    names = {cell_text(name): name for name, _ in stored}
    return BigTable(str(probe.path), typed, texts, types, cell_columns(roles, at), stored=names)


def open_csv(file: FlowFile, roles: Roles, folder: Path) -> BigTable:
    """A CSV file, in UTF-8 or rewritten so in `folder`. Raises Refusal."""
    encoding = _encoding(file)
    path = file.probe.path if encoding == "utf-8" else _as_utf8(file.probe, encoding, folder)
    with path.open("rb") as stream:
        head = stream.read(1 << 20).decode("utf-8", "ignore").removeprefix("\ufeff")
    delimiter = find_delimiter(head[: head.find("\n") + 1])
    lines = csv.reader(io.StringIO(head[: head.rfind("\n") + 1], newline=""), delimiter=delimiter)
    header = [cell_text(name) for name in next(lines, [])]
    at = positions(header, roles.headers)
    if len(set(header)) < len(header):
        header = [name if header.count(name) == 1 else f"{name}\x1f{n}" for n, name in enumerate(header)]
    sample = [row for _, row in zip(range(_SAMPLE), lines, strict=False) if len(row) == len(header)]
    types = dict.fromkeys(header, "VARCHAR") | _types(roles, at, sample)

    def relation(kinds: dict[str, str]) -> str:
        columns = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in kinds.items())
        return (
            f"read_csv({literal(one_file(path))}, auto_detect = false, hive_partitioning = false, header = true, "
            f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', nullstr = '', strict_mode = true, "
            f"columns = {{{columns}}})"
        )

    everything = ", ".join(quote(name) for name in header)
    texts = (
        f"(SELECT row_number() OVER () + 1 AS {_ROW}, {everything} FROM {relation(dict.fromkeys(header, 'VARCHAR'))})"
    )
    edges = _edges(path, at[roles.period], sample, delimiter) if roles.period is not None else ()
    return BigTable(str(path), relation(types), texts, types, cell_columns(roles, at), edges, tuple(header), delimiter)


def fill_texts(con: duckdb.DuckDBPyConnection, table: BigTable, roles: Roles, only: str = "") -> None:
    """`raw` out of every row of the table (or those `only` leaves), all cells as text."""
    with reading_file():
        con.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE raw AS
            SELECT row AS seq, row, '' AS cell, o, d, w, p FROM (
                SELECT {_ROW} AS row, {roles.end("o")} AS o, {roles.end("d")} AS d, {text_of(roles.weight)} AS w,
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
    rows = (*sample, *csv.reader(tail.splitlines()[1:], delimiter=delimiter))
    return tuple(dict.fromkeys(row[column].strip() for row in rows if len(row) > column))


def _types(roles: Roles, at: dict[str, int], sample: Sequence[Sequence[str]]) -> dict[str, str]:
    """Types the first rows allow; a later row that does not fit shows as an error, and all is read as text."""
    names = [name for name, *others in roles.ends.values() if name is not None and others == [None, None]]
    kinds: list[tuple[str, Callable[[str], object], str]] = [(name, _CODE.fullmatch, "INTEGER") for name in names]
    kinds.append((roles.weight, _NUMBER.fullmatch, "DOUBLE"))
    if roles.period is not None:
        kinds += [(roles.period, _DATE.fullmatch, "DATE"), (roles.period, _whole_period, "INTEGER")]
    return {header: kind for header, fits, kind in kinds if sample and all(fits(row[at[header]]) for row in sample)}


def _whole_period(text: str) -> object:
    return _WHOLE.fullmatch(text) and parse_period(text)


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
            shutil.copyfileobj(old, new, 1 << 22)
    except (UnicodeDecodeError, LookupError) as error:
        raise Refusal(Problem("encoding", str(error)[:120], "declared", encoding)) from None
    return target
