"""A folder of files: contradictions between them, re-use of unchanged ones, identical bytes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from catalog import Sources
from ingestion.lake import SCHEMAS, LakeSummary, build_lake, input_files
from tests.ingestion.conftest import declared, nbs_text


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
    monkeypatch.setattr("ingestion.lake.input_files", lambda root, sources: input_files(root, sources)[::-1])
    build(tmp_path, lake="two")
    for name in SCHEMAS:
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
    assert list(table(tmp_path, "source_file")["path"]) == ["a.csv"]
