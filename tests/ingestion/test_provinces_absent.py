"""Provinces a file does not have: declared absent, missing, misspelt, in every reader."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.base import CatalogError
from tests.ingestion.conftest import PROVINCES, SHORT, codes, declared, nbs_text, workbook_bytes
from tests.ingestion.small_panels import (
    GDP,
    LONG,
    ROWS,
    YEARS,
    Read,
    Rows,
    csv,
    mapping,
    panel,
    reason,
)

THIRTY = [name for name in PROVINCES if name != "西藏自治区"]


@pytest.mark.parametrize("name", ["西藏", "西藏自治区", 540000, "Tibet"])
def test_provinces_declared_absent(read: Read, name: str | int) -> None:
    reading = read(csv(panel(THIRTY)), provinces_absent=[name], **LONG, **GDP)
    assert codes(reading) == {"provinces_absent"}
    assert len(reading.observation) == 90 and reading.absent == 0
    assert "西藏" in reason(reading, "provinces_absent")


def test_the_advice_for_a_missing_province_works_in_every_table(read: Read) -> None:
    across = [["年份", *THIRTY], *([year, *range(1000, 1030)] for year in YEARS)]
    gdp = {"indicator": "gdp", "unit": "亿元"}
    stub = [ROWS[0], *(row for row in ROWS[1:] if row[1] != "西藏自治区")]
    short = [name for name in SHORT if name != "西藏"]
    ordered: Rows = [list(YEARS), *([1500.5 + i, 2000, 3000] for i in range(30))]
    cases: list[tuple[bytes | str, str, dict[str, Any], int]] = [
        (csv(panel(THIRTY)), "a.csv", {**LONG, **GDP}, 90),
        (nbs_text(names=THIRTY), "b.csv", {}, 60),
        (csv(across), "c.csv", gdp, 90),
        (csv(stub), "d.csv", {}, 180),
        (csv(stub), "e.csv", mapping(), 180),
        (workbook_bytes(names=short), "f.xlsx", {}, 62),
    ]
    for content, name, keys, number in cases:
        told = reason(read(content, name, **keys), "missing_provinces")
        assert "provinces_absent: [西藏]" in told
        reading = read(content, name, provinces_absent=["西藏"], **keys)
        assert (codes(reading), len(reading.observation)) == ({"provinces_absent"}, number), name
    keys = {**gdp, "panel": {"entity_order": "code_order"}, "provinces_absent": ["西藏"]}
    assert len(read(csv(ordered), "g.csv", **keys).observation) == 90


def test_a_province_declared_absent_that_is_there(read: Read) -> None:
    reading = read(csv(panel()), provinces_absent=["西藏"], **LONG, **GDP)
    assert codes(reading) == {"province_not_absent"} and not reading.observation


def test_an_unknown_province_is_no_declaration() -> None:
    with pytest.raises((ValueError, CatalogError), match=r"provinces_absent\.0: unknown province '西域'"):
        declared(provinces_absent=["西域"])


def test_chinese_messages_list_missing_provinces_in_chinese(read: Read) -> None:
    few = [name for name in PROVINCES if name not in ("西藏自治区", "青海省")]
    [row] = [row for row in read(csv(panel(few)), **LONG, **GDP).rejected_row if row["code"] == "missing_provinces"]
    assert "发现“西藏、青海”" in row["reason_zh"] and "请补充：西藏、青海；" in row["reason_zh"]
    # What is to be pasted stays YAML.
    for language in ("reason", "reason_zh"):
        assert "provinces_absent: [西藏, 青海]" in row[language]
    assert "found '西藏, 青海'" in row["reason"]
    reading = read(csv(panel(few)), provinces_absent=["西藏", "青海"], **LONG, **GDP)
    [said] = [row["reason_zh"] for row in reading.rejected_row if row["code"] == "provinces_absent"]
    assert "除西藏、青海外的省份" in said
