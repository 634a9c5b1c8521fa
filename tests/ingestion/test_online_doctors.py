"""Lists of doctors: what loads, and that nothing personal gets anywhere, not even into a refusal."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from catalog import Sources
from ingestion import FileReading, build_lake
from ingestion.checks.personal import looks_like_names, personal_kind
from tests.ingestion.conftest import codes, declared

Read = Callable[..., FileReading]
HEADER = [
    "doctor_id", "title", "department", "hospital", "hospital_grade", "city", "province", "online_consultations",
    "price", "rating", "joined_date",
]  # fmt: skip


def hashed(number: int) -> str:
    return hashlib.sha256(f"salt {number}".encode()).hexdigest()


def row(number: int = 1, /, **changes: str) -> dict[str, str]:
    values = (
        hashed(number), "主任医师", "心血管内科", "某某大学附属医院", "三甲", "杭州市", "浙江省", "1,234",
        "99.5", "4.9", "2016-03-15",
    )  # fmt: skip
    return dict(zip(HEADER, values, strict=True)) | changes


def listing(*rows: dict[str, str]) -> str:
    names = list(rows[0])
    lines = [names, *([r[name] for name in names] for r in rows)]
    return "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines)


def doctors(reading: FileReading) -> list[dict[str, Any]]:
    return reading.tables["doctor"].to_pylist()


def test_a_list_loads(read: Read) -> None:
    reading = read(listing(row(), row(2, title="", hospital_grade="", joined_date="", price="")), name="doctors.csv")
    assert codes(reading) == set()
    assert reading.source_file["layout"] == "online_doctors"
    first, second = doctors(reading)
    assert first == {
        "file_id": reading.source_file["file_id"],
        "doctor_id": hashed(1),
        "title": "主任医师",
        "department": "心血管内科",
        "hospital": "某某大学附属医院",
        "hospital_grade": "三级甲等",
        "city_code": 330100,
        "province_code": 330000,
        "online_consultations": 1234.0,
        "price": 99.5,
        "rating": 4.9,
        "joined_on": dt.date(2016, 3, 15),
        "year": 2026,
        "row": 2,
    }
    assert (second["title"], second["hospital_grade"], second["joined_on"], second["price"]) == (
        None,
        "unknown",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("field", "printed", "stored"),
    [
        ("title", "副主任医师", "副主任医师"),
        ("title", "主治医生", "主治医师"),
        ("title", "住院医师", "医师"),
        ("hospital_grade", "三级甲等", "三级甲等"),
        ("hospital_grade", "三级乙等", "三级"),
        ("hospital_grade", "三级", "三级"),
        ("hospital_grade", "二甲", "二级"),
        ("hospital_grade", "一级医院", "一级"),
        ("hospital_grade", "未知", "unknown"),
    ],
)
def test_titles_and_grades(read: Read, field: str, printed: str, stored: str) -> None:
    assert doctors(read(listing(row(**{field: printed}))))[0][field] == stored


@pytest.mark.parametrize(
    ("city", "province", "code"),
    [("北京", "北京市", 110000), ("仙桃市", "湖北", 429004), ("吉林", "吉林省", 220200), ("襄樊市", "湖北", 420600)],
)
def test_cities(read: Read, city: str, province: str, code: int) -> None:
    assert doctors(read(listing(row(city=city, province=province))))[0]["city_code"] == code


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "药师"),
        ("hospital_grade", "特等"),
        ("hospital_grade", "四级甲等"),
        ("city", "没有这个市"),
        ("city", "南京市"),
        ("city", ""),
        ("province", "全国"),
        ("online_consultations", "-1"),
        ("online_consultations", "很多"),
        ("rating", "101"),
        ("joined_date", "15/3/2016"),
        ("joined_date", "1016-03-15"),
        ("doctor_id", ""),
    ],
)
def test_wrong_fields_refuse_the_row_without_telling_them(read: Read, field: str, value: str) -> None:
    reading = read(listing(row(**{field: value}), row(2)))
    assert codes(reading) == {"doctor_field"}
    assert len(doctors(reading)) == 1
    record = reading.rejected_row[0]
    assert record["raw"] == ""
    assert not value or value not in record["reason"].replace("2019-03-15", "")
    assert "row 2" not in record["reason"]  # the cell is told
    assert f"cell {chr(ord('A') + HEADER.index(field))}2" in record["reason"]


def test_a_doctor_twice(read: Read) -> None:
    reading = read(listing(row(), row(2), row() | {"doctor_id": hashed(1).upper()}))
    assert codes(reading) == {"repeated_doctor"}
    assert [d["row"] for d in doctors(reading)] == [2, 3]


PERSONAL = {
    "doctor_id": ["张伟", "10023", "13800138000", "zhang.wei", "1" * 32, hashed(1)[:-1]],
    "department": ["13800138000", "内科 138-0013-8000", "张医生", "欧阳"],
    "hospital": [
        "110101199003078515",
        "11010119900307851X",
        "0571-87654321",
        "https://example.org/a.jpg",
        "a@example.org",
        "擅长高血压与冠心病的诊治。",
        "从事临床工作二十余年具有丰富的临床经验对各类常见病多发病和疑难病症的诊断与治疗有独到见解深受患者好评",
        "张伟",
    ],
    "title": ["李主任"],
    "price": ["１３８００１３８０００"],
}


@pytest.mark.parametrize(("field", "value"), [(f, v) for f, values in PERSONAL.items() for v in values])
def test_personal_content_refuses_the_file_and_is_not_repeated(read: Read, field: str, value: str) -> None:
    reading = read(listing(*(row(n, **{field: value}) for n in range(2, 5)), row(9)), name="doctors.csv")
    assert codes(reading) <= {"doctor_personal", "doctor_identifier"}
    assert reading.source_file["status"] == "refused"
    assert not reading.tables
    told = json.dumps([reading.source_file, reading.rejected_row], ensure_ascii=False, default=str)
    assert value not in told
    assert hashed(9) not in told
    assert f"cell {chr(ord('A') + HEADER.index(field))}2" in reading.rejected_row[0]["reason"]


@pytest.mark.parametrize(
    "header", ["姓名", "name", "mobile", "头像", "个人简介", "备注", "city", "李四光", "13800138000"]
)
def test_other_columns_refuse_the_file(read: Read, header: str) -> None:
    text = "\n".join([",".join([*HEADER, header]), ",".join([*row(online_consultations="3").values(), "王小明"])])
    reading = read(text, name="doctors.csv")
    assert codes(reading) == {"doctor_header"}
    assert "cell L1" in reading.rejected_row[0]["reason"]
    told = json.dumps(reading.rejected_row, ensure_ascii=False)
    assert "王小明" not in told
    # Only words for what a column is of are told; a header may be a person's data itself.
    assert (f"'{header}'" in told) == (header in {"姓名", "name", "mobile", "头像", "个人简介", "city"})


def test_cells_beyond_the_header(read: Read) -> None:
    text = listing(row()) + ',"王小明"'
    reading = read(text, name="doctors.csv")
    assert codes(reading) == {"doctor_header"}
    assert "王小明" not in json.dumps(reading.rejected_row, ensure_ascii=False)


def test_missing_columns(read: Read) -> None:
    short = {name: value for name, value in row().items() if name not in {"city", "province"}}
    reading = read(listing(short))
    assert codes(reading) == {"doctor_header"}
    assert "city (城市), province (省份)" in reading.rejected_row[0]["reason"]


def test_a_workbook_has_to_be_declared(read: Read) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(HEADER)
    book.worksheets[0].append([*list(row().values())[:-1], dt.datetime(2016, 3, 15)])
    stream = io.BytesIO()
    book.save(stream)
    reading = read(stream.getvalue(), name="a.xlsx", layout="online_doctors")
    assert doctors(reading)[0]["joined_on"] == dt.date(2016, 3, 15)


def test_many_refused_rows_are_counted(tmp_path: Path) -> None:
    (tmp_path / "doctors.csv").write_text(listing(*(row(n, city="") for n in range(150)), row(999)), encoding="utf-8")
    said: list[str] = []
    build_lake(tmp_path, declared(), tmp_path / "lake", said.append)
    record = pq.read_table(tmp_path / "lake" / "source_file.parquet").to_pylist()[0]
    assert (record["rows_read"], record["rows_loaded"], record["rows_rejected"]) == (152, 1, 150)
    refusals = pq.read_table(tmp_path / "lake" / "rejected_row.parquet").to_pylist()
    assert len([r for r in refusals if r["row"]]) == 100
    assert [r["raw"] for r in refusals if r["code"] == "more_rows_rejected"] == ["50"]


def test_doctors_stay_in_the_private_part_of_the_lake(tmp_path: Path) -> None:
    (tmp_path / "doctors.csv").write_text(listing(row()), encoding="utf-8")
    sources: Sources = declared()
    build_lake(tmp_path, sources, tmp_path / "lake", lambda _: None)
    assert pq.read_table(tmp_path / "lake" / "private" / "doctor.parquet").num_rows == 1
    elsewhere = [p for p in (tmp_path / "lake").glob("*.parquet") if b"doctor_id" in p.read_bytes()]
    assert elsewhere == []


def lists(folder: Path, *texts: str, years: tuple[int | None, ...] = ()) -> dict[str, list[dict[str, Any]]]:
    """The lake tables made from lists a.csv, b.csv ..., each declared with a year or none; b is the preferred one."""
    folder.mkdir()
    entry = {"publisher": "t", "licence": "t", "accessed": "2026-01-01"}
    files = []
    for place, text in enumerate(texts):
        name = f"{'abc'[place]}.csv"
        (folder / name).write_text(text, encoding="utf-8")
        year = years[place] if years else None
        files.append({"match": name, "vintage": "new" if place == 1 else "old", "year": year, **entry})
    sources = Sources(data_kind="synthetic", studies=(), vintages=("new", "old"), files=tuple(files))
    build_lake(folder, sources, folder / "lake", lambda _: None)
    return {name: pq.read_table(folder / "lake" / f"{name}.parquet").to_pylist() for name in LAKE}


LAKE = ("doctor_count", "source_file", "rejected_row", "private/doctor")


def accounts(made: dict[str, list[dict[str, Any]]]) -> dict[str, tuple[int, int, int, int]]:
    kinds = ("rows_read", "rows_loaded", "rows_rejected", "rows_set_aside")
    found = {record["path"]: tuple(record[kind] for kind in kinds) for record in made["source_file"]}
    assert all(read == loaded + rejected + aside for read, loaded, rejected, aside in found.values())
    # As dbt's test source_file_rejected_rows has it: every refused row has its reason.
    for record in made["source_file"]:
        reasons = [r for r in made["rejected_row"] if r["file_id"] == record["file_id"]]
        told = sum(r["row"] > 0 and not r["cell"] for r in reasons)
        told += sum(int(r["raw"]) for r in reasons if "more_rows_rejected" in r["code"])
        assert told == record["rows_rejected"]
    return found


def test_doctors_are_counted_by_city_title_and_grade(tmp_path: Path) -> None:
    made = lists(
        tmp_path / "in", listing(row(), row(2, hospital_grade="三级甲等"), row(3, title=""), row(4, city="宁波"))
    )
    counts = [(r["city_code"], r["title"], r["hospital_grade"], r["doctors"]) for r in made["doctor_count"]]
    assert counts == [
        (330100, "主任医师", "三级甲等", 2),
        (330100, "unknown", "三级甲等", 1),
        (330200, "主任医师", "三级甲等", 1),
    ]
    assert {(r["year"], r["province_code"]) for r in made["doctor_count"]} == {(2026, 330000)}
    assert not {"doctor_id", "department", "hospital", "row", "price"} & made["doctor_count"][0].keys()


def test_a_doctor_in_two_lists_counts_once_in_the_preferred_one(tmp_path: Path) -> None:
    old, new = listing(row(), row(2)), listing(row(3), row() | {"title": "副主任医师", "doctor_id": hashed(1).upper()})
    made = lists(tmp_path / "in", old, new)
    assert {(r["title"], r["doctors"]) for r in made["doctor_count"]} == {("主任医师", 2), ("副主任医师", 1)}
    assert accounts(made) == {"a.csv": (3, 1, 1, 1), "b.csv": (3, 2, 0, 1)}
    [told] = made["rejected_row"]
    assert (told["code"], told["row"], told["raw"]) == ("repeated_doctor", 2, "")
    assert "b.csv row 3" in told["reason"] and hashed(1) not in told["reason"].lower()
    assert len(made["private/doctor"]) == 3


def test_lists_of_two_years_are_apart(tmp_path: Path) -> None:
    made = lists(tmp_path / "in", listing(row(), row(2)), listing(row()), years=(2020, 2023))
    assert [(r["year"], r["doctors"]) for r in made["doctor_count"]] == [(2020, 2), (2023, 1)]
    assert not made["rejected_row"]


def test_many_repeats_in_and_between_lists_are_counted(tmp_path: Path) -> None:
    every = [row(n) for n in range(120)]
    made = lists(tmp_path / "in", listing(*every, *every, row(999)), listing(*every))
    assert accounts(made) == {"a.csv": (242, 1, 240, 1), "b.csv": (121, 120, 0, 1)}
    assert sum(r["doctors"] for r in made["doctor_count"]) == 121


def test_a_list_of_nothing_but_repeats_is_refused(tmp_path: Path) -> None:
    made = lists(tmp_path / "in", listing(row(2), row()), listing(row(), row(2)))
    assert {record["path"]: record["status"] for record in made["source_file"]} == {
        "a.csv": "refused",
        "b.csv": "loaded",
    }
    accounts(made)


def test_the_same_file_twice_is_refused_with_all_its_rows_counted(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text(listing(row(), row(2)), encoding="utf-8")
    build_lake(folder, declared(), folder / "lake", lambda _: None)
    made = {name: pq.read_table(folder / "lake" / f"{name}.parquet").to_pylist() for name in LAKE}
    assert accounts(made) == {"a.csv": (3, 2, 0, 1), "b.csv": (3, 0, 2, 1)}
    assert sum(r["doctors"] for r in made["doctor_count"]) == 2


def test_without_a_list_there_are_no_counts(tmp_path: Path) -> None:
    made = lists(tmp_path / "in", "nonsense")
    assert made["doctor_count"] == []


def test_what_is_told_apart() -> None:
    for text in ("心血管内科", "浙江大学医学院附属第一医院", "高血压科", "2019-03-15", "1234567890", "99.5"):
        assert personal_kind(text) is None
    assert not looks_like_names(["高血压科", "康复科", "骨科", "儿科", "白内障", "肿瘤科", "皮肤科"])
    assert looks_like_names(["张伟", "王芳", "李秀英", "欧阳修"])
    assert not looks_like_names(["", ""])
