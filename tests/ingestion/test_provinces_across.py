"""Years down, provinces across: what loads, and each fault refused with its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ingestion import FileReading
from tests.ingestion.conftest import PROVINCES, codes

Read = Callable[..., FileReading]
KEYS: dict[str, Any] = {"indicator": "resident_population", "unit": "万人"}


def table(
    names: list[str] | None = None, first: str = "year", years: tuple[str, ...] = ("2019", "2018", "2017")
) -> str:
    names = PROVINCES if names is None else names
    lines = [",".join([first, *names])]
    lines += [",".join([year, *(f"{1000 + 10 * j + i}.0" for j in range(len(names)))]) for i, year in enumerate(years)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("first", ["year", "年份", "时间", "Year"])
def test_loads_with_provenance(read: Read, first: str) -> None:
    reading = read(table(first=first), **KEYS)
    assert codes(reading) == set()
    assert (reading.source_file["layout"], reading.source_file["rows_loaded"]) == ("provinces_across", 3)
    cells = {r["cell"]: r for r in reading.observation}
    assert len(cells) == 93
    tianjin = cells["C3"]
    assert (tianjin["entity_code"], tianjin["year"], tianjin["value"], tianjin["header"]) == (
        120000, 2018, 1011.0, "天津市",
    )  # fmt: skip


def test_years_with_suffix_quoted_numbers_and_a_national_column(read: Read) -> None:
    text = table(["全国", *PROVINCES], "时间", ("2004年", "2003年")).replace("1000.0", '"131,448 "')
    reading = read(text, **KEYS)
    assert codes(reading) == set()
    nation = {r["value"] for r in reading.observation if r["entity_level"] == "nation"}
    assert nation == {131448.0, 1001.0}


def test_trailing_empty_years_notes_and_blank_rows(read: Read) -> None:
    empty = "2016" + "," * 31
    reading = read(table() + f"{empty}\n{',' * 31}\n注：单位万人\n", **KEYS)
    assert codes(reading) == set()
    assert (len(reading.observation), len(reading.missing_cell)) == (93, 31)
    assert (reading.source_file["rows_loaded"], reading.source_file["rows_set_aside"]) == (4, 3)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        (table(PROVINCES[:-1]), "missing_provinces", "新疆"),
        (table([*PROVINCES[:-1], "北京"]), "repeated_province", "AF1"),
        (table([*PROVINCES[:-1], "西域"]), "unknown_province", "AF1"),
        (table([*PROVINCES[:-1], ""]), "unknown_province", "AF1"),
        (table(years=("2019", "2018", "2018")), "repeated_year", "A4"),
        (table(years=("2019", "去年", "2018")), "year_cell", "A3"),
        (table(years=("2019", "2018", "2016")), "years_missing", "2017"),
    ],
)
def test_wrong_tables(read: Read, text: str, code: str, place: str) -> None:
    reading = read(text, **KEYS)
    assert code in codes(reading)
    assert not reading.observation
    assert place in next(r["reason"] for r in reading.rejected_row if r["code"] == code)


def test_absent_years_can_be_declared(read: Read) -> None:
    assert len(read(table(years=("2019", "2018", "2016")), years_absent=[2017], **KEYS).observation) == 93


def test_indicator_and_unit_must_be_declared(read: Read) -> None:
    assert codes(read(table())) == {"no_indicator"}
    assert codes(read(table(), indicator="resident_population")) == {"no_unit"}


def test_a_shifted_row_is_refused(read: Read) -> None:
    reading = read(table().replace("1001.0", "1,001.0"), **KEYS)
    assert codes(reading) == {"row_width"}
    assert [(r["row"], r["cell"]) for r in reading.rejected_row] == [(3, "")]
    assert len(reading.observation) == 62


def test_a_declared_layout_is_held_to(read: Read) -> None:
    assert len(read(table(), layout="provinces_across", **KEYS).observation) == 93
    assert codes(read(table(), layout="nbs_export", **KEYS)) == {"layout_mismatch"}
    assert codes(read(table(), layout="no_such", **KEYS)) == {"unknown_layout"}
