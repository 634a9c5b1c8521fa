"""The console: our own lines, short and in the reader's language; the machinery and what is long are for the file."""

import logging
from typing import Any

import pytest

from catalog.base import Told
from dagster_project.console_log import WIDTH, _Everything, _OnlyTold, _Story, shortened, without_class
from dagster_project.telling import TOLD, tell, teller
from medpanel.language import VARIABLE


def record(message: str, level: int = logging.INFO, step: str | None = "read_files", **extra: Any) -> logging.LogRecord:
    meta = {"step_key": step, "orig_message": message}
    return logging.makeLogRecord({"msg": message, "levelno": level, "levelname": "X", "dagster_meta": meta, **extra})


SAID: dict[str, Any] = {TOLD: {"en": "3 files", "zh": "3个文件"}}


@pytest.mark.parametrize(("language", "text"), [("en", "3 files"), ("zh", "3个文件")])
def test_a_line_is_in_the_language_of_the_reader(monkeypatch: pytest.MonkeyPatch, language: str, text: str) -> None:
    monkeypatch.setenv(VARIABLE, language)
    assert _Story().format(record("3 files / 3个文件", **SAID)).endswith(f" read_files: {text}")


def test_no_line_is_longer_than_the_width_and_the_file_has_all_of_it() -> None:
    long = record("x" * 500 + "\nsecond line", logging.WARNING)
    line = _Story().format(long)
    assert len(line) == WIDTH and line.endswith("…")
    assert "second line" in _Everything().format(long)
    assert shortened("short") == "short"


@pytest.mark.parametrize(
    ("one", "shown"),
    [
        (record("3 files", **SAID), True),
        (record("a step's own warning", logging.WARNING), True),
        (record("Copying `a` to `b`"), False),
        (record("Execution of run failed", logging.ERROR, step=None), False),
        (record("Dependencies for step a failed: ['b']. Not executing.", logging.ERROR), False),
    ],
)
def test_only_what_is_told_reaches_the_console(one: logging.LogRecord, shown: bool) -> None:
    assert _OnlyTold().filter(one) is shown


def test_the_class_of_our_own_error_says_nothing_to_the_reader() -> None:
    assert without_class("models_py.windows.WindowError: mspi: no year") == "mspi: no year"
    assert without_class("duckdb.IOException: locked") == "duckdb.IOException: locked"


class Log:
    """A log that keeps what it is given."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, str, dict[str, Any]]] = []

    def log(self, level: int, line: str, extra: dict[str, Any]) -> None:
        self.kept.append((level, line, extra))


def test_telling_hands_over_both_languages() -> None:
    log = Log()
    teller(log)(Told("a", "甲"))
    tell(log, "as it is", logging.DEBUG)
    assert log.kept == [(logging.INFO, "a / 甲", {TOLD: {"en": "a", "zh": "甲"}}), (logging.DEBUG, "as it is", {})]
