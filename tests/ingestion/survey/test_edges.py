"""Respondents become edges from the hukou place to the residence, counted exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ingestion import FileReading
from tests.ingestion.survey.conftest import edges, people, reasons

Read = Callable[..., FileReading]
ABROAD: dict[str, Any] = {"C1": "江苏省", "C2": "苏州市", "C3": "昆山市", "q101l1": 1.0}
ZHEJIANG = {"name": "zj", "level": "county", "province": 330000}


@pytest.mark.parametrize("name", ["cmds.dta", "cmds.sav"])
def test_the_edge_runs_from_the_hukou_place_to_the_residence(read_survey: Read, name: str) -> None:
    reading = read_survey(people({}, {}, ABROAD), name)
    assert edges(reading) == {(330100, 330200): 2.0, (330100, 320500): 1.0}
    flow = reading.tables["flow"].to_pandas()
    assert list(flow["rows"]) == [1, 2]
    assert set(flow["unit"]) == {"persons"} and set(flow["period_first"]) == {"2017"}
    assert set(flow["direction"]) == {"both"}
    assert reading.source_file["rows_loaded"] == 3 and reading.rejected_row == []


@pytest.mark.parametrize(
    ("printed", "province", "city"),
    [
        ("临夏州", "甘肃省", 622900),
        ("博州", "新疆维吾尔自治区", 652700),
        ("凉山州", "四川省", 513400),
        ("克孜勒苏柯尔克孜自治", "新疆", 653000),
        ("黔东南州苗族侗族自治", "贵州省", 522600),
        ("哈密地区", "新疆维吾尔自治区", 650500),
        ("林芝地区", "西藏自治区", 540400),
        ("杨凌示范区", "陕西省", 610400),
        ("抚远市", "黑龙江省", 230800),
        ("绥芬河市", "黑龙江省", 231000),
        ("市辖区", "北京市", 110000),
        ("朝阳区", "北京市", 110000),
        ("北京市", "北京市", 110000),
    ],
)
def test_the_surveys_own_names_of_prefectures(read_survey: Read, printed: str, province: str, city: int) -> None:
    reading = read_survey(people({"C1": province, "C2": printed, "C3": "", "q101l1": 1.0}))
    assert edges(reading) == {(330100, city): 1.0}


def test_a_unit_directly_under_a_province_is_named_by_its_county(read_survey: Read) -> None:
    there = {"C1": "湖北省", "C2": "省直辖县级行政区划", "q101l1": 1.0}
    reading = read_survey(people({**there, "C3": "仙桃市"}, {**there, "C3": ""}))
    assert edges(reading) == {(330100, 429004): 1.0}
    assert reasons(reading) == [(2, "survey_residence_missing")]


@pytest.mark.parametrize(
    ("code", "origin"),
    [
        ("330106", 330100),
        ("3301", 330100),
        ("330100", 330100),
        ("110105", 110000),  # 1101 and 1102 are Beijing's districts and counties
        ("110228", 110000),
        ("1102", 110000),
        ("500101", 500000),
        ("429004", 429004),
        ("341402", 340100),  # 居巢区, of 巢湖 until 2011
        ("652201", 650500),  # 哈密市 of 哈密地区 until 2016
        ("330199", 330100),  # no county, but four digits of a prefecture
    ],
)
def test_register_codes_of_any_year_and_length(read_survey: Read, code: str, origin: int) -> None:
    there = {"C1": "江苏省", "C2": "苏州市", "C3": "昆山市", "q101l1": 1.0, "q101j1a": code}
    assert edges(read_survey(people(there))) == {(origin, 320500): 1.0}


def test_codes_stored_as_numbers_mean_the_same(read_survey: Read) -> None:
    frame = people({}, ABROAD)
    expected = edges(read_survey(frame))
    frame["q101j1a"] = frame["q101j1a"].astype(float)
    frame["newID"] = [7.0, 8.0]
    frame["q101l1"] = ["2", "1"]
    reading = read_survey(frame)
    assert edges(reading) == expected
    assert list(reading.tables["respondent"].to_pandas()["respondent"]) == ["7", "8"]


def test_upper_case_variables_of_other_waves_are_found(read_survey: Read) -> None:
    frame = people({}).rename(columns=str.upper)
    assert edges(read_survey(frame)) == {(330100, 330200): 1.0}


def test_residence_by_code(read_survey: Read) -> None:
    frame = people({}, {}).assign(place=["330212", "33"])
    fields = {"respondent": "newID", "hukou_code": "q101j1a", "scope": "q101l1", "residence_code": "place"}
    reading = read_survey(frame, fields=fields)
    assert edges(reading) == {(330100, 330200): 1.0}
    assert reasons(reading) == [(2, "survey_residence")]


def test_weights_are_added_up_only_when_declared(read_survey: Read) -> None:
    frame = people({"w_l": 0.1}, {"w_l": 0.2}, {"w_l": 0.7}, {"w_l": 0.0})
    networks = [{"name": "cmds"}, {"name": "heavy", "weight": "w_l"}]
    reading = read_survey(frame, networks=networks)
    assert edges(reading) == {(330100, 330200): 3.0}
    assert edges(reading, "heavy") == {(330100, 330200): pytest.approx(1.0)}
    assert reasons(reading) == [(4, "survey_weight")]
    assert edges(read_survey(frame)) == {(330100, 330200): 4.0}


def test_the_networks_may_have_the_units_of_another_year(read_survey: Read) -> None:
    # 莱芜 371200 was merged into 济南 in 2019; the answer of 2017 is checked against the units of 2017.
    person = {"C1": "山东省", "C2": "济南市", "C3": "历下区", "q101j1a": "371202", "q101l1": 2.0}
    assert edges(read_survey(people(person))) == {(371200, 370100): 1.0}
    other = {**person, "C2": "青岛市", "C3": "市南区"}
    reading = read_survey(people(person, other), codes_year=2020)
    assert edges(reading) == {(370100, 370200): 1.0}
    assert reasons(reading) == [(0, "survey_within_unit")]


def test_counties_of_one_province(read_survey: Read) -> None:
    within = {"C2": "杭州市", "C3": "余杭区", "q101l1": 3.0}
    outside = {"q101j1a": "340102", "q101l1": 1.0}
    reading = read_survey(people({}, within, outside), networks=[{"name": "cmds"}, ZHEJIANG])
    assert edges(reading) == {(330100, 330200): 1.0, (340100, 330200): 1.0}
    # Within one prefecture there is no edge of prefectures, and that is said.
    (note,) = reading.rejected_row
    assert note["code"] == "survey_within_unit" and "cmds: ≈ 1" in note["reason"]
    assert edges(reading, "zj") == {(330106, 330212): 1.0, (330106, 330110): 1.0}
    assert reading.source_file["rows_loaded"] == 3


def test_an_unknown_county_is_refused_only_where_counties_are_needed(read_survey: Read) -> None:
    frame = people({"C3": ""}, {"q101j1a": "3301"}, {})
    assert read_survey(frame).rejected_row == []
    reading = read_survey(frame, networks=[ZHEJIANG])
    assert reasons(reading) == [(1, "survey_county"), (2, "survey_county")]
    assert edges(reading, "zj") == {(330106, 330212): 1.0}


def test_the_order_of_records_makes_no_difference(read_survey: Read) -> None:
    rng = np.random.default_rng(3)
    frame = people(
        *[{"w_l": float(w)} for w in rng.random(200)], *[{**ABROAD, "w_l": float(w)} for w in rng.random(99)]
    )
    networks = [{"name": "cmds"}, {"name": "heavy", "weight": "w_l"}]
    first = read_survey(frame, networks=networks, small_cells=5).tables["flow"]
    shuffled = frame.sample(frac=1, random_state=1)
    assert read_survey(shuffled, networks=networks, small_cells=5).tables["flow"].equals(first)
    assert edges(read_survey(frame)) == {(330100, 320500): 99.0, (330100, 330200): 200.0}


def test_files_longer_than_a_piece_are_read_whole(read_survey: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.readers.persons.survey.files._PIECE_ROWS", 100)
    for size in (199, 200, 201):
        frame = pd.concat([people({}, times=size), people(ABROAD)], ignore_index=True)
        frame["newID"] = [f"p{number}" for number in range(len(frame))]
        assert edges(read_survey(frame)) == {(330100, 330200): float(size), (330100, 320500): 1.0}
