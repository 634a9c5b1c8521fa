"""Batches of the columns o, d, w and p out of large Parquet and CSV files, in four parts that may be read at once.

Does not belong here: what the batches add up to (stream.py, streamed.py).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from ingestion.readers.flows.rows import Roles
from ingestion.readers.flows.stream import Batches, UnfitError
from ingestion.readers.flows.table import BigTable

# Fixed, because where a sum is split decides its last digit.
_PARTS = 4
_BLOCK = 2**24
_TYPES: dict[str, pa.DataType] = {
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
    "DATE": pa.date32(),
    "VARCHAR": pa.dictionary(pa.int32(), pa.string()),
}


def columns_by_role(roles: Roles) -> dict[str, str]:
    """Header by role, of the columns to read."""
    columns = {role: name for role, (name, _, _) in roles.ends.items() if name is not None} | {"w": roles.weight}
    return columns | ({"p": roles.period} if roles.period is not None else {})


def parts_of(table: BigTable, roles: Roles) -> list[Batches]:
    """The file in parts. Raises UnfitError for a column of figures or periods that is text."""
    if any(table.types[name] == "VARCHAR" for name in (roles.weight, roles.period) if name is not None):
        raise UnfitError("figures or periods as text")
    return _csv_parts(table, roles) if table.header else _parquet_parts(table, roles)


def _batch(found: pa.RecordBatch, roles: Roles) -> pa.RecordBatch:
    """The batch by role, with the end the whole file shares."""
    columns = {role: found.column(header) for role, header in columns_by_role(roles).items()}
    for role in "od":
        if role in roles.fixed:
            zeros = pa.array(np.zeros(found.num_rows, np.int32))
            columns[role] = pa.DictionaryArray.from_arrays(zeros, pa.array([roles.fixed[role]]))
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _parquet_parts(table: BigTable, roles: Roles) -> list[Batches]:
    headers = list(dict.fromkeys(columns_by_role(roles).values()))
    texts = [header for header in headers if table.types[header] == "VARCHAR"]
    groups = pq.ParquetFile(table.path).num_row_groups
    bounds = [groups * part // _PARTS for part in range(_PARTS + 1)]

    def part(first: int, last: int) -> Batches:
        def batches(rows: int) -> Iterator[pa.RecordBatch]:
            with pq.ParquetFile(table.path, read_dictionary=texts) as file:
                wanted = list(range(first, last))
                for batch in file.iter_batches(rows, row_groups=wanted, columns=headers, use_threads=False):
                    yield _batch(batch, roles)

        return batches

    return [part(first, last) for first, last in pairwise(bounds) if last > first]


class _Stretch(io.RawIOBase):
    """The bytes of a file from `first` up to `last`."""

    def __init__(self, path: Path, first: int, last: int) -> None:
        super().__init__()
        self._file, self._left = path.open("rb"), last - first
        self._file.seek(first)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        found = self._file.read(wanted)
        self._left -= len(found)
        return found

    def close(self) -> None:
        self._file.close()
        super().close()


def _csv_parts(table: BigTable, roles: Roles) -> list[Batches]:
    """Parts end with a line. A line break inside quotes is an error of the parser, as it is within a part."""
    path = Path(table.path)
    size = path.stat().st_size
    bounds = []
    with path.open("rb") as stream:
        stream.readline()
        start = stream.tell()
        for number in range(_PARTS):
            stream.seek(start + (size - start) * number // _PARTS)
            if number:
                stream.readline()
            bounds.append(stream.tell())
    headers = list(dict.fromkeys(columns_by_role(roles).values()))
    convert = arrow_csv.ConvertOptions(
        column_types={name: _TYPES[table.types[name]] for name in headers},
        include_columns=headers,
        null_values=[""],
        strings_can_be_null=False,
    )
    parse = arrow_csv.ParseOptions(delimiter=table.delimiter)

    def part(first: int, last: int) -> Batches:
        def batches(rows: int) -> Iterator[pa.RecordBatch]:
            read = arrow_csv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=list(table.header))
            with _Stretch(path, first, last) as stretch:
                try:
                    with arrow_csv.open_csv(pa.PythonFile(stretch, mode="r"), read, parse, convert) as reader:
                        for batch in reader:
                            for begin in range(0, batch.num_rows, rows):
                                yield _batch(batch.slice(begin, rows), roles)
                except pa.ArrowInvalid as error:
                    raise UnfitError(str(error)) from error

        return batches

    return [part(first, last) for first, last in pairwise([*bounds, size]) if last > first]
