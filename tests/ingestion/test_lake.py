"""A folder of files: contradictions between them, re-use of unchanged ones, identical bytes."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from catalog import Sources
from catalog.base import CatalogError, Told
from ingestion.build.lake import LakeSummary, _one_per_place, build_lake, input_files
from ingestion.build.reading_cache import RECORD, code_sha256
from ingestion.schemas import SHOWN
from tests.ingestion.conftest import PROVINCES, declared, nbs_text
from tests.ingestion.test_pilot_list import listing


def put(root: Path, name: str, text: str) -> None:
    root.mkdir(exist_ok=True)
    (root / name).write_bytes(text.encode("gb18030"))


def build(tmp_path: Path, sources: Sources | None = None, lake: str = "lake") -> LakeSummary:
    (tmp_path / lake).mkdir(exist_ok=True)
    return build_lake(tmp_path / "raw", sources or declared(), tmp_path / lake, lambda line: None)


def table(tmp_path: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(tmp_path / "lake" / f"{name}.parquet")


def test_the_same_figure_with_different_values_in_one_vintage_is_refused_on_both_sides(tmp_path: Path) -> None:
    put(tmp_path / "raw", "a.csv", nbs_text())
    put(tmp_path / "raw", "b.csv", nbs_text(cells={(2, 0): "1020.6"}))
    build(tmp_path)
    rejected = table(tmp_path, "rejected_row")
    assert list(rejected["code"]) == ["conflict", "conflict"]
    assert set(rejected["cell"]) == {"B7"}
    assert "b.csv B7 = 1020.6" in " ".join(rejected["reason"])
    observation = table(tmp_path, "observation")
    assert len(observation) == 2 * 61
    assert list(table(tmp_path, "source_file")["cells_rejected"]) == [1, 1]


def test_different_vintages_do_not_conflict(tmp_path: Path) -> None:
    put(tmp_path / "raw", "a.csv", nbs_text())
    put(tmp_path / "raw", "b.csv", nbs_text(cells={(2, 0): "1020.6"}))
    entry = {"publisher": "t", "licence": "t", "accessed": "2026-01-01"}
    files = ({"match": "a*", "vintage": "v1", **entry}, {"match": "b*", "vintage": "v0", **entry})
    sources = Sources(data_kind="synthetic", studies=(), vintages=("v1", "v0"), files=files)
    build(tmp_path, sources)
    assert len(table(tmp_path, "observation")) == 124
    assert table(tmp_path, "rejected_row").empty
    assert list(table(tmp_path, "source_file")["vintage_rank"]) == [0, 1]


def test_declared_splices_stand_in_the_lake(tmp_path: Path) -> None:
    put(tmp_path / "raw", "a.csv", nbs_text())
    entry = {"match": "a*", "vintage": "v1", "publisher": "t", "licence": "t", "accessed": "2026-01-01"}
    splices = ({"indicators": ("land_area", "gdp"), "vintages": ("v1", "v0"), "reason": "one edition"},)
    sources = Sources(data_kind="synthetic", studies=(), vintages=("v1", "v0"), splices=splices, files=(entry,))
    build(tmp_path, sources)
    found = table(tmp_path, "declared_splice")
    assert found.pop("link").isna().all()
    assert list(found.itertuples(index=False, name=None)) == [
        (name, vintage, "one edition") for name in ("gdp", "land_area") for vintage in ("v0", "v1")
    ]
    build(tmp_path)
    assert table(tmp_path, "declared_splice").empty


def test_a_wrong_file_does_not_stop_the_others(tmp_path: Path) -> None:
    put(tmp_path / "raw", "a.csv", nbs_text())
    put(tmp_path / "raw", "b.csv", "nonsense")
    build(tmp_path)
    source = table(tmp_path, "source_file").set_index("path")
    assert source.loc["a.csv", "status"] == "loaded"
    assert source.loc["b.csv", "status"] == "refused"
    assert (source["rows_read"] == source[["rows_loaded", "rows_rejected", "rows_set_aside"]].sum(axis=1)).all()


def test_unchanged_files_are_reused_and_changed_ones_are_not(tmp_path: Path) -> None:
    put(tmp_path / "raw", "a.csv", nbs_text())
    put(tmp_path / "raw", "b.csv", nbs_text("年末常住人口(万人)"))
    assert build(tmp_path).reused == 0
    before = table(tmp_path, "observation")
    assert build(tmp_path).reused == 2
    pd.testing.assert_frame_equal(before, table(tmp_path, "observation"))
    put(tmp_path / "raw", "a.csv", nbs_text(cells={(0, 0): "4321.5"}))
    assert build(tmp_path).reused == 1
    assert 4321.5 in set(table(tmp_path, "observation")["value"])
    assert build(tmp_path, declared(note="declaration changed")).reused == 0


def test_lake_bytes_do_not_depend_on_run_or_file_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "raw", "a.csv", nbs_text())
    put(tmp_path / "raw", "b.csv", nbs_text("年末常住人口(万人)"))
    put(tmp_path / "raw", "c.csv", nbs_text(cells={(2, 0): "1020.6"}))
    build(tmp_path, lake="one")
    monkeypatch.setattr("ingestion.build.lake.input_files", lambda root, sources: input_files(root, sources)[::-1])
    build(tmp_path, lake="two")
    for name in SHOWN:
        one, two = ((tmp_path / lake / f"{name}.parquet").read_bytes() for lake in ("one", "two"))
        assert one == two, name


def test_names_that_are_no_data_are_passed_over(tmp_path: Path) -> None:
    put(tmp_path / "raw", "a.csv", nbs_text())
    for name in ("sources.yaml", "truth.json", "~$a.xlsx", ".hidden"):
        put(tmp_path / "raw", name, "x")
    assert [p.name for p in input_files(tmp_path / "raw", declared())] == ["a.csv"]


def test_declared_scope_looks_only_at_declared_files(tmp_path: Path) -> None:
    put(tmp_path / "raw", "a.csv", nbs_text())
    put(tmp_path / "raw", "b.csv", nbs_text())
    sources = declared(match="a.csv").model_copy(update={"scope": "declared"})
    assert [p.name for p in input_files(tmp_path / "raw", sources)] == ["a.csv"]


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    with pytest.raises(FileNotFoundError, match="no input files"):
        build(tmp_path)


def test_an_unreadable_file_is_a_refusal_not_a_crash(tmp_path: Path) -> None:
    put(tmp_path / "raw", "a.csv", nbs_text())
    (tmp_path / "raw" / "dangling.csv").symlink_to(tmp_path / "nowhere")
    build(tmp_path)
    source = consistent(tmp_path)
    assert source["status"].to_dict() == {"a.csv": "loaded", "dangling.csv": "refused"}
    assert set(table(tmp_path, "rejected_row")["code"]) == {"no_regular_file"}


def spoken(tmp_path: Path, sources: Sources | None = None) -> list[Any]:
    """What build_lake says."""
    (tmp_path / "lake").mkdir(exist_ok=True)
    lines: list[Any] = []
    build_lake(tmp_path / "raw", sources or declared(), tmp_path / "lake", lines.append)
    return lines


def consistent(tmp_path: Path) -> pd.DataFrame:
    """source_file, checked: rows add up, as many whole rows are listed as counted, status follows the rows."""
    source, rejected = table(tmp_path, "source_file"), table(tmp_path, "rejected_row")
    assert (source["rows_read"] == source[["rows_loaded", "rows_rejected", "rows_set_aside"]].sum(axis=1)).all()
    whole = rejected[(rejected["cell"] == "") & (rejected["row"] > 0)].groupby("file_id").size()
    assert (
        source.set_index("file_id")["rows_rejected"].to_dict()
        == whole.reindex(source["file_id"], fill_value=0).to_dict()
    )
    assert (source["status"].eq("refused") == source["rows_loaded"].eq(0)).all()
    return source.set_index("path")


def test_a_row_all_of_whose_figures_contradict_is_rejected(tmp_path: Path) -> None:
    put(tmp_path / "raw", "a.csv", nbs_text())
    put(tmp_path / "raw", "b.csv", nbs_text(cells={(2, 0): "1020.6", (2, 1): "1021.6"}))
    build(tmp_path)
    source = consistent(tmp_path)
    assert list(source["rows_loaded"]) == [30, 30]
    assert list(source["rows_rejected"]) == [1, 1]
    rejected = table(tmp_path, "rejected_row")
    assert set(rejected.loc[rejected["cell"] == "", "code"]) == {"row_refused"}
    assert set(rejected.loc[rejected["cell"] == "", "row"]) == {7}


def test_files_that_contradict_each_other_everywhere_are_refused_as_a_whole(tmp_path: Path) -> None:
    other = {(i, j): f"{2000 + i + j}.5" for i in range(31) for j in range(2)}
    put(tmp_path / "raw", "a.csv", nbs_text())
    put(tmp_path / "raw", "b.csv", nbs_text(cells=other))
    build(tmp_path)
    source = consistent(tmp_path)
    assert list(source["status"]) == ["refused", "refused"]
    assert list(source["rows_rejected"]) == [31, 31]
    assert "a different value" in source["problem"].iloc[0]


def test_a_file_without_any_figure_yet_is_loaded(tmp_path: Path) -> None:
    put(tmp_path / "raw", "a.csv", nbs_text(cells={(i, j): "" for i in range(31) for j in range(2)}))
    build(tmp_path)
    source = consistent(tmp_path)
    assert (source.loc["a.csv", "status"], source.loc["a.csv", "cells_missing"]) == ("loaded", 62)


def test_pilots_in_two_files(tmp_path: Path) -> None:
    second = {"county_code": "130104"}
    put(tmp_path / "raw", "a.csv", listing({}, second).decode())
    put(tmp_path / "raw", "b.csv", listing({}, {**second, "status": "extension"}, {"county_code": "130105"}).decode())
    build(tmp_path)
    source = consistent(tmp_path)
    assert list(source["rows_loaded"]) == [1, 1]
    pilots = table(tmp_path, "pilot")
    assert list(pilots["unit_code"]) == [130102, 130105]
    rejected = table(tmp_path, "rejected_row").sort_values(["file_id", "row"])
    assert sorted(rejected["code"]) == ["pilot_conflict", "pilot_conflict", "repeated_pilot"]
    same = rejected.loc[rejected["code"] == "repeated_pilot", "reason"].iloc[0]
    assert same.startswith("b.csv, row 2")
    assert "a.csv A2" in same
    for reason in rejected.loc[rejected["code"] == "pilot_conflict", "reason"]:
        assert "a.csv" in reason
        assert "b.csv" in reason


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"key": 1}', "null"])
def test_a_damaged_copy_of_a_reading_only_costs_time(tmp_path: Path, damage: str) -> None:
    put(tmp_path / "raw", "a.csv", nbs_text())
    build(tmp_path)
    before = table(tmp_path, "observation")
    [kept] = (tmp_path / "lake" / "files").glob("*.json")
    whole = kept.read_text(encoding="utf-8")
    for text in (damage, whole[: len(whole) // 2], whole.replace('"pilot"', '"other"')):
        kept.write_text(text, encoding="utf-8")
        (tmp_path / "lake" / RECORD).unlink()
        assert build(tmp_path).reused == 0
        pd.testing.assert_frame_equal(before, table(tmp_path, "observation"))
    assert build(tmp_path).reused == 1


def said(tmp_path: Path, **options: Any) -> tuple[LakeSummary, list[str]]:
    """The summary of a reading and the lines it says."""
    lines: list[str] = []
    return build_lake(tmp_path / "raw", declared(), tmp_path / "lake", lines.append, **options), lines


def stamps(tmp_path: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (tmp_path / "lake").glob("*.parquet")}


def test_a_lake_with_nothing_changed_stays_as_it_is_and_says_the_same(tmp_path: Path) -> None:
    put(tmp_path / "raw", "a.csv", nbs_text())
    put(tmp_path / "raw", "b.csv", "no layout")
    (tmp_path / "lake").mkdir()
    first, before = said(tmp_path)
    written = stamps(tmp_path)
    again, after = said(tmp_path)
    assert stamps(tmp_path) == written and again.files == () and first.files
    assert (again.rows, again.inputs_sha256, again.reused) == (first.rows, first.inputs_sha256, 2)
    assert [line for line in after if "refused" in line] == [line for line in before if "refused" in line] != []


@pytest.mark.parametrize("change", ["file", "name", "table damaged", "table gone", "record damaged", "fresh"])
def test_a_lake_is_written_anew_where_anything_changed(tmp_path: Path, change: str) -> None:
    put(tmp_path / "raw", "a.csv", nbs_text())
    path = tmp_path / "raw" / "a.csv"
    (tmp_path / "lake").mkdir()
    said(tmp_path)
    whole, lake = table(tmp_path, "observation"), tmp_path / "lake"
    if change == "file":
        path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    elif change == "name":
        path.rename(path.with_name("b.csv"))
    elif change == "table damaged":
        (lake / "observation.parquet").write_bytes((lake / "observation.parquet").read_bytes()[:-1])
    elif change == "table gone":
        (lake / "pilot.parquet").unlink()
    elif change == "record damaged":
        (lake / RECORD).write_text((lake / RECORD).read_text(encoding="utf-8")[:-9], encoding="utf-8")
    summary, _ = said(tmp_path, fresh=change == "fresh")
    assert summary.files and summary.reused == (0 if change in {"file", "fresh", "name"} else 1)
    if "damaged" in change or change in {"table gone", "fresh"}:
        pd.testing.assert_frame_equal(table(tmp_path, "observation"), whole)


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: bytes(reversed(b)), lambda b: b""])
def test_every_damaged_file_of_the_lake_is_made_again_from_the_input(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    put(tmp_path / "raw", "a.csv", nbs_text())
    build(tmp_path)
    lake = tmp_path / "lake"
    whole = {path: path.read_bytes() for path in sorted(lake.rglob("*.parquet"))}
    assert len(whole) > 15
    for path, content in whole.items():
        path.write_bytes(damage(content))
    build(tmp_path)
    assert {path: path.read_bytes() for path in sorted(lake.rglob("*.parquet"))} == whole


def test_decomposed_file_names_are_the_same_names(tmp_path: Path) -> None:
    composed = "caf\u00e9.csv"
    put(tmp_path / "raw", unicodedata.normalize("NFD", composed), nbs_text())
    for match in (composed, unicodedata.normalize("NFD", composed)):
        sources = declared(match=match).model_copy(update={"scope": "declared"})
        assert build(tmp_path, sources).rows["observation"] == 62
        assert list(table(tmp_path, "source_file")["path"]) == [composed]
    assert build(tmp_path, sources).reused == 1


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="such names cannot exist there")
def test_two_names_that_look_the_same(tmp_path: Path) -> None:
    put(tmp_path / "raw", "caf\u00e9.csv", nbs_text())
    put(tmp_path / "raw", "cafe\u0301.csv", nbs_text())
    with pytest.raises(CatalogError, match="two files have the same name"):
        build(tmp_path)


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="such names cannot exist there")
def test_a_name_that_is_no_text_refuses_its_file_only(tmp_path: Path) -> None:
    put(tmp_path / "raw", "a.csv", nbs_text())
    (tmp_path / "raw" / os.fsdecode(b"\xd6\xd0.csv")).write_bytes(nbs_text().encode("gbk"))
    build(tmp_path)
    source = consistent(tmp_path)
    assert source["status"].to_dict() == {"a.csv": "loaded", "\\xd6\\xd0.csv": "refused"}
    assert set(table(tmp_path, "rejected_row")["code"]) == {"file_name"}


def test_entries_no_file_is_read_by_are_named(tmp_path: Path) -> None:
    put(tmp_path / "raw", "a.csv", nbs_text())
    entry = {"vintage": "v", "publisher": "p", "licence": "l", "accessed": "2026-01-01"}
    files = tuple({"match": match, **entry} for match in ("a*", "a.csv", "b.csv"))
    lines = spoken(tmp_path, Sources(data_kind="real", studies=(), vintages=("v",), files=files))
    named = [line for line in lines if "no file is read by" in line]
    assert [line.partition("found ")[2].partition(";")[0] for line in named] == ["'a.csv'", "'b.csv'"], (
        "one taken by an earlier entry, one absent"
    )
    assert not [line for line in spoken(tmp_path) if "no file is read by" in line]


def test_absent_province_years_are_said(tmp_path: Path) -> None:
    lines = ["省份,年份,总人口(万人)", *(f"{name},{year},1000" for name in PROVINCES for year in (2018, 2019))]
    put(tmp_path / "raw", "a.csv", "\n".join(lines[:-1]))
    sources = declared(layout="long_panel", entity_column="省份", year_column="年份")
    absent = Told("a.csv: 1 province-years have no usable row", "a.csv：1个省份年份没有可用的行")
    assert absent in spoken(tmp_path, sources)
    [again] = spoken(tmp_path, sources)
    assert (again.en, again.zh) == (absent.en, absent.zh), "also when the reading is re-used"


ADJACENCY = "dbt/seeds/province_adjacency.csv"


def test_only_what_decides_how_a_file_is_read_ends_its_reuse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("ingestion", "catalog", "catalog/inputs", "dbt/seeds"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("ingestion/a.py", "catalog/b.yaml", "catalog/inputs/c.yaml", "dbt/seeds/province.csv", ADJACENCY):
        (tmp_path / name).write_text("1", encoding="utf-8")
    monkeypatch.setattr("ingestion.build.reading_cache.PROJECT_DIR", tmp_path)
    before = code_sha256.__wrapped__()
    (tmp_path / "catalog/inputs/c.yaml").write_text("2", encoding="utf-8")
    assert code_sha256.__wrapped__() == before, "declarations and corrections have keys of their own"
    for name in ("ingestion/a.py", "catalog/b.yaml", "dbt/seeds/province.csv", ADJACENCY):
        (tmp_path / name).write_text("2", encoding="utf-8")
        assert code_sha256.__wrapped__() != before, name
        before = code_sha256.__wrapped__()


def test_several_remarks_on_one_place_are_one_row() -> None:
    def remark(code: str, row: int) -> dict[str, object]:
        place = {"file_id": "f", "sheet": "", "row": row, "cell": ""}
        return place | {"code": code, "reason": f"{code}.", "reason_zh": f"{code}。", "raw": "x"}

    found = _one_per_place([remark("a", 0), remark("b", 0), remark("a", 1), remark("a", 0)])
    assert [(r["row"], r["code"]) for r in found] == [(0, "a+b"), (1, "a")]
    assert found[0]["reason"] == "a.\nb.\na."
