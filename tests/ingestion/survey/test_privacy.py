"""Respondents stay in lake/private: no other file of the lake, and no message, holds one's id or answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat

from ingestion import FileReading
from ingestion.build.lake import build_lake
from ingestion.schemas import PRIVATE, SHOWN
from medpanel.runs.warehouse import show_lake
from tests.ingestion.survey.conftest import people, survey

Read = Callable[..., FileReading]


def build(folder: Path, frame: pd.DataFrame, lake: str = "lake") -> Path:
    (folder / "raw").mkdir(exist_ok=True)
    (folder / lake).mkdir()
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
    # What is kept to read a file only once lies in the lake too, where nobody but the readers looks.
    assert {path.parts[0] for path in found} == {"private", "files"}
    assert all(".respondent." in path.name for path in found if path.parts[0] == "files")
    assert len(pq.read_table(lake / "private" / "respondent.parquet")) == 2


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
    assert sum("fewer than 10 respondents" in record["reason"] for record in reading.rejected_row) == 9
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
