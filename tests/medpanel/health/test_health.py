"""What `medpanel health` judges: each fact good and bad, the exit code, and the page in both languages."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import time
from collections import namedtuple
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from medpanel.cli import app
from medpanel.health import PAGE, Fact, Queue, facts, facts_of, write_page
from medpanel.notices.backups import note_backup
from medpanel.notices.outcome import Ending, Outcome, note_outcome
from medpanel.publishing import links
from medpanel.runs import run_lock
from medpanel.runs.workspace import Workspace
from tests.medpanel.commands.test_publications import DECLARED, RUNS, published

# A day after the publications of the fixture were finished.
NOW = dt.datetime(2026, 1, 3, 4, 0, tzinfo=dt.UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = tmp_path / "数据"
    (root / "raw").mkdir(parents=True)
    (root / "raw" / "sources.yaml").write_text(DECLARED, encoding="utf-8")
    for name in ("a.csv", "b.csv"):
        (root / "raw" / name).write_bytes(b"1\n")
    published(root, 3, RUNS[0])
    made = Workspace.at(root)
    note_outcome(made, ended("success"))
    note_backup(made, Path("/srv/backups/20260102T023000Z"), "2026-01-02T02:30:00+00:00")
    return made


def ended(how: Ending) -> Outcome:
    return Outcome("cccc4444", "everything", "schedule", how, NOW.timestamp() - 60, NOW.timestamp() - 30)


def told(
    workspace: Workspace, queue: Queue | None = None, now: dt.datetime = NOW, service: bool = True
) -> dict[str, Fact]:
    return {fact.name.en: fact for fact in facts_of(workspace, queue, now, service)}


def test_all_is_well(workspace: Workspace) -> None:
    handle = run_lock.take(workspace.service_lock)
    assert handle is not None
    found = told(workspace, Queue(2, 0))
    os.close(handle)
    assert {name: fact.state for name, fact in found.items()} == {
        "Publication": "good", "Checks": "note", "Input files": "good", "Last run": "good", "Service": "good",
        "Runs": "good", "Disk": "good", "Backup": "good",
    }  # fmt: skip
    assert "1 days old" in found["Publication"].said.en and "SYNTHETIC" in found["Publication"].said.en
    assert f"process {os.getpid()}" in found["Service"].said.en
    assert "2 waiting" in found["Runs"].said.en and "2个排队" in found["Runs"].said.zh


def test_a_year_missed_is_bad(workspace: Workspace) -> None:
    fact = told(workspace, now=NOW + dt.timedelta(days=401))["Publication"]
    assert fact.state == "bad" and "missed" in fact.said.en and "错过" in fact.said.zh


def test_nothing_published_is_bad(tmp_path: Path) -> None:
    fact = told(Workspace.at(tmp_path))["Publication"]
    assert fact.state == "bad" and "尚无发布" in fact.said.zh


def test_a_damaged_or_absent_publication_is_bad(workspace: Workspace) -> None:
    database = links.resolve_current(workspace.root) / "medpanel.duckdb"
    database.parent.chmod(0o755)
    database.unlink()
    assert told(workspace)["Publication"].state == "bad"
    for path in sorted(database.parent.rglob("*"), reverse=True):
        path.parent.chmod(0o755)
        path.rmdir() if path.is_dir() else path.unlink()
    database.parent.rmdir()
    assert told(workspace)["Publication"].state == "bad"


@pytest.mark.parametrize(
    ("how", "state"), [("failure", "bad"), ("refusal", "bad"), ("cancelled", "note"), ("success", "good")]
)
def test_the_last_run(workspace: Workspace, how: Ending, state: str) -> None:
    note_outcome(workspace, ended(how))
    fact = told(workspace)["Last run"]
    assert fact.state == state
    assert ("LAST_RUN.md" in fact.said.en) == (state != "good")


def test_a_dead_service_is_bad_where_one_is_expected_and_worse_with_runs_waiting(workspace: Workspace) -> None:
    assert told(workspace)["Service"].state == "bad"
    assert told(workspace, service=False)["Service"].state == "note"
    fact = told(workspace, Queue(1, 0))["Runs"]
    assert fact.state == "bad" and "does not run" in fact.said.en and "服务未运行" in fact.said.zh


def test_a_run_under_way_is_told(workspace: Workspace) -> None:
    with (workspace.root / "work" / "run.lock").open("w+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "one under way" in told(workspace)["Runs"].said.en


def test_too_little_room_is_bad(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(facts.shutil, "disk_usage", lambda path: usage(10**12, 10**12, 9 * 10**8))
    fact = told(workspace)["Disk"]
    assert fact.state == "bad" and "0.9 GB free" in fact.said.en


def test_files_that_are_not_those_published_are_named(workspace: Workspace) -> None:
    (workspace.root / "raw" / "c.csv").write_bytes(b"3\n")
    (workspace.root / "raw" / "a.csv").write_bytes(b"9\n")
    fact = told(workspace)["Input files"]
    assert fact.state == "note" and fact.said.en.endswith("1 new: c.csv; 1 changed: a.csv")
    assert "新增: c.csv" in fact.said.zh
    workspace.sources_path.write_text("data_kind: neither\n", encoding="utf-8")
    assert told(workspace)["Input files"].state == "bad"


def test_an_old_backup_or_none_is_noted(workspace: Workspace) -> None:
    assert told(workspace, now=NOW + dt.timedelta(days=10))["Backup"].state == "note"
    (workspace.work / "last_backup.json").unlink()
    assert "none on record" in told(workspace)["Backup"].said.en


class Reader(HTMLParser):
    """Text by language, and every address the page names."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, str] = {}
        self.addresses: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [str(value) for name, value in attrs if name in ("href", "src")]
        assert tag not in ("script", "link", "img")
        if tag == "section":
            self.open.append(str(dict(attrs)["lang"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "section":
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open:
            self.said[self.open[-1]] = self.said.get(self.open[-1], "") + data


def test_the_page_says_every_fact_in_both_languages_and_needs_nothing_else(workspace: Workspace) -> None:
    (workspace.root / "raw" / "<b>.csv").write_bytes(b"3\n")
    found = facts_of(workspace, Queue(0, 0), NOW)
    write_page(workspace, found, NOW)
    text = (workspace.root / PAGE).read_text(encoding="utf-8")
    page = Reader()
    page.feed(text)
    assert page.addresses == [] and "&lt;b&gt;.csv" in text and "<b>.csv" not in text
    assert "SYNTHETIC" in text.split("<section")[0] and "合成数据" in text
    for fact in found:
        assert fact.said.en in page.said["en"] and fact.said.zh in page.said["zh"]
    assert "something is wrong" in page.said["en"] and "有异常" in page.said["zh"]


def test_the_command_ends_with_1_where_something_is_bad(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(os.environ)
    monkeypatch.setattr("dagster_project.queue.queue_of", lambda one: None)
    monkeypatch.setattr(facts, "_OLDEST_DAYS", 10**6)

    def asked(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["health", "--data", str(workspace.root), *words], catch_exceptions=False)
        return result.exit_code, result.output

    code, text = asked()
    assert code == 1 and "BAD   Service / 服务" in text
    began = time.time()
    code, text = asked("--without-service")
    assert code == 0 and "BAD" not in text
    assert (workspace.root / PAGE).stat().st_mtime > began - 5
    assert CliRunner().invoke(app, ["health", "--data", str(workspace.root / "none")]).exit_code == 1
    os.environ.clear()
    os.environ.update(before)
