"""The lake's tables as Arrow schemas, from their declaration (catalog/lake.yaml). Writing them: build/lake.py."""

import pyarrow as pa

from catalog.lake import load_lake, shown_tables

_ARROW = {
    "VARCHAR": pa.string(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "BLOB": pa.binary(),
}
_LAKE = load_lake()
SCHEMAS: dict[str, pa.Schema] = {
    name: pa.schema([(column, _ARROW[declared.type]) for column, declared in table.columns.items()])
    for name, table in _LAKE.items()
}
# The tables every file has its share in.
OF_EACH_FILE = tuple(name for name, table in _LAKE.items() if table.made == "records")
# Tables a file yields whole, in the reader's own order; see Tally.add_table.
BULK = tuple(name for name, table in _LAKE.items() if table.made == "whole")
# Records of persons: kept in lake/private, where neither the warehouse nor the publication looks.
PRIVATE = frozenset(name for name, table in _LAKE.items() if table.reach == "private")
# The order of rows, so that identical input gives identical bytes.
SORT = {name: table.order for name, table in _LAKE.items() if table.order}
SHOWN = tuple(shown_tables())
