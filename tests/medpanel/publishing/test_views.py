"""The views analysts are promised: no row lost or doubled, figures as in the wide tables, headers found as typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from catalog import load_registry, load_studies
from catalog.tables import load_tables
from medpanel.publishing.database import create_views
from medpanel.publishing.labels import labels
from medpanel.publishing.withheld import withhold
from tests.medpanel.publishing.panel_long import same_as_wide

Read = Callable[[Path, str], list[tuple[Any, ...]]]
ESTIMATE = {
    "study": "mspi", "table_no": "Table 2", "model": "(2)", "reading": "volume", "sample": "all", "estimator": "twfe",
    "weights": "", "vintage": "", "variant": "", "term": "exposure", "effect": "coef", "method": "cr1",
}  # fmt: skip


def named(**row: str) -> dict[tuple[str, str], tuple[str, str]]:
    """The labels of one estimate, by kind and id."""
    rows = labels(pd.DataFrame([{**ESTIMATE, **row}]), load_studies().values())
    return {
        (kind, name): (en, zh)
        for kind, *_, name, en, zh in rows.itertuples(index=False, name=None)
        if kind not in ("unit", "indicator")
    }


@pytest.mark.parametrize(
    ("row", "kind", "expected"),
    [
        ({}, "term", ("Smart-city exposure", "智慧城市试点暴露度")),
        ({}, "effect", ("coefficient", "系数")),
        ({}, "estimator", ("two-way fixed effects", "双向固定效应")),
        ({}, "sample", ("all", "全样本")),
        ({}, "method", ("Clustered CR1", "聚类稳健 CR1")),
        ({"sample": "without municipalities"}, "sample", ("without municipalities", "剔除直辖市")),
        ({"variant": "threshold=0.4"}, "variant", ("above 0.4", "阈值0.4")),
        ({"table_no": "Event study", "term": "event_2"}, "term", ("2 years since first exposure", "首次暴露后2年")),
        # The same word means one thing in a table of products and another in a spatial model.
        ({"table_no": "Table 4b", "effect": "direct"}, "effect", ("direct", "直接")),
        ({"table_no": "Table 4b", "effect": "first"}, "effect", ("of the treatment on it", "处理变量对该变量")),
        (
            {"study": "coupling", "table_no": "Table 7", "term": "W_ln_urban_share", "estimator": "sdm"},
            "term",
            ("W × ln urban share of residents as published", "W×ln 城镇化率（公布值）"),
        ),
        (
            {"study": "coupling", "table_no": "Table 7", "effect": "long_total", "estimator": "sdm"},
            "effect",
            ("long-run total", "长期总"),
        ),
        (
            {"study": "mobility", "table_no": "Table 3", "term": "nodeicov.HTH", "estimator": "ergm"},
            "term",
            ("High-tier hospitals, destination, HTH", "高等级医院数（终点），HTH"),
        ),
        (
            {
                "study": "mobility",
                "table_no": "Gravity",
                "term": "edgecov.GeoProx",
                "estimator": "ppml",
                "sample": "amap_2023",
            },
            "term",
            ("Proximity (100 km / distance), GeoProx", "地理邻近（100公里／距离），GeoProx"),
        ),
    ],
)
def test_what_an_estimate_is_about_has_a_name_in_both_languages(
    row: dict[str, str], kind: str, expected: tuple[str, str]
) -> None:
    assert named(**row)[kind, ({**ESTIMATE, **row})[kind]] == expected


def test_labels_are_one_for_each_key_and_name_every_indicator_and_unit() -> None:
    rows = labels(pd.DataFrame([ESTIMATE, {**ESTIMATE, "method": "cr3"}]), load_studies().values())
    assert not rows.duplicated(list(load_tables()["label"].key)).any()
    assert list(rows.columns) == list(load_tables()["label"].columns)
    found = rows[rows["kind"] == "indicator"].set_index("id")
    assert set(found.index) == set(load_registry().indicators)
    assert (found.loc["gdp", "label_en"], found.loc["gdp", "label_zh"]) == (
        "Gross regional product, current prices",
        "地区生产总值",
    )
    assert set(rows[rows["kind"] == "unit"]["id"]) == set(load_registry().units)
    assert (rows[["label_en", "label_zh"]] != "").all().all()


def test_v_estimate_has_every_row_of_estimate_once_with_its_numbers(published: Path, read: Read) -> None:
    columns = ", ".join(f'"{name}"' for name in load_tables()["estimate"].columns)
    [(count,)] = read(published, "SELECT count(*) FROM estimate")
    assert count == 10
    rows = f"SELECT {columns} FROM {{}} ORDER BY ALL"
    assert read(published, rows.format("v_estimate")) == read(published, rows.format("estimate"))
    assert read(published, "SELECT DISTINCT study, study_en FROM v_estimate ORDER BY ALL") == [
        (study, load_studies()[study].title.en) for study in ("expenditure_gdp", "mspi")
    ]
    nameless = "term_en IS NULL OR term_zh IS NULL OR effect_zh IS NULL OR method_en IS NULL OR variant_zh IS NULL"
    assert read(published, f"SELECT count(*) FROM v_estimate WHERE {nameless}") == [(0,)]


def test_v_panel_long_equals_the_wide_tables(published: Path) -> None:
    with duckdb.connect(str(published / "medpanel.duckdb"), read_only=True) as connection:
        for table in ("province_year", "city_year", "county_year"):
            assert same_as_wide(connection, table) > 100


@pytest.fixture
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    """Every table without a row, and the views on them."""
    with duckdb.connect() as connection:
        for table in load_tables().values():
            columns = ", ".join(f'"{name}" {column.type}' for name, column in table.columns.items())
            connection.execute(f'CREATE TABLE "{table.name}" ({columns})')
        create_views(connection, list(load_tables()))
        yield connection


def insert(connection: duckdb.DuckDBPyConnection, table: str, **values: object) -> None:
    names, marks = ", ".join(f'"{name}"' for name in values), ", ".join("?" for _ in values)
    connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(values.values()))


def test_v_panel_long_shows_the_cell_of_a_figure_and_the_formula_of_a_derived_one(
    empty: duckdb.DuckDBPyConnection,
) -> None:
    insert(empty, "province_year", province_code=410000, year=2022, gdp=0.1, gdp_per_capita=0.2)
    insert(empty, "source_file", file_id="f", path="gdp.xlsx")
    figure = {"entity_code": 410000, "entity_level": "province", "year": 2022, "indicator": "gdp", "file_id": "f"}
    insert(empty, "observation", **figure, vintage="v1", status="reported", chosen=True, sheet="Sheet1", cell="C7")
    # An edition not chosen, and the city of the same code, are not shown and double nothing.
    insert(empty, "observation", **figure, vintage="v0", status="reported", chosen=False, sheet="Sheet1", cell="X1")
    city = {**figure, "entity_level": "city"}
    insert(empty, "observation", **city, vintage="v1", status="carried", chosen=True, sheet="", cell="X2")
    insert(empty, "indicator_input", indicator="gdp", input_indicator="gdp")
    for name in ("gdp", "resident_population"):
        insert(empty, "indicator_input", indicator="gdp_per_capita", input_indicator=name, formula="gdp / population")
    insert(empty, "data_dictionary", table_name="province_year", column_name="gdp", unit="亿元")
    insert(empty, "label", kind="indicator", id="gdp", label_en="GDP", label_zh="地区生产总值")
    insert(empty, "label", kind="unit", id="亿元", label_en="100 million yuan", label_zh="亿元")
    asked = (
        "SELECT indicator_zh, unit, unit_en, status, formula, path, sheet, cell FROM v_panel_long WHERE indicator = ?"
    )
    assert empty.execute(asked, ["gdp"]).fetchall() == [
        ("地区生产总值", "亿元", "100 million yuan", "reported", None, "gdp.xlsx", "Sheet1", "C7")
    ]
    [derived] = empty.execute(asked, ["gdp_per_capita"]).fetchall()
    assert derived[3:] == ("derived", "gdp / population", None, None, None)
    [missing] = empty.execute(asked, ["hospitals"]).fetchall()
    assert missing[3] is None


@pytest.mark.parametrize(
    "asked",
    ["医院数", "医 院 数", "医\u3000院\u3000数", "医院数（个）", "医院数(个)", "HOSPITALS", "ｈｏｓｐｉｔａｌｓ"],
)
def test_find_column_finds_a_header_however_it_is_typed(published: Path, asked: str) -> None:
    with duckdb.connect(str(published / "medpanel.duckdb"), read_only=True) as connection:
        found = connection.execute("SELECT table_name, column_name FROM find_column(?)", [asked]).fetchall()
    assert found[:3] == [(f"{level}_year", "hospitals") for level in ("city", "county", "province")]


def test_find_column_finds_no_more_than_was_asked_for(published: Path) -> None:
    with duckdb.connect(str(published / "medpanel.duckdb"), read_only=True) as connection:
        for nothing in ("", "  ", "（）", "没有这样的表头", "%", "_"):
            rows = connection.execute("SELECT text FROM find_column(?)", [nothing]).fetchall()
            assert all(nothing in text for (text,) in rows) and (nothing.strip() or not rows), nothing
        wanted = connection.execute("SELECT DISTINCT column_name FROM find_column('coordination degree')").fetchall()
    assert ("coordination_degree",) in wanted


def test_a_header_met_in_a_file_leads_to_its_column_or_to_observation(empty: duckdb.DuckDBPyConnection) -> None:
    insert(empty, "data_dictionary", table_name="province_year", column_name="gdp", description="", description_zh="")
    figure = {"entity_level": "province", "year": 2022}
    insert(empty, "observation", **figure, indicator="gdp", header="ＧＤＰ 合计（亿元）")
    insert(empty, "observation", **figure, indicator="visits_clinic", header="门诊部诊疗")
    asked = "SELECT found_in, table_name, column_name, indicator FROM find_column(?)"
    assert empty.execute(asked, ["gdp合计"]).fetchall() == [("file", "province_year", "gdp", "")]
    assert empty.execute(asked, ["门诊部"]).fetchall() == [("file", "observation", "value", "visits_clinic")]


def test_barred_figures_are_withheld_through_the_views_as_through_their_tables(
    empty: duckdb.DuckDBPyConnection,
) -> None:
    barred = {"vintage": "dfiic", "publisher": "PKU", "licence": "no redistribution"}
    insert(empty, "source_file", file_id="shut", path="shut.csv", redistribution="barred", **barred)
    insert(empty, "source_file", file_id="open", path="open.csv", redistribution="allowed", vintage="v1")
    for table in ("province_year", "city_year"):
        insert(empty, "barred_figure", table_name=table, series="gdp", **barred)
    insert(empty, "province_year", province_code=410000, year=2022, gdp=9.5, hospitals=1.5)
    insert(empty, "city_year", city_code=410100, year=2022, gdp=9.5, hospitals=1.5)
    for level, code in (("province", 410000), ("city", 410100)):
        for name, file in (("gdp", "shut"), ("hospitals", "open")):
            figure = {"entity_level": level, "entity_code": code, "year": 2022, "indicator": name, "chosen": True}
            insert(empty, "observation", **figure, file_id=file, vintage=file, header=f"header {name} of {file}")
    shown = "SELECT entity_level, value, path FROM v_panel_long WHERE value IS NOT NULL ORDER BY value, entity_level"
    headers = "SELECT count(*) FROM find_column('header gdp of shut')"
    kept = [("city", 1.5, "open.csv"), ("province", 1.5, "open.csv")]
    assert empty.sql(shown).fetchall() == [*kept, ("city", 9.5, "shut.csv"), ("province", 9.5, "shut.csv")]
    assert empty.sql(headers).fetchall() == [(1,)]
    assert withhold(empty)
    assert empty.sql(shown).fetchall() == kept
    assert empty.sql(headers).fetchall() == [(0,)]
    assert empty.sql("SELECT count(*) FROM find_column('header hospitals of open')").fetchall() == [(1,)]
