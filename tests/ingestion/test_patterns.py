"""Declared regular expressions: those that take too long are named, wherever an entry may have one."""

from __future__ import annotations

import ast
import threading
import time
from collections.abc import Callable

import pytest

from catalog.base import PROJECT_DIR
from ingestion import FileReading
from ingestion.problems import Refusal
from ingestion.vocabulary import patterns
from tests.ingestion.conftest import nbs_text

# Each takes longer than anybody lives on such a text.
# The one place, and one whose patterns are made of words of its own.
ALLOWED = frozenset({"patterns.py", "unit_lines.py"})
SLOW = ["(a+)+b", "(a|aa)+b", "(.*)*b", "(a*)*(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$"]
TEXT = "a" * 60 + "!"
Read = Callable[..., FileReading]


@pytest.mark.parametrize("pattern", SLOW)
@pytest.mark.parametrize("match", [patterns.fullmatch, patterns.search])
def test_a_pattern_that_takes_too_long_is_named(
    monkeypatch: pytest.MonkeyPatch, match: Callable[[str, str], object], pattern: str
) -> None:
    monkeypatch.setattr(patterns, "MATCH_SECONDS", 0.2)
    began = time.process_time()
    with pytest.raises(Refusal) as refusal:
        match(pattern, TEXT)
    assert time.process_time() - began < 5
    [problem] = refusal.value.problems
    assert (problem.code, problem.found) == ("slow_pattern", pattern)
    assert "(a+)+" in problem.english("a.csv") and "耗时" in problem.chinese("a.csv")


def test_other_patterns_are_matched_as_ever() -> None:
    assert patterns.fullmatch("a+", "aa") and not patterns.fullmatch("a+", "aab")
    assert (found := patterns.search("(b)", "aab")) is not None and found[1] == "b"


def test_time_is_that_of_each_match(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens between two matches, and after the last, is no part of any."""
    monkeypatch.setattr(patterns, "MATCH_SECONDS", 0.1)
    for _ in range(3):
        patterns.fullmatch("a+", "aa")
        began = time.process_time()
        while time.process_time() - began < 0.15:
            pass


def test_another_thread_has_no_alarm_and_still_matches() -> None:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(patterns.fullmatch("a+", "aa")))
    thread.start()
    thread.join()
    assert found and found[0] is not None


@pytest.mark.parametrize("key", ["set_aside_rows", "set_aside_columns"])
def test_the_file_is_refused_for_it(read: Read, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setattr(patterns, "MATCH_SECONDS", 0.2)
    text = nbs_text().replace("北京市", TEXT).replace("2014年", TEXT)
    reading = read(text, "a.csv", **{key: ["(a+)+b"]})
    assert {record["code"] for record in reading.rejected_row} >= {"slow_pattern"}
    assert not reading.observation


def test_declared_patterns_are_matched_nowhere_else() -> None:
    """A call of re with a pattern that is not written there would be one that somebody declared."""
    wrong = []
    for path in sorted((PROJECT_DIR / "ingestion").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func)
            if call in ("re.match", "re.search", "re.fullmatch", "re.sub", "re.findall", "re.split", "re.compile"):
                first = node.args[0]  # type: ignore[attr-defined]
                if path.name not in ALLOWED and not _written(first):
                    wrong.append(f"{path.name}:{node.lineno}: {ast.unparse(node)[:80]}")  # type: ignore[attr-defined]
    assert wrong == []


def _written(pattern: ast.expr) -> bool:
    """Whether a pattern stands in the code: as text, perhaps with constants of the module in it."""
    if isinstance(pattern, ast.JoinedStr):
        parts = [one.value for one in pattern.values if isinstance(one, ast.FormattedValue)]
        escaped = [
            one.args[0] if isinstance(one, ast.Call) and ast.unparse(one.func) == "re.escape" else one for one in parts
        ]
        return all(ast.unparse(one).isupper() for one in escaped)
    return isinstance(pattern, ast.Constant | ast.BinOp) or ast.unparse(pattern).isupper()
