"""The years of studies, settled from a small warehouse; and the age of what is published."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pandas as pd
import pytest

from catalog import Study, load_provinces, load_studies
from catalog.panels import PanelSpec
from catalog.parts import exposure, imbalance
from dagster_project.assets import windows
from dagster_project.assets.studies import in_window, read_input
from dagster_project.checks import suites_of
from dagster_project.data_age import MOST_YEARS, data_age_check, too_old
from medpanel import published
from medpanel.runs.workspace import Workspace
from models_py.windows import WindowError, settled
from tests.models_py.changing import only_parts

SOURCES = """data_kind: synthetic
studies: [expenditure_gdp]
vintages: [v]
files:
  - {match: a.csv, vintage: v, publisher: medpanel, licence: CC0-1.0, accessed: 2026-01-01}
"""
CODES = [province.province_code for province in load_provinces()]
NAMES = ["budget_expenditure", "gdp"]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Two indicators of all provinces, 2011 to 2022, whole."""
    made = Workspace.at(tmp_path)
    made.sources_path.parent.mkdir(parents=True)
    made.sources_path.write_text(SOURCES, encoding="utf-8")
    made.work.mkdir()
    cells = pd.MultiIndex.from_product([CODES, range(2011, 2023)], names=["province_code", "year"]).to_frame(
        index=False
    )
    fill(made, "province", pd.DataFrame([province.model_dump() for province in load_provinces()]))
    fill(made, "province_year", cells.assign(budget_expenditure=1.0, gdp=2.0))
    fill(made, "indicator_input", pd.DataFrame({"indicator": NAMES, "input_indicator": NAMES}))
    fill(made, "observation", observed(CODES[0], 2015, "interpolated"))
    monkeypatch.setattr(windows, "writing", lambda *_: nullcontext("reading"))
    return made


def fill(workspace: Workspace, table: str, rows: pd.DataFrame) -> None:
    """A table of the warehouse, in place of the one there."""
    with duckdb.connect(str(workspace.warehouse)) as connection:
        connection.register("rows", rows)
        connection.execute(f"CREATE OR REPLACE TABLE main.{table} AS SELECT * FROM rows")


def observed(code: int, year: int, status: str, level: str = "province") -> pd.DataFrame:
    """A figure of gross product as the warehouse keeps it."""
    row = {"entity_code": code, "year": year, "indicator": "gdp", "status": status, "entity_level": level}
    return pd.DataFrame([row | {"chosen": True}])


def change(workspace: Workspace, sql: str) -> None:
    with duckdb.connect(str(workspace.warehouse)) as connection:
        connection.execute(sql)


def window_of(workspace: Workspace, study: Study) -> dict[str, Any]:
    """The row of study_window as the asset records it."""
    assert dg.materialize([windows.window_asset(workspace, study)]).success
    [row] = pd.read_parquet(workspace.results / study.id / "study_window.parquet").to_dict("records")
    return {str(name): value for name, value in row.items()}


def test_the_year_on_record_is_the_one_everything_of_the_study_uses(workspace: Workspace) -> None:
    study = load_studies()["expenditure_gdp"]
    row = window_of(workspace, study)
    assert (row["last_year"], row["declared_last"], row["unused_years"]) == (2022, "latest", "")
    assert in_window(workspace, study).years == (2011, 2022)
    for suite in suites_of([study]):
        judged = suite.judged(workspace)
        assert judged is None or judged.years == (2011, 2022)


def test_a_new_year_half_there_is_said_and_used_once_it_is_whole(workspace: Workspace) -> None:
    study = load_studies()["expenditure_gdp"]
    change(workspace, "insert into province_year select province_code, 2023, 1, null from province")
    change(workspace, f"update province_year set gdp = 2 where year = 2023 and province_code <> {CODES[0]}")
    row = window_of(workspace, study)
    assert (row["last_year"], row["newest_year"], row["unused_years"]) == (2022, 2023, "2023")
    assert row["waiting_for"] == "gdp: 1 of 31 provinces"
    change(workspace, "update province_year set gdp = 2")
    assert window_of(workspace, study)["last_year"] == 2023
    assert in_window(workspace, study).years == (2011, 2023)


def test_a_year_that_goes_shortens_the_window(workspace: Workspace) -> None:
    study = load_studies()["expenditure_gdp"]
    assert window_of(workspace, study)["last_year"] == 2022
    change(workspace, "delete from province_year where year = 2022 and province_code = 330000")
    row = window_of(workspace, study)
    assert (row["last_year"], row["unused_years"]) == (2021, "2022")
    assert row["waiting_for"] == "budget_expenditure, gdp: 1 of 31 provinces"


@pytest.mark.parametrize(("status", "last"), [("interpolated", 2021), ("carried", 2022), ("corrected", 2022)])
def test_of_filled_figures_only_constants_count(workspace: Workspace, status: str, last: int) -> None:
    fill(workspace, "observation", observed(CODES[3], 2022, status))
    assert window_of(workspace, load_studies()["expenditure_gdp"])["last_year"] == last


