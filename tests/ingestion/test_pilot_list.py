"""The pilot list: valid rows load, each wrong field refuses its row."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingestion import FileReading
from ingestion.readers.pilot_list import FIELDS
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
    direct = {"province": "湖北省", "prefecture_code": "", "county_code": "429004", "level": "county"}
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
        ({"announced": "20130129"}, "D2"),
        ({"announced": "2013-1-29"}, "D2"),
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
