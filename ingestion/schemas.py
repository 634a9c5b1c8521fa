"""The lake's tables: columns, types and order of rows. Writing them: lake.py; what they mean: catalog/tables.yaml."""

import pyarrow as pa

_TEXT, _INT = pa.string(), pa.int32()
_PLACE = [("file_id", _TEXT), ("sheet", _TEXT), ("row", _INT), ("cell", _TEXT)]
_FIGURE = [
    ("entity_code", _INT),
    ("entity_level", _TEXT),
    ("year", _INT),
    ("indicator", _TEXT),
    ("vintage", _TEXT),
    ("unit", _TEXT),
    ("raw", _TEXT),
    ("raw_unit", _TEXT),
    ("header", _TEXT),
]
SCHEMAS: dict[str, pa.Schema] = {
    "observation": pa.schema([*_PLACE, *_FIGURE, ("value", pa.float64()), ("status", _TEXT)]),
    "missing_cell": pa.schema([*_PLACE, *_FIGURE]),
    "rejected_row": pa.schema([*_PLACE, ("code", _TEXT), ("reason", _TEXT), ("reason_zh", _TEXT), ("raw", _TEXT)]),
    "source_file": pa.schema(
        [
            ("file_id", _TEXT),
            ("path", _TEXT),
            ("sha256", _TEXT),
            ("bytes", pa.int64()),
            ("layout", _TEXT),
            ("encoding", _TEXT),
            ("vintage", _TEXT),
            ("vintage_rank", _INT),
            ("publisher", _TEXT),
            ("licence", _TEXT),
            ("accessed_on", pa.date32()),
            ("status", _TEXT),
            ("problem", _TEXT),
            ("rows_read", _INT),
            ("rows_loaded", _INT),
            ("rows_rejected", _INT),
            ("rows_set_aside", _INT),
            ("cells_loaded", _INT),
            ("cells_missing", _INT),
            ("cells_rejected", _INT),
        ]
    ),
    "pilot": pa.schema(
        [
            ("programme", _TEXT),
            ("batch", _INT),
            ("unit_code", _INT),
            ("unit_name", _TEXT),
            ("city_code", _INT),
            ("province_code", _INT),
            ("level", _TEXT),
            ("status", _TEXT),
            ("label_year", _INT),
            ("announced_on", pa.date32()),
            ("source", _TEXT),
            ("file_id", _TEXT),
            ("row", _INT),
        ]
    ),
    "flow": pa.schema(
        [
            ("file_id", _TEXT),
            ("network", _TEXT),
            ("direction", _TEXT),
            ("period_first", _TEXT),
            ("period_last", _TEXT),
            ("periods", _INT),
            ("precedence", _INT),
            ("unit", _TEXT),
            ("origin_code", _INT),
            ("destination_code", _INT),
            ("flow", pa.float64()),
            ("rows", pa.int64()),
            ("first_row", pa.int64()),
        ]
    ),
    "flow_list": pa.schema(
        [
            ("file_id", _TEXT),
            ("network", _TEXT),
            ("direction", _TEXT),
            ("city_code", _INT),
            ("lists", _INT),
            ("full_lists", _INT),
            ("partners", _INT),
            ("zeros", _INT),
            ("self_loops", _INT),
            ("repeats", _INT),
            ("not_loaded", _INT),
            ("censored", pa.bool_()),
            ("smallest_flow", pa.float64()),
        ]
    ),
    "flow_scale": pa.schema(
        [
            ("file_id", _TEXT),
            ("network", _TEXT),
            ("direction", _TEXT),
            ("unit", _TEXT),
            ("city_code", _INT),
            ("period", _TEXT),
            ("value", pa.float64()),
            ("row", pa.int64()),
        ]
    ),
    "division": pa.schema(
        [("file_id", _TEXT), ("year", _INT), ("code", _INT), ("name", _TEXT), ("level", _TEXT), ("row", _INT)]
    ),
    "place_dialect": pa.schema(
        [("file_id", _TEXT), ("city_code", _INT), ("dialect", _TEXT), ("dialect_sub", _TEXT), ("row", _INT)]
    ),
    "boundary": pa.schema(
        [
            ("file_id", _TEXT),
            ("level", _TEXT),
            ("code", _INT),
            ("name", _TEXT),
            ("approval", _TEXT),
            ("wkb", pa.binary()),
            # What shapely finds wrong with a geometry that is kept as the file has it; NULL for a valid one.
            ("invalid", _TEXT),
            ("row", _INT),
        ]
    ),
    "spatial_weight": pa.schema(
        [
            ("file_id", _TEXT),
            ("name", _TEXT),
            ("kind", _TEXT),
            ("row_standardised", pa.bool_()),
            ("code", _INT),
            # NULL, as the weight, in the one row of a unit without neighbours.
            ("neighbour_code", _INT),
            ("weight", pa.float64()),
            ("cell", _TEXT),
        ]
    ),
    "respondent": pa.schema(
        [
            ("file_id", _TEXT),
            ("respondent", _TEXT),
            ("origin_code", _INT),
            ("destination_code", _INT),
            ("scope", _TEXT),
            ("arrival_year", _INT),
            ("arrival_month", _INT),
            ("weight", pa.float64()),
            ("row", pa.int64()),
        ]
    ),
    "doctor": pa.schema(
        [
            ("file_id", _TEXT),
            ("doctor_id", _TEXT),
            ("title", _TEXT),
            ("department", _TEXT),
            ("hospital", _TEXT),
            ("hospital_grade", _TEXT),
            ("city_code", _INT),
            ("province_code", _INT),
            ("online_consultations", pa.float64()),
            ("price", pa.float64()),
            ("rating", pa.float64()),
            ("joined_on", pa.date32()),
            ("row", _INT),
        ]
    ),
    "place": pa.schema(
        [
            ("code", _INT),
            ("name_zh", _TEXT),
            ("name_en", _TEXT),
            ("level", _TEXT),
            ("kind", _TEXT),
            ("province_code", _INT),
            ("city_code", _INT),
            ("first_year", _INT),
            ("last_year", _INT),
            ("lon", pa.float64()),
            ("lat", pa.float64()),
        ]
    ),
    "declared_splice": pa.schema([("indicator", _TEXT), ("vintage", _TEXT), ("reason", _TEXT)]),
    "correction": pa.schema(
        [
            ("path", _TEXT),
            ("sheet", _TEXT),
            ("cell", _TEXT),
            ("entity_code", _INT),
            ("year", _INT),
            ("indicator", _TEXT),
            ("expected", _TEXT),
            ("found", _TEXT),
            ("value", pa.float64()),
            ("state", _TEXT),
            ("reason", _TEXT),
            ("source", _TEXT),
            ("status", _TEXT),
        ]
    ),
}
# The tables every file has its share in.
OF_EACH_FILE = ("observation", "missing_cell", "rejected_row", "pilot")
# Tables a file yields whole, in the reader's own order; see Tally.add_table.
BULK = (
    "flow",
    "flow_list",
    "flow_scale",
    "division",
    "place_dialect",
    "boundary",
    "spatial_weight",
    "respondent",
    "doctor",
)
# Records of persons: kept in lake/private, where neither the warehouse nor the publication looks.
PRIVATE = frozenset({"respondent", "doctor"})
# The order of rows, so that identical input gives identical bytes.
SORT = {
    "observation": ("entity_code", "year", "indicator", "vintage", "file_id"),
    "missing_cell": ("entity_code", "year", "indicator", "vintage", "file_id", "sheet", "row", "cell"),
    "rejected_row": ("file_id", "sheet", "row", "cell"),
    "source_file": ("path",),
    "pilot": ("programme", "batch", "unit_code", "file_id"),
    "correction": ("path", "sheet", "cell"),
    "declared_splice": ("indicator", "vintage"),
    "place": ("code", "first_year"),
}
# The tables anybody but the readers themselves looks at.
SHOWN = tuple(name for name in SCHEMAS if name not in PRIVATE)