def test_no_complete_year_stops_the_study_with_what_is_lacking(workspace: Workspace) -> None:
    change(workspace, "update province_year set gdp = null where province_code = 330000")
    study = load_studies()["expenditure_gdp"]
    with pytest.raises(WindowError, match=r"gdp .*complete in no year; 2022 lacks 1: 浙江省 Zhejiang \(330000\)"):
        settled(study, windows.read_needs(workspace, study))


def test_exposure_must_reach_the_last_year_and_ends_with_it(workspace: Workspace) -> None:
    part = load_studies()["mspi_latest"].options(exposure.Options)
    study = load_studies()["expenditure_gdp"].model_copy(update={"parts": (part,)})
    rows = pd.MultiIndex.from_product([CODES, range(2011, 2022)], names=["province_code", "year"]).to_frame(index=False)
    rows = rows.assign(study=study.id, preferred=True, exposure=0.5)
    other = rows.assign(preferred=False, year=rows["year"] + 5)
    fill(workspace, "int_exposure_variant", pd.concat([rows, other], ignore_index=True))
    row = window_of(workspace, study)
    assert (row["last_year"], row["newest_year"], row["waiting_for"]) == (
        2021, 2022, "smart_exposure: 31 of 31 provinces",
    )  # fmt: skip
    assert row["waiting_for_zh"].startswith("试点名单与区划数：")
    fill(workspace, "smart_exposure", other[["province_code", "year", "study", "exposure"]])
    assert read_input(workspace, in_window(workspace, study), "smart_exposure")["year"].max() == 2021


def test_without_pilot_lists_exposure_is_not_waited_for(workspace: Workspace) -> None:
    part = load_studies()["mspi_latest"].options(exposure.Options)
    study = load_studies()["expenditure_gdp"].model_copy(update={"parts": (part,)})
    none = pd.DataFrame({"study": ["other"], "province_code": [110000], "year": [2022], "preferred": [True]})
    fill(workspace, "int_exposure_variant", none.assign(exposure=0.1))
    assert window_of(workspace, study)["last_year"] == 2022


def test_figures_by_type_of_facility_are_judged_by_the_places_of_the_year_before(workspace: Workspace) -> None:
    study = only_parts(load_studies()["imbalance"], imbalance.Options)
    cells = [(100000, 2020), (330000, 2020), (100000, 2021), (330000, 2021), (100000, 2022)]
    rows = pd.DataFrame(cells, columns=["entity_code", "year"]).assign(indicator="visits_tertiary_hospitals")
    whole = pd.DataFrame({"entity_code": [330000], "year": [2030], "indicator": ["gdp"]})
    fill(workspace, "int_figure_long", pd.concat([rows, whole], ignore_index=True))
    row = window_of(workspace, study)
    assert (row["last_complete_year"], row["newest_year"], row["last_year"]) == (2021, 2022, 2023)


def test_cities_are_those_with_figures_and_may_end(workspace: Workspace) -> None:
    study = load_studies()["expenditure_gdp"].model_copy(
        update={"panel": PanelSpec(unit="city", years=(2019, "latest"))}
    )
    study = study.model_copy(update={"parts": (), "variables": study.variables})
    cells = [(330100, 2019), (371200, 2019), (330100, 2020)]
    figures = pd.DataFrame(cells, columns=["city_code", "year"]).assign(gdp=1.0, budget_expenditure=1.0)
    cities = pd.DataFrame(
        {
            "city_code": [330100, 371200, 999900],
            "name_zh": "市",
            "name_en": "City",
            "last_year": pd.array([None, 2018, None], dtype="Int64"),
        }
    )
    fill(workspace, "city_year", figures)
    fill(workspace, "city", cities)
    needs = windows.read_needs(workspace, study)
    assert (set(needs.places), dict(needs.ended)) == ({330100, 371200}, {371200: 2018})
    assert settled(study, needs).years == (2019, 2020)


def ages(**years: int) -> pd.DataFrame:
    """Rows of v_data_age by the age of the data."""
    rows = [
        {"study": name, "age_years": age, "declared_last": "latest", "last_complete_year": 2020}
        for name, age in years.items()
    ]
    return pd.DataFrame(rows)


def test_data_are_too_old_only_where_newer_ones_would_be_used() -> None:
    found = ages(now=MOST_YEARS, old=MOST_YEARS + 1, paper=30)
    found.loc[found["study"] == "paper", "declared_last"] = "2013"
    assert list(too_old(found)["study"]) == ["old"]


@pytest.mark.parametrize(("age", "passed"), [(MOST_YEARS, True), (MOST_YEARS + 1, False)])
def test_dagster_warns_of_old_data(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, age: int, passed: bool
) -> None:
    monkeypatch.setattr(published, "run_query", lambda workspace, sql: ages(office=age))
    done = dg.Definitions(asset_checks=[data_age_check(workspace)]).resolve_implicit_global_asset_job_def()
    [outcome] = done.execute_in_process().get_asset_check_evaluations()
    assert (outcome.passed, outcome.severity) == (passed, dg.AssetCheckSeverity.WARN)
    assert "office" in str(outcome.metadata)
