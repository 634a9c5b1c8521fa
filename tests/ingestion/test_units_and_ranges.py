"""Units a factor off where a range begins at zero, ranges the smallest places fit, confirmed figures."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from catalog import load_provinces, load_registry
from catalog.base import CatalogError
from catalog.declarations.corrections import Correction, load_corrections
from ingestion import FileReading, read_file
from ingestion.build.corrections import apply_corrections
from tests.ingestion.conftest import codes, declared

Read = Callable[..., FileReading]
PANEL: dict[str, Any] = {"layout": "long_panel", "entity_column": "place", "year_column": "year"}
SHARE = {"columns": {"x": {"indicator": "child_management_rate", "unit": "%"}}}
SMALL = {"panel": {"entity_level": "city"}, "columns": {"x": {"indicator": "gdp", "unit": "亿元"}}}


def table(values: list[float]) -> pd.DataFrame:
    """A figure for each of the first provinces, in 2014."""
    places = [province.short_zh for province in load_provinces()][: len(values)]
    return pd.DataFrame({"place": places, "year": 2014, "x": values})


def as_file(frame: pd.DataFrame, suffix: str) -> bytes:
    stream = io.BytesIO()
    if suffix == ".xlsx":
        frame.to_excel(stream, index=False)
    elif suffix == ".dta":
        frame.to_stata(stream, write_index=False, version=118)
    else:
        frame.to_csv(stream, index=False)
    return stream.getvalue()


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".dta"])
def test_shares_declared_as_percent_are_refused_with_the_unit_that_fits(read: Read, suffix: str) -> None:
    content = as_file(table([0.9 + n / 1000 for n in range(31)]), suffix)
    reading = read(content, f"a{suffix}", **PANEL, **SHARE)
    first = next(r for r in reading.rejected_row if r["code"] == "unit_against_values")
    assert reading.source_file["status"] == "refused"
    assert "found 'child_management_rate: 0.915 %'" in first["reason"]
    assert first["reason"].endswith('the values would fit "1"') and first["reason_zh"].endswith('这些数值符合 "1"')
    followed = {"columns": {"x": {"indicator": "child_management_rate", "unit": "1"}}}
    assert {round(r["value"], 6) for r in read(content, f"a{suffix}", **PANEL, **followed).observation} == {
        round(90 + n / 10, 6) for n in range(31)
    }


@pytest.mark.parametrize(
    ("indicator", "unit", "values", "fits"),
    [
        ("technology_market_turnover", "万元", [70.0 + n for n in range(31)], "亿元"),
        ("patent_grants", "件", [2.5 + n / 10 for n in range(31)], "万件"),
        ("inpatient_mortality_rate", "%", [0.004 + n / 1e5 for n in range(31)], "1"),
        ("inpatient_mortality_rate", "‰", [0.4 + n / 100 for n in range(31)], "%"),
        ("hospital_admissions", "人", [300.0 + n for n in range(31)], "万人"),
    ],
)
def test_factors_of_ten_to_ten_thousand(read: Read, indicator: str, unit: str, values: list[float], fits: str) -> None:
    content = as_file(table(values), ".csv")
    reading = read(content, **PANEL, columns={"x": {"indicator": indicator, "unit": unit}})
    assert codes(reading) >= {"unit_against_values"}
    assert not read(content, **PANEL, columns={"x": {"indicator": indicator, "unit": fits}}).rejected_row


@pytest.mark.parametrize(
    ("indicator", "unit", "values"),
    [
        ("patent_grants", "件", [15.0, 20.0]),
        ("patent_grants", "件", [300.0 + n for n in range(31)]),
        ("child_management_rate", "%", [47.0 + n for n in range(31)]),
        ("child_management_rate", "%", [3.5] * 31),
        ("child_management_rate", "%", [0.0] * 31),
    ],
)
def test_small_places_and_figures_no_other_unit_explains_are_let_be(
    read: Read, indicator: str, unit: str, values: list[float]
) -> None:
    rows = table([*values, *[None] * (31 - len(values))])
    reading = read(as_file(rows, ".csv"), **PANEL, columns={"x": {"indicator": indicator, "unit": unit}})
    assert codes(reading) == set()
    assert len(reading.observation) == len(values)


def test_the_smallest_places_fit_their_ranges(read: Read) -> None:
    rows = "place,year,x\n阿里地区,2000,3.2\n果洛藏族自治州,2000,4.8\n玉树藏族自治州,2000,6\n神农架林区,2000,2.9\n"
    assert codes(read(rows, **PANEL, **SMALL)) == set()
    people = {"panel": {"entity_level": "city"}, "columns": {"x": {"indicator": "resident_population", "unit": "万人"}}}
    assert codes(read("place,year,x\n三沙市,2014,0.04\n拉萨市,2014,60\n", **PANEL, **people)) == set()
    wrong = {**people, "columns": {"x": {"indicator": "resident_population", "unit": "人"}}}
    ten = "\n".join(["place,year,x", *(f"{code},2014,{300 + n}" for n, code in enumerate(range(130100, 131200, 100)))])
    assert codes(read(ten, **PANEL, **wrong)) >= {"unit_against_values"}


def test_what_the_message_says_confirms_the_figure(tmp_path: Path, read: Read) -> None:
    """The entry it prints, pasted into the corrections file: the figure is loaded as printed, and stands on record."""
    rows = "place,year,x\n拉萨市,2000,53\n阿里地区,2000,0.32\n"
    reading = read(rows, **PANEL, **SMALL)
    [refused] = [record for record in reading.rejected_row if record["code"] == "implausible"]
    for told in (refused["reason"], refused["reason_zh"]):
        printed = told[told.index("- {") :]
        (tmp_path / "c.yaml").write_text(f"corrections:\n  {printed}\n", encoding="utf-8")
        [correction] = load_corrections(tmp_path / "c.yaml")
        again = read(rows, **PANEL, **SMALL)
        [record] = apply_corrections([again], [correction], load_registry())
        assert (record["state"], record["status"], record["value"], record["found"]) == (
            "applied", "confirmed", 0.32, "0.32",
        )  # fmt: skip
        assert {(r["entity_code"], r["value"], r["status"]) for r in again.observation} == {
            (540100, 53.0, "reported"), (542500, 0.32, "corrected"),
        }  # fmt: skip
        assert again.rejected_row == []


def confirmed(**keys: Any) -> Correction:
    given: dict[str, Any] = {
        "file": "a.csv", "cell": "C3", "city_code": 542500, "year": 2000, "indicator": "gdp", "expect": "0.32",
        "value": "0.32", "reason": "r", "source": "s", "status": "confirmed",
    }  # fmt: skip
    return Correction.model_validate({**given, **keys})


def test_only_what_is_printed_can_be_confirmed(read: Read) -> None:
    reading = read("place,year,x\n拉萨市,2000,53\n阿里地区,2000,0.32\n", **PANEL, **SMALL)
    with pytest.raises(CatalogError, match=r"0\.33 is confirmed, and the cell prints '0\.32'.* / 确认的数值"):
        apply_corrections([reading], [confirmed(value="0.33")], load_registry())
    with pytest.raises(CatalogError, match=r"outside the plausible range .*`status: confirmed` / 超出合理范围"):
        apply_corrections([reading], [confirmed(status="open")], load_registry())
    [stale] = apply_corrections([reading], [confirmed(city_code=None, province_code=540000)], load_registry())
    assert stale["state"] == "stale", "a figure of a province is not that of a city"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"city_code": None}, "either province_code or city_code / "),
        ({"province_code": 540000}, "either province_code or city_code / "),
        ({"city_code": 992500}, "992500 is not a city / "),
    ],
)
def test_a_correction_is_of_one_place(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        confirmed(**keys)


def test_a_workbook_and_a_percentage_are_confirmed_too(tmp_path: Path) -> None:
    frame = table([95.0] * 30 + [101.5])
    (tmp_path / "a.xlsx").write_bytes(as_file(frame, ".xlsx"))
    reading = read_file(tmp_path, tmp_path / "a.xlsx", declared(**PANEL, **SHARE), load_registry())
    [refused] = [record for record in reading.rejected_row if record["code"] == "implausible"]
    keys = yaml.safe_load(refused["reason"][refused["reason"].index("- {") :])[0]
    assert keys["sheet"] == "Sheet1"
    [record] = apply_corrections([reading], [Correction.model_validate(keys)], load_registry())
    assert (record["state"], record["value"]) == ("applied", 101.5)
