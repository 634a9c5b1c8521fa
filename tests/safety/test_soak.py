"""The soak's own judgement: what is broken is counted, and the evidence says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from benchmarks.kill_harness import Reading, current, fingerprint, hashes
from benchmarks.soak import Outcome, judge, lengths, report, verify


def test_the_length_of_a_stage_ends_where_the_next_one_seen_begins() -> None:
    begun = {"loading": 0.0, "dbt": 10.0, "checks and statistics": 25.0, "publishing": 31.0, "published": 31.5}
    assert lengths(begun | {"ended": 33.0}) == {
        "loading": 10.0,
        "reading": 0.0,
        "dbt": 15.0,
        "checks and statistics": 6.0,
        "publishing": 0.5,
    }


def test_a_changed_publication_is_a_violation(good: Path, tmp_path: Path) -> None:
    root = tmp_path / "data"
    shutil.copytree(good, root, symlinks=True)
    folder = current(root)
    known, outcome = {folder: hashes(folder)}, Outcome()
    assert not verify(root, known, "kill 1", outcome)
    judge(root, known, [Reading({fingerprint(folder): 3}, [], 21)] * 2, outcome)
    assert outcome.violations == []
    assert "Verdict: no promise was broken." in report(outcome, kills=1, seed=0, seconds=60)

    for path in (folder, folder / "medpanel.duckdb"):
        path.chmod(0o755)
    with duckdb.connect(str(folder / "medpanel.duckdb")) as connection:
        connection.execute("DELETE FROM estimate")
    verify(root, known, "kill 2", outcome)
    assert outcome.violations[0] == f"kill 2: {folder.name} changed"
    assert "estimate: 1 rows differ between database and Parquet" in outcome.violations[1]


def test_a_readers_error_and_a_mixed_answer_are_violations(good: Path) -> None:
    folder, outcome = current(good), Outcome()
    readings = [Reading({"mixed": 1}, ["IOException: no such file"], 7), Reading({fingerprint(folder): 1}, [], 7)]
    judge(good, {folder: hashes(folder)}, readings, outcome)
    assert outcome.violations == ["reader: IOException: no such file", "answers of no one publication: mixed"]
    text = report(outcome, kills=1, seed=0, seconds=60)
    assert "Verdict: 2 violations." in text
    assert "- reader: IOException: no such file" in text


def test_a_publication_made_meanwhile_is_noted(good: Path, tmp_path: Path) -> None:
    root = tmp_path / "data"
    shutil.copytree(good, root, symlinks=True)
    known: dict[Path, dict[str, str]] = {}
    assert verify(root, known, "kill 1", Outcome())
    assert list(known) == [current(root)]
