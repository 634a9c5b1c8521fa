"""Lists of online doctors (doctors.csv): hashed identifiers only, and refused whole at the first sign of a person.

Rows go to the lake's private part. What the file holds is never copied into a refusal. Values: doctor_fields.py; what
looks like a person: ingestion/checks/personal.py.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pyarrow as pa

from catalog import Source
from ingestion.checks.personal import looks_like_names, personal_kind, tells_person
from ingestion.formats.grid import Grid, Sheet, read_csv_grid
from ingestion.formats.probe import Probe
from ingestion.formats.workbooks import read_workbook_grid
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import FileLayout
from ingestion.readers.persons.doctor_fields import (
    ALIASES,
    REQUIRED,
    TELLING,
    DoctorError,
    doctor_of,
    field_of,
    is_hash,
)
from ingestion.row_account import Tally
from ingestion.schemas import SCHEMAS

_WORKBOOKS = frozenset({".xlsx", ".xls"})
# Refused rows listed for each reason; the rest are counted.
_LISTED = 100
# Fields whose values are not held against a list, so anything might stand in them.
_FREE = frozenset({"department", "hospital"})
_EXPECTED = ", ".join(f"{field} ({names[0]})" for field, names in ALIASES.items())


def _grid(probe: Probe, encoding: str | None) -> Grid:
    return read_workbook_grid(probe.content) if probe.suffix in _WORKBOOKS else read_csv_grid(probe.content, encoding)


def _recognise(probe: Probe, source: Source) -> bool:
    if source.layout == "online_doctors":
        return True
    if probe.suffix in _WORKBOOKS:
        # A workbook is not opened to look for doctors: it has to be declared.
        return False
    try:
        first = read_csv_grid(probe.head.split(b"\n", 1)[0], source.encoding)
    except Refusal:
        return False
    header = first.sheets[0].rows[0] if first.filled else ()
    return len({field_of(cell) for cell in header} & TELLING) >= 2


def _read(probe: Probe, source: Source, tally: Tally) -> None:
    filled = _grid(probe, source.encoding).filled
    if not filled:
        raise Refusal(Problem("empty_file"))
    if len(filled) > 1:
        raise Refusal(Problem("doctor_header", f"{len(filled)} sheets", "one sheet"))
    sheet = filled[0]
    columns = _columns(sheet)
    _refuse_personal(sheet, columns)
    doctors: list[dict[str, Any]] = []
    refused: Counter[str] = Counter()
    first: dict[str, int] = {}
    aside = 1
    for row in range(2, len(sheet.rows) + 1):
        if not any(sheet.rows[row - 1]):
            aside += 1
            continue
        fields = {name: sheet.cell(row, columns[name]) if name in columns else "" for name in ALIASES}
        problem = _problem(sheet, row, columns, fields, first)
        if problem is None:
            try:
                doctors.append({**doctor_of(fields), "row": row})
                first[fields["doctor_id"].lower()] = row
                continue
            except DoctorError as error:
                problem = sheet.problem("doctor_field", row, columns.get(error.field, 1), error.field, error.expected)
        refused[problem.code] += 1
        if refused[problem.code] <= _LISTED:
            tally.reject(problem, "")
            tally.rejected[-1]["cell"] = ""
    for code, count in sorted(refused.items()):
        if count > _LISTED:
            more = count - _LISTED
            tally.reject(Problem("more_rows_rejected", f"{more:,}", hint=code), str(more))
    rejected = sum(refused.values())
    names = [name for name in SCHEMAS["doctor"].names if name != "file_id"]
    table = pa.table({name: pa.array([d[name] for d in doctors], SCHEMAS["doctor"].field(name).type) for name in names})
    tally.add_table("doctor", table)
    tally.count_rows(len(sheet.rows), len(doctors), rejected, aside)


def _columns(sheet: Sheet) -> dict[str, int]:
    """Field -> column. Raises Refusal for every column that is no field: a list of doctors holds nothing else."""
    columns: dict[str, int] = {}
    problems = []
    for column, header in enumerate(sheet.rows[0], start=1):
        field = field_of(header)
        if field is None or field in columns:
            # A header may be a person's data itself, where the file has none.
            shown = header if field or tells_person(header) else ""
            problems.append(sheet.problem("doctor_header", 1, column, shown, _EXPECTED))
        else:
            columns[field] = column
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        expected = "also " + ", ".join(f"{name} ({ALIASES[name][0]})" for name in missing)
        problems.append(Problem("doctor_header", "", expected, sheet=sheet.name, cell="A1"))
    if problems:
        raise Refusal(*problems)
    return columns


def _refuse_personal(sheet: Sheet, columns: dict[str, int]) -> None:
    """Raise Refusal for identifiers that are not hashed and columns that hold what looks like persons.

    One problem for each column, at its first such cell: more would only point at more persons.
    """
    rows = [row for row in range(2, len(sheet.rows) + 1) if any(sheet.rows[row - 1])]
    problems = []
    for row in rows:
        if len(sheet.rows[row - 1]) > len(sheet.rows[0]):
            # Cells beyond the header belong to no column, so nobody said what they hold.
            problems.append(sheet.problem("doctor_header", row, len(sheet.rows[0]) + 1, "", _EXPECTED))
            break
    for field, column in columns.items():
        if field == "doctor_id":
            bad = [row for row in rows if sheet.cell(row, column) and not is_hash(sheet.cell(row, column))]
            if bad:
                problems.append(sheet.problem("doctor_identifier", bad[0], column, f"{len(bad)} of {len(rows)} rows"))
            continue
        # Each different text once, at the first row it stands in.
        texts = {sheet.cell(row, column): row for row in reversed(rows)}
        found = min(((row, kind) for text, row in texts.items() if (kind := personal_kind(text))), default=None)
        if found is None and field in _FREE and looks_like_names(list(texts)):
            found = rows[0], ("names of persons", "人名")
        if found is not None:
            row, (english, chinese) = found
            problem = sheet.problem("doctor_personal", row, column, "", f"{field} ({ALIASES[field][0]})")
            problems.append(replace(problem, hint=f"{english} {chinese}"))
    if problems:
        raise Refusal(*problems)


def _problem(
    sheet: Sheet, row: int, columns: dict[str, int], fields: dict[str, str], first: dict[str, int]
) -> Problem | None:
    if not fields["doctor_id"]:
        return sheet.problem("doctor_field", row, columns["doctor_id"], "doctor_id", "a hash")
    same = first.get(fields["doctor_id"].lower())
    if same is not None:
        return sheet.problem("repeated_doctor", row, columns["doctor_id"], "", f"row {same}")
    return None


DOCTORS = FileLayout(
    "online_doctors",
    "Online doctors (doctors.csv or declared workbook), hashed identifiers only",
    "在线医生名单（doctors.csv 或声明的工作簿），仅限哈希编号",
    frozenset({".csv", ".txt"}) | _WORKBOOKS,
    _recognise,
    _read,
    asked=40,
)
