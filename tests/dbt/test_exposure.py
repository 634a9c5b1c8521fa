"""smart_exposure for every value of every exposure key, against values worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, get_args

import duckdb
import pandas as pd
import pytest

from catalog.parts.exposure import Options

DEFAULT = {
    "programmes": "mohurd", "numerator": "covered", "denominator": "divisions", "municipality": "districts",
    "direct_county": "own_unit", "timing": "half_year", "denominator_year": "current",
}  # fmt: skip
WINDOW = {"first_year": 2013, "last_year": 2024, "preferred": True}
BEIJING, SHANGHAI, CHONGQING, HEBEI, SHANDONG = 110000, 310000, 500000, 130000, 370000
HENAN, GUANGDONG, HAINAN, GUIZHOU, TIBET, XINJIANG = 410000, 440000, 460000, 520000, 540000, 650000
FIRST, SECOND, THIRD = "2013-01-29", "2013-08-05", "2015-04-07"

# Hebei has 11 prefecture-level cities; Guizhou 6 and 3 autonomous prefectures; Henan 17 and Jiyuan (419001)
# directly under it; Hainan 3 and 16, from 2015 4 and 15; Tibet 7 units of which 1, 3, 4, 5, 6 cities by year;
# Shandong 17, from 2018 16. County-level units: Beijing 16, Shanghai 17 then 16, Chongqing 38.
CASES: dict[str, tuple[dict[str, str], dict[tuple[int, int], tuple[float, int]]]] = {
    "default": (
        {},
        {
            (BEIJING, 2013): (2, 16), (CHONGQING, 2014): (1, 38), (CHONGQING, 2015): (38, 38),
            (HEBEI, 2013): (1, 11), (HEBEI, 2014): (2, 11), (HEBEI, 2024): (2, 11),
            (GUIZHOU, 2013): (1, 9), (GUIZHOU, 2014): (2, 9), (HENAN, 2013): (1, 18), (HENAN, 2024): (1, 18),
            (HAINAN, 2014): (0, 19), (HAINAN, 2015): (2, 19), (TIBET, 2013): (1, 7), (TIBET, 2015): (2, 7),
            (SHANDONG, 2017): (0, 17), (SHANDONG, 2018): (0, 16),
        },
    ),
    "prefecture_only": (
        {"numerator": "prefecture_only"},
        {
            (BEIJING, 2013): (0, 16), (CHONGQING, 2014): (0, 38), (CHONGQING, 2015): (38, 38),
            (HEBEI, 2014): (1, 11), (HENAN, 2013): (1, 18), (GUIZHOU, 2014): (2, 9),
        },
    ),
    "entries": (
        {"numerator": "entries"},
        {
            (BEIJING, 2013): (2, 16), (CHONGQING, 2014): (1, 38), (CHONGQING, 2015): (2, 38),
            (HEBEI, 2013): (1, 11), (HEBEI, 2014): (3, 11), (HEBEI, 2015): (3, 11), (HENAN, 2013): (1, 18),
        },
    ),
    "cities": (
        {"denominator": "cities"},
        {
            (GUIZHOU, 2013): (0, 6), (GUIZHOU, 2014): (1, 6), (TIBET, 2013): (1, 1), (TIBET, 2014): (1, 3),
            (TIBET, 2015): (2, 4),
            (HEBEI, 2014): (2, 11), (HENAN, 2013): (1, 18), (BEIJING, 2013): (2, 16),
        },
    ),
    "entries_in_cities": (
        {"numerator": "entries", "denominator": "cities"}, {(GUIZHOU, 2013): (0, 6), (GUIZHOU, 2014): (1, 6)},
    ),
    # Tangshan has 14 county-level units, the prefecture-level city Shijiazhuang is listed itself, and Dongguan has no
    # county-level unit, so that its town stands for all of it.
    "fraction": (
        {"numerator": "fraction"},
        {
            (BEIJING, 2013): (2, 16), (CHONGQING, 2014): (1, 38), (CHONGQING, 2015): (38, 38),
            (HEBEI, 2013): (1, 11), (HEBEI, 2014): (1 + 1 / 14, 11), (HEBEI, 2024): (1 + 1 / 14, 11),
            (HENAN, 2013): (1, 18), (GUANGDONG, 2013): (1, 21), (GUIZHOU, 2014): (2, 9),
        },
    ),
    # Kashgar had 12 county-level units throughout; Sanya had none before 2014, and four since.
    "fraction_fixed_2013": (
        {"numerator": "fraction", "denominator_year": "fixed_2013", "direct_county": "exclude"},
        {
            (HAINAN, 2013): (0, 3), (HAINAN, 2015): (1 + 1 / 4, 3), (XINJIANG, 2024): (2 / 12, 14),
            (HENAN, 2013): (0, 17),
        },
    ),
    "one_city": (
        {"municipality": "one_city"},
        {(BEIJING, 2013): (1, 1), (CHONGQING, 2013): (1, 1), (SHANGHAI, 2024): (0, 1),
         (HEBEI, 2014): (2, 11)},
    ),
    "one_city_prefecture_only": (
        {"municipality": "one_city", "numerator": "prefecture_only"},
        {(BEIJING, 2024): (0, 1), (CHONGQING, 2014): (0, 1), (CHONGQING, 2015): (1, 1)},
    ),
    "one_city_entries": (
        {"municipality": "one_city", "numerator": "entries"},
        {(BEIJING, 2013): (1, 1), (HEBEI, 2014): (3, 11)},
    ),
    "one_city_fraction": (
        {"municipality": "one_city", "numerator": "fraction"},
        {(BEIJING, 2013): (2 / 16, 1), (CHONGQING, 2014): (1 / 38, 1), (CHONGQING, 2015): (1, 1),
         (SHANGHAI, 2024): (0, 1)},
    ),
    "exclude": (
        {"direct_county": "exclude"},
        {(HENAN, 2013): (0, 17), (HENAN, 2024): (0, 17), (HAINAN, 2014): (0, 3), (HAINAN, 2015): (2, 4),
         (BEIJING, 2013): (2, 16)},
    ),
    "announcement": (
        {"timing": "announcement"},
        {(HEBEI, 2013): (2, 11), (GUIZHOU, 2013): (2, 9), (HAINAN, 2014): (0, 19), (HAINAN, 2015): (2, 19)},
    ),
    "label": (
        {"timing": "label"},
        {(HEBEI, 2013): (2, 11), (HAINAN, 2013): (0, 19), (HAINAN, 2014): (2, 19),
         (CHONGQING, 2014): (38, 38)},
    ),
    "fixed_2013": (
        {"denominator_year": "fixed_2013"},
        {(SHANDONG, 2024): (0, 17), (SHANGHAI, 2024): (0, 17), (HAINAN, 2015): (2, 19)},
    ),
    "fixed_2013_cities": (
        {"denominator_year": "fixed_2013", "denominator": "cities", "direct_county": "exclude"},
        {(TIBET, 2024): (1, 1), (HAINAN, 2015): (2, 3)},
    ),
    "two_programmes": (
        {"programmes": "mohurd|science"},
        {(HENAN, 2013): (1, 18), (HENAN, 2014): (2, 18), (HEBEI, 2014): (2, 11)},
    ),
    "entries_of_two_programmes": (
        {"programmes": "mohurd|science", "numerator": "entries"},
        {(HEBEI, 2014): (4, 11), (HENAN, 2014): (2, 18)},
    ),
    "a_programme_nobody_lists": ({"programmes": "unlisted"}, {}),
}  # fmt: skip


def _list(pilot: Callable[..., dict[str, Any]]) -> list[dict[str, Any]]:
    science = {"programme": "science"}
    return [
        pilot(110101, None, "district", FIRST),
        pilot(110105, None, "district", FIRST),
        pilot(500101, None, "district", FIRST),
        pilot(500000, None, "prefecture", THIRD, batch=3),
        pilot(130100, 130100, "prefecture", FIRST),
        # A town inside Shijiazhuang, covered since batch 1; the same city again as an extension.
        pilot(130181, 130100, "town", SECOND, batch=2),
        pilot(130100, 130100, "prefecture", SECOND, batch=2, status="extension"),
        # An extension where nothing was covered adds nothing.
        pilot(130400, 130400, "prefecture", SECOND, batch=2, status="extension"),
        # A county listed as new in two batches keeps the earlier.
        pilot(130281, 130200, "county", SECOND, batch=2),
        pilot(130281, 130200, "county", THIRD, batch=3),
        pilot(522300, 522300, "prefecture", FIRST),
        pilot(520100, 520100, "prefecture", SECOND, batch=2),
        pilot(419001, None, "county", FIRST),
        pilot(460100, 460100, "prefecture", THIRD, batch=3),
        pilot(460203, 460200, "district", THIRD, batch=3),
        pilot(540100, 540100, "prefecture", FIRST),
        # Nyingchi under the code it has as a city, since 2015.
        pilot(540400, 540400, "prefecture", THIRD, batch=3),
        pilot(441901, 441900, "town", FIRST),
        # Two county-level units of Kashgar, one of them through two towns.
        pilot(653101, 653100, "county", FIRST),
        pilot(653121, 653100, "town", FIRST),
        pilot(653121, 653100, "zone", SECOND, batch=2),
        pilot(410100, 410100, "prefecture", "2013-10-01", **science),
        pilot(130100, 130100, "prefecture", "2013-10-01", **science),
    ]


Compute = Callable[[list[dict[str, Any]], list[dict[str, Any]]], pd.DataFrame]


@pytest.fixture
def compute(good: Any, scratch: Callable[[str], duckdb.DuckDBPyConnection]) -> Compute:
    """int_exposure_variant of a list of pilots and rows of study_exposure, left behind for smart_exposure."""

    def run(pilots: list[dict[str, Any]], studies: list[dict[str, Any]]) -> pd.DataFrame:
        connection = scratch("create schema fault")
        connection.register("pilots", pd.DataFrame(pilots).astype({"city_code": "Int64"}))
        connection.register("studies", pd.DataFrame(studies))
        scratch("create table fault.pilot as select * from lake.pilot limit 0")
        scratch("insert into fault.pilot by name select * from pilots")
        scratch("create or replace view lake.pilot as select * from fault.pilot")
        scratch("create table fault.study_exposure as select * from lake.study_exposure limit 0")
        scratch("insert into fault.study_exposure by name select * from studies")
        scratch("create or replace view lake.study_exposure as select * from fault.study_exposure")
        variants = scratch(good.nodes["int_exposure_variant"].node.compiled_code).df()
        scratch("delete from int_exposure_variant")
        connection.register("variants", variants)
        scratch("insert into int_exposure_variant by name select * from variants")
        return variants

    return run


@pytest.fixture
def exposure(
    good: Any,
    tools: SimpleNamespace,
    compute: Compute,
    scratch: Callable[[str], duckdb.DuckDBPyConnection],
) -> dict[tuple[str, int, int], tuple[float, int, float]]:
    """(study, province, year) -> (pilot units, total units, exposure) of smart_exposure, one study per case."""
    compute(_list(tools.pilot), [{"study": case, **WINDOW, **DEFAULT, **keys} for case, (keys, _) in CASES.items()])
    rows = scratch(good.nodes["smart_exposure"].node.compiled_code).fetchall()
    return {(study, province, year): (pilots, total, share) for study, province, year, pilots, total, share in rows}


def test_every_value_of_every_key_is_covered() -> None:
    for key, spec in Options.model_fields.items():
        # Which pilots, and what the part is called and shows, change nothing of how they are counted.
        if key not in ("programmes", "name", "map"):
            assert {(DEFAULT | keys)[key] for keys, _ in CASES.values()} == set(get_args(spec.annotation))


def test_exposure_by_hand(exposure: dict[tuple[str, int, int], tuple[float, int, float]]) -> None:
    wrong = {}
    for case, (_, expected) in CASES.items():
        for (province, year), (pilots, total) in expected.items():
            found = exposure[case, province, year]
            if found != (pilots, total, pilots / total):
                wrong[case, province, year] = (found, (pilots, total))
    assert wrong == {}


def test_every_province_and_year(exposure: dict[tuple[str, int, int], tuple[float, int, float]]) -> None:
    per_study = {case: [key for key in exposure if key[0] == case] for case in CASES}
    listed = {case: keys for case, keys in per_study.items() if case != "a_programme_nobody_lists"}
    assert all(len(keys) == 31 * 12 for keys in listed.values())
    assert per_study["a_programme_nobody_lists"] == []


def test_designation_is_carried_forward(
    exposure: dict[tuple[str, int, int], tuple[float, int, float]],
) -> None:
    for (study, province, year), (pilots, _, _) in exposure.items():
        if year > 2015:
            before = exposure[study, province, year - 1][0]
            assert pilots == before or (province == SHANGHAI and pilots <= before)
