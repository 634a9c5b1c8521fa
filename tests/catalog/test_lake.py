"""The declaration of the lake's tables: what it refuses, and that everything typed by hand elsewhere is gone."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from catalog.lake import LakeTable, load_lake, shown_tables, staged_tables
from ingestion.schemas import BULK, OF_EACH_FILE, PRIVATE, SCHEMAS, SORT


def table(**changed: Any) -> LakeTable:
    column = {"type": "INTEGER", "en": "Code", "zh": "代码"}
    given = {"made": "records", "order": ["code"], "en": "Units.", "zh": "单位。", "columns": {"code": column}}
    return LakeTable.model_validate(given | changed)


@pytest.mark.parametrize("key", [{"order": ["name"]}, {"key": ["name"]}, {"refers": {"name": "city.name"}}])
def test_a_column_that_is_not_declared_is_named(key: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="columns not declared: \\['name'\\]"):
        table(**key)


@pytest.mark.parametrize(("made", "order"), [("whole", ["code"]), ("records", []), ("run", [])])
def test_only_what_files_yield_whole_goes_without_an_order(made: str, order: list[str]) -> None:
    with pytest.raises(ValidationError, match="needs an order"):
        table(made=made, order=order)


def test_a_misspelt_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="reech"):
        table(reech="private")


def test_ingestion_writes_exactly_what_is_declared() -> None:
    declared = load_lake()
    assert {name: schema.names for name, schema in SCHEMAS.items()} == {n: list(t.columns) for n, t in declared.items()}
    assert [str(kind) for kind in SCHEMAS["boundary"].types] == [
        "string", "string", "int32", "string", "string", "binary", "string", "int32"
    ]  # fmt: skip
    assert set(SORT) == set(declared) - set(BULK)
    assert set(OF_EACH_FILE) == {"observation", "missing_cell", "refused_cell", "rejected_row", "pilot"}


def test_records_of_persons_reach_neither_dagster_nor_dbt() -> None:
    assert set(PRIVATE) == {"respondent", "refused_respondent", "survey_edge", "doctor"}
    assert not PRIVATE & shown_tables().keys()
    assert set(staged_tables()) < set(shown_tables())
