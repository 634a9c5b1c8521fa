"""Tables of dialects as a data frame in an R data file. Which rows are taken: dialect_rows.py.

Nothing in the file is run: functions, calls and environments among its objects refuse it whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from catalog import Source
from ingestion.formats.probe import Probe
from ingestion.formats.r_data import read_r_objects
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import FileLayout
from ingestion.readers.divisions.dialect_rows import Row, add_dialects, judge, require_columns
from ingestion.row_account import Tally

# Classes of rdata.conversion, by name: importing them takes most of a second.
_CODE = frozenset(
    {
        "RBuiltin", "RBytecode", "REnvironment", "RExpression", "RExternalPointer", "RFunction", "RLanguage",
        "RNamespace",
    }
)  # fmt: skip


def _refuse_code(objects: Mapping[str, Any]) -> None:
    waiting = list(objects.items())
    while waiting:
        name, value = waiting.pop()
        if type(value).__name__ in _CODE and type(value).__module__.startswith("rdata."):
            raise Refusal(Problem("r_code", f"{name} ({type(value).__name__})", "data frames and vectors"))
        if isinstance(value, pd.DataFrame):
            inner = [(f"{name}${column}", each) for column, values in value.items() for each in _objects(values)]
            waiting += inner
        elif isinstance(value, Mapping):
            waiting += [(f"{name}${key}", each) for key, each in value.items()]
        elif isinstance(value, list | tuple):
            waiting += [(name, each) for each in value]


def _objects(values: pd.Series) -> list[Any]:
    return [each for each in values if not isinstance(each, str)] if values.dtype == object else []


def _text(value: object) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value).strip()


def _read_r(probe: Probe, source: Source, tally: Tally) -> None:
    columns = source.dialects
    if columns is None:
        raise Refusal(Problem("dialect_undeclared"))
    objects = read_r_objects(probe.content)
    _refuse_code(objects)
    frames = {name: value for name, value in objects.items() if isinstance(value, pd.DataFrame)}
    wanted = columns.object or (next(iter(frames)) if len(frames) == 1 else "")
    if wanted not in frames:
        raise Refusal(Problem("dialect_object", wanted, ", ".join(frames) or "no data frame"))
    frame = frames[wanted]
    header = [str(name) for name in frame.columns]
    require_columns(columns, header)
    blank = [""] * len(frame)
    texts = [
        [_text(value) for value in frame[name]] if name else blank
        for name in (columns.place, columns.dialect, columns.sub)
    ]
    rows = [
        Row(number, f"{number}:{columns.place}", place, dialect, sub, f"{place} | {dialect} | {sub}")
        for number, (place, dialect, sub) in enumerate(zip(*texts, strict=True), start=1)
    ]
    fates = judge(rows, columns, wanted)
    for number, problem in sorted(fates.refused.items()):
        tally.reject_row(problem, rows[number - 1].raw)
    tally.count_rows(len(rows), len(fates.loaded), len(fates.refused), len(fates.aside))
    add_dialects(tally, fates)


R_TABLE = FileLayout(
    "dialect_rdata",
    "Data frame of dialects in an R data file",
    "R 数据文件中的方言表",
    frozenset({".rda", ".rdata"}),
    lambda probe, source: source.dialects is not None,
    _read_r,
    asked=80,
)
