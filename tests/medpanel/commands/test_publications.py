"""status, publications, open, rollback, prune and query --publication, as somebody types them."""

from __future__ import annotations

import fcntl
import hashlib
import time
from pathlib import Path

import duckdb
import pytest
import typer

from medpanel.notices.outcome import Ending, Outcome, note_outcome
from medpanel.publishing import folders, links, resolve_current
from medpanel.runs import run_lock
from medpanel.runs.workspace import Workspace
from tests.medpanel.test_cli import invoke

DECLARED = (
    "data_kind: synthetic\nstudies: []\nvintages: [v]\nfiles:\n"
    '  - {match: "*.csv", vintage: v, publisher: p, licence: l, accessed: 2026-01-01}\n'
)
RUNS = ("aaaa1111", "aaaa2222", "bbbb3333")


def published(root: Path, hour: int, run: str, **years: int) -> Path:
    """A publication with what these commands read of one."""
    building = folders.start(root, f"20260102T{hour:02d}0000Z-synthetic-{run}")
    for name in ("parquet", "report/mspi", "report/inequality"):
        (building / name).mkdir(parents=True)
    for study in ("mspi", "inequality"):
        (building / "report" / study / "synthetic_index.html").write_text(study, encoding="utf-8")
    with duckdb.connect(str(building / "medpanel.duckdb")) as connection:
        connection.execute(
            "CREATE TABLE run_manifest AS SELECT ? AS run_id, 'synthetic' AS data_kind, 'li' AS person, "
            "'desk' AS host, 'schedule' AS trigger, TIMESTAMP '2026-01-02 03:04:05' AS finished_at, "
            "'[old] file withdrawn' AS accepted_loss",
            [run],
        )
        connection.execute(
            "CREATE TABLE check_result AS SELECT 'year range' AS check_name, 'observation' AS table_name, "
            "unnest([true, false]) AS passed"
        )
        connection.execute("CREATE TABLE observation AS SELECT unnest([2013, 2024]) AS year")
        sha = hashlib.sha256(b"1\n").hexdigest()
        connection.execute(
            "CREATE TABLE source_file AS FROM (VALUES ('a.csv', ?), ('b.csv', ?)) AS f(path, sha256)", [sha, sha]
        )
        if years:
            connection.execute(
                "CREATE TABLE study_window AS "
                "FROM (VALUES ('mspi', 2013, ?, ?)) AS w(study, first_year, last_year, newest_year)",
                [years["last"], years["newest"]],
            )
    final = folders.finish(building)
    links.switch(root, final.name)
    folders.unseal(root)
    return final


def ended(how: Ending, when: float) -> Outcome:
    """A run of everything that ended so."""
    return Outcome("cccc4444", "everything", "schedule", how, when, when)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "sources.yaml").write_text(DECLARED, encoding="utf-8")
    for name in ("a.csv", "b.csv"):
        (raw / name).write_bytes(b"1\n")
    for hour, run in enumerate(RUNS):
        published(tmp_path, hour, run)
    return tmp_path


def test_status_says_what_is_current_and_that_nothing_differs(root: Path) -> None:
    code, text = invoke("status", "--data", str(root))
    assert code == 0
    for part in (
        "20260102T020000Z-synthetic-bbbb3333",
        "SYNTHETIC",
        "2026-01-02 03:04 UTC, li@desk, started by / 触发: the yearly schedule / 年度计划",
        "[old] file withdrawn",
        "2013–2024",
        "1 of 2 passed",
        "as published",
        "3, ",
        "Records of runs",
    ):
        assert part in text, part
    assert "Under way" not in text and "failed" not in text and "Rolled back" not in text


def test_status_names_input_files_that_differ(root: Path) -> None:
    raw = root / "raw"
    (raw / "a.csv").write_bytes(b"2\n")
    (raw / "b.csv").unlink()
    (raw / "新.csv").write_bytes(b"1\n")
    _, text = invoke("status", "--data", str(root))
    for part in ("1 new / 新增: 新.csv", "1 changed / 更改: a.csv", "1 gone / 缺失: b.csv"):
        assert part in text, part
    (raw / "sources.yaml").unlink()
    assert "not compared" in invoke("status", "--data", str(root))[1]


def test_status_tells_the_last_complete_year_of_each_study(root: Path) -> None:
    published(root, 9, "cccc4444", last=2024, newest=2025)
    assert "mspi: 2013–2024 complete / 完整; newest year with data 2025" in invoke("status", "--data", str(root))[1]


