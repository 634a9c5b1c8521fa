"""The generated files of the dbt project: current, complete, and found out when they are not."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml

from catalog.indicators import load_registry
from catalog.tables import load_tables
from medpanel.guide import generate
from medpanel.guide.generate import BREAKS, SEEDS, formula_sql, generated_files, stale_files, write_generated

# What an exposure is counted by: every option but the pilots' programmes and how it is shown.


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty dbt folder in place of the project's."""
    monkeypatch.setattr(generate, "DBT_DIR", tmp_path)
    return tmp_path


def test_committed_files_are_current() -> None:
    assert stale_files() == [], "run `medpanel generate` and commit what changed"


def test_rendering_writes_nothing(elsewhere: Path) -> None:
    assert generated_files() == generated_files()
    assert list(elsewhere.iterdir()) == []


def test_write_then_current(elsewhere: Path) -> None:
    assert set(stale_files()) == set(generated_files())
    assert set(write_generated()) == set(generated_files())
    assert stale_files() == []
    assert write_generated() == []


def test_missing_and_edited_files_are_stale(elsewhere: Path) -> None:
    write_generated()
    first, second, *others = generated_files()
    first.unlink()
    second.write_text(second.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert stale_files() == [first, second]
    assert set(write_generated()) == {first, second}
    assert others


def test_line_endings_are_no_difference(elsewhere: Path) -> None:
    write_generated()
    for path, text in generated_files().items():
        path.write_bytes(text.replace("\n", "\r\n").encode())
    assert stale_files() == []


def test_generated_files_say_so() -> None:
    for path, text in generated_files().items():
        if path.suffix != ".csv":
            assert "by `medpanel generate`; do not edit." in text.splitlines()[0]


def test_every_dbt_table_is_rendered() -> None:
    by_name = {path.name: text for path, text in generated_files().items()}
    models = yaml.safe_load(by_name["_marts.yml"])["models"]
    every = {entry["name"]: entry for entry in yaml.safe_load(by_name["_seeds.yml"])["seeds"]}
    # The model series_break adds columns to its seed.
    assert every.pop(BREAKS)["config"]["column_types"]
    seeds = list(every.values())
    expected = {name for name, table in load_tables().items() if table.origin == "dbt"}
    assert {entry["name"] for entry in models + seeds} == expected
    assert {entry["name"] for entry in seeds} == set(SEEDS)
    for entry in models + seeds:
        table = load_tables()[entry["name"]]
        assert [c["name"] for c in entry["columns"]] == [n for n in table.columns if n != "data_kind"]


def test_the_alternative_panel_has_the_columns_of_province_year() -> None:
    by_name = {path.name: text for path, text in generated_files().items()}
    [model] = yaml.safe_load(by_name["_province_year.yml"])["models"]
    panel = next(m for m in yaml.safe_load(by_name["_marts.yml"])["models"] if m["name"] == "province_year")
    assert model["name"] == "int_province_year_alternative"
    assert model["columns"][0]["name"] == "vintage"
    assert model["columns"][1:] == panel["columns"]
    [unique] = model["data_tests"]
    assert unique["unique_combination"]["arguments"]["columns"] == ["vintage", "province_code", "year"]


def test_each_kind_of_fill_has_its_macro() -> None:
    """The macros name exactly the indicators that ask for the fill, and no indicator asks for two."""
    text = next(text for path, text in generated_files().items() if path.name == "registry.sql")
    found = {}
    for kind in ("linear", "carry"):
        body = text.split(f"macro registry_fill_{kind}()")[1].split("endmacro")[0]
        found[kind] = [line.strip(' ",') for line in body.splitlines() if line.startswith('    "')]
        assert found[kind] == [i.id for i in load_registry().reported if i.fill == kind]
    assert "land_area" in found["carry"]
    assert not set(found["linear"]) & set(found["carry"])


def test_seed_files_have_the_declared_header() -> None:
    for name in SEEDS:
        [path] = (generate.DBT_DIR / "seeds").rglob(f"{name}.csv")
        with path.open(encoding="utf-8", newline="") as stream:
            assert next(csv.reader(stream)) == list(load_tables()[name].columns)


def test_formula_sql_groups_as_written_and_guards_divisors() -> None:
    assert formula_sql("a / b * 100") == "((a / nullif(b, 0)) * 100)"
    assert formula_sql("a / (b - c)") == "(a / nullif((b - c), 0))"
    assert formula_sql(" -a + 0.5 ") == "((-a) + 0.5)"


@pytest.mark.parametrize("formula", ["a ** b", "a // b", "f(a)", "a.b"])
def test_formula_sql_refuses_what_sql_reads_differently(formula: str) -> None:
    with pytest.raises(ValueError, match="cannot be written as SQL"):
        formula_sql(formula)


def test_formula_sql_equals_the_formula() -> None:
    """Every formula of the registry, evaluated by DuckDB and by Python on the same inputs."""
    import duckdb

    for indicator in load_registry().derived:
        values = {name: 7.0 + 3.0 * position for position, name in enumerate(indicator.inputs)}
        columns = ", ".join(f"{value}::double as {name}" for name, value in values.items())
        row = duckdb.execute(f"select {formula_sql(indicator.formula or '')} from (select {columns})").fetchone()
        assert row == (eval(indicator.formula or "", {"__builtins__": {}}, values),)
