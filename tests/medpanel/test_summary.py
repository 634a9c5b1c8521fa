"""The screen a run ends with: what was read and lost, what failed and why, what to do, commands that can be pasted."""

import io
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from rich.console import Console

from catalog.tables import load_tables
from expectations.suite import NOTHING
from medpanel import summary
from medpanel.program import command, program
from medpanel.runs.files_read import barred_line, files_line, files_told, lost_lines, nothing_loaded, rows_line
from medpanel.runs.workspace import REAL_ROOT, REAL_SOURCES, Workspace

PROBLEM = (
    "b.csv, cell C5: the value is outside the plausible range; found '9'; expected 10 to 20; to do: check the cell"
)


def file(path: str, status: str, problem: str | None = None, **counts: int) -> dict[str, object]:
    rows = {"rows_read": 4, "rows_loaded": 3, "rows_rejected": 0, "rows_set_aside": 1, **counts}
    shared = {"redistribution": "barred" if path == "a.csv" else "not_stated"}
    return {"file_id": f"f{path}", "path": path, "status": status, "problem": problem, **shared, **rows}


FILES = pd.DataFrame(
    [
        file("a.csv", "loaded"),
        file("b.csv", "partial", PROBLEM, rows_loaded=2, rows_rejected=1),
        file("c.csv", "refused", "c.csv: the file is empty", rows_loaded=0, rows_rejected=3),
        file("d.txt", "not_read", "d.txt: declared not to be read", rows_read=0, rows_loaded=0, rows_set_aside=0),
    ]
)


def test_the_box_counts_what_was_refused_in_part_and_not_read() -> None:
    assert files_line(FILES) == "4 offered 提供, 1 refused 拒绝, 1 in part 部分载入, 1 declared not to be read 声明不读"
    assert files_told(FILES).en == "4 offered, 1 refused, 1 in part, 1 declared not to be read"
    assert files_told(FILES).zh == "提供4个文件，1个拒绝，1个部分载入，1个声明不读"
    assert rows_line(FILES) == "12 = 5 loaded 载入 + 4 rejected 拒绝 + 3 set aside 搁置"
    assert list(lost_lines(FILES)) == [
        ("refused / 拒绝", "c.csv: the file is empty"),
        ("in part / 部分载入", PROBLEM),
    ]


def test_nothing_lost_needs_few_words() -> None:
    assert files_line(FILES.head(1)) == "1 offered 提供, all loaded 全部载入"
    assert list(lost_lines(FILES.head(1))) == []


def test_files_that_may_not_be_passed_on_are_counted() -> None:
    assert barred_line(FILES).startswith("1 not to be passed on 不得转交: marked")
    assert barred_line(FILES[1:]) == ""


def test_many_losses_are_counted_after_the_first() -> None:
    many = pd.concat([FILES[FILES["status"] == "refused"]] * 9, ignore_index=True)
    *_, last = lost_lines(many)
    assert last[1].startswith("… + 6, see")


