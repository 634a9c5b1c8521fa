"""What analysts were promised: tables, columns, keys, comments, labels. Typed by hand, not taken from the catalog."""

from __future__ import annotations

import pytest

from medpanel.publishing import resolve_current
from medpanel.workspace import Workspace
from tests.pipeline.conftest import rows

PROMISED = {
    "province": "province_code name_zh name_en region area_km2 lon lat",
    "province_adjacency": "province_code neighbour_code kind",
    "division_count": "province_code year prefecture_units county_units",
    "city": "city_code name_zh name_en province_code level lon lat dialect",
    "pilot": "programme batch unit_code unit_name city_code province_code level status announced_on",
    "source_file": "file_id path sha256 bytes layout encoding publisher licence accessed_on rows_read rows_loaded "
    "rows_rejected rows_set_aside",
    "rejected_row": "file_id sheet row cell reason raw",
    "observation": "entity_code year indicator vintage file_id entity_level value unit status chosen sheet cell "
    "header raw",
    "province_year": "province_code year gdp resident_population newborn_visit_rate gdp_per_capita",
    "smart_exposure": "study province_code year pilot_units total_units exposure",
    "performance_index": "study province_code year reading mspi ssi qii hmi",
    "indicator_score": "study index_name indicator entity_code year raw score weight",
    "estimate": "study table_no model term effect method estimate std_error statistic p_value ci_low ci_high ci_level",
    "model_fit": "study table_no model estimator n_obs n_clusters r2 r2_within log_likelihood aic bic formula",
    "spec_test": "study table_no model test statistic df p_value",
    "specification": "study spec_id estimate std_error p_value n_obs utilisation numerator controls effects",
    "finding": "finding_id study title_en title_zh published implied observed verdict",
    "published_figure": "paper table_no column_no term value stars n note",
    "published_comparison": "paper table_no column_no term published estimated std_error same_sign within_95 data_kind",
    "check_result": "check_name table_name passed severity observed",
    "run_timing": "step seconds reused",
    "data_dictionary": "table_name column_name type unit description source",
    "run_manifest": "run_id started_at finished_at version data_kind config_sha256 inputs_sha256 notes",
}
KEYS = {
    "observation": ["entity_code", "year", "indicator", "vintage", "file_id"],
    "province_year": ["province_code", "year"],
    "estimate": ["study", "table_no", "model", "term", "effect", "method"],
    "rejected_row": ["file_id", "sheet", "row", "cell"],
    "performance_index": ["study", "province_code", "year", "reading"],
    "spec_test": ["study", "table_no", "model", "test"],
    "specification": ["study", "spec_id"],
    "published_figure": ["paper", "table_no", "column_no", "term"],
}
REFERENCE_OR_RUN = {
    "province",
    "province_adjacency",
    "division_count",
    "series_break",
    "published_figure",
    "indicator_input",
    "data_dictionary",
    "run_timing",
}


@pytest.mark.parametrize("table", PROMISED)
def test_columns_stand_as_promised(demo: Workspace, table: str) -> None:
    found = list(rows(demo, f"describe {table}")["column_name"])
    missing = [name for name in PROMISED[table].split() if name not in found]
    assert not missing
    assert (resolve_current(demo.root) / "parquet" / f"{table}.parquet").is_file()
    if table != "rejected_row":
        assert len(rows(demo, f"from {table} limit 1")) == 1


@pytest.mark.parametrize("table", KEYS)
def test_keys_are_enforced(demo: Workspace, table: str) -> None:
    sql = "from duckdb_constraints() where constraint_type = 'PRIMARY KEY' and table_name = ?"
    [key] = rows(demo, sql, [table])["constraint_column_names"]
    assert list(key) == KEYS[table]


def test_every_table_and_column_has_a_comment_and_a_dictionary_row(demo: Workspace) -> None:
    assert rows(demo, "from duckdb_tables() where comment is null or comment = ''").empty
    columns = rows(demo, "select table_name, column_name, comment from duckdb_columns() where not internal")
    assert not columns["comment"].isna().any()
    described = rows(demo, "select table_name, column_name from data_dictionary")
    pairs = set(zip(described["table_name"], described["column_name"], strict=True))
    assert pairs == set(zip(columns["table_name"], columns["column_name"], strict=True))
    assert rows(
        demo, "from data_dictionary where description is null or description_zh is null or source is null"
    ).empty


def test_every_table_of_figures_says_that_it_is_synthetic(demo: Workspace) -> None:
    tables = set(rows(demo, "select table_name from duckdb_tables()")["table_name"])
    for table in tables - REFERENCE_OR_RUN:
        assert list(rows(demo, f"select distinct data_kind from {table}")["data_kind"]) in (["synthetic"], []), table
    assert resolve_current(demo.root).name.split("-")[1] == "synthetic"
    comments = rows(demo, "select table_name, comment from duckdb_tables()").set_index("table_name")["comment"]
    assert all("SYNTHETIC" in comments[table] for table in tables - REFERENCE_OR_RUN - {"run_manifest"})


def test_the_manifest_says_what_was_run(demo: Workspace) -> None:
    manifest = rows(demo, "from run_manifest")
    assert len(manifest) == 1
    row = manifest.iloc[0]
    assert row["data_kind"] == "synthetic"
    assert '"sample": 20260101' in row["seeds"]
    assert len(row["config_sha256"]) == len(row["inputs_sha256"]) == 64
    assert row["finished_at"] > row["started_at"]


def test_all_checks_are_kept_and_passed(demo: Workspace) -> None:
    checks = rows(demo, "from check_result")
    assert {
        "province_year",
        "performance_index",
        "observation",
        "source_file",
        "smart_exposure",
        "vintage_conflict",
    } <= set(checks["table_name"])
    failed = checks[~checks["passed"]]
    # The sample holds one file that must be refused, and the study's years contain breaks of series: warnings say so.
    others = [name for name in failed["check_name"] if not name.startswith("mspi_series_break_")]
    assert others == ["no_file_refused"]
    assert len(failed) > 1
    assert set(failed["severity"]) == {"warning"}
    assert (checks["description"].str.len() > 0).all()
    assert (checks["description_zh"].str.len() > 0).all()
