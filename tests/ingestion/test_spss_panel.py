"""Panels from SPSS and Stata files: labels of names only, missing values, damaged files; text in any encoding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from ingestion import FileReading
from tests.ingestion.conftest import SHORT, codes

Read = Callable[..., FileReading]
DECLARED: dict[str, Any] = {
    "layout": "long_panel",
    "entity_column": "prov",
    "year_column": "year",
    "columns": {"gdp": {"indicator": "gdp", "unit": "亿元"}},
}


def frame(**columns: Any) -> pd.DataFrame:
    base = {"prov": SHORT, "year": [2019.0] * 31, "gdp": [1000.5 + i for i in range(31)]}
    return pd.DataFrame({**base, **columns})


@pytest.fixture
def sav(tmp_path: Path) -> Callable[..., bytes]:
    def write(data: pd.DataFrame, **keys: Any) -> bytes:
        path = tmp_path / "made.sav"
        pyreadstat.write_sav(data, str(path), **keys)
        return path.read_bytes()

    return write


def test_a_panel_from_spss(read: Read, sav: Callable[..., bytes]) -> None:
    reading = read(sav(frame()), "a.sav", **DECLARED)
    assert codes(reading) == set()
    assert reading.source_file["encoding"] == "UTF-8"
    first = reading.observation[0]
    assert (first["cell"], first["entity_code"], first["year"], first["raw"]) == ("1:gdp", 110000, 2019, "1000.5")
    assert len(reading.observation) == 31


def test_compressed_too(read: Read, tmp_path: Path) -> None:
    pyreadstat.write_sav(frame(), str(tmp_path / "made.zsav"), compress=True)
    assert len(read((tmp_path / "made.zsav").read_bytes(), "a.zsav", **DECLARED).observation) == 31


def test_value_labels_name_the_units_and_nothing_else(read: Read, sav: Callable[..., bytes]) -> None:
    labels = {"prov": {float(i): name for i, name in enumerate(SHORT)}, "gdp": {1000.5: "low"}}
    content = sav(frame(prov=[float(i) for i in range(31)]), variable_value_labels=labels)
    reading = read(content, "a.sav", **DECLARED)
    assert codes(reading) == set()
    assert reading.observation[30]["entity_code"] == 650000
    assert reading.observation[0]["raw"] == "1000.5", "a label of a figure is no figure"


def test_missing_values_are_missing(read: Read, sav: Callable[..., bytes]) -> None:
    gdp = [np.nan, -9.0, *(1000.5 + i for i in range(29))]
    reading = read(sav(frame(gdp=gdp), missing_ranges={"gdp": [-9.0]}), "a.sav", **DECLARED)
    assert codes(reading) == set()
    assert [r["cell"] for r in reading.missing_cell] == ["1:gdp", "2:gdp"]


def test_a_damaged_file_is_refused(read: Read, sav: Callable[..., bytes]) -> None:
    assert codes(read(sav(frame())[:200], "a.sav", **DECLARED)) == {"unreadable"}
    assert codes(read(b"no spss file at all", "a.sav", **DECLARED)) == {"unreadable"}


def test_cities_from_stata_with_labels_of_city_and_province(read: Read, tmp_path: Path) -> None:
    data = pd.DataFrame({
        "city": pd.Categorical(["石家庄市", "吉林"]), "prov": pd.Categorical(["河北", "吉林"]),
        "year": [2017, 2017], "index": [200.5, 190.25],
    })  # fmt: skip
    data.to_stata(tmp_path / "made.dta", write_index=False, version=118)
    keys = {
        **DECLARED,
        "entity_column": "city",
        "panel": {"entity_level": "city", "province_column": "prov"},
        "columns": {"index": {"indicator": "digital_finance_index", "unit": "指数点"}},
    }
    reading = read((tmp_path / "made.dta").read_bytes(), "a.dta", **keys)
    assert {r["entity_code"]: r["value"] for r in reading.observation} == {130100: 200.5, 220200: 190.25}


LONG = "prov,year,gdp\n" + "".join(f"{name},2019,{1000 + i}\n" for i, name in enumerate(SHORT))
WIDE = "地区,2018,2019\n" + "".join(f"{name},{1000 + i},{1100 + i}\n" for i, name in enumerate(SHORT))
WIDE_MAPPING = {
    "name": "m.yaml",
    "tables": [
        {
            "regions": {"down": "地区"},
            "years": {"across": r"(\d{4})"},
            "columns": [{"indicator": "gdp", "unit": "亿元"}],
        }
    ],
}


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_long_and_wide_panels_in_every_encoding(read: Read, encoding: str) -> None:
    long = read(LONG.encode(encoding), "long.csv", **DECLARED)
    wide = read(WIDE.encode(encoding), "wide.csv", layout="mapped", mapping=WIDE_MAPPING)
    declared = read(WIDE.encode(encoding), "plain.csv", indicator="gdp", unit="亿元")
    found = {"gbk": "gb18030"}.get(encoding, encoding)
    for reading, figures in ((long, 31), (wide, 62), (declared, 62)):
        assert (codes(reading), len(reading.observation)) == (set(), figures)
        assert reading.source_file["encoding"] == found
    assert {r["value"] for r in wide.observation} == {r["value"] for r in declared.observation}


def test_bytes_of_no_declared_encoding_are_refused(read: Read) -> None:
    assert codes(read(LONG.encode("gb18030"), "long.csv", encoding="utf-8", **DECLARED)) == {"declared_encoding"}
