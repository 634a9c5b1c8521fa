"""datapackage.json says of every published table what its file holds and under which licences, of no other file."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from catalog.tables import load_tables
from medpanel.publishing import Publication, publish
from medpanel.publishing.datapackage import NAME, NOT_OPEN, NOT_SPECIFIED, TYPES

TABLES = {name: table for name, table in load_tables().items() if not table.internal}


def described(folder: Path) -> dict[str, Any]:
    """The description, with its resources by name."""
    package: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
    return package | {"resources": {one["name"]: one for one in package["resources"]}}


def problems(folder: Path) -> list[str]:
    """Where the description and the files of a publication disagree."""
    resources = described(folder)["resources"]
    files = {path.stem: path for path in (folder / "parquet").iterdir()}
    found = [f"{name}: listed and published differ" for name in sorted(set(resources) ^ set(files))]
    for name in sorted(set(resources) & set(files)):
        content, told = files[name].read_bytes(), resources[name]
        if told["hash"] != f"sha256:{hashlib.sha256(content).hexdigest()}" or told["bytes"] != len(content):
            found.append(f"{name}: other bytes")
        else:
            rows = duckdb.execute("DESCRIBE FROM read_parquet(?)", [str(files[name])]).fetchall()
            types = [(column, TYPES[kind]) for column, kind, *_ in rows]
            fields = [(field["name"], field["type"]) for field in told["schema"]["fields"]]
            found += [f"{name}: {types} described as {fields}"] if types != fields else []
    return found


def test_every_published_table_is_described_as_its_file_is(published: Path) -> None:
    assert problems(published) == []
    resources = described(published)["resources"]
    assert set(resources) == set(TABLES)
    for name, told in resources.items():
        assert (published / told["path"]).is_file()
        assert told["schema"]["primaryKey"] == list(TABLES[name].key)
        assert (told["title"], told["title_zh"]) == (TABLES[name].en, TABLES[name].zh)
        assert TABLES[name].source in told["description"]
        for field in told["schema"]["fields"]:
            column = TABLES[name].columns[field["name"]]
            assert (field["title"], field["title_zh"]) == (column.en, column.zh)
            assert field.get("unit") == column.unit
            assert (column.headers or "") in field["description"]


@pytest.mark.parametrize("fault", ["byte", "longer", "gone", "added", "type"])
def test_a_file_that_is_not_as_described_is_found(published: Path, tmp_path: Path, fault: str) -> None:
    folder = tmp_path / "copy"
    (folder / "parquet").mkdir(parents=True)
    for path in (published / NAME, *(published / "parquet").iterdir()):
        shutil.copyfile(path, folder / path.relative_to(published))
    file = folder / "parquet" / "estimate.parquet"
    content = bytearray(file.read_bytes())
    if fault == "byte":
        content[len(content) // 2] ^= 1
    file.write_bytes(content + b"0" * (fault == "longer"))
    if fault == "gone":
        file.unlink()
    if fault == "added":
        shutil.copyfile(file, file.with_name("another.parquet"))
    if fault == "type":
        text = (folder / NAME).read_text(encoding="utf-8")
        one, other = '"name": "p_value", "type": "number"', '"name": "p_value", "type": "string"'
        assert one in text
        (folder / NAME).write_text(text.replace(one, other), encoding="utf-8")
    assert [line.split(":")[0] for line in problems(folder)] == {
        "added": ["another"], "type": [name for name in sorted(TABLES) if "p_value" in TABLES[name].columns],
    }.get(fault, ["estimate"])  # fmt: skip


def test_the_description_is_a_data_package(published: Path) -> None:
    """What the Frictionless standard (version 2) asks of a package, its resources, fields and licences."""
    package = described(published)
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert package["name"] == "medpanel-synthetic"
    assert package["created"].endswith("Z") and len(package["created"]) == 20
    kinds = {"integer", "number", "string", "boolean", "date", "datetime"}
    for told in package["resources"].values():
        assert not Path(told["path"]).is_absolute() and ".." not in told["path"]
        assert {field["type"] for field in told["schema"]["fields"]} <= kinds
        assert set(told["schema"]["primaryKey"]) <= {field["name"] for field in told["schema"]["fields"]}
        assert told["licenses"] and all(one["name"] and one["title"] for one in told["licenses"])
        assert told["sources"] and all(one["title"] for one in told["sources"])


def test_version_and_run_stand_in_named_fields_as_in_the_manifest(
    published: Path, read: Callable[[Path, str], list[tuple[Any, ...]]]
) -> None:
    package = described(published)
    [(run, publication, version)] = read(published, "SELECT run_id, publication, publication_version FROM run_manifest")
    assert package["run"] == {"run_id": run, "publication": publication}
    assert package["version"] == version == f"0.1.0+{published.name}"
    text = json.dumps({**package, "run": 0, "version": 0, "created": 0}, ensure_ascii=False)
    # Who ran it, where and when stays where it is said to stay.
    assert run not in text and publication not in text and "2026-01-02" not in text


def test_generated_data_say_so_and_their_columns_too(published: Path) -> None:
    package = described(published)
    assert package["title"].startswith("SYNTHETIC DATA") and package["title_zh"].startswith("合成数据")
    for name, told in package["resources"].items():
        assert told["description"].startswith("SYNTHETIC DATA") == TABLES[name].labelled


def test_a_licence_is_never_more_than_its_source_states(publication: Publication, edit: Callable[[str], None]) -> None:
    """Two files: one whose re-publisher writes CC0 over somebody else's figures, one barred."""
    edit("UPDATE source_file SET status = 'loaded', licence = 'CC0-1.0', redistribution = 'allowed', publisher = 'NBS'")
    shut = "'PKU' AS publisher, 'dfiic' AS vintage, 'no redistribution' AS licence"
    edit(
        "INSERT INTO source_file BY NAME SELECT 'shut' AS file_id, 'shut.csv' AS path, 'loaded' AS status, "
        f"'barred' AS redistribution, {shut}"
    )
    edit("DELETE FROM barred_figure")
    edit(f"INSERT INTO barred_figure BY NAME SELECT 'province_year' AS table_name, 'gdp' AS series, {shut}, 1 AS files")
    edit("UPDATE observation SET chosen = true, entity_level = 'province', file_id = 'shut' WHERE year = 100001")
    resources = described(publish(replace(publication, data_kind="real")))["resources"]
    named = {licence["name"] for told in resources.values() for licence in told["licenses"]}
    assert named == {NOT_SPECIFIED, NOT_OPEN}
    wide = resources["province_year"]
    assert wide["redistribution"] == "barred"
    assert [one["series"] for one in wide["barred"]] == ["gdp"]
    assert {"title": "PKU", "version": "dfiic", "files": ["shut.csv"]} in wide["sources"]
    closed = [one for one in wide["licenses"] if one["name"] == NOT_OPEN]
    assert closed == [
        {"name": NOT_OPEN, "title": "no redistribution", "redistribution": "barred", "stated_for": ["PKU"]}
    ]
    # No row of these tables comes from the barred file, and no study rests on it that has rows in them.
    assert resources["city_year"]["redistribution"] != "barred"
    assert {one["title"] for one in resources["pilot"]["sources"]}.isdisjoint({"PKU"})
    # Both studies use gdp, so what they estimate rests on it.
    assert resources["estimate"]["redistribution"] == "barred"
    assert {one["series"] for one in resources["estimate"]["barred"]} == {"gdp"}
    assert "files" not in resources["estimate"]["sources"][0]
    # Facts nobody's input file gives claim nothing.
    assert [one["name"] for one in resources["province"]["licenses"]] == [NOT_SPECIFIED]
    assert resources["province"]["redistribution"] == "not_stated"
