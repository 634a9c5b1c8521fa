"""Every source, seed, model and column is described in both languages, and nothing undeclared is built."""

from __future__ import annotations

import json
import re
from typing import Any

import duckdb
import pytest

from catalog.tables import load_tables

CHINESE, LATIN = re.compile("[一-鿿]"), re.compile("[A-Za-z]{3}")


@pytest.fixture(scope="module")
def resources(good: Any) -> dict[str, dict[str, Any]]:
    """Sources (as lake.<name>), seeds and models of the manifest by name."""
    manifest = json.loads((good.warehouse.parent / "target" / "manifest.json").read_text(encoding="utf-8"))
    nodes = {n["name"]: n for n in manifest["nodes"].values() if n["resource_type"] in ("model", "seed")}
    return nodes | {f"lake.{n['name']}": n for n in manifest["sources"].values()}


def test_everything_is_described_in_both_languages(resources: dict[str, dict[str, Any]]) -> None:
    silent = []
    for name, node in resources.items():
        texts = {"": node["description"]} | {c["name"]: c["description"] for c in node["columns"].values()}
        silent += [
            (name, column) for column, text in texts.items() if not (CHINESE.search(text) and LATIN.search(text))
        ]
    assert silent == []


def test_described_columns_are_the_built_ones(good: Any, resources: dict[str, dict[str, Any]]) -> None:
    with duckdb.connect(str(good.warehouse), read_only=True) as connection:
        for name, node in resources.items():
            built = [row[:2] for row in connection.execute(f"describe {name}").fetchall()]
            described = [(c["name"], c["data_type"]) for c in node["columns"].values()]
            assert built == described, name


def test_units_stand_in_meta(resources: dict[str, dict[str, Any]]) -> None:
    for table in load_tables().values():
        if table.origin == "dbt":
            columns = resources[table.name]["columns"]
            found = {name: column["config"]["meta"].get("unit") for name, column in columns.items()}
            assert found == {n: c.unit for n, c in table.columns.items() if n != "data_kind"}
            assert resources[table.name]["config"]["meta"]["key"] == list(table.key)


def test_the_warehouse_holds_nothing_else(good: Any, resources: dict[str, dict[str, Any]]) -> None:
    with duckdb.connect(str(good.warehouse), read_only=True) as connection:
        rows = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
    built = {name if schema == "main" else f"{schema}.{name}" for schema, name in rows}
    assert built == set(resources)
