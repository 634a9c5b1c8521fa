"""The pilot list: valid rows load, each wrong field refuses its row."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import openpyxl
import pytest

from ingestion import FileReading
from ingestion.readers.pilots.pilot_list import FIELDS
from tests.ingestion.conftest import codes

Read = Callable[..., FileReading]
GOOD = {
    "programme": "mohurd", "batch": "1", "label_year": "2012", "announced": "2013-01-29", "province": "河北省",
    "prefecture": "甲市", "place": "甲市乙区", "level": "district", "prefecture_code": "130100",
    "county_code": "130102", "status": "new", "source": "",
}  # fmt: skip


def listing(*rows: dict[str, str]) -> bytes:
    lines = [",".join(FIELDS), *(",".join({**GOOD, **row}[name] for name in FIELDS) for row in rows)]
    return "\n".join(lines).encode()


def test_rows_load(read: Read) -> None:
    whole = {"level": "prefecture", "county_code": "", "prefecture_code": "130200", "place": "丙市"}
    shanghai = {"province": "上海市", "prefecture": "", "prefecture_code": "", "county_code": "310115"}
    direct = {"province": "湖北省", "prefecture": "", "prefecture_code": "", "county_code": "429004", "level": "county"}
    reading = read(listing({}, whole, shanghai, direct))
    assert codes(reading) == set()
    assert [p["unit_code"] for p in reading.pilot] == [130102, 130200, 310115, 429004]
    assert [p["city_code"] for p in reading.pilot] == [130100, 130200, None, None]
    assert reading.source_file["status"] == "loaded"


@pytest.mark.parametrize(
    ("change", "cell"),
    [
        ({"batch": "one"}, "B2"),
        ({"batch": "0"}, "B2"),
        ({"batch": "1_0"}, "B2"),
        ({"batch": "99999999999"}, "B2"),
        ({"label_year": "1948"}, "C2"),
        ({"label_year": "20130"}, "C2"),
        ({"announced": "201301"}, "D2"),
        ({"announced": "2013-1/29"}, "D2"),
        ({"announced": "1013-01-29"}, "D2"),
        ({"programme": ""}, "A2"),
        ({"programme": "MOHURD"}, "A2"),
        ({"programme": "住建部"}, "A2"),
        ({"county_code": "130202"}, "J2"),
        ({"announced": "29/01/2013"}, "D2"),
        ({"province": "shanxi"}, "E2"),
        ({"province": "全国"}, "E2"),
        ({"place": ""}, "G2"),
        ({"level": "village"}, "H2"),
        ({"prefecture_code": "140100"}, "I2"),
        ({"prefecture_code": "130102"}, "I2"),
        ({"prefecture_code": ""}, "I2"),
        ({"county_code": "130100"}, "J2"),
        ({"county_code": ""}, "J2"),
        ({"level": "prefecture"}, "J2"),
        ({"status": "maybe"}, "K2"),
    ],
)
def test_wrong_fields_refuse_the_row(read: Read, change: dict[str, str], cell: str) -> None:
    reading = read(listing(change, {"county_code": "130104"}))
    assert codes(reading) == {"pilot_field"}
    assert f"cell {cell}" in reading.rejected_row[0]["reason"]
    assert len(reading.pilot) == 1


def test_a_place_twice_in_one_batch(read: Read) -> None:
    reading = read(listing({}, {}))
    assert codes(reading) == {"repeated_pilot"}
    assert len(reading.pilot) == 1
    assert len(read(listing({}, {"batch": "2"})).pilot) == 2


@pytest.mark.parametrize("change", [(b",new,", b",new,,surplus"), (b",new,", b",new")])
def test_a_row_with_another_number_of_fields(read: Read, change: tuple[bytes, bytes]) -> None:
    reading = read(listing({}).replace(*change))
    assert codes(reading) == {"pilot_field"}
    assert not reading.pilot


CHINESE = (
    "项目",
    "批次",
    "年份",
    "公布日期",
    "省份",
    "地级单位",
    "试点名称",
    "级别",
    "地级代码",
    "县级代码",
    "状态",
    "来源",
)


def chinese_listing(*rows: tuple[str, ...]) -> str:
    return "\n".join(",".join(row) for row in (CHINESE, *rows))


def named(province: str, prefecture: str, place: str, level: str, codes: str = ",") -> tuple[str, ...]:
    return (
        "mohurd",
        "第一批",
        "2012年",
        "2013年1月29日",
        province,
        prefecture,
        place,
        level,
        *codes.split(","),
        "新增",
        "",
    )


def test_names_alone_find_their_codes(read: Read) -> None:
    reading = read(
        chinese_listing(
            named("山西省", "", "太原市", "地级"),
            named("山西省", "朔州市", "山西省朔州市平鲁区", "区"),
            named("河北省", "石家庄", "石家庄市正定县", "县"),
            named("北京市", "", "北京市东城区", "区"),
            named("河南省", "", "济源市", "县级市"),
            named("湖北省", "省直辖", "仙桃市", "县级市"),
            # 镇 lie in no list of codes: the county they begin with is their unit.
            named("河北省", "石家庄市", "正定县某某镇", "镇"),
        ),
        name="pilots.csv",
    )
    # The town lies in the county that is already listed.
    assert codes(reading) == {"repeated_pilot"}
    assert [(p["unit_code"], p["city_code"], p["level"]) for p in reading.pilot] == [
        (140100, 140100, "prefecture"),
        (140603, 140600, "district"),
        (130123, 130100, "county"),
        (110101, None, "district"),
        (419001, None, "county"),
        (429004, None, "county"),
    ]
    first = reading.pilot[0]
    assert (first["batch"], first["label_year"], first["announced_on"]) == (1, 2012, dt.date(2013, 1, 29))
    assert first["status"] == "new"


def test_a_name_means_the_unit_of_its_time(read: Read) -> None:
    """莱芜 was a city when it was listed, 哈密 a prefecture with another code."""
    reading = read(
        chinese_listing(named("山东省", "", "莱芜市", "地级"), named("新疆", "", "哈密地区", "地级")), name="pilots.csv"
    )
    assert [p["unit_code"] for p in reading.pilot] == [371200, 652200]


@pytest.mark.parametrize(
    ("row", "cell", "expected"),
    [
        # Codes of another place of the same province: 130200 is 唐山市.
        (named("河北省", "石家庄市", "石家庄市", "地级", "130200,"), "I2", "130100, the code of 石家庄市"),
        (named("河北省", "石家庄市", "正定县", "县", "130100,130121"), "J2", "130123, the code of 正定县"),
        (named("河北省", "石家庄市", "唐山市", "地级", "130100,"), "G2", "130200 唐山市"),
        (named("河北省", "石家庄", "没有这个区", "区"), "J2", "county-level code"),
        (named("河北省", "石家桩市", "正定县", "县"), "I2", "nearest: 石家庄市"),
        (named("河北省", "", "没有这个市", "地级"), "I2", "prefecture-level code"),
        (named("江苏省", "盐城市", "盐城城南新区", "新区"), "J2", "county-level code for level zone"),
        (named("北京市", "石家庄市", "东城区", "区"), "F2", "nothing in a municipality"),
        # 鼓楼区 stands in several cities of one province.
        (named("江苏省", "", "鼓楼区", "区"), "J2", "ambiguous_place"),
    ],
)
def test_contradictions_and_unknown_names(read: Read, row: tuple[str, ...], cell: str, expected: str) -> None:
    reading = read(chinese_listing(row), name="pilots.csv")
    assert codes(reading) == {"pilot_field"}
    assert not reading.pilot
    reason = reading.rejected_row[0]["reason"]
    assert f"cell {cell}:" in reason
    assert expected in reason


def test_columns_in_any_order_of_a_workbook(read: Read) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    order = ["省份", "试点名称", "级别", "批次", "状态", "公布日期", "年份", "项目"]
    sheet.append(order)
    sheet.append(["山西省", "太原市", "地级", 1, "新增", dt.datetime(2013, 1, 29), 2012, "mohurd"])
    sheet["F2"].number_format = "yyyy-mm-dd"
    book.create_sheet("代码 codes").append(["code", "name"])
    stream = io.BytesIO()
    book.save(stream)
    refused = read(stream.getvalue(), name="pilots.xlsx")
    assert codes(refused) == {"pilot_header"}
    reading = read(stream.getvalue(), name="pilots.xlsx", set_aside_sheets=["代码 codes"])
    assert codes(reading) == set()
    assert [(p["unit_code"], p["announced_on"]) for p in reading.pilot] == [(140100, dt.date(2013, 1, 29))]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda header: header.replace("来源", "备注"), "备注"),
        (lambda header: header.replace("来源", "批次"), "批次"),
        (lambda header: header.replace("级别", "来源 "), "来源"),
        (lambda header: header.replace("公布日期,", ""), "announced (公布日期)"),
    ],
)
def test_wrong_headers_refuse_the_list(read: Read, change: Callable[[str], str], found: str) -> None:
    text = chinese_listing(named("山西省", "", "太原市", "地级"))
    head, row = text.split("\n")
    reading = read("\n".join([change(head), row]), name="pilots.csv")
    assert "pilot_header" in codes(reading)
    assert not reading.pilot
    assert found in " ".join(record["reason"] for record in reading.rejected_row)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_any_encoding(read: Read, encoding: str) -> None:
    text = chinese_listing(named("山西省", "", "太原市", "地级"))
    assert len(read(text.encode(encoding), name="pilots.csv").pilot) == 1
