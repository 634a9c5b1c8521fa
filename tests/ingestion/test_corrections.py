"""Corrections: applied to the cell and the text they name, or reported and not applied."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from catalog import Sources, load_registry
from catalog.base import CatalogError
from catalog.declarations.corrections import Correction
from ingestion import FileReading, read_file
from ingestion.build.corrections import apply_corrections
from ingestion.build.lake import build_lake
from ingestion.schemas import SCHEMAS, SHOWN
from tests.ingestion.conftest import declared, nbs_text

NAME = "指标.csv"
# Beijing 2014 is a number, Tianjin 2014 a text, Hebei 2014 empty; Shanxi 2014 is implausible.
CELLS = {(1, 0): "88.6 92.3", (2, 0): "", (3, 0): "9999999"}


def correction(**keys: Any) -> Correction:
    """A correction of Tianjin 2014, cell B6."""
    given = {
        "file": NAME, "cell": "B6", "province_code": 120000, "year": 2014, "indicator": "gdp", "expect": "88.6 92.3",
        "value": Decimal("1010.5"), "reason": "r", "source": "s", "status": "open",
    }  # fmt: skip
    return Correction(**{**given, **keys})


def reading_of(tmp_path: Path, indicator: str = "地区生产总值(亿元)") -> FileReading:
    (tmp_path / NAME).write_bytes(nbs_text(indicator, cells=CELLS).encode("gbk"))
    return read_file(tmp_path, tmp_path / NAME, declared(), load_registry())


def figure(reading: FileReading, cell: str) -> dict[str, Any] | None:
    return next((record for record in reading.observation if record["cell"] == cell), None)


@pytest.mark.parametrize(
    ("keys", "lost"),
    [
        ({}, {"cells_rejected": -1}),
        ({"cell": "B7", "province_code": 130000, "expect": ""}, {"cells_missing": -1}),
        ({"cell": "B8", "province_code": 140000, "expect": "9999999"}, {"cells_rejected": -1}),
        ({"cell": "B5", "province_code": 110000, "expect": "1000.5"}, {"cells_loaded": -1}),
    ],
)
def test_refused_missing_and_loaded_cells_can_be_corrected(
    tmp_path: Path, keys: dict[str, Any], lost: dict[str, int]
) -> None:
    reading = reading_of(tmp_path)
    before = dict(reading.source_file)
    [record] = apply_corrections([reading], [correction(**keys)], load_registry())
    assert (record["state"], record["found"]) == ("applied", record["expected"])
    corrected = figure(reading, record["cell"])
    assert corrected is not None
    assert (corrected["value"], corrected["status"], corrected["raw"]) == (1010.5, "corrected", record["expected"])
    assert set(corrected) == set(SCHEMAS["observation"].names)
    for name, change in ({"cells_loaded": 1} | {k: v + (k == "cells_loaded") for k, v in lost.items()}).items():
        assert reading.source_file[name] == before[name] + change, name
    everywhere = [*reading.missing_cell, *reading.rejected_row, *reading.refused_cell]
    assert record["cell"] not in {r["cell"] for r in everywhere}
    assert sum(r["status"] == "corrected" for r in reading.observation) == 1


def test_the_value_is_in_the_unit_the_file_prints(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, "医疗卫生机构诊疗人次数(亿人次)")
    keys = {"indicator": "outpatient_visits", "value": Decimal("7.05")}
    apply_corrections([reading], [correction(**keys)], load_registry())
    corrected = figure(reading, "B6")
    assert corrected is not None
    assert (corrected["value"], corrected["unit"], corrected["raw_unit"]) == (70500.0, "万人次", "亿人次")


@pytest.mark.parametrize(
    ("keys", "state", "found"),
    [
        ({"expect": "88.6"}, "stale", "88.6 92.3"),
        ({"expect": ""}, "stale", "88.6 92.3"),
        ({"year": 2013}, "stale", "88.6 92.3 (120000 2014 gdp)"),
        ({"province_code": 130000}, "stale", "88.6 92.3 (120000 2014 gdp)"),
        ({"indicator": "land_area"}, "stale", "88.6 92.3 (120000 2014 gdp)"),
        ({"cell": "Z99"}, "unused", None),
        ({"sheet": "Sheet1"}, "unused", None),
        ({"file": "b.csv"}, "unused", None),
    ],
)
def test_a_correction_that_does_not_fit_changes_nothing(
    tmp_path: Path, keys: dict[str, Any], state: str, found: str | None
) -> None:
    reading, untouched = reading_of(tmp_path), reading_of(tmp_path)
    [record] = apply_corrections([reading], [correction(**keys)], load_registry())
    assert (record["state"], record["found"]) == (state, found)
    assert reading == untouched


def test_an_implausible_correction_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"指标.csv  B6: 9999999 亿元 .* outside the plausible range"):
        apply_corrections([reading_of(tmp_path)], [correction(value=Decimal(9999999))], load_registry())


def test_a_stale_correction_is_not_checked_for_its_value(tmp_path: Path) -> None:
    stale = correction(value=Decimal(9999999), expect="1")
    assert apply_corrections([reading_of(tmp_path)], [stale], load_registry())[0]["state"] == "stale"


def test_a_row_is_loaded_again_once_a_figure_of_it_is_corrected(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(nbs_text(cells={(1, 0): "不详", (1, 1): "不详"}).encode("gbk"))
    reading = read_file(tmp_path, tmp_path / NAME, declared(), load_registry())
    assert (reading.source_file["rows_loaded"], reading.source_file["rows_rejected"]) == (30, 1)
    apply_corrections([reading], [correction(expect="不详")], load_registry())
    assert (reading.source_file["rows_loaded"], reading.source_file["rows_rejected"]) == (31, 0)
    assert [r["cell"] for r in reading.rejected_row] == ["C6"]


def build(tmp_path: Path, corrections: list[Correction], lake: str = "lake", sources: Sources | None = None) -> Any:
    (tmp_path / lake).mkdir(exist_ok=True)
    lines: list[str] = []
    root = tmp_path / "raw"
    summary = build_lake(root, sources or declared(), tmp_path / lake, lines.append, corrections=corrections)
    return summary, lines


def test_the_lake_reports_every_correction_and_reads_no_file_again(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    reading_of(tmp_path / "raw")
    first, _ = build(tmp_path, [])
    assert pd.read_parquet(tmp_path / "lake" / "correction.parquet").empty
    corrections = [correction(), correction(cell="C6", expect="?"), correction(cell="D6")]
    second, lines = build(tmp_path, corrections)
    assert (first.reused, second.reused) == (0, 1), "corrections do not decide how a file is read"
    assert first.inputs_sha256 != second.inputs_sha256
    table = pd.read_parquet(tmp_path / "lake" / "correction.parquet")
    assert dict(zip(table["cell"], table["state"], strict=True)) == {"B6": "applied", "C6": "stale", "D6": "unused"}
    assert table["found"].isna().tolist() == [False, False, True]
    assert sum(line.startswith("correction stale") for line in lines) == 1
    observation = pd.read_parquet(tmp_path / "lake" / "observation.parquet")
    assert set(observation["status"]) == {"reported", "corrected"}
    source = pd.read_parquet(tmp_path / "lake" / "source_file.parquet").iloc[0]
    assert source["cells_loaded"] == len(observation) == 60
    assert source["cells_loaded"] + source["cells_missing"] + source["cells_rejected"] == 62
    build(tmp_path, corrections, "other")
    for name in SHOWN:
        one, two = ((tmp_path / lake / f"{name}.parquet").read_bytes() for lake in ("lake", "other"))
        assert one == two, name
    build(tmp_path, [])
    assert set(pd.read_parquet(tmp_path / "lake" / "observation.parquet")["status"]) == {"reported"}, "nothing sticks"


def test_a_corrected_figure_can_still_contradict_another_file(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    reading_of(tmp_path / "raw")
    (tmp_path / "raw" / "b.csv").write_bytes(nbs_text(cells={(1, 0): "1234.5"}).encode("gbk"))
    build(tmp_path, [correction()])
    rejected = pd.read_parquet(tmp_path / "lake" / "rejected_row.parquet")
    # Hebei and Shanxi 2014 stand in one file only; Tianjin 2014 differs once it is corrected.
    assert list(rejected.loc[rejected["code"] == "conflict", "cell"]) == ["B6", "B6"]
