"""The publication of the sample against two lists: the contract with the analysts, which lies outside the project, and
the catalog's own. Every table of the contract that exists is held to it, and every table of the catalog to the catalog.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog import load_registry, load_studies, load_tables
from expectations.finder import suite_for
from expectations.suite import NOTHING
from medpanel.publishing import resolve_current
from medpanel.runs.workspace import Workspace
from models_py.parts.registry import results_of
from tests.pipeline.conftest import rows
from tests.pipeline.promises import Contract, read_contract

TABLES = {name: table for name, table in load_tables().items() if not table.internal}
# Columns the contract describes without naming them.
PHRASES: dict[str, Callable[[Workspace], list[str]]] = {
    "one column per catalogued indicator": lambda _: [i.id for i in load_registry().indicators.values() if i.wide],
    "one column per catalogued city indicator": lambda _: [i.id for i in load_registry().of_cities],
    "share of the change since the first year: re-ranking": lambda _: [
        "from_reranking",
        "from_basis",
        "from_resource",
    ],
    "effect of a unit change of term in origin on the outcome in destination": lambda _: ["effect"],
    "order is all": lambda _: ["order"],
    "or a power of W where the series converges": lambda _: ["order"],
    "one column per choice": lambda workspace: list(
        rows(workspace, "select distinct choice from specification_choice order by choice")["choice"]
    ),
}
SAMPLED = [load_studies()[name] for name in ("mspi", "mspi_latest", "inequality", "imbalance", "coupling", "mobility")]
# Good news, when it has no row.
MAY_BE_EMPTY = {"barred_figure", "rejected_row", "publication_change", "revision", "correction"}
REFERENCE_OR_RUN = {
    "province",
    "province_adjacency",
    "division_count",
    "series_break",
    "published_figure",
    "indicator_input",
    "data_dictionary",
    "label",
    "run_timing",
}


@pytest.fixture(scope="session")
def promised(contract: Path) -> Contract:
    return read_contract(contract)


def columns_of(workspace: Workspace, table: str) -> list[str]:
    return list(
        rows(workspace, "select column_name from duckdb_columns() where table_name = ?", [table])["column_name"]
    )


def key_of(workspace: Workspace, table: str) -> list[str]:
    sql = "from duckdb_constraints() where constraint_type = 'PRIMARY KEY' and table_name = ?"
    [key] = rows(workspace, sql, [table])["constraint_column_names"]
    return list(key)


def test_every_promised_table_is_declared_or_not_built_yet(promised: Contract) -> None:
    assert set(promised.tables) <= set(TABLES)
    assert set(promised.kept) <= set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_promised_columns_are_there(demo: Workspace, promised: Contract, table: str) -> None:
    if table not in promised.tables:
        return  # names may be added at any time
    promise = promised.tables[table]
    wanted = [*promise.grain, *promise.columns]
    for phrase in promise.phrases:
        wanted += PHRASES[phrase](demo)
    found = columns_of(demo, table)
    assert [name for name in wanted if name not in found] == []
    assert (resolve_current(demo.root) / "parquet" / f"{table}.parquet").is_file()


@pytest.mark.parametrize("table", TABLES)
def test_the_promised_grain_is_part_of_the_key_and_unique(demo: Workspace, promised: Contract, table: str) -> None:
    if table not in promised.tables:
        return
    grain = promised.tables[table].grain
    # Where a study may be of another unit, province_code can be NULL and entity_code stands in the key for it.
    stands_for = {"province_code": "entity_code"} if "entity_level" in columns_of(demo, table) else {}
    assert {stands_for.get(name, name) for name in grain} <= set(key_of(demo, table))
    named = ", ".join(f'"{name}"' for name in grain)
    twice = rows(demo, f"select {named} from {table} group by all having count(*) > 1")
    assert twice.empty


@pytest.mark.parametrize("table", TABLES)
def test_results_carry_their_identity_and_never_leave_it_empty(demo: Workspace, promised: Contract, table: str) -> None:
    if table not in promised.carriers:
        return
    found = columns_of(demo, table)
    assert [name for name in promised.identity if name not in found] == []
    empty = " or ".join(f"{name} is null" for name in promised.identity)
    assert rows(demo, f"from {table} where {empty}").empty


def published(workspace: Workspace) -> set[str]:
    return set(rows(workspace, "select table_name from duckdb_tables()")["table_name"])


def test_every_declared_table_is_published_and_the_manifest_says_why_one_is_empty(demo: Workspace) -> None:
    [notes] = rows(demo, "select notes from run_manifest")["notes"]
    explained = {line.split(":")[0] for line in notes.splitlines() if re.match(r"\w+: empty[:,] ", line)}
    assert published(demo) == set(TABLES)
    assert explained == {table for table in TABLES if rows(demo, f"from {table} limit 1").empty}
    assert not {"city_pair", "city_year", "vintage_conflict"} & explained


@pytest.mark.parametrize("table", TABLES)
def test_a_published_table_is_as_the_catalog_declares_it(demo: Workspace, table: str) -> None:
    declared = TABLES[table]
    described = rows(demo, f"describe {table}")
    types = {name: column.type for name, column in declared.columns.items()}
    assert dict(zip(described["column_name"], described["column_type"], strict=True)) == types
    assert list(described["column_name"]) == list(declared.columns)
    assert key_of(demo, table) == list(declared.key)
    assert table in MAY_BE_EMPTY or len(rows(demo, f"from {table} limit 1")) == 1


@pytest.mark.parametrize("table", TABLES)
def test_units_stand_in_the_dictionary_and_in_the_comments(demo: Workspace, table: str) -> None:
    if table not in published(demo):
        return
    units = {name: column.unit for name, column in TABLES[table].columns.items()}
    told = rows(demo, "select column_name, unit from data_dictionary where table_name = ?", [table])
    assert told.astype(object).where(told.notna(), None).set_index("column_name")["unit"].to_dict() == units
    comments = rows(demo, "select column_name, comment from duckdb_columns() where table_name = ?", [table])
    for name, comment in zip(comments["column_name"], comments["comment"], strict=True):
        assert units[name] is None or f"[{units[name]}" in comment, name
    if table in {"province_year", "city_year"}:
        assert {name for name, unit in units.items() if unit is None} == {*TABLES[table].key, "data_kind"}


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
    judged = [suite for table in TABLES if (suite := suite_for(table)) is not None]
    assert {"city_pair", "city_year"} <= {suite.table for suite in judged}
    for suite in judged:
        study = next((one for one in SAMPLED if suite.table in results_of(one)), SAMPLED[0])
        own = {check.name for check in suite.checks(study)}
        outcomes = checks[(checks["table_name"] == suite.table) & checks["check_name"].isin(own)]
        assert len(outcomes) == len(own), suite.table
        assert (outcomes["observed"] != NOTHING).any(), f"{suite.table}: there was nothing to judge"
    failed = checks[~checks["passed"]]
    # One file of the sample must be refused, one names doctors twice, and the study's years contain breaks of series.
    others = [name for name in failed["check_name"] if "_series_break_" not in name]
    assert others == ["no_file_partial", "no_file_refused"]
    assert len(failed) > 1
    assert set(failed["severity"]) == {"warning"}
    assert (checks["description"].str.len() > 0).all()
    assert (checks["description_zh"].str.len() > 0).all()
