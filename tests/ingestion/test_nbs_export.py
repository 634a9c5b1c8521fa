"""Statistics-bureau exports: what loads, and each fault refused with its place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingestion import FileReading
from tests.ingestion.conftest import PROVINCES, codes, nbs_2026_text, nbs_text

Read = Callable[..., FileReading]


def test_old_generation_loads_with_provenance(read: Read) -> None:
    reading = read(nbs_text())
    assert reading.source_file["layout"] == "nbs_export"
    assert reading.source_file["encoding"] == "gb18030"
    assert reading.source_file["rows_loaded"] == 31
    assert len(reading.observation) == 62
    first = reading.observation[0]
    assert (first["cell"], first["raw"], first["value"], first["year"]) == ("B5", "1000.5", 1000.5, 2014)
    assert first["header"] == "地区生产总值 | 2014年"
    assert not reading.rejected_row


def test_2026_generation_takes_its_indicator_from_the_declaration(read: Read) -> None:
    content = nbs_2026_text().encode("utf-8-sig")
    reading = read(content, indicator="gdp", unit="亿元")
    assert reading.source_file["layout"] == "nbs_export_2026"
    assert len(reading.observation) == 62
    assert {record["indicator"] for record in reading.observation} == {"gdp"}


def test_2026_generation_without_declaration_is_refused(read: Read) -> None:
    content = nbs_2026_text().encode("utf-8-sig")
    assert codes(read(content)) == {"no_indicator"}
    assert codes(read(content, indicator="gdp")) == {"no_unit"}


def test_unit_is_converted_exactly(read: Read) -> None:
    cells = {(i, j): "7.05" for i in range(31) for j in range(2)}
    reading = read(nbs_text("医疗卫生机构诊疗人次数(亿人次)", cells=cells))
    assert {record["value"] for record in reading.observation} == {70500.0}
    assert {record["raw_unit"] for record in reading.observation} == {"亿人次"}
    assert {record["unit"] for record in reading.observation} == {"万人次"}


def test_missing_cells_footnotes_and_separators(read: Read) -> None:
    reading = read(nbs_text(cells={(0, 0): "", (1, 0): "12,345.6", (2, 0): "199.5①", (3, 0): "—"}))
    assert len(reading.observation) == 60
    assert {record["cell"] for record in reading.missing_cell} == {"B5", "B8"}
    values = {record["cell"]: record["value"] for record in reading.observation}
    assert values["B6"] == 12345.6
    assert values["B7"] == 199.5


def test_national_total_loads_at_its_own_level(read: Read) -> None:
    reading = read(nbs_text(names=["全国", *PROVINCES, "香港特别行政区"]))
    nation = [record for record in reading.observation if record["entity_level"] == "nation"]
    assert len(nation) == 2
    assert nation[0]["entity_code"] == 100000
    assert reading.source_file["rows_loaded"] == 32


@pytest.mark.parametrize(
    ("names", "code", "place"),
    [
        (["Shanxi" if n in ("山西省", "陕西省") else n for n in PROVINCES], "ambiguous_province", "A8"),
        (["北京市", *PROVINCES[:-1]], "repeated_province", "A6"),
        ([*PROVINCES[:-1], "西域都护府"], "unknown_province", "A35"),
        (PROVINCES[:-1], "missing_provinces", "新疆"),
    ],
)
def test_wrong_provinces_refuse_the_table(read: Read, names: list[str], code: str, place: str) -> None:
    reading = read(nbs_text(names=names))
    assert code in codes(reading)
    assert not reading.observation
    assert reading.source_file["status"] == "refused"
    reason = next(record["reason"] for record in reading.rejected_row if record["code"] == code)
    assert place in reason
    assert reason.startswith("a.csv")


def test_text_in_a_numeric_cell_refuses_that_cell_only(read: Read) -> None:
    reading = read(nbs_text(cells={(4, 1): "约1千"}))
    assert codes(reading) == {"not_a_number"}
    record = reading.rejected_row[0]
    assert (record["cell"], record["raw"]) == ("C9", "约1千")
    assert "a.csv, cell C9" in record["reason"]
    assert "单元格 C9" in record["reason_zh"]
    assert len(reading.observation) == 61


def test_unit_that_contradicts_the_values(read: Read) -> None:
    reading = read(nbs_text("地区生产总值(万元)"))
    assert codes(reading) == {"unit_against_values"}
    reason = reading.rejected_row[0]["reason"]
    assert "万元" in reason
    assert "would fit 亿元" in reason
    assert not reading.observation


def test_single_implausible_value(read: Read) -> None:
    reading = read(nbs_text(cells={(3, 0): "9999999"}))
    assert codes(reading) == {"implausible"}
    assert reading.rejected_row[0]["cell"] == "B8"


@pytest.mark.parametrize(
    ("years", "code", "place"),
    [
        (("2016年", "2015年", "2013年"), "years_missing", "2014"),
        (("2014年", "2014年"), "repeated_year", "C4"),
        (("2014年", "去年"), "header_cell", "C4"),
        (("2014年", "1948年"), "header_cell", "C4"),
    ],
)
def test_wrong_years(read: Read, years: tuple[str, ...], code: str, place: str) -> None:
    reading = read(nbs_text(years=years))
    assert codes(reading) == {code}
    assert place in next(r["reason"] for r in reading.rejected_row if r["code"] == code)
    assert not reading.observation


def test_absent_years_can_be_declared(read: Read) -> None:
    reading = read(nbs_text(years=("2016年", "2015年", "2013年")), years_absent=[2014])
    assert len(reading.observation) == 93


@pytest.mark.parametrize(
    ("indicator", "keys", "code"),
    [
        ("地区生产总值(亿元)", {"indicator": "resident_population"}, "contradicting_indicator"),
        ("地区生产总值(亿元)", {"indicator": "gdp", "unit": "万元"}, "contradicting_unit"),
        ("地区生产总值(吨)", {}, "unknown_unit"),
        ("地区生产总值(万人)", {}, "wrong_quantity"),
        ("地区生产总值", {}, "no_unit"),
        ("地区生产毛额(亿元)", {}, "unknown_indicator"),
        ("年末人口数(万人)", {}, "outdated_name"),
    ],
)
def test_contradictions_are_refused(read: Read, indicator: str, keys: dict[str, str], code: str) -> None:
    reading = read(nbs_text(indicator), **keys)
    assert codes(reading) == {code}
    assert "cell A2" in next(r["reason"] for r in reading.rejected_row if r["code"] == code)


@pytest.mark.parametrize(
    "row", ["天津市,1010.5,1011.5,77", "天津市,1,010.5,1011.5", "天津市,1011.5", "天津市,1010.5,1011.5,,"]
)
def test_a_row_shifted_against_the_header_is_refused_whole(read: Read, row: str) -> None:
    reading = read(nbs_text().replace("天津市,1010.5,1011.5", row))
    assert codes(reading) == {"row_width"}
    assert [(r["row"], r["cell"]) for r in reading.rejected_row] == [(6, "")]
    assert "cell A6" in reading.rejected_row[0]["reason"]
    assert 120000 not in {r["entity_code"] for r in reading.observation}
    assert len(reading.observation) == 60


def test_empty_fields_at_the_end_of_every_row_are_the_way_the_file_was_written(read: Read) -> None:
    text = nbs_text().replace(".5\r\n", ".5,\r\n")
    assert len(read(text).observation) == 62
    shifted = read(text.replace("天津市,1010.5,1011.5,", "天津市,1,010.5,1011.5"))
    assert codes(shifted) == {"row_width"}
    assert [r["row"] for r in shifted.rejected_row] == [6]
