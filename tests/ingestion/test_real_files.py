"""Real province files as one lake: what no file shows by itself, and declarations that must be refused.

What is expected of each file by itself: tests/ingestion/real. The files stay outside the project; see
tests/conftest.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from catalog import load_registry, load_sources
from catalog.base import PROJECT_DIR
from catalog.declarations.corrections import load_corrections
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
TEC = "province/tec_expenditure/分省年度数据"
RENJIYI = "province/renjiyi163/"
BAR = "province/bar_chart_race_cn/"


def build(lake: Path, real_data: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDPANEL_REAL_DATA", str(real_data))
        sources, root = load_sources(REAL)
    lake.mkdir()
    files = tuple(s for s in sources.files if s.match.startswith("province/") or s.match.endswith("DFIIC_province.dta"))
    sources = sources.model_copy(update={"files": files})
    corrections = load_corrections(REAL.parent / str(sources.corrections))
    build_lake(root, sources, lake, lambda line: None, corrections=corrections, processes=1)


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


def test_every_row_is_accounted_for_and_every_cell_has_its_record(tables: dict[str, pd.DataFrame]) -> None:
    source = tables["source_file"].set_index("file_id")
    parts = source["rows_loaded"] + source["rows_rejected"] + source["rows_set_aside"]
    assert (source["rows_read"] == parts).all()
    for name, column in (("observation", "cells_loaded"), ("missing_cell", "cells_missing")):
        counted = tables[name].groupby("file_id").size().reindex(source.index, fill_value=0)
        assert (counted == source[column]).all(), name


@pytest.mark.parametrize(
    ("indicator", "vintage", "first", "last", "figures_loaded"),
    [
        ("child_management_rate", "health_yearbooks_2011_2020", 2010, 2019, 310),
        ("digital_finance_index", "dfiic_2011_2023", 2011, 2023, 403),
        ("resident_population", "after_2020_census", 2000, 2024, 775),
        ("resident_population", "before_2020_census", 2000, 2019, 620),
        ("urban_share", "after_2020_census", 2000, 2024, 773),
        ("land_area", "land_survey", 2015, 2024, 310),
        ("gdp", "nbs_2026", 2006, 2024, 434 + 589),
        ("gdp", "nbs_2023_final", 2019, 2022, 124),
        ("gdp", "nbs_2023_preliminary", 2003, 2022, 620),
        ("gdp", "nbs_2020", 2000, 2019, 620 + 155),
        ("gdp", "nbs_2018", 1993, 2017, 775),
        ("budget_expenditure", "nbs_2025", 2005, 2024, 620),
        ("sample_population", "nbs_2026", 2006, 2024, 527),
        ("education_funds", "nbs_2020", 2000, 2017, 527),
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


def test_files_of_one_edition_agree(tables: dict[str, pd.DataFrame]) -> None:
    assert not {"conflict", "repeated_figure", "contradicting_repeat"} & set(tables["rejected_row"]["code"])


def test_the_file_received_twice_counts_once_and_says_so(tables: dict[str, pd.DataFrame]) -> None:
    source = tables["source_file"].set_index("path")
    assert source.loc[f"{TEC} (1).csv", ["status", "rows_loaded"]].tolist() == ["loaded", 31]
    again = source.loc[f"{TEC}_1.csv"]
    assert (again["status"], again["rows_loaded"], again["rows_rejected"]) == ("refused", 0, 31)
    assert f"{TEC} (1).csv" in again["problem"]
    rows = tables["observation"].query("indicator == 'budget_science_technology' and entity_code == 120000")
    assert not rows.duplicated("year").any()


def _series(figures: pd.DataFrame, path: str, indicator: str) -> pd.Series:
    rows = figures.loc[path]
    return rows[rows["indicator"] == indicator].set_index(["entity_code", "year"])["value"]


@pytest.mark.parametrize(
    ("one", "two", "indicator", "common", "equal"),
    [
        (f"{TEC}_6.csv", f"{RENJIYI}分省年度数据.csv", "gdp", 434, 434),
        (f"{TEC} (3).csv", f"{BAR}三种专利申请授权数.csv", "patent_applications", 248, 248),
        (f"{TEC}_7.csv", PANEL, "invention_applications", 434, 434),
        (f"{TEC}_4.csv", f"{TEC}.csv", "budget_expenditure", 9, 9),
        (f"{TEC} (1).csv", f"{TEC}.csv", "budget_science_technology", 8, 8),
        (f"{TEC}_4.csv", f"{RENJIYI}一般公共预算等.xls", "budget_expenditure", 434, 433),
        (f"{BAR}GDP.csv", "province/tobby-star/分省年度数据.csv", "gdp", 558, 558),
        (f"{BAR}GDP.csv", "province/data-collection/分省年度数据.xls", "gdp", 155, 155),
    ],
)  # fmt: skip
def test_what_unnamed_files_hold_was_told_by_their_values(
    figures: pd.DataFrame, one: str, two: str, indicator: str, common: int, equal: int
) -> None:
    """The declarations of real.yaml say which files agree: they must, cell by cell."""
    first, second = _series(figures, one, indicator).align(_series(figures, two, indicator), join="inner")
    assert (len(first), int((first == second).sum())) == (common, equal)


def test_fiscal_expenditure_carries_its_name_of_the_time(figures: pd.DataFrame) -> None:
    headers = figures.loc[f"{RENJIYI}一般公共预算等.xls"].groupby("year")["header"].first()
    assert headers[2006] == "财政支出 | 2006"
    assert headers[2007] == "一般公共预算支出 | 2007"


def test_cities_are_kept_apart_from_provinces(tables: dict[str, pd.DataFrame]) -> None:
    paths = tables["source_file"].set_index("file_id")["path"]
    levels = tables["observation"].groupby(tables["observation"]["file_id"].map(paths))["entity_level"].unique()
    assert list(levels["province/data-collection/主要城市年度数据.xls"]) == ["city"]
    assert list(levels["province/data-collection/分省年度数据.xls"]) == ["province"]


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
    ("path", "keys", "code"),
    [
        ("province/data-collection/主要城市年度数据.xls", {"export": {"level": "province"}}, "unknown_province"),
        ("province/data-collection/分省年度数据.xls", {"export": {"level": "city"}}, "unknown_place"),
        ("province/eoocl/分省年度数据.csv", {}, "no_indicator"),
        (f"{TEC}_6.csv", {}, "no_indicator"),
        (f"{TEC}.csv", {}, "no_region"),
        ("province/mingminm/数字经济指标各省面板数据.xlsx", {}, "no_layout"),
        ("province/renjiyi163/分省年度数据 (1).csv", {"indicator": "resident_population"}, "contradicting_indicator"),
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
