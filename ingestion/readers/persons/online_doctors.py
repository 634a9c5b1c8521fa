"""Lists of online doctors (doctors.csv): hashed identifiers only, and refused whole at the first sign of a person.

Rows go to the lake's private part. Nothing from the file is ever copied into a refusal. What looks like a person:
ingestion/checks/personal.py.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ingestion.checks.personal import looks_like_names, personal_kind, tells_person
from ingestion.formats.grid import Sheet, read_csv_grid, with_marks
from ingestion.formats.workbooks import read_workbook_grid
from ingestion.places import Place, place_or_problem
from ingestion.readers.base import (
    FileLayout,
    Probe,
    Problem,
    Refusal,
    Source,
    Tally,
    given,
    refuse_for,
    require,
    tell_unlisted,
)
from ingestion.readers.fields import FieldError, Fields
from ingestion.readers.persons.doctors_together import LISTED, settle
from ingestion.vocabulary.headers import squeeze
from ingestion.vocabulary.names import province_code
from ingestion.vocabulary.numbers import parse_number
from ingestion.vocabulary.values import read_date

_ALIASES: dict[str, tuple[str, ...]] = {
    "doctor_id": ("医生编号", "医生id"),
    "title": ("职称",),
    "department": ("科室",),
    "hospital": ("医院", "医院名称"),
    "hospital_grade": ("医院等级", "等级"),
    "city": ("城市", "地级市"),
    "province": ("省份", "省"),
    "online_consultations": ("在线问诊量", "问诊量"),
    "price": ("价格", "问诊价格"),
    "rating": ("评分",),
    "joined_date": ("入驻日期", "开通日期"),
}
_DOCTOR = Fields(_ALIASES, required=("doctor_id", "title", "hospital_grade", "city", "province"))
_EXPECTED = _DOCTOR.told(_ALIASES)
# Any two of these make a table a list of doctors, which then must not be read, or refused row by row, as another one.
_TELLING = frozenset({"doctor_id", "title", "hospital", "hospital_grade", "department", "online_consultations"})
# Fields whose values are not held against a list, so anything might stand in them.
_FREE = frozenset({"department", "hospital"})
_TITLES = {
    "主任医师": "主任医师",
    "副主任医师": "副主任医师",
    "主治医师": "主治医师",
    "主治医生": "主治医师",
    "医师": "医师",
    "住院医师": "医师",
    "执业医师": "医师",
}
_UNKNOWN_GRADES = frozenset({"", "unknown", "未知", "未定级", "未评级", "无", "其他", "-"})
_GRADE = re.compile("([三二一])级?([甲乙丙特])?等?(?:医院)?")
_HASH = re.compile("[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128}")
# Beyond these a figure is something else, for example a telephone number.
_HIGHEST = {"online_consultations": 10_000_000, "price": 100_000, "rating": 100}
_WORKBOOKS = frozenset({".xlsx", ".xls"})


def _recognise(probe: Probe, source: Source) -> bool:
    # A workbook is not opened to look for doctors: it has to be declared.
    if source.layout == "online_doctors" or probe.suffix in _WORKBOOKS:
        return source.layout == "online_doctors"
    try:
        first = read_csv_grid(probe.head.split(b"\n", 1)[0], source.encoding)
    except Refusal:
        return False
    header = first.sheets[0].rows[0] if first.filled else ()
    return len({_DOCTOR.of(cell) for cell in header} & _TELLING) >= 2


def _read(probe: Probe, source: Source, tally: Tally) -> None:
    workbook = probe.suffix in _WORKBOOKS
    grid = read_workbook_grid(probe.content) if workbook else read_csv_grid(probe.content, source.encoding)
    filled = with_marks(grid, source.missing_marks).filled
    require(filled, Problem("empty_file"))
    require(len(filled) == 1, Problem("doctor_header", "sheets", "one_sheet", str(len(filled))))
    (sheet,) = filled
    columns = _columns(sheet)
    entries = [row for row in range(2, len(sheet.rows) + 1) if any(sheet.rows[row - 1])]
    stray = [row for row in entries if _is_stray(sheet, row, columns)]
    rows = [row for row in entries if row not in stray]
    refuse_for(_personal(sheet, rows, columns))
    # Such a list has no data year: it shows a service as it was when somebody looked.
    year = source.year or given(source.accessed, Problem("no_year")).year
    doctors: dict[str, dict[str, Any]] = {}
    refused: Counter[str] = Counter()
    for row in stray:
        # What such a row says is repeated no more than anything else in the file.
        column = next(n for n, text in enumerate(sheet.rows[row - 1], start=1) if text)
        tally.reject_row(sheet.problem("doctor_row", row, column), "")
    for row in rows:
        fields = _DOCTOR.texts(sheet, row, columns)
        same = doctors.get(fields["doctor_id"].lower())
        try:
            require(fields["doctor_id"], FieldError("doctor_id", "a hash"))
            if same is None:
                doctors[fields["doctor_id"].lower()] = {**_doctor(fields, sheet.epoch), "year": year, "row": row}
                continue
            problem = sheet.problem("repeated_doctor", row, columns["doctor_id"], "", f"row {same['row']}")
        except FieldError as error:
            problem = sheet.problem("doctor_field", row, columns.get(error.field, 1), error.field, error.expected)
        refused[problem.code] += 1
        if refused[problem.code] <= LISTED:
            tally.reject_row(problem, "")
    for code, count in sorted(refused.items()):
        tell_unlisted(tally, code, count - LISTED)
    tally.add_records("doctor", doctors.values())
    rejected = refused.total() + len(stray)
    tally.count_rows(len(sheet.rows), len(doctors), rejected, len(sheet.rows) - len(entries))


def _is_stray(sheet: Sheet, row: int, columns: Mapping[str, int]) -> bool:
    """Whether a row is no doctor, and no person either: the header once more, or an advert in one cell."""
    texts = [text for text in sheet.rows[row - 1] if text]
    if _DOCTOR.holds_data(sheet, row, columns):
        return False
    return all(_DOCTOR.of(text) or _is_advert(text) for text in texts)


def _is_advert(text: str) -> bool:
    words = re.fullmatch("[一-龥，、：:]{5,}", text) is not None
    return words and personal_kind(text) is None and not looks_like_names([text])


def _columns(sheet: Sheet) -> dict[str, int]:
    """Field -> column. Raises Refusal for every column that is no field: a list of doctors holds nothing else."""

    def wrong(column: int, header: str, first: int | None) -> Problem:
        # A header may be a person's data itself, where the file has none.
        shown = header if first is not None or tells_person(header) else ""
        return sheet.problem("doctor_header", 1, column, shown, _EXPECTED)

    return _DOCTOR.columns(sheet, wrong, Problem("doctor_header", sheet=sheet.name, cell="A1"))


def _personal(sheet: Sheet, rows: list[int], columns: dict[str, int]) -> Iterator[Problem]:
    """Identifiers that are not hashed, and columns that hold what looks like persons.

    One problem for each column, at its first such cell: more would only point at more persons.
    """
    width = len(sheet.rows[0])
    wide = next((row for row in rows if len(sheet.rows[row - 1]) > width), None)
    if wide is not None:
        # Cells beyond the header belong to no column, so nobody said what they hold.
        yield sheet.problem("doctor_header", wide, width + 1, "", _EXPECTED)
    for field, column in columns.items():
        if field == "doctor_id":
            # Digits alone would be a number somebody gave.
            ids = {row: text for row in rows if (text := sheet.spread(row, column).lower())}
            bad = [row for row, text in ids.items() if text.isdigit() or not _HASH.fullmatch(text)]
            if bad:
                yield sheet.problem("doctor_identifier", bad[0], column, f"{len(bad)} / {len(rows)}")
            continue
        # Each different text once, at the first row it stands in.
        texts = {sheet.cell(row, column): row for row in reversed(rows)}
        found = min(((row, kind) for text, row in texts.items() if (kind := personal_kind(text))), default=None)
        if found is None and field in _FREE and looks_like_names(list(texts)):
            found = rows[0], ("names of persons", "人名")
        if found is not None:
            row, kind = found
            yield replace(sheet.problem("doctor_personal", row, column, "", _DOCTOR.told([field])), hint=" ".join(kind))


def _doctor(fields: Mapping[str, str], epoch: dt.date | None) -> dict[str, Any]:
    """One row of the lake table `doctor`, but for its year and row number. Raises FieldError."""
    province, city = _places(fields)
    return {
        "doctor_id": fields["doctor_id"].lower(),
        "title": _title(fields["title"]),
        "department": fields["department"] or None,
        "hospital": fields["hospital"] or None,
        "hospital_grade": _grade(fields["hospital_grade"]),
        "city_code": city,
        "province_code": province,
        **{name: _number(fields, name) for name in _HIGHEST},
        "joined_on": _joined(fields["joined_date"], epoch),
    }


def _title(text: str) -> str | None:
    plain = squeeze(text)
    require(not plain or plain in _TITLES, FieldError("title", "one of " + ", ".join(_TITLES) + ", or nothing"))
    return _TITLES.get(plain)


def _grade(text: str) -> str:
    """三级甲等, 三级, 二级, 一级 or unknown; 三甲 is 三级甲等. Raises FieldError."""
    plain = squeeze(text).lower()
    if plain in _UNKNOWN_GRADES:
        return "unknown"
    match = given(_GRADE.fullmatch(plain), FieldError("hospital_grade", "三级甲等 (三甲), 三级, 二级, 一级 or unknown"))
    return "三级甲等" if match.groups() == ("三", "甲") else f"{match.group(1)}级"


def _places(fields: Mapping[str, str]) -> tuple[int, int]:
    province = given(province_code(fields["province"]), FieldError("province", "the Chinese name of a province"))
    found = place_or_problem(fields["city"], province=province, level="prefecture") if fields["city"] else None
    place = given(
        found if isinstance(found, Place) else None,
        FieldError("city", f"a prefecture-level unit of {province}, by name or code"),
    )
    return province, place.city_code or place.code


def _number(fields: Mapping[str, str], name: str) -> float | None:
    try:
        number = parse_number(fields[name])
        require(number is None or 0 <= number <= _HIGHEST[name], ValueError(name))
    except ValueError:
        raise FieldError(name, f"a number from 0 to {_HIGHEST[name]:,}, or nothing") from None
    return None if number is None else float(number)


def _joined(text: str, epoch: dt.date | None) -> dt.date | None:
    date = read_date(text, epoch)
    require(date or not text, FieldError("joined_date", "a date such as 2019-03-15, or nothing"))
    return date


DOCTORS = FileLayout(
    "online_doctors",
    "Online doctors (doctors.csv or declared workbook), hashed identifiers only",
    "在线医生名单（doctors.csv 或声明的工作簿），仅限哈希编号",
    frozenset({".csv", ".txt"}) | _WORKBOOKS,
    _recognise,
    _read,
    asked=40,
    uses=frozenset({"year", "missing_marks"}),
    settle=settle,
    persons=True,
)
