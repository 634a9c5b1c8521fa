"""Real files as received, read with the declaration the project ships: rows, years, units, and figures typed by hand.

The files stay outside the project; see tests/conftest.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from catalog import load_registry, load_sources
from catalog.base import PROJECT_DIR
from catalog.corrections import load_corrections
from ingestion import FileReading, build_lake, read_file
from ingestion.schemas import SHOWN
from tests.ingestion.conftest import codes, declared

REAL = PROJECT_DIR / "catalog" / "inputs" / "real.yaml"
CHINAXIV = "province/chinaxiv/ChinaXiv-202207.00083V1.md"
DFIIC = "dfiic/PKU_DFIIC_province.dta"
POPULATION = "province/pengyunlong/population_clustering/清洗后长表.csv"
LAND = "province/pengyunlong/人口域清洗后长表.csv"
BEFORE = "province/bar_chart_race_cn/人口.csv"
PANEL = "province/renjiyi163/panel_stata_ready_v2.csv"


def build(lake: Path, real_data: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDPANEL_REAL_DATA", str(real_data))
        sources, root = load_sources(REAL)
    lake.mkdir()
    corrections = load_corrections(REAL.parent / str(sources.corrections))
    build_lake(root, sources, lake, lambda line: None, corrections=corrections)


@pytest.fixture(scope="module")
def lake(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real") / "lake"
    build(folder, real_data)
    return folder


@pytest.fixture(scope="module")
def tables(lake: Path) -> dict[str, pd.DataFrame]:
    return {name: pd.read_parquet(lake / f"{name}.parquet") for name in SHOWN}


@pytest.fixture(scope="module")
def figures(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    paths = tables["source_file"].set_index("file_id")["path"]
    return tables["observation"].assign(path=tables["observation"]["file_id"].map(paths)).set_index(["path", "cell"])


# path: layout, rows read, loaded, rejected, set aside; cells loaded, missing, rejected.
COUNTS = {
    CHINAXIV: ("html_tables", 33, 32, 0, 1, 320, 0, 0),
    DFIIC: ("long_panel", 403, 403, 0, 0, 403, 0, 0),
    POPULATION: ("long_panel", 776, 775, 0, 1, 2321, 0, 4),
    LAND: ("long_panel", 311, 310, 0, 1, 310, 0, 0),
    BEFORE: ("provinces_across", 21, 20, 0, 1, 620, 0, 0),
    "province/tec_expenditure/分省年度数据_4.csv": ("nbs_export_2026", 36, 31, 0, 5, 434, 31, 0),
    "province/tec_expenditure/分省年度数据_6.csv": ("nbs_export_2026", 36, 31, 0, 5, 434, 31, 0),
}


def test_every_row_and_cell_is_accounted_for(tables: dict[str, pd.DataFrame]) -> None:
    source = tables["source_file"].set_index("path")
    columns = [
        "layout", "rows_read", "rows_loaded", "rows_rejected", "rows_set_aside",
        "cells_loaded", "cells_missing", "cells_rejected",
    ]  # fmt: skip
    assert {path: tuple(row) for path, row in source[columns].iterrows()} == COUNTS
    assert set(source["status"]) == {"loaded"}


# (path, cell): entity, year, indicator, raw text, unit printed, value in the registry's unit; read off the files.
FIGURES = {
    (CHINAXIV, "1:3:2"): (110000, 2010, "child_management_rate", "97.8", "%", 97.8),
    (CHINAXIV, "1:2:4"): (100000, 2012, "child_management_rate", "87.0", "%", 87.0),
    (CHINAXIV, "2:1:3"): (430000, 2011, "child_management_rate", "74.7", "%", 74.7),
    (CHINAXIV, "2:14:11"): (650000, 2019, "child_management_rate", "92.9", "%", 92.9),
    (DFIIC, "1:index_aggregate"): (110000, 2011, "digital_finance_index", "79.41", "指数点", 79.41),
    (DFIIC, "2:index_aggregate"): (110000, 2012, "digital_finance_index", "150.65", "指数点", 150.65),
    (DFIIC, "3:index_aggregate"): (110000, 2013, "digital_finance_index", "215.62", "指数点", 215.62),
    (POPULATION, "D2"): (310000, 2000, "resident_population", "1609.0", "万人", 1609.0),
    (POPULATION, "E3"): (310000, 2001, "urban_population", "1471.84", "万人", 1471.84),
    (POPULATION, "L2"): (310000, 2000, "urban_share", "0.8812492231199504", "1", 88.12492231199504),
    (POPULATION, "D776"): (230000, 2024, "resident_population", "3029.0", "万人", 3029.0),
    (LAND, "I2"): (310000, 2015, "land_area", "8239.0121", "平方公里", 8239.0121),
    (LAND, "I3"): (310000, 2016, "land_area", "8239.0121", "平方公里", 8239.0121),
    (LAND, "I311"): (230000, 2024, "land_area", "452645.0167", "平方公里", 452645.0167),
    (BEFORE, "B2"): (110000, 2019, "resident_population", "2154.0", "万人", 2154.0),
    (BEFORE, "AF2"): (650000, 2019, "resident_population", "2523.0", "万人", 2523.0),
    (BEFORE, "B21"): (110000, 2000, "resident_population", "1364.0", "万人", 1364.0),
}


@pytest.mark.parametrize("place", FIGURES, ids=lambda place: f"{Path(place[0]).parent.name} {place[1]}")
def test_figures_typed_by_hand(figures: pd.DataFrame, place: tuple[str, str]) -> None:
    row = figures.loc[place]
    assert (
        row["entity_code"], row["year"], row["indicator"], row["raw"], row["raw_unit"], row["value"],
    ) == FIGURES[place]  # fmt: skip
    assert row["status"] == "reported"


@pytest.mark.parametrize(
    ("indicator", "vintage", "first", "last", "figures_loaded"),
    [
        ("child_management_rate", "health_yearbooks_2011_2020", 2010, 2019, 310),
        ("digital_finance_index", "dfiic_2011_2023", 2011, 2023, 403),
        ("resident_population", "after_2020_census", 2000, 2024, 775),
        ("resident_population", "before_2020_census", 2000, 2019, 620),
        ("urban_share", "after_2020_census", 2000, 2024, 773),
        ("land_area", "land_survey", 2015, 2024, 310),
    ],
)
def test_years_and_provinces(
    tables: dict[str, pd.DataFrame], indicator: str, vintage: str, first: int, last: int, figures_loaded: int
) -> None:
    rows = tables["observation"].query("indicator == @indicator and vintage == @vintage and entity_level == 'province'")
    assert (rows["year"].min(), rows["year"].max(), len(rows)) == (first, last, figures_loaded)
    assert rows["entity_code"].nunique() == 31


def test_the_study_has_every_reported_figure_it_needs(tables: dict[str, pd.DataFrame]) -> None:
    """31 provinces x 2011-2019 of each, but for the land area, which starts in 2015 and is carried back in dbt/."""
    rows = tables["observation"].query("entity_level == 'province' and 2011 <= year <= 2019")
    pairs = rows.groupby("indicator")[["entity_code", "year"]].apply(lambda group: len(group.drop_duplicates()))
    whole = ("child_management_rate", "digital_finance_index", "gdp", "budget_expenditure", "resident_population")
    assert {name: pairs[name] for name in (*whole, "urban_share")} == dict.fromkeys((*whole, "urban_share"), 279)


def test_the_revised_population_is_preferred(tables: dict[str, pd.DataFrame]) -> None:
    rank = tables["source_file"].set_index("path")["vintage_rank"]
    assert rank[POPULATION] < rank[BEFORE]


def test_the_two_cells_the_scan_spoilt_are_corrected(tables: dict[str, pd.DataFrame], figures: pd.DataFrame) -> None:
    assert tables["correction"][["cell", "state"]].to_numpy().tolist() == [
        ["1:18:11", "applied"],
        ["1:19:11", "applied"],
    ]
    henan, hubei = figures.loc[(CHINAXIV, "1:18:11")], figures.loc[(CHINAXIV, "1:19:11")]
    assert (henan["entity_code"], henan["raw"], henan["value"], henan["status"]) == (410000, "", 88.6, "corrected")
    assert (hubei["entity_code"], hubei["raw"], hubei["value"], hubei["status"]) == (
        420000,
        "88.6 92.3",
        92.3,
        "corrected",
    )
    assert (tables["observation"]["status"] == "corrected").sum() == 2


def test_only_two_figures_of_xizang_are_refused(tables: dict[str, pd.DataFrame]) -> None:
    """Urban shares of 8 and 10 % in 2000 and 2001 with the persons behind them; no study uses those years."""
    rejected = tables["rejected_row"]
    assert set(rejected["code"]) == {"implausible"}
    assert set(rejected["cell"]) == {"E602", "L602", "E603", "L603"}


def test_lake_bytes_are_the_same_every_time(lake: Path, real_data: Path, tmp_path: Path) -> None:
    build(tmp_path / "again", real_data)
    for name in SHOWN:
        one, two = ((folder / f"{name}.parquet").read_bytes() for folder in (lake, tmp_path / "again"))
        assert one == two, name


@pytest.fixture
def received(real_data: Path) -> Callable[..., FileReading]:
    """Read a received file with a declaration of its own."""

    def _received(path: str, **keys: Any) -> FileReading:
        reading = read_file(real_data, real_data / path, declared(**keys), load_registry())
        counts = reading.source_file
        assert counts["rows_read"] == counts["rows_loaded"] + counts["rows_rejected"] + counts["rows_set_aside"]
        return reading

    return _received


def test_one_code_for_two_provinces_is_refused_unless_names_decide(received: Callable[..., FileReading]) -> None:
    reading = received(POPULATION, layout="long_panel", entity_column="省份", year_column="年份", unit="万人")
    assert codes(reading) == {"contradicting_code"}
    assert "cell C477" in reading.source_file["problem"]
    assert "450000.0" in reading.source_file["problem"]


def test_the_fused_header_is_refused_unless_declared(received: Callable[..., FileReading]) -> None:
    keys = {"layout": "html_tables", "tables": [1, 2], "indicator": "child_management_rate", "unit": "%"}
    reading = received(CHINAXIV, **keys)
    assert codes(reading) == {"header_cell"}
    assert "cell 1:1:3" in reading.source_file["problem"]


GDP = {"indicator": "gdp", "unit": "亿元"}
CITIES = {"layout": "long_panel", "entity_column": "pref_name_year18", "year_column": "year"}


@pytest.mark.parametrize(
    ("path", "keys", "layout", "loaded", "cell", "expected"),
    [
        ("province/data-collection/分省年度数据.xls", {}, "nbs_export", 155, "B6", (120000, 2019, 14104.28)),
        ("province/data-collection/分省年度数据.xls", {}, "nbs_export", 155, "F35", (650000, 2015, 9324.8)),
        ("province/tobby-star/分省年度数据.csv", {}, "nbs_export", 769, "Z5", (110000, 1993, 886.21)),
        ("province/tobby-star/分省年度数据.csv", {}, "nbs_export", 769, "B35", (650000, 2017, 10881.96)),
        ("province/eoocl/分省年度数据.csv", GDP, "nbs_export_cut", 124, "C2", (110000, 2022, 41540.9)),
        ("province/itidol-dream/分省年度数据.csv", GDP, "provinces_across", 620, "B2", (110000, 2003, 5267.0)),
        ("province/renjiyi163/分省年度数据.csv", {}, "nbs_export", 589, "T5", (110000, 2006, 8618.9)),
    ],
)
def test_older_exports(
    received: Callable[..., FileReading],
    path: str,
    keys: dict[str, str],
    layout: str,
    loaded: int,
    cell: str,
    expected: tuple[int, int, float],
) -> None:
    reading = received(path, **keys)
    assert (reading.source_file["layout"], len(reading.observation)) == (layout, loaded)
    assert {r["code"] for r in reading.rejected_row} <= {"implausible"}, "the smallest provinces of the 1990s"
    found = next(r for r in reading.observation if r["cell"] == cell)
    assert (found["entity_code"], found["year"], found["value"]) == expected


@pytest.mark.parametrize(
    ("path", "keys", "code"),
    [
        ("province/data-collection/主要城市年度数据.xls", {}, "unknown_province"),
        ("province/eoocl/分省年度数据.csv", {}, "no_indicator"),
        ("province/renjiyi163/一般公共预算等.xls", {}, "no_layout"),
        ("province/tec_expenditure/分省年度数据.csv", GDP, "no_layout"),
        ("province/mingminm/数字经济指标各省面板数据.xlsx", {}, "no_layout"),
        ("province/renjiyi163/分省年度数据 (1).csv", {}, "unknown_indicator"),
        ("dfiic/PKU_DFIIC_city.dta", CITIES, "unknown_province"),
        ("province/wangmeng0734/raw_data.csv", {"layout": "long_panel"}, "panel_columns"),
    ],
)  # fmt: skip
def test_files_of_other_layouts_are_refused_with_a_reason(
    received: Callable[..., FileReading], path: str, keys: dict[str, Any], code: str
) -> None:
    reading = received(path, **keys)
    assert code in codes(reading)
    assert reading.source_file["status"] == "refused"
    assert path in reading.source_file["problem"]


def test_the_panel_of_mixed_sample_counts_can_be_declared(received: Callable[..., FileReading]) -> None:
    """That its population is wrong is for the checks of expectations/ to find, not for its name."""
    keys = {"layout": "long_panel", "entity_column": "province", "year_column": "year", "other_columns": "set_aside"}
    reading = received(PANEL, columns={"gdp": GDP}, **keys)
    assert codes(reading) == set()
    assert (len(reading.observation), len(reading.missing_cell)) == (589, 31)
    beijing = next(r for r in reading.observation if r["cell"] == "D3")
    assert (beijing["entity_code"], beijing["year"], beijing["value"]) == (110000, 2006, 8618.9)
    pop = received(PANEL, columns={"pop": {"indicator": "resident_population", "unit": "人"}}, **keys)
    assert codes(pop) == {"unit_against_values"}
