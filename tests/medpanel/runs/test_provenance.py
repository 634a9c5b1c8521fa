"""Who ran what from which code, and what started it."""

from __future__ import annotations

import getpass
import subprocess
from pathlib import Path
from typing import Any

import pytest

from medpanel.runs import provenance


def git(folder: Path, *arguments: str) -> str:
    named = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    done = subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    code = tmp_path / "medpanel" / "a.py"
    code.parent.mkdir()
    code.write_text("A = 1\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("mine\n", encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


def test_the_commit_is_marked_when_code_differs_and_only_then(checkout: Path) -> None:
    commit = git(checkout, "rev-parse", "HEAD")
    assert provenance.code_commit(checkout) == commit
    (checkout / "notes.txt").write_text("not code\n", encoding="utf-8")
    assert provenance.code_commit(checkout) == commit
    (checkout / "medpanel" / "found automatically.py").touch()
    assert provenance.code_commit(checkout) == f"{commit} + changes"


def test_no_commit_of_anothers_checkout_nor_without_git(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert provenance.code_commit(checkout / "medpanel") == "", "an installed copy inside somebody's repository"
    monkeypatch.setenv("PATH", "")
    assert provenance.code_commit(checkout) == ""


def test_a_person_is_named_by_the_variable_the_system_or_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(provenance.PERSON, "李四")
    assert provenance.person() == "李四"
    monkeypatch.delenv(provenance.PERSON)
    monkeypatch.setattr(getpass, "getuser", lambda: "li")
    assert provenance.person() == "li"

    def nobody() -> Any:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert provenance.person().startswith("uid ")
