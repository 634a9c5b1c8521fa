"""Tables whose rows are types of facility, read by a mapping: what they mean, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from catalog.declarations.mapping import MappedTable
from tests.ingestion.conftest import codes
from tests.ingestion.test_mapping import Read, csv, mapping

TITLE = ["表5 2021年浙江省各类医疗卫生机构服务情况"]
HEAD = ["机构类别", "机构数(个)", "诊疗人次数(万人次)", "病床使用率(%)"]
ROWS = [
    ["三级医院", 150, 12000.5, 81.2],
    ["乡镇卫生院", 1000, 9000, 42.5],
    ["村卫生室、门诊部和诊所", 20000, 8000, "-"],
]
TABLE: dict[str, Any] = {
    "title": "各类医疗卫生机构",
    "regions": {"title": "年(.+?)各类"},
    "years": {"title": r"(\d{4})年"},
    "facilities": {"down": "机构类别"},
    "columns": [
        {"header": "机构数.*", "measure": "institutions"},
        {"header": "诊疗人次.*", "measure": "visits"},
        {"header": "病床使用率.*", "measure": "bed_occupancy"},
    ],
}


def table(*rows: Sequence[Any], head: Sequence[str] = HEAD, title: Sequence[str] = TITLE) -> str:
    return csv(title, head, *rows)


def test_rows_are_types_and_columns_are_measures(read: Read) -> None:
    reading = read(table(*ROWS), **mapping(TABLE))
    assert codes(reading) == set()
    found = {row["indicator"]: row for row in reading.observation}
    assert {name: row["value"] for name, row in found.items()} == {
        "institutions_tertiary_hospitals": 150,
        "visits_tertiary_hospitals": 12000.5,
        "bed_occupancy_tertiary_hospitals": 81.2,
        "institutions_township_centres": 1000,
        "visits_township_centres": 9000,
        "bed_occupancy_township_centres": 42.5,
        "institutions_other_primary": 20000,
        "visits_other_primary": 8000,
    }
    one = found["visits_township_centres"]
    assert (one["entity_code"], one["entity_level"], one["year"], one["cell"]) == (330000, "province", 2021, "C4")


def test_totals_are_the_indicators_they_already_are(read: Read) -> None:
    rows = [["总计", 35000, 60000, 70.5], ["医院", 1500, 30000, 75.5]]
    reading = read(table(*rows, title=["表5 2021年全国各类医疗卫生机构服务情况"]), **mapping(TABLE))
    found = {row["indicator"]: row["entity_level"] for row in reading.observation}
    assert found == dict.fromkeys(
        ("institutions", "outpatient_visits", "bed_occupancy_all", "hospitals", "visits_hospitals_all",
         "bed_occupancy_hospitals_all"), "nation",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "head", "code", "text"),
    [
        ([*ROWS, ["疗养院", 5, 1, 20]], HEAD, "unknown_facility", "疗养院"),
        ([["村卫生室、门诊部和诊所", 20000, 8000, 55.5]], HEAD, "facility_not_reported", "bed_occupancy"),
        ([*ROWS, ROWS[0]], HEAD, "mapping_repeated", "B3, B6"),
        (ROWS, [*HEAD[:2], "诊疗人次数(张)", HEAD[3]], "wrong_quantity", "张"),
        (ROWS, [*HEAD[:2], "诊疗人次数", HEAD[3]], "no_unit", "诊疗人次数"),
    ],
)
def test_what_a_table_may_not_say(read: Read, rows: Any, head: Any, code: str, text: str) -> None:
    reading = read(table(*rows, head=head), **mapping(TABLE))
    assert codes(reading) == {code}
    assert text in str(reading.rejected_row)
    assert not reading.observation


def test_visits_in_single_visits_under_a_header_of_ten_thousands_are_implausible(read: Read) -> None:
    rows = [[name, n, visits * 10_000, used] for name, n, visits, used in ROWS]
    assert codes(read(table(*rows), **mapping(TABLE))) == {"unit_against_values"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"facilities": None}, "of a table with `facilities` each names a measure, of any other an indicator"),
        ({"facilities": {"entry": True}}, "no entry of sources.yaml says which types"),
        (
            {"columns": [{"measure": "patients"}]},
            "'patients' is not a measure of facilities; known: institutions, beds",
        ),
        ({"columns": [{"measure": "visits", "indicator": "gdp"}]}, "give exactly one of indicator, measure"),
        ({"columns": [{"measure": "visits", "unit": "张"}]}, "张 measures beds"),
    ],
)
def test_a_mapping_that_contradicts_itself(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        MappedTable.model_validate(TABLE | changes)
