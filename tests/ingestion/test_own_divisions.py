"""A workspace with its own facts about divisions: a city recoded after the packaged record, from files to the lake."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from rich.console import Console

from catalog import Sources, load_registry, load_sources
from catalog.base import CatalogError
from ingestion import build_lake, read_file
from medpanel.inspection.inspecting import inspect
from medpanel.templates import write_template
from tests.ingestion.conftest import declared
from tests.ingestion.places.conftest import LAST
from tests.ingestion.test_city_panel import CITY, of

# Invented: 嘉峪关市 gets another name and code.
CHANGES = (f"prefecture,620200,嘉峪关市,,{LAST},621300,,,invented", f"prefecture,621300,祁连市,{LAST + 1},,,,,invented")
FILES = {
    "before.csv": f"city,year,index\n嘉峪关市,{LAST},200\n",
    "after.csv": f"city,year,index\n祁连市,{LAST + 1},210\n",
}


def declare(raw: Path, **keys: Any) -> tuple[Sources, Path]:
    """sources.yaml beside the files, and what it says."""
    entry = {"match": "*.csv", "vintage": "v", "publisher": "p", "licence": "l", "accessed": "2026-01-01", **CITY}
    entry["panel"] = entry["panel"] | keys.pop("panel", {})
    content = {"data_kind": "real", "studies": [], "vintages": ["v"], "files": [entry], **keys}
    (raw / "sources.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return load_sources(raw / "sources.yaml")


def write_changes(folder: Path, *changes: str) -> None:
    with (folder / "changes.csv").open("a", encoding="utf-8") as stream:
        stream.write("".join(f"{line}\n" for line in changes))


@pytest.fixture
def raw(tmp_path: Path) -> Iterator[Path]:
    """Two files of the city, and the folder the template writes, with its two changes."""
    folder = tmp_path / "raw"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_text(content, encoding="utf-8")
    path, _ = write_template("divisions", folder, None, ())
    write_changes(path, *CHANGES)
    yield folder


def table(lake: Path, name: str) -> list[dict[str, Any]]:
    return list(pq.read_table(lake / f"{name}.parquet").to_pylist())


def test_a_recoded_city_loads_in_both_years_once_the_change_is_given(raw: Path, tmp_path: Path) -> None:
    """In a lake kept from a run before, and read by two processes: neither keeps the older answer."""
    lake = tmp_path / "lake"
    (raw / "divisions").rename(tmp_path / "divisions")
    build_lake(declare(raw)[1], declare(raw)[0], lake, lambda line: None)
    refused = {record["code"] for record in table(lake, "rejected_row")}
    assert [record["entity_code"] for record in table(lake, "observation")] == [620200]
    assert "place_after_record" in refused and max(row["year"] for row in table(lake, "division_count")) == LAST

    (tmp_path / "divisions").rename(raw / "divisions")
    sources, root = declare(raw, divisions="divisions")
    summary = build_lake(root, sources, lake, lambda line: None, processes=2)
    assert [path for path, _, _ in summary.timings] == ["after.csv", "before.csv"] and not summary.reused
    figures = {record["year"]: record["entity_code"] for record in table(lake, "observation")}
    assert figures == {LAST: 620200, LAST + 1: 621300} and table(lake, "rejected_row") == []
    assert {row["last_year"] for row in table(lake, "place") if row["code"] == 620200} == {LAST}
    assert max(row["year"] for row in table(lake, "division_count")) == LAST + 1


def test_the_old_city_has_no_figure_of_its_own_any_more(raw: Path) -> None:
    (raw / "after.csv").write_text(f"city,year,index\n嘉峪关市,{LAST + 1},210\n", encoding="utf-8")
    sources, root = declare(raw, divisions="divisions")
    reading = read_file(root, raw / "after.csv", sources, load_registry())
    assert {record["entity_code"] for record in reading.observation} == {621300}, "a new code is the same city"
    merger = CHANGES[0].replace("621300", "620900")
    write_template("divisions", raw / "other", None, ())
    write_changes(raw / "other" / "divisions", merger)
    sources, root = declare(raw, divisions="other/divisions")
    reading = read_file(root, raw / "after.csv", sources, load_registry())
    assert not reading.observation and "place_taken_in" in {record["code"] for record in reading.rejected_row}


def test_contradictory_facts_stop_the_reading(raw: Path, tmp_path: Path) -> None:
    write_changes(raw / "divisions", f"county,130112,正定区,{LAST + 1},,,,130199,invented")
    sources, root = declare(raw, divisions="divisions")
    told = r"changes.csv: row 4, column also_from: found 130199"
    with pytest.raises(CatalogError, match=told):
        build_lake(root, sources, tmp_path / "lake", lambda line: None)
    with pytest.raises(CatalogError, match=told):
        inspect(raw, None, Console(file=io.StringIO()))


def test_codes_of_a_year_after_the_record_are_carried_and_remarked_on(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("city,year,index\n石家庄市,2017,200\n", encoding="utf-8")
    reading = read_file(tmp_path, path, declared(**of(code_year=LAST + 3)), load_registry())
    assert [record["entity_code"] for record in reading.observation] == [130100]
    [remark] = reading.rejected_row
    assert remark["code"] == "codes_carried" and remark["row"] == 0
    for text in (remark["reason"], remark["reason_zh"]):
        assert str(LAST) in text and str(LAST + 3) in text and "medpanel template divisions" in text
    assert not read_file(tmp_path, path, declared(**of(code_year=LAST)), load_registry()).rejected_row


@pytest.mark.parametrize("panel", [{"code_year": 1980}, {"other_names": [{"code_column": "c", "year": 1970}]}])
def test_codes_of_a_year_before_the_record_are_an_error(raw: Path, panel: dict[str, Any]) -> None:
    with pytest.raises(CatalogError, match=r"\*\.csv: panel: codes of 19\d0; the record of divisions begins with 1981"):
        declare(raw, panel=panel)
