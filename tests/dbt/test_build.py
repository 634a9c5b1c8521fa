"""The project as a whole: it parses without a warehouse, builds a good lake, and stops on a bad one."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from catalog.tables import load_tables


def test_parse_needs_no_warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tools: SimpleNamespace) -> None:
    from dbt.cli.main import dbtRunner

    monkeypatch.delenv("MEDPANEL_WAREHOUSE", raising=False)
    folders = ["--project-dir", str(tools.project), "--profiles-dir", str(tools.project)]
    folders += ["--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs"), "--quiet"]
    outcome = dbtRunner().invoke(["parse", *folders])
    assert outcome.success, outcome.exception
    assert not list(tmp_path.rglob("*.duckdb"))


def test_build_passes(good: Any) -> None:
    outcome = {name: status for name, status in good.statuses.items() if status not in ("pass", "success")}
    assert good.success, outcome
    assert outcome == {}
    kinds = {result.node.resource_type for result in good.nodes.values()}
    assert kinds == {"model", "seed", "test", "unit_test"}


def test_other_code_can_open_the_warehouse_after_dbt(good: Any) -> None:
    """dbt keeps no handle: a connection with other settings than its own is refused otherwise."""
    with duckdb.connect(str(good.warehouse), read_only=True) as connection:
        assert connection.execute("select count(*) from province").fetchone() == (31,)


def test_tables_have_the_declared_columns_in_order(good: Any) -> None:
    with duckdb.connect(str(good.warehouse), read_only=True) as connection:
        for table in load_tables().values():
            if table.origin == "dbt":
                found = connection.execute(f"describe main.{table.name}").fetchall()
                declared = [(n, c.type) for n, c in table.columns.items() if n != "data_kind"]
                assert [(row[0], row[1]) for row in found] == declared, table.name


def test_rows_stand_in_key_order(good: Any) -> None:
    with duckdb.connect(str(good.warehouse), read_only=True) as connection:
        for table in load_tables().values():
            if table.origin == "dbt":
                keys = ", ".join(table.key)
                stored = connection.execute(f"select {keys} from main.{table.name}").fetchall()
                assert stored == sorted(stored), table.name


def test_values_travel_from_cell_to_panel(good: Any) -> None:
    with duckdb.connect(str(good.warehouse), read_only=True) as connection:
        panel = connection.execute(
            "select year, gdp, resident_population, gdp_per_capita, newborn_visit_rate, land_area from province_year "
            "where province_code = 110000"
        ).fetchall()
        status = connection.execute(
            "select year, status, file_id, cell, raw, value from observation "
            "where indicator = 'newborn_visit_rate' and chosen"
        ).fetchall()
        inputs = connection.execute(
            "select input_indicator, formula from indicator_input where indicator in ('gdp', 'gdp_per_capita')"
        ).fetchall()
    assert panel == [
        (2013, None, None, None, 90.0, 16400.0),
        (2014, 23000.0, 2000.0, 115000.0, 92.0, 16400.0),
        (2015, None, None, None, None, 16400.0),
        (2016, None, None, None, 96.0, 16400.0),
    ]
    assert status == [
        (2013, "reported", "health", "B13", "90.0", 90.0),
        (2014, "interpolated", "health", "B14", "", 92.0),
        (2016, "reported", "health", "B16", "96.0", 96.0),
    ]
    formula = "gdp / resident_population * 10000"
    assert inputs == [("gdp", None), ("gdp", formula), ("resident_population", formula)]


def test_a_constant_is_carried_with_its_cell(good: Any) -> None:
    with duckdb.connect(str(good.warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select year, status, file_id, cell, raw, header, vintage from observation where indicator = 'land_area'"
        ).fetchall()
    origin = ("gdp_old", "B15", "16400.0", "land_area", "v1")
    assert rows == [
        (2013, "carried", *origin),
        (2014, "carried", *origin),
        (2015, "reported", *origin),
        (2016, "carried", *origin),
    ]


def test_corrections_are_listed_and_the_corrected_cell_keeps_its_text(good: Any) -> None:
    with duckdb.connect(str(good.warehouse), read_only=True) as connection:
        listed = connection.execute("select path, cell, expected, found, value, state from correction").fetchall()
        corrected = connection.execute(
            "select value, raw, chosen from observation where status = 'corrected'"
        ).fetchall()
        panel = connection.execute("select prenatal_examination_rate from province_year where province_code = 120000")
        assert panel.fetchall() == [(98.5,)]
    assert listed == [
        ("absent.csv", "B16", "10", None, 1.0, "unused"),
        ("health.csv", "B14", "985", "985", 98.5, "applied"),
        ("health.csv", "B16", "9.6", "96.0", 69.0, "stale"),
    ]
    assert corrected == [(98.5, "985", True)]


def test_the_other_vintage_has_its_conflict_and_its_panel(good: Any) -> None:
    with duckdb.connect(str(good.warehouse), read_only=True) as connection:
        conflicts = connection.execute("select * from vintage_conflict").fetchall()
        panel = connection.execute(
            "select vintage, province_code, year, gdp, gdp_per_capita, newborn_visit_rate, land_area, "
            "hospital_admissions, outpatient_visits "
            "from int_province_year_alternative"
        ).fetchall()
    rule = "declared order of vintages / 按声明的版本优先次序"
    assert conflicts == [(110000, "province", 2014, "gdp", "v1", "v0", 23000.0, 22000.0, -1000 / 23000, rule)]
    assert panel == [
        ("v1", 110000, 2013, None, None, 90.0, 16400.0, 100.0, None),
        ("v1", 110000, 2014, 22000.0, 110000.0, 92.0, 16400.0, 102.0, None),
        ("v1", 110000, 2015, 25000.0, None, None, 16400.0, 104.0, 1200.0),
        ("v1", 110000, 2016, None, None, 96.0, 16400.0, None, None),
        ("v1", 120000, 2014, None, None, None, None, None, None),
    ]


def test_cities_have_a_table_of_their_own(good: Any) -> None:
    with duckdb.connect(str(good.warehouse), read_only=True) as connection:
        cities = connection.execute("select city_code, year, gdp, resident_population from city_year").fetchall()
        provinces = connection.execute("select gdp from province_year where year = 2014").fetchall()
    assert cities == [(110000, 2014, 22900.0, None), (130100, 2014, 5000.0, None)]
    assert (23000.0,) in provinces
    assert (22900.0,) not in provinces


def test_two_vintages_make_one_series_only_where_declared(good: Any) -> None:
    with duckdb.connect(str(good.warehouse), read_only=True) as connection:
        panel = connection.execute(
            "select year, hospital_admissions, outpatient_visits from province_year where province_code = 110000"
        ).fetchall()
        series = connection.execute(
            "select indicator, vintage, role, first_year, last_year, figures, chosen, withheld from series_vintage "
            "where entity_level = 'province' and indicator in ('gdp', 'hospital_admissions', 'outpatient_visits')"
        ).fetchall()
    assert panel == [(2013, 100.0, 1000.0), (2014, 102.0, None), (2015, 104.0, None), (2016, None, None)]
    assert series == [
        ("gdp", "v0", "kept", 2014, 2014, 1, 1, 0),
        ("gdp", "v1", "withheld", 2014, 2015, 2, 0, 1),
        ("hospital_admissions", "v0", "kept", 2013, 2013, 1, 1, 0),
        ("hospital_admissions", "v1", "spliced", 2015, 2015, 1, 1, 0),
        ("outpatient_visits", "v0", "kept", 2013, 2013, 1, 1, 0),
        ("outpatient_visits", "v1", "withheld", 2015, 2015, 1, 0, 1),
    ]


def test_chained_editions_stand_at_the_level_of_the_preferred_one(good: Any) -> None:
    """v1 times 0.8, v2 times 0.75 x 0.8; what is equal in the overlap is no conflict, so that v2 has no panel."""
    with duckdb.connect(str(good.warehouse), read_only=True) as connection:
        panel = connection.execute(
            "select year, telecom_volume from province_year where telecom_volume is not null order by year"
        ).fetchall()
        figures = connection.execute(
            "select year, vintage, round(value, 9), raw, status, chosen, link_factor from observation "
            "where indicator = 'telecom_volume' order by year, vintage"
        ).fetchall()
        links = connection.execute(
            "select vintage, year, vintage_linked_to, ratio, factor, file_id, cell, file_id_linked_to, cell_linked_to "
            "from series_link"
        ).fetchall()
        chained = connection.execute(
            "select year, chained from series_break where indicator = 'telecom_volume' and year > 2010"
        ).fetchall()
    factor = 0.8 * 0.75
    assert [(year, pytest.approx(value)) for year, value in panel] == [(2014, 60.0), (2015, 72.0), (2016, 96.0)]
    assert figures == [
        (2014, "v2", 60.0, "100.0", "reported", True, factor),
        (2015, "v1", 72.0, "90.0", "reported", True, 0.8),
        (2015, "v2", 72.0, "120.0", "reported", False, factor),
        (2016, "v0", 96.0, "96.0", "reported", True, None),
        (2016, "v1", 96.0, "120.0", "reported", False, 0.8),
    ]
    assert links == [
        ("v1", 2016, "v0", 0.8, 0.8, "gdp_old", "B16", "gdp_new", "B16"),
        ("v2", 2015, "v1", 0.75, factor, "telecom", "B15", "gdp_old", "B15"),
    ]
    assert chained == [(2011, None), (2016, "province"), (2021, None)]


def test_breaks_are_published_with_those_of_inputs(good: Any) -> None:
    with duckdb.connect(str(good.warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select year, input_indicator, kind, levels_comparable from series_break "
            "where indicator = 'budget_expenditure_per_capita' and year in (2007, 2020)"
        ).fetchall()
    assert rows == [
        (2007, "budget_expenditure", "renamed", False),
        (2020, "resident_population", "coverage", False),
    ]


def test_without_corrections_and_other_vintages_the_tables_are_empty(tmp_path: Path, tools: SimpleNamespace) -> None:
    lake = tools.good_lake()
    lake["correction"] = []
    lake["observation"] = [row for row in lake["observation"] if row["vintage"] == "v0" and row["status"] == "reported"]
    run = tools.run_dbt(tools.make_warehouse(tmp_path / "plain", lake), "build", "--exclude-resource-type", "unit_test")
    assert run.success, {name: status for name, status in run.statuses.items() if status not in ("pass", "success")}
    with duckdb.connect(str(run.warehouse), read_only=True) as connection:
        for table in ("correction", "vintage_conflict", "int_province_year_alternative"):
            assert connection.table(table).fetchall() == [], table


def test_without_a_pilot_list_exposure_is_an_empty_table(
    good: Any, scratch: Callable[[str], duckdb.DuckDBPyConnection]
) -> None:
    scratch("create or replace view lake.pilot as select * from read_parquet('{}') limit 0".format(
        (good.warehouse.parent / "lake" / "pilot.parquet").as_posix()
    ))  # fmt: skip
    assert scratch(good.nodes["int_exposure_variant"].node.compiled_code).fetchall() == []
    scratch("delete from int_exposure_variant")
    assert scratch(good.nodes["smart_exposure"].node.compiled_code).fetchall() == []
    scratch("delete from smart_exposure")
    scratch("delete from pilot")
    for name in ("smart_exposure_complete", "exposure_variant_complete"):
        assert scratch(good.nodes[name].node.compiled_code).fetchall() == []


def test_build_stops_on_bad_input(tmp_path: Path, tools: SimpleNamespace) -> None:
    """One build over seeds and a lake with faults: each is found, and exposure is not built on bad counts."""
    project = tmp_path / "project"
    shutil.copytree(tools.project, project, ignore=shutil.ignore_patterns("target", "logs"))
    adjacency = project / "seeds" / "province_adjacency.csv"
    lines = adjacency.read_text(encoding="utf-8").splitlines(keepends=True)
    adjacency.write_text("".join(lines[:1] + lines[2:]), encoding="utf-8")
    lake = tools.good_lake()
    shandong = {"province_code": 370000, "year": 2013, "prefecture_units": 17}
    next(row for row in lake["division_count"] if shandong.items() <= row.items())["prefecture_units"] = 16
    lake["source_file"][1]["rows_loaded"] = 4
    lake["rejected_row"] = lake["rejected_row"][1:]
    lake["observation"].append(tools.cell("nowhere", 0, 990000, 2014, "gdp", 1.0, "亿元"))

    run = tools.run_dbt(tools.make_warehouse(tmp_path / "bad", lake), "build", project=project)
    assert not run.success
    failed = {name for name, status in run.statuses.items() if status == "fail"}
    assert failed == {
        "province_adjacency_symmetric",
        "division_count_cities_within_units",
        "place_totals",
        "source_file_accounting",
        "source_file_rejected_rows",
        "relationships_observation_file_id__file_id__ref_source_file_",
        "relationships_province_year_province_code__province_code__ref_province_",
        "relationships_int_province_year_alternative_province_code__province_code__ref_province_",
    }
    assert run.statuses["smart_exposure"] == "skipped"


def test_a_later_download_supersedes_and_what_it_changed_is_listed(good: Any) -> None:
    with duckdb.connect(str(good.warehouse), read_only=True) as connection:
        gdp = connection.execute(
            "select file_id, value, chosen from observation where entity_code = 100000 order by chosen"
        ).fetchall()
        changes = connection.execute(
            "select indicator, entity_code, year, value_before, value_now, text_before, text_now, file_before, "
            "file_now, superseded_on from revision order by indicator, entity_code"
        ).fetchall()
        listed = connection.execute("select count(*), count(*) filter (unit_code = 130200) from pilot").fetchone()
    assert gdp == [("gdp_new", 640000.0, False), ("gdp_newer", 643563.0, True)]
    first, later = dt.date(2026, 1, 2), dt.date(2026, 3, 4)
    lists = ("pilots_before.csv", "pilots.csv", first)
    assert changes == [
        ("gdp", 100000, 2014, 640000.0, 643563.0, None, None, "gdp_new.csv", "gdp_newer.csv", later),
        ("pilot_mohurd", 110101, 2012, 0.0, 1.0, None, "new, 2013-01-29", *lists),
        ("pilot_mohurd", 130100, 2012, 1.0, 1.0, "new, 2012-01-29", "new, 2013-01-29", *lists),
        ("pilot_mohurd", 130200, 2012, 1.0, 0.0, "new, 2013-01-29", None, *lists),
    ]
    assert listed == (5, 0)


def test_a_series_says_what_it_fell_back_from_and_how_many_downloads_it_has(good: Any) -> None:
    with duckdb.connect(str(good.warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select indicator, entity_level, vintage, downloads, revised, refused_vintage, refused_because, fallback "
            "from series_vintage where refused_vintage is not null or revised > 0"
        ).fetchall()
    assert sorted(rows) == [
        ("gdp", "nation", "v0", 1, 1, None, None, None),
        ("land_area", "province", "v1", 1, 0, "v0", "broken.csv: empty", "allow"),
    ]
