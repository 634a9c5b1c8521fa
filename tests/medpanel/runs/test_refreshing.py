"""When a run starts by itself: decided from files that lie still, what the last run read, and how it ended."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from catalog.declarations.downloads import Received, Register
from medpanel.downloads.recording import save
from medpanel.notices.outcome import Outcome, note_outcome
from medpanel.runs import input_state
from medpanel.runs.refreshing import TIMEZONE, Pace, Start, Wait, decide, last_tick
from medpanel.runs.workspace import Workspace

SOURCES = """data_kind: synthetic
studies: []
vintages: [v]
files:
  - {match: '*', vintage: v, publisher: p, licence: l, accessed: 2026-01-01}
"""
PACE = Pace(settle=60, retry=600)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two input files a run has read."""
    made = Workspace.at(tmp_path / "data")
    made.sources_path.parent.mkdir(parents=True)
    made.sources_path.write_text(SOURCES, encoding="utf-8")
    for name in ("a", "b"):
        (tmp_path / "data" / "raw" / f"{name}.csv").write_text(name, encoding="utf-8")
    input_state.note(made, "first")
    return made


class Watcher:
    """Looks again and again, at times given in seconds from the first look."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace, self.seen = workspace, None

    def look(self, at: float) -> Start | Wait:
        found, self.seen = decide(self.workspace, PACE, self.seen, 1e9 + at)
        return found

    def starts(self, *at: float) -> list[float]:
        """Times at which a run starts, each reading everything at once."""
        begun = []
        for moment in at:
            if isinstance(self.look(moment), Start):
                begun.append(moment)
                input_state.note(self.workspace, f"run {moment}")
        return begun


def file_of(workspace: Workspace, name: str) -> Path:
    return workspace.root / "raw" / name


def ended(workspace: Workspace, found: Start, **facts: object) -> Outcome:
    """Record how a run that started by itself ended, at second 0."""
    outcome = Outcome("r", "everything", found.trigger, "failure", 1e9 - 60, 1e9, ("no space left",), mendable=True)
    outcome = replace(outcome, attempt=found.attempt, inputs=found.inputs, **facts)  # type: ignore[arg-type]
    note_outcome(workspace, outcome)
    return outcome


def test_nothing_changed_nothing_starts(workspace: Workspace) -> None:
    assert Watcher(workspace).starts(0, 100, 1000) == []
    found = Watcher(workspace).look(0)
    assert isinstance(found, Wait)
    assert found.unchanged
    assert CHINESE.search(found.why)


def test_what_no_run_has_read_is_new(workspace: Workspace) -> None:
    (workspace.work / input_state.RECORD).unlink()
    assert Watcher(workspace).starts(0, 59, 60, 61, 200) == [60]


def test_a_file_still_being_copied_is_left_until_it_lies_still(workspace: Workspace) -> None:
    watcher, target = Watcher(workspace), file_of(workspace, "c.csv")
    for second in range(0, 300, 30):
        with target.open("a", encoding="utf-8") as half:
            half.write("half a line")
        found = watcher.look(second)
        assert isinstance(found, Wait)
        assert found.seconds == 60
    assert watcher.starts(300, 330, 331, 400) == [330]


def test_files_dropped_one_after_the_other_make_one_run(workspace: Workspace) -> None:
    watcher = Watcher(workspace)
    for number in range(5):
        file_of(workspace, f"new {number}.csv").write_text("1", encoding="utf-8")
        assert watcher.starts(number * 20) == []
    assert watcher.starts(100, 120, 139, 140, 160, 300) == [140]


def test_a_change_while_a_run_reads_makes_exactly_one_more(workspace: Workspace) -> None:
    watcher = Watcher(workspace)
    file_of(workspace, "a.csv").write_text("one", encoding="utf-8")
    watcher.look(0)
    assert isinstance(watcher.look(60), Start)
    input_state.note(workspace, "run")  # it begins to read …
    file_of(workspace, "a.csv").write_text("two, longer", encoding="utf-8")  # … and the file is replaced
    assert watcher.starts(400, 460, 500, 600) == [460]


@pytest.mark.parametrize("name", ["d.csv.crdownload", "d.csv.part", "d.TMP", "~$a.xlsx", ".d.csv"])
def test_an_unfinished_download_is_no_file(workspace: Workspace, name: str) -> None:
    file_of(workspace, name).write_text("1", encoding="utf-8")
    assert Watcher(workspace).starts(0, 100) == []


def test_the_same_bytes_with_another_time_start_nothing_and_are_hashed_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = workspace.root / "backup.csv"
    shutil.copy2(file_of(workspace, "a.csv"), backup)
    os.utime(backup, ns=(1, 1))
    shutil.copy2(backup, file_of(workspace, "a.csv"))
    watcher, hashed = Watcher(workspace), []
    real = input_state._sha256
    monkeypatch.setattr(input_state, "_sha256", lambda path: hashed.append(path) or real(path))
    assert watcher.starts(0, 60, 90, 120) == []
    assert hashed == [file_of(workspace, "a.csv")]


@pytest.mark.parametrize("change", ["rename", "remove", "declare", "rewrite"])
def test_every_change_starts_a_run(workspace: Workspace, change: str) -> None:
    path = file_of(workspace, "a.csv")
    if change == "rename":
        path.rename(path.with_name("z.csv"))
    elif change == "remove":
        path.unlink()
    elif change == "declare":
        workspace.sources_path.write_text(f"# new\n{SOURCES}", encoding="utf-8")
    else:
        # As long as before: only time and content tell.
        path.write_text("z", encoding="utf-8")
        os.utime(path, ns=(5, 5))
    assert Watcher(workspace).starts(0, 60, 120) == [60]


def test_a_run_from_elsewhere_in_between_is_not_repeated(workspace: Workspace) -> None:
    watcher = Watcher(workspace)
    file_of(workspace, "a.csv").write_text("one", encoding="utf-8")
    watcher.look(0)
    input_state.note(workspace, "by hand")
    assert watcher.starts(60, 120) == []


def test_back_to_what_was_read_before_is_a_change(workspace: Workspace) -> None:
    watcher, path = Watcher(workspace), file_of(workspace, "a.csv")
    path.write_text("one", encoding="utf-8")
    assert watcher.starts(0, 60) == [60]
    path.write_text("a", encoding="utf-8")
    assert watcher.starts(100, 160) == [160]


def test_a_workspace_that_was_moved_has_not_changed(workspace: Workspace) -> None:
    moved = Workspace.at(workspace.root.rename(workspace.root.with_name("elsewhere")))
    assert Watcher(moved).starts(0, 60, 120) == []


def received(workspace: Workspace, path: str, content: str, **facts: object) -> Received:
    """A row of the register, its bytes where they are kept."""
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    row = Received(
        path=path, sha256=sha256, bytes=1, name=Path(path).name, recorded_on=dt.date(2026, 1, 1), recorded_by="x",
        download=1, **facts,
    )  # fmt: skip
    kept = file_of(workspace, row.kept)
    kept.parent.mkdir(parents=True)
    kept.write_text(content, encoding="utf-8")
    return row


def test_superseded_bytes_a_run_puts_aside_are_no_news_and_an_added_file_is(workspace: Workspace) -> None:
    raw = workspace.root / "raw"
    before = received(workspace, "a.csv", "a", state="superseded")
    current = before.model_copy(update={"sha256": "0" * 64, "state": "current", "download": 2})
    save(raw, Register(files=(before, current)))
    assert Watcher(workspace).starts(0, 60, 120) == []
    added = received(workspace, "downloads/x/c.csv", "c", entry="*")
    added = added.model_copy(update={"path": added.kept, "download": 3})
    save(raw, Register(files=(before, current, added)))
    assert Watcher(workspace).starts(0, 60, 120) == [60]


def test_a_clock_set_back_only_waits_anew(workspace: Workspace) -> None:
    watcher = Watcher(workspace)
    file_of(workspace, "a.csv").write_text("one", encoding="utf-8")
    watcher.look(0)
    assert watcher.starts(-1_000_000, -999_950, -999_940) == [-999_940]


def test_a_failure_is_tried_twice_more_after_a_while(workspace: Workspace) -> None:
    watcher = Watcher(workspace)
    file_of(workspace, "a.csv").write_text("one", encoding="utf-8")
    watcher.look(-120)
    found = watcher.look(-60)
    assert isinstance(found, Start)
    assert found.attempt == 1
    for attempt in (2, 3):
        input_state.note(workspace, "r")
        ended(workspace, found)
        soon = watcher.look(599)
        assert isinstance(soon, Wait)
        assert soon.seconds == 1
        found = watcher.look(600)
        assert found == Start("retry", found.inputs, attempt)
    ended(workspace, found)
    assert isinstance(watcher.look(10_000), Wait)


def test_a_failure_before_anything_was_read_is_counted_as_well(workspace: Workspace) -> None:
    watcher = Watcher(workspace)
    file_of(workspace, "a.csv").write_text("one", encoding="utf-8")
    watcher.look(-120)
    found = watcher.look(-60)
    assert isinstance(found, Start)
    ended(workspace, found)
    assert isinstance(watcher.look(0), Wait)
    assert watcher.look(600) == Start("retry", found.inputs, 2)


def test_a_clock_set_back_does_not_put_off_the_next_attempt(workspace: Workspace) -> None:
    ended(workspace, Start("schedule", "x"))
    assert isinstance(Watcher(workspace).look(-1_000_000), Start)


@pytest.mark.parametrize("facts", [{"mendable": False}, {"outcome": "refusal"}, {"trigger": "ui"}, {"attempt": 3}])
def test_what_another_attempt_cannot_mend_waits_for_other_files(workspace: Workspace, facts: dict[str, object]) -> None:
    watcher = Watcher(workspace)
    file_of(workspace, "a.csv").write_text("one", encoding="utf-8")
    watcher.look(-120)
    found = watcher.look(-60)
    assert isinstance(found, Start)
    outcome = replace(ended(workspace, found), **facts)  # type: ignore[arg-type]
    note_outcome(workspace, outcome)
    assert watcher.starts(600, 5000) == []
    file_of(workspace, "a.csv").write_text("mended", encoding="utf-8")
    watcher.look(5100)
    again = watcher.look(5160)
    assert isinstance(again, Start)
    assert (again.trigger, again.attempt) == ("input_files", 1)


def test_a_wrong_declaration_is_said_in_both_languages_once_it_lies_still(workspace: Workspace) -> None:
    watcher = Watcher(workspace)
    workspace.sources_path.write_text("data_kind: neither\n", encoding="utf-8")
    first, later = watcher.look(0), watcher.look(60)
    assert isinstance(first, Wait)
    assert isinstance(later, Wait)
    assert first.wrong == ""
    assert "data_kind" in later.wrong
    assert CHINESE.search(later.why)
    workspace.sources_path.unlink()
    assert "no such file" in watcher.look(100).why  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("now", "due"), [((2027, 1, 15, 3), 2027), ((2027, 1, 15, 2), 2026), ((2027, 12, 31, 0), 2027)]
)
def test_the_last_yearly_tick(now: tuple[int, int, int, int], due: int) -> None:
    zone = ZoneInfo(TIMEZONE)
    assert last_tick(dt.datetime(*now, tzinfo=zone).timestamp()) == dt.datetime(due, 1, 15, 3, tzinfo=zone).timestamp()
