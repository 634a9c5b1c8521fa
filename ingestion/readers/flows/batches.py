"""Batches of the columns o, d, w and p out of large Parquet and CSV files, in four parts that may be read at once.

Belongs here: which periods a file announces, where it is split, its parts as Arrow batches. What they add up to:
stream.py.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from ingestion.readers.base import require
from ingestion.readers.flows.declared import Roles
from ingestion.readers.flows.meanings import EPOCH, Calendar, parse_period
from ingestion.readers.flows.table import BigTable, UnfitError

# One part of a file, in batches of at most so many rows.
Batches = Callable[[int], Iterator[pa.RecordBatch]]
# Fixed, because where a sum is split decides its last digit.
_PARTS = 4
_BLOCK = 2**24
_TYPES: dict[str, pa.DataType] = {
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
    "DATE": pa.date32(),
    "VARCHAR": pa.dictionary(pa.int32(), pa.string()),
}


def numbers_of(table: BigTable, roles: Roles, calendar: Calendar) -> range:
    """A range all periods of the file are in, as the calendar numbers them. Raises UnfitError."""
    if roles.period is None:
        return range(1)
    require(calendar.whole or table.types[roles.period] == "DATE", UnfitError("periods as text"))
    return _csv_range(table, calendar) if table.header else _parquet_range(table, roles.period, calendar)


def _parquet_range(table: BigTable, header: str, calendar: Calendar) -> range:
    file = pq.ParquetFile(table.path)
    at = file.schema_arrow.get_field_index(table.stored[header])
    found = [file.metadata.row_group(group).column(at).statistics for group in range(file.num_row_groups)]
    told = all(statistics is not None and statistics.has_min_max for statistics in found)
    require(told, UnfitError("no statistics of the periods"))
    bounds = [bound for statistics in found for bound in (statistics.min, statistics.max)]
    numbers = [int(bound) if calendar.whole else (bound - EPOCH).days for bound in bounds]
    return range(min(numbers), max(numbers) + 1) if numbers else range(0)


def _csv_range(table: BigTable, calendar: Calendar) -> range:
    """Whole years around what stands at the beginning and the end of the file."""
    found = [period for text in table.edges if (period := parse_period(text)) is not None]
    require(found, UnfitError("no period at the beginning"))
    first, last = min(each.year for each in found), max(each.year for each in found)
    if not calendar.whole:
        return range((dt.date(first, 1, 1) - EPOCH).days, (dt.date(last, 12, 31) - EPOCH).days + 1)
    scale, low, high = {"year": (1, 0, 0), "month": (100, 1, 12), "day": (10000, 101, 1231)}[found[0].kind]
    return range(first * scale + low, last * scale + high + 1)


def parts_of(table: BigTable, roles: Roles) -> list[Batches]:
    """The file in parts. Raises UnfitError for a column of figures or periods that is text."""
    texts = [name for name in (roles.weight, roles.period) if name is not None and table.types[name] == "VARCHAR"]
    require(not texts, UnfitError("figures or periods as text"))
    bounds, part = (_csv_bounds(table), _csv_part) if table.header else (_parquet_bounds(table), _parquet_part)
    return [partial(part, table, roles, first, last) for first, last in pairwise(bounds) if last > first]


def _batch(found: pa.RecordBatch, roles: Roles) -> pa.RecordBatch:
    """The batch by role, with the end the whole file shares."""
    columns = {role: found.column(header) for role, header in roles.columns.items()}
    for role in "od":
        if role in roles.fixed:
            zeros = pa.array(np.zeros(found.num_rows, np.int32))
            columns[role] = pa.DictionaryArray.from_arrays(zeros, pa.array([roles.fixed[role]]))
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _parquet_bounds(table: BigTable) -> list[int]:
    """Row groups the parts begin with."""
    groups = pq.ParquetFile(table.path).num_row_groups
    return [groups * part // _PARTS for part in range(_PARTS + 1)]


def _parquet_part(table: BigTable, roles: Roles, first: int, last: int, rows: int) -> Iterator[pa.RecordBatch]:
    headers = {table.stored[header]: header for header in roles.columns.values()}
    texts = [name for name, header in headers.items() if table.types[header] == "VARCHAR"]
    groups = list(range(first, last))
    with pq.ParquetFile(table.path, read_dictionary=texts) as file:
        for batch in file.iter_batches(rows, row_groups=groups, columns=list(headers), use_threads=False):
            yield _batch(batch.rename_columns([headers[name] for name in batch.schema.names]), roles)


def _csv_bounds(table: BigTable) -> list[int]:
    """Bytes the parts begin with: parts end with a line."""
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
    return [*bounds, size]


def _csv_part(table: BigTable, roles: Roles, first: int, last: int, rows: int) -> Iterator[pa.RecordBatch]:
    """A line break inside quotes is an error of the parser at the edge of a part, as it is within one."""
    headers = list(dict.fromkeys(roles.columns.values()))
    read = arrow_csv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=list(table.header))
    parse = arrow_csv.ParseOptions(delimiter=table.delimiter)
    convert = arrow_csv.ConvertOptions(
        column_types={name: _TYPES[table.types[name]] for name in headers},
        include_columns=headers,
        null_values=[""],
        strings_can_be_null=False,
    )
    with pa.OSFile(table.path) as file:
        try:
            with arrow_csv.open_csv(file.get_stream(first, last - first), read, parse, convert) as reader:
                for batch in reader:
                    for begin in range(0, batch.num_rows, rows):
                        yield _batch(batch.slice(begin, rows), roles)
        except pa.ArrowInvalid as error:
            raise UnfitError(str(error)) from error