def test_when_nothing_loads_the_first_problems_are_told() -> None:
    told = nothing_loaded(FILES[FILES["status"] == "refused"])
    assert told.en == "none of 1 files was loaded, so nothing else was done:\nc.csv: the file is empty"
    assert told.zh.startswith("1个文件均未载入")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace whose last reading is that of FILES."""
    (tmp_path / "lake").mkdir()
    FILES.to_parquet(tmp_path / "lake" / "source_file.parquet")
    return Workspace.at(tmp_path)


def failed(workspace: Workspace, failures: list[str], read: bool = True) -> list[str]:
    stream = io.StringIO()
    log = workspace.root / "run.log"
    log.touch()
    summary.print_failure(workspace, Console(file=stream, width=80, color_system=None), failures, read, log)
    return stream.getvalue().splitlines()


def test_a_failed_run_ends_with_one_screen(workspace: Workspace) -> None:
    lines = failed(
        workspace, [f"step_{n}: " + "\n".join([f"line {i} of the cause" for i in range(50)]) for n in range(9)]
    )
    assert len(lines) <= 60
    told = " ".join(line.strip("│ ") for line in lines)
    assert "4 offered 提供, 1 refused 拒绝, 1 in part" in told
    assert "cell C5" in told and "found '9'" in told and "expected 10 to 20" in told
    assert "see the log" in told and "the last publication is untouched" in told
    assert any(line.startswith("Run again / 重新运行: ") and " run --data " in line for line in lines)
    assert lines[-1] == f"Log / 日志: {workspace.root / 'run.log'}"


def test_what_a_failure_says_is_not_said_again_of_its_file(workspace: Workspace) -> None:
    told = " ".join(line.strip("│ ") for line in failed(workspace, [f"read_files: {PROBLEM}"]))
    assert told.count("cell C5") == 1


def test_a_run_that_did_not_read_says_nothing_of_an_earlier_reading(workspace: Workspace) -> None:
    assert not any("offered" in line for line in failed(workspace, ["locked"], read=False))


def checks(*rows: tuple[str, str, bool, str]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    frame = pd.DataFrame(rows, columns=["table_name", "check_name", "passed", "observed"])
    connection.register("frame", frame)
    connection.execute("CREATE TABLE check_result AS FROM frame")
    return connection


def test_what_did_not_pass_and_is_published_is_a_remark() -> None:
    rows = [("pilot", f"c{n}", n > 6, "found") for n in range(9)]
    with checks(*rows) as connection:
        told = summary._checks(connection)
    assert told.startswith("2 of 9 passed 通过; 7 remarks, published 7项提示，不影响发布: pilot.c0, ")
    assert told.endswith("… + 3, see 见 check_result")
    assert "not passed" not in told


def test_empty_tables_are_named_once() -> None:
    rows = [("city_year", f"c{n}", True, NOTHING) for n in range(36)]
    with checks(
        *rows, ("city_year", "of_dbt", True, "0 rows violate it"), ("pilot", "c", True, "3 values")
    ) as connection:
        assert list(summary._empty(connection)) == [("  empty / 空表", "city_year")]
        assert summary._checks(connection) == "38 of 38 passed 通过"


def test_the_table_to_start_from_has_rows() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE estimate (study VARCHAR)")
        assert summary._worth_asking(connection, []) == "observation"
        connection.execute("INSERT INTO estimate VALUES ('mspi')")
        assert summary._worth_asking(connection, []) == "estimate"
    assert "estimate" in load_tables()


def test_report_pages_and_a_query_are_named(tmp_path: Path) -> None:
    page = tmp_path / "report" / "mspi" / "index.html"
    page.parent.mkdir(parents=True)
    page.touch()
    places = dict(summary._places(Workspace.at(tmp_path), "estimate"))
    assert places["Report / 报告"] == str(page)
    assert places["Query / 查询"] == f"{program()} query --data {tmp_path} 'from estimate'"


def test_a_command_names_the_workspace_and_its_declaration(tmp_path: Path) -> None:
    """What a message advises to paste finds the files the run read, also where they are declared elsewhere."""
    run = f"{program()} run"
    assert Workspace.at().again == run
    assert Workspace.at(tmp_path).again == f"{run} --data {tmp_path}"
    assert Workspace.at(REAL_ROOT, REAL_SOURCES).again == f"{run} --data {REAL_ROOT} --sources {REAL_SOURCES}"
    assert Workspace.at(tmp_path / "a b").again == f"{run} --data '{tmp_path / 'a b'}'"


def test_the_command_is_named_as_it_can_be_pasted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    monkeypatch.setattr("sys.executable", str(folder / "python"))
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.chdir(tmp_path)
    assert program().endswith("python -m medpanel")
    (folder / "medpanel").touch()
    assert command("query", "from x") == ".venv/bin/medpanel query 'from x'"
    monkeypatch.setattr("shutil.which", lambda name: str(folder / "medpanel"))
    assert program() == "medpanel"
