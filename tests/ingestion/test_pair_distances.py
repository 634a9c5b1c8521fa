"""Distances pair by pair: loaded both ways round, names in pinyin told by declaration and by the straight distance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from catalog.declarations.misc import WeightsSpec
from ingestion import FileReading
from tests.ingestion.conftest import codes

Read = Callable[..., FileReading]
PAIRS = {"value": 4, "straight": 3, "width": 4}
SPEC: dict[str, Any] = {"name": "road", "kind": "distance", "order": "codes", "pairs": PAIRS}
SUZHOU = {"printed": "Suzhou", "means": "苏州市", "reason": "of Jiangsu"}
ROWS = ("Beijing\tShanghai\t1070.2\t1230", "Beijing\tTianjin\t112.0\t130.7", "Beijing\tSuzhou\t1027\t1190")


def text(*rows: str) -> str:
    return "\n".join(rows or ROWS) + "\n"


def links(reading: FileReading) -> dict[tuple[int, int], float]:
    return {(r["code"], r["neighbour_code"]): r["weight"] for r in reading.tables["spatial_weight"].to_pylist()}


def test_pairs_are_links_both_ways(read: Read) -> None:
    reading = read(text(), "a.distance", weights=SPEC, names=[SUZHOU])
    assert codes(reading) == set()
    assert links(reading) == {
        (110000, 310000): 1230, (310000, 110000): 1230, (110000, 120000): 130.7, (120000, 110000): 130.7,
        (110000, 320500): 1190, (320500, 110000): 1190,
    }  # fmt: skip
    [first, *_] = reading.tables["spatial_weight"].to_pylist()
    assert (first["name"], first["kind"], first["row_standardised"], first["cell"]) == ("road", "distance", False, "D2")


def test_a_name_of_two_cities_is_refused_not_guessed(read: Read) -> None:
    reading = read(text(), "a.distance", weights=SPEC)
    assert codes(reading) == {"ambiguous_place"}
    assert "320500" in reading.rejected_row[0]["reason"] and "341300" in reading.rejected_row[0]["reason"]
    assert len(links(reading)) == 4


def test_a_name_declared_as_the_wrong_city_shows_in_the_straight_distance(read: Read) -> None:
    reading = read(text(), "a.distance", weights=SPEC, names=[SUZHOU | {"means": "宿州市"}])
    assert codes(reading) == {"pair_straight"}
    assert "341300" in reading.rejected_row[0]["reason"]
    assert codes(read(text(), "b.distance", weights=SPEC, names=[SUZHOU | {"printed": "Souzhou"}])) == {
        "spelt_name_absent"
    }


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("Shanghai\tBeijing\t1070.2\t1230", "pair_repeated"),
        ("Beijing\tBeijing\t1\t1", "pair_of_one"),
        ("Beijing\tHefei\t901\t-", "pair_distance"),
        ("Beijing\tHefei\tx\t1023", "pair_distance"),
        ("Beijing\tHefei\t901\t0", "pair_distance"),
        ("Beijing\tHefei\t901\t500", "pair_straight"),
        ("Beijing\tHefei\t901", "flow_row_width"),
        ("Beijing\tNowhere\t901\t1023", "unknown_place"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_alone(read: Read, row: str, code: str) -> None:
    reading = read(text(*ROWS[:2], row), "a.distance", weights=SPEC)
    assert codes(reading) == {code}
    assert len(links(reading)) == 4


def test_without_a_straight_distance(read: Read) -> None:
    spec = SPEC | {"pairs": {"value": 3, "width": 3}}
    assert links(read("北京,合肥,1023\n", weights=spec)) == {(110000, 340100): 1023, (340100, 110000): 1023}


def test_a_file_without_a_usable_pair_is_refused(read: Read) -> None:
    assert "pair_none" in codes(read(text("Beijing\tBeijing\t1\t1"), "a.distance", weights=SPEC))


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "other"},
        {"pairs": None},
        {"order": "provinces"},
        {"standardised": "none"},
        {"pairs": PAIRS | {"value": 3}},
        {"pairs": PAIRS | {"value": 5}},
    ],
)
def test_declarations_that_cannot_be(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="weights"):
        WeightsSpec.model_validate(SPEC | change)
