"""Respondents stay in lake/private: no other file of the lake, and no message, holds one's id or answers."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest

from catalog import load_registry
from ingestion import FileReading, read_file
from ingestion.build.lake import build_lake
from ingestion.schemas import PRIVATE, SHOWN
from medpanel.runs.warehouse import show_lake
from tests.ingestion.conftest import declared
from tests.ingestion.survey.conftest import people, survey

Read = Callable[..., FileReading]


def build(folder: Path, frame: pd.DataFrame, lake: str = "lake") -> Path:
    (folder / "raw").mkdir(exist_ok=True)
    (folder / lake).mkdir(exist_ok=True)
    if not (folder / "raw" / "cmds.dta").exists():
        pyreadstat.write_dta(frame, str(folder / "raw" / "cmds.dta"))
    build_lake(folder / "raw", survey(), folder / lake, lambda line: None)
    return folder / lake


def marked() -> pd.DataFrame:
    """Respondents with ids found nowhere else; the last ones are refused for one reason each."""
    changes = [{}, {"w_l": 7.125}, {"q101j1a": ""}, {"q101l1": 1.0}, {"C2": "张三丰"}, {"q101j1a": "13812345678"}]
    frame = people(*changes)
    frame["newID"] = [f"SECRET-ID-{number}" for number in range(len(frame))]
    return frame


def holds(path: Path, words: tuple[str, ...]) -> bool:
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        text = table.to_pandas().to_csv() + str(table.schema.metadata)
    else:
        text = path.read_text(encoding="utf-8")
    return any(word in text for word in words)


def test_no_respondent_leaves_the_private_part_of_the_lake(tmp_path: Path) -> None:
    lake = build(tmp_path, marked())
    words = ("SECRET-ID", "7.125", "张三丰", "13812345678")
    found = {path.relative_to(lake) for path in lake.rglob("*") if path.is_file() and holds(path, words)}
    assert Path("private/respondent.parquet") in found
    # What is kept to read a file only once lies there too.
    assert {path.parts[0] for path in found} == {"private"}
    assert len(pq.read_table(lake / "private" / "respondent.parquet")) == 2
    refused = pq.read_table(lake / "private" / "refused_respondent.parquet").to_pandas()
    assert refused["row"].tolist() == [3, 4, 5, 6]
    assert all(row == 0 for row in pq.read_table(lake / "rejected_row.parquet")["row"].to_pylist())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no modes")
def test_the_private_part_is_open_to_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        lake = build(tmp_path, marked())
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in (lake / "private").rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert (lake / "private").stat().st_mode & 0o777 == 0o700


def test_what_an_earlier_version_kept_elsewhere_is_removed(tmp_path: Path) -> None:
    old = tmp_path / "lake" / "files" / "f0.respondent.parquet"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"SECRET-ID")
    build(tmp_path, marked())
    assert not old.exists()


def test_a_second_run_takes_the_respondents_from_the_private_part(tmp_path: Path) -> None:
    build(tmp_path, marked())
    lake = tmp_path / "lake"
    (lake / "written.json").unlink()
    first = (lake / "private" / "respondent.parquet").read_bytes()
    summary = build_lake(tmp_path / "raw", survey(), lake, lambda line: None)
    assert summary.reused == 1 and (lake / "private" / "respondent.parquet").read_bytes() == first
    # Without them it is read again, rather than half restored.
    for share in (lake / "private" / "files").iterdir():
        share.unlink()
    (lake / "written.json").unlink()
    assert build_lake(tmp_path / "raw", survey(), lake, lambda line: None).reused == 0


@pytest.mark.parametrize("name", ["cmds.dta", "cmds.sav"])
def test_a_survey_nobody_declared_as_one_is_refused_without_repeating_a_row(tmp_path: Path, name: str) -> None:
    frame = marked()
    (pyreadstat.write_dta if name.endswith("dta") else pyreadstat.write_sav)(frame, str(tmp_path / name))
    plain = declared(match=name)
    reading = read_file(tmp_path, tmp_path / name, plain, load_registry())
    assert reading.source_file["status"] == "refused" and reading.source_file["rows_rejected"] > 1
    assert not any(word in str(reading.rejected_row) for word in ("SECRET-ID", "7.125", "张三丰", "13812345678"))


def test_a_fault_of_the_reader_repeats_no_answer(read_survey: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("could not convert 'SECRET-ID-1'")

    monkeypatch.setattr("ingestion.readers.persons.cmds_survey.check_respondents", fail)
    (record,) = read_survey(marked()).rejected_row
    assert record["code"] == "reader_fault" and "ValueError" in record["reason"]
    assert "SECRET" not in record["reason"] + record["reason_zh"] + record["raw"]


@pytest.mark.parametrize(("kind", "bound", "warned"), [("real", 9, True), ("real", 10, False), ("synthetic", 0, False)])
def test_real_respondents_with_a_bound_below_ten_are_warned_about(
    tmp_path: Path, kind: str, bound: int, warned: bool
) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "lake").mkdir()
    pyreadstat.write_dta(people({}), str(tmp_path / "raw" / "cmds.dta"))
    said: list[str] = []
    sources = survey(small_cells=bound).model_copy(update={"data_kind": kind})
    build_lake(tmp_path / "raw", sources, tmp_path / "lake", said.append)
    codes = pq.read_table(tmp_path / "lake" / "rejected_row.parquet")["code"].to_pylist()
    assert any("few_persons" in code for code in codes) is warned
    assert any(f"small_cells is {bound}" in line for line in said) is warned
    # It takes nothing away from the file.
    assert pq.read_table(tmp_path / "lake" / "source_file.parquet")["status"].to_pylist() == ["loaded"]


def test_the_private_table_is_not_among_those_shown() -> None:
    assert "respondent" in PRIVATE and "respondent" not in SHOWN


def test_the_warehouse_sees_the_edges_and_not_the_respondents(tmp_path: Path) -> None:
    lake = build(tmp_path, marked())
    show_lake(tmp_path / "warehouse.duckdb", lake)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        views = {
            name for (name,) in connection.execute("select view_name from duckdb_views() where not internal").fetchall()
        }
        assert connection.execute("select sum(rows) from lake.flow").fetchall() == [(2,)]
    assert "flow" in views and not views & PRIVATE


def test_messages_quote_a_value_only_when_enough_respondents_share_it(read_survey: Read) -> None:
    few, many = [{"C2": "甲乙丙"}] * 9, [{"C2": "丁戊己"}] * 10
    reading = read_survey(people(*few, *many))
    said = " ".join(record["reason"] + record["reason_zh"] for record in reading.rejected_row)
    assert "丁戊己" in said and "甲乙丙" not in said
    assert sum("fewer than 10 respondents" in record["reason"] for record in reading.rejected_row) == 1
    strict = read_survey(people(*few, *many), small_cells=11)
    assert "丁戊己" not in " ".join(record["reason"] for record in strict.rejected_row)


def test_flows_name_no_record(read_survey: Read) -> None:
    flow = read_survey(people({}, {})).tables["flow"].to_pandas()
    assert flow["first_row"].isna().all()


def test_a_second_reading_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = build(tmp_path, marked()), build(tmp_path, marked(), "again")
    for name in ("flow.parquet", "rejected_row.parquet", "private/respondent.parquet", "source_file.parquet"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_the_private_table_says_who_moved_where(tmp_path: Path) -> None:
    table = pq.read_table(build(tmp_path, marked()) / "private" / "respondent.parquet").to_pandas()
    assert table.drop(columns="file_id").to_dict("records")[1] == {
        "respondent": "SECRET-ID-1",
        "origin_code": 330106,
        "destination_code": 330212,
        "scope": "other_prefecture",
        "arrival_year": 2010,
        "arrival_month": 3,
        "weight": 7.125,
        "row": 2,
    }