def test_status_tells_a_run_under_way_and_one_that_failed_since(root: Path) -> None:
    lock = run_lock.lock_path(root)
    lock.parent.mkdir()
    assert run_lock.under_way(root) is None
    lock.write_text('{"pid": 4711, "since": "2026-01-02T03:04:05"}', encoding="utf-8")
    assert run_lock.under_way(root) is None, "signed by a run that has ended"
    note_outcome(Workspace.at(root), ended("refusal", time.time() + 60))
    with lock.open("r+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        _, text = invoke("status", "--data", str(root))
    assert "another run (process 4711, started 2026-01-02T03:04:05)" in text
    assert "Last run / 上次运行: REFUSED: nothing was published" in text and "LAST_RUN.md" in text
    for other in (ended("refusal", 0.0), ended("success", time.time() + 60)):
        note_outcome(Workspace.at(root), other)
        assert "Last run /" not in invoke("status", "--data", str(root))[1], (
            "older than what is published, or no failure"
        )


def test_status_and_list_of_a_workspace_without_any(tmp_path: Path) -> None:
    assert f"medpanel run --data {tmp_path}" in invoke("status", "--data", str(tmp_path))[1]
    assert "nothing has been published" in invoke("publications", "--data", str(tmp_path))[1]


def test_the_list_marks_the_current_one_and_survives_a_damaged_one(root: Path) -> None:
    old = folders.finished(root)[0]
    (old / "medpanel.duckdb").unlink()
    code, text = invoke("publications", "--data", str(root))
    assert code == 0
    assert "→ 20260102T020000Z-synthetic-bbbb3333" in text and text.count("→") == 1
    assert f"{old.name}: damaged / 已损坏: medpanel.duckdb is missing" in text
    assert "loss accepted / 接受内容减少: [old] file withdrawn" in text


def test_a_damaged_current_one_is_said_by_status(root: Path) -> None:
    resolve_current(root).chmod(0o755)
    (resolve_current(root) / "medpanel.duckdb").unlink()
    code, text = invoke("status", "--data", str(root))
    assert code == 0 and "medpanel rollback previous" in text and "not compared" in text


def test_open_tells_where_things_are_and_opens_the_report(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(typer, "launch", opened.append)
    folder = folders.finished(root)[1]
    code, text = invoke("open", "previous", "--data", str(root))
    assert code == 0 and opened == []
    assert f"{folder}/medpanel.duckdb" in text and f"{folder}/report/mspi/synthetic_index.html" in text
    assert f"--publication {folder.name}" in text and "changes.html" not in text
    folder.joinpath("report").chmod(0o755)
    (folder / "report" / "en").mkdir()
    (folder / "report" / "en" / "synthetic_changes.html").touch()
    said = invoke("open", "previous", "--data", str(root))[1]
    assert f"What changed / 变化说明: {folder}/report/en/synthetic_changes.html" in said
    invoke("open", "previous", "--data", str(root), "--browser")
    (folder / "report" / "inequality" / "synthetic_index.html").unlink()
    invoke("open", "previous", "--data", str(root), "--browser")
    assert opened == [str(folder / "report"), str(folder / "report" / "mspi" / "synthetic_index.html")]
    assert invoke("open", "zzz", "--data", str(root))[0] == 1


def test_query_asks_the_publication_named(root: Path) -> None:
    asked = ("query", "select run_id from run_manifest", "--data", str(root))
    assert "bbbb3333" in invoke(*asked)[1]
    assert "aaaa1111" in invoke(*asked, "--publication", "aaaa1")[1]
    code, text = invoke(*asked, "--publication", "aaaa")
    assert code == 1 and "2 publications begin so" in text


def test_rollback_says_that_a_run_would_undo_it_and_status_remembers(root: Path) -> None:
    code, text = invoke("rollback", "aaaa1111", "--reason", "wrong file", "--data", str(root))
    assert code == 0
    assert "the next run" in text and "makes that current again" in text
    assert resolve_current(root) == folders.finished(root)[0]
    assert "wrong file. The next run replaces it" in invoke("status", "--data", str(root))[1]
    assert invoke("rollback", "aaaa1111", "--reason", "again", "--data", str(root))[0] == 1
    assert invoke("rollback", "aaaa2222", "--data", str(root))[0] == 2, "no reason given"


def test_prune_asks_and_never_takes_the_current_one(root: Path) -> None:
    invoke("rollback", "aaaa1111", "--reason", "wrong file", "--data", str(root))
    first, second, third = folders.finished(root)
    code, text = invoke("prune", "--keep", "1", "--data", str(root))
    assert code == 1 and second.name in text and first.name not in text, "nobody answered, so nothing goes"
    assert folders.finished(root) == [first, second, third]
    code, text = invoke("prune", "--keep", "1", "--yes", "--data", str(root))
    assert code == 0 and "1 publications removed" in text
    assert folders.finished(root) == [first, third]
    assert invoke("prune", "--keep", "0", "--data", str(root))[0] == 2
