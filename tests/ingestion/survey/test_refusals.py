"""What is wrong with a respondent or a file is said, counted and never guessed away."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from pydantic import ValidationError

from ingestion import FileReading
from ingestion.readers.persons.survey import files, respondents
from tests.ingestion.conftest import declared
from tests.ingestion.survey.conftest import edges, people, reasons, survey

Read = Callable[..., FileReading]
WITHIN: dict[str, Any] = {"C2": "杭州市", "C3": "余杭区"}
ABROAD: dict[str, Any] = {"C1": "江苏省", "C2": "苏州市", "C3": "昆山市"}
HUBEI = {"C1": "湖北省", "C2": "省直辖县级行政区划", "C3": "潜江市", "q101j1a": "429004"}
BEIJING = {"C1": "北京市", "C2": "市辖区", "C3": "朝阳区", "q101j1a": "110101"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"newID": ""}, "survey_id_missing"),
        ({"q101j1a": ""}, "survey_origin_missing"),
        ({"q101j1a": "33010a"}, "survey_origin"),
        ({"q101j1a": "33010"}, "survey_origin"),
        ({"q101j1a": "340000"}, "survey_origin_coarse"),
        ({"q101j1a": "34"}, "survey_origin_coarse"),
        ({"q101j1a": "339901"}, "unknown_place"),
        ({"q101j1a": "341400"}, "split_place"),
        ({"C1": ""}, "survey_residence_missing"),
        ({"C2": ""}, "survey_residence_missing"),
        ({"C1": "浙东省"}, "unknown_place"),
        ({"C2": "宁坡市"}, "unknown_place"),
        ({"C2": "苏州市"}, "unknown_place"),
        ({"C1": "北京市", "C2": "鄞州区"}, "unknown_place"),
        ({"q101l1": np.nan}, "survey_scope"),
        ({"q101l1": 4.0}, "survey_scope"),
        ({"q101l1": 1.0}, "survey_scope_contradicted"),
        ({"q101l1": 3.0}, "survey_scope_contradicted"),
        ({**WITHIN, "q101l1": 2.0}, "survey_scope_contradicted"),
        ({**WITHIN, "q101l1": 1.0}, "survey_scope_contradicted"),
        ({**WITHIN, "C3": "西湖区", "q101l1": 3.0}, "survey_scope_contradicted"),
        ({**ABROAD, "q101l1": 2.0}, "survey_scope_contradicted"),
        ({**ABROAD, "q101l1": 3.0}, "survey_scope_contradicted"),
        ({**BEIJING, "q101l1": 1.0}, "survey_scope_contradicted"),
        ({**BEIJING, "C3": "东城区", "q101l1": 3.0}, "survey_scope_contradicted"),
    ],
)
def test_a_wrong_respondent_is_refused_and_the_others_are_not(
    read_survey: Read, change: dict[str, Any], code: str
) -> None:
    reading = read_survey(people({}, change, {}))
    assert reasons(reading) == [(2, code)]
    assert edges(reading) == {(330100, 330200): 2.0}
    counts = reading.source_file
    assert (counts["rows_loaded"], counts["rows_rejected"], counts["rows_set_aside"]) == (2, 1, 0)


@pytest.mark.parametrize(
    "change",
    [
        {**WITHIN, "q101l1": 3.0},
        {**ABROAD, "q101l1": 1.0},
        # Where the code lists have no prefecture, both answers are true.
        {**BEIJING, "q101l1": 2.0},
        {**BEIJING, "q101l1": 3.0},
        {**HUBEI, "q101l1": 2.0},
        {**HUBEI, "q101l1": 3.0},
        # 闸北 was merged into 静安 in 2015: registered in the one, living in the other.
        {"C1": "上海市", "C2": "市辖区", "C3": "静安区", "q101j1a": "310108", "q101l1": 3.0},
    ],
)
def test_a_true_answer_is_not_contradicted(read_survey: Read, change: dict[str, Any]) -> None:
    counts = read_survey(people(change)).source_file
    assert (counts["rows_loaded"], counts["rows_rejected"]) == (1, 0)


@pytest.mark.parametrize("code", ["810000", "820000", "710000", "990000", "81"])
def test_people_registered_outside_the_mainland_are_set_aside(read_survey: Read, code: str) -> None:
    counts = read_survey(people({}, {"q101j1a": code})).source_file
    assert (counts["rows_loaded"], counts["rows_rejected"], counts["rows_set_aside"]) == (1, 0, 1)


def test_records_with_one_id_are_all_refused(read_survey: Read) -> None:
    reading = read_survey(people({"newID": "a"}, {}, {"newID": "a"}))
    assert reasons(reading) == [(1, "survey_id_repeated"), (3, "survey_id_repeated")]
    assert edges(reading) == {(330100, 330200): 1.0}


def test_refusals_are_counted_and_listed_in_private_only(read_survey: Read) -> None:
    reading = read_survey(people(*[{"q101j1a": ""}] * 8, *[{"q101l1": 9.0}] * 5, {}))
    told = [(record["code"], record["raw"]) for record in reading.rejected_row]
    assert told == [
        ("survey_origin_missing", ""),
        ("survey_scope", ""),
        ("survey_refused", "8"),
        ("survey_refused", "5"),
    ]
    assert "survey_origin_missing" in reading.rejected_row[2]["reason"]
    assert [row for row, _ in reasons(reading)] == list(range(1, 14))


def test_a_wave_without_the_county_of_registration_is_refused_with_the_reason(read_survey: Read) -> None:
    reading = read_survey(people({}), fields="cmds_2016", wave=2016)
    assert reasons(reading) == [(0, "survey_no_edges")]
    (record,) = reading.rejected_row
    assert "Q101J1" in record["reason"] and "省份" in record["reason_zh"]


def test_a_missing_or_doubled_variable_refuses_the_file(read_survey: Read) -> None:
    reading = read_survey(people({}).drop(columns=["q101l1", "C2"]))
    assert reasons(reading) == [(0, "survey_field")] * 2
    said = [record["reason"] for record in reading.rejected_row]
    assert "variable q101l1 for the field scope" in said[0] and "C2 for the field residence_prefecture" in said[1]
    doubled = people({}).rename(columns={"C1": "c1"}).assign(**{"q101L1": 1.0}).rename(columns={"q101l1": "Q101L1"})
    assert reasons(read_survey(doubled)) == [(0, "survey_field")]


def test_a_variable_that_is_no_place_refuses_the_file_quickly(
    read_survey: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(respondents, "MOST_UNKNOWN", 3)
    codes = [{"q101j1a": f"3399{number:02d}"} for number in range(4)]
    assert reasons(read_survey(people(*codes))) == [(0, "survey_places")]
    assert "q101j1a" in read_survey(people(*codes)).rejected_row[0]["reason"]
    assert len(reasons(read_survey(people(*codes[:3])))) == 3
    monkeypatch.setattr(respondents, "MOST_TEXTS", 2)
    assert reasons(read_survey(people(*codes[:2]))) == [(0, "survey_places")]


@pytest.mark.parametrize("name", ["cmds.dta", "cmds.sav"])
@pytest.mark.parametrize("damage", ["header", "half", "text", "empty", "zeros"])
def test_a_damaged_file_is_refused(read_survey: Read, tmp_path: Path, name: str, damage: str) -> None:
    path = tmp_path / f"whole{Path(name).suffix}"
    (pyreadstat.write_dta if path.suffix == ".dta" else pyreadstat.write_sav)(people({}, times=50), str(path))
    whole = path.read_bytes()
    content = {
        "header": b"\xff" * 40 + whole[40:],
        "half": whole[: len(whole) // 2],
        "text": "地区,2024年\n".encode() * 20,
        "empty": b"",
        "zeros": bytes(4096),
    }[damage]
    reading = read_survey(content, name)
    assert reading.source_file["status"] == "refused"
    assert {code for _, code in reasons(reading)} <= {"unreadable", "empty_file"}
    assert all(record["reason"] and record["reason_zh"] for record in reading.rejected_row)


def test_a_file_without_respondents_is_refused(read_survey: Read) -> None:
    assert reasons(read_survey(people({}).iloc[:0].astype({"newID": "str"}))) == [(0, "empty_file")]


@pytest.mark.parametrize(("limit", "value"), [("FILE_BYTES", 100), ("RESPONDENTS", 2), ("TEXT_BYTES", 10)])
def test_too_large_a_file_is_refused(
    read_survey: Read, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(files, limit, value)
    assert reasons(read_survey(people({}, {}, {}))) == [(0, "beyond_limits")]


def stata(frame: pd.DataFrame, version: int, long: list[str] | None = None, order: str = "<") -> bytes:
    stream = io.BytesIO()
    options: dict[str, Any] = {"byteorder": order, "convert_strl": long or []}
    frame.to_stata(stream, write_index=False, version=version, **options)  # type: ignore[call-overload]
    return stream.getvalue()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("version", [117, 118, 119])
def test_long_texts_are_read_and_too_long_ones_are_refused(
    read_survey: Read, version: int, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = people({}, {})
    frame[["C1", "C2", "C3", "q101j1b"]] = [["330000", "330200", "330212", "x" * 9000]] * 2
    frame["C1"] = "Zhejiang"
    # A long text in a variable that is not read harms nobody only while none is read that could repeat it.
    reading = read_survey(stata(frame, version, ["q101j1b"], order))
    assert edges(reading) == {(330100, 330200): 2.0}
    short = frame.assign(q101j1b="y")
    assert edges(read_survey(stata(short, version, ["C2"], order))) == {(330100, 330200): 2.0}
    assert reasons(read_survey(stata(frame, version, ["C2", "q101j1b"], order))) == [(0, "beyond_limits")]


def test_a_damaged_list_of_long_texts_is_refused(read_survey: Read) -> None:
    content = stata(people({}).assign(C1="Zhejiang", C2="Ningbo", C3="", q101j1b=""), 118, ["C2"])
    reading = read_survey(content.replace(b"<strls>GSO", b"<strls>GSX"))
    assert reasons(reading) == [(0, "unreadable")]
    assert files.LONGEST_TEXT < 2**16


def test_old_files_in_gbk_are_decoded(read_survey: Read) -> None:
    frame = people({}, {"C3": "余杭区"})
    text = frame.select_dtypes(exclude="number").columns
    disguised = frame.assign(**{n: [v.encode("gbk").decode("latin-1") for v in frame[n]] for n in text})
    content = stata(disguised, 117)
    assert edges(read_survey(content)) == {(330100, 330200): 2.0}
    assert edges(read_survey(content, encoding="gb18030")) == {(330100, 330200): 2.0}
    reading = read_survey(content, encoding="utf-8")
    assert reasons(reading) == [(0, "declared_encoding")]


@pytest.mark.parametrize(
    "keys",
    [
        {"fields": "cmds_1999"},
        {"fields": {"respondent": "a", "hukou_code": "b", "scope": "c"}},
        {"fields": {"respondent": "a", "hukou_code": "a", "scope": "c", "residence_code": "d"}},
        {"networks": []},
        {"networks": [{"name": "a"}, {"name": "a"}]},
        {"networks": [{"name": "a", "level": "county"}]},
        {"networks": [{"name": "a", "province": 330100}]},
        {"networks": [{"name": "a", "weight": "w"}]},
        {"networks": [{"name": "a b"}]},
        {"small_cells": -1},
        {"waves": 2017},
    ],
)
def test_a_wrong_declaration_is_an_error(keys: dict[str, Any]) -> None:
    survey()
    with pytest.raises(ValidationError):
        survey(**keys)


def test_a_weighted_network_needs_a_weight_and_a_county_network_a_county() -> None:
    fields = {
        "respondent": "a",
        "hukou_code": "b",
        "scope": "c",
        "residence_province": "d",
        "residence_prefecture": "e",
    }
    survey(fields=fields)
    for network in ({"name": "n", "weight": "w_l"}, {"name": "n", "level": "county", "province": 330000}):
        with pytest.raises(ValidationError):
            survey(fields=fields, networks=[network])


def test_layout_and_declaration_go_together() -> None:
    with pytest.raises(ValidationError, match="go together"):
        declared(layout="cmds")
    with pytest.raises(ValidationError, match="go together"):
        declared(survey={"wave": 2017, "fields": "cmds_2017"})


@pytest.mark.parametrize("suffix", [".dta", ".sav"])
def test_bytes_changed_anywhere_never_stop_the_reader(read_survey: Read, tmp_path: Path, suffix: str) -> None:
    rng = np.random.default_rng(11)
    path = tmp_path / f"whole{suffix}"
    (pyreadstat.write_dta if suffix == ".dta" else pyreadstat.write_sav)(people({}, times=20), str(path))
    whole = path.read_bytes()
    outcomes = set()
    for _ in range(60):
        content = bytearray(whole)
        for place in rng.integers(0, rng.choice([60, 600, len(whole)]), 4):
            content[place] = rng.integers(0, 256)
        reading = read_survey(bytes(content), f"cmds{suffix}")
        outcomes.add(reading.source_file["status"])
        assert reading.source_file["status"] == "loaded" or reading.rejected_row
    assert outcomes == {"loaded", "partial", "refused"}


@pytest.mark.parametrize("name", ["cmds.dta", "cmds.sav"])
def test_labels_are_never_taken_for_codes_nor_codes_for_numbers(
    read_survey: Callable[..., FileReading], tmp_path: Path, name: str
) -> None:
    """Residences by number are read by their labels; a weight or a register code that was encoded is refused."""

    def labelled(frame: pd.DataFrame, labels: dict[str, dict[int, str]]) -> bytes:
        path = tmp_path / f"made_{name}"
        write = pyreadstat.write_dta if name.endswith(".dta") else pyreadstat.write_sav
        write(frame, str(path), variable_value_labels=labels)
        return path.read_bytes()

    # 11 is the code of 北京, and here the place of 浙江省 in a list.
    by_number = labelled(people({"C1": 11.0}), {"C1": {11: "浙江省"}})
    assert reasons(read_survey(by_number, name)) == [] and edges(read_survey(by_number, name)) == {
        (330100, 330200): 1.0
    }
    encoded = labelled(people({"w_l": 1.0}, {"w_l": 2.0}), {"w_l": {1: "0.75", 2: "1.5"}})
    assert reasons(read_survey(encoded, name)) == [(0, "encoded_figures")]
    for labels in ({1: "330106", 2: "330102"}, {1: "杭州市西湖区", 2: "杭州市上城区"}):
        code = labelled(people({"q101j1a": 1.0}, {"q101j1a": 2.0}), {"q101j1a": labels})
        [(_, reason)] = reasons(read_survey(code, name))
        assert reason in {"encoded_figures", "labelled_codes"}
        assert "q101j1a" in read_survey(code, name).rejected_row[0]["reason"]
