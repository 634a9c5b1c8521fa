"""Whole files: bytes that cannot be read, layouts nobody knows, declarations that are missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog import Sources, load_registry
from catalog.messages import load_messages
from ingestion import FileReading, read_file
from tests.ingestion.conftest import codes, declared, nbs_text, workbook_bytes

Read = Callable[..., FileReading]


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.csv", "empty_file"),
        (b" \r\n", "a.csv", "empty_file"),
        (b"PK\x03\x04 truncated", "a.xlsx", "unreadable"),
        (workbook_bytes()[:2000], "a.xlsx", "unreadable"),
        (b"%PDF-1.4", "a.pdf", "unreadable"),
        ("数据库：".encode("gbk") + b"\xff\xff\xff", "a.csv", "encoding"),
        ("数据库：".encode("utf-16-le"), "a.csv", "encoding"),
        (nbs_text().encode("big5", errors="ignore"), "a.csv", "no_layout"),
        ("地区,人口\n北京,1\n".encode(), "a.csv", "no_layout"),
        (b'"unclosed', "a.csv", "unreadable"),
    ],
)
def test_unreadable_files_are_refused(read: Read, content: bytes, name: str, code: str) -> None:
    reading = read(content, name)
    assert codes(reading) == {code}
    assert reading.source_file["status"] == "refused"
    assert reading.source_file["problem"].startswith(name)
    assert not reading.observation


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_every_encoding_gives_the_same_figures(read: Read, encoding: str) -> None:
    reading = read(nbs_text().encode(encoding))
    assert len(reading.observation) == 62
    assert reading.observation[0]["value"] == 1000.5


def test_declared_encoding_that_does_not_fit(read: Read) -> None:
    assert codes(read(nbs_text().encode("gbk"), encoding="utf-8")) == {"declared_encoding"}


def test_a_file_no_entry_matches_is_refused_with_the_entry_to_add(tmp_path) -> None:
    (tmp_path / "b.csv").write_bytes(nbs_text().encode("gbk"))
    sources = declared(match="a*.csv")
    reading = read_file(tmp_path, tmp_path / "b.csv", sources, load_registry())
    assert codes(reading) == {"undeclared_file"}
    assert "match: b.csv" in reading.rejected_row[0]["reason"]
    assert isinstance(sources, Sources)


def test_every_problem_is_worded_in_both_languages() -> None:
    for code, message in load_messages().items():
        assert not any("\u4e00" <= char <= "\u9fff" for char in message.en.what), code
        assert any("\u4e00" <= char <= "\u9fff" for char in message.zh.what), code


def test_a_file_declared_as_not_read_is_refused_with_the_reason(read: Read) -> None:
    reading = read(nbs_text(), not_read="its units are unknown")
    assert codes(reading) == {"not_read"}
    assert "its units are unknown" in reading.source_file["problem"]
    assert not reading.observation


def test_a_file_too_large_for_memory_is_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.formats.probe.CONTENT_LIMIT", 100)
    reading = read(nbs_text())
    assert codes(reading) == {"too_large"}
    assert reading.source_file["sha256"]


def test_sheets_declared_to_hold_no_data_are_set_aside(read: Read) -> None:
    reading = read(workbook_bytes(extra_sheet=True), "a.xlsx", set_aside_sheets=["目录"])
    assert codes(reading) == set()
    alone = read(workbook_bytes(), "a.xlsx")
    assert reading.source_file["rows_set_aside"] == alone.source_file["rows_set_aside"] + 1
    assert len(reading.observation) == len(alone.observation) > 0


@pytest.mark.parametrize(("pattern", "code"), [("封面", "sheet_missing"), (".*", "empty_file")])
def test_a_set_aside_sheet_that_is_not_there_or_is_all_there_is_refuses_the_file(
    read: Read, pattern: str, code: str
) -> None:
    assert codes(read(workbook_bytes(), "a.xlsx", set_aside_sheets=[pattern])) == {code}


@pytest.mark.parametrize("error", [KeyError("gdp"), RuntimeError("37 rows read, 36 accounted for"), TypeError("x")])
def test_a_reader_that_fails_costs_one_file_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    (tmp_path / "a.csv").write_bytes(nbs_text().encode("gbk"))
    monkeypatch.setattr("ingestion.reading.check_plausibility", fail)
    reading = read_file(tmp_path, tmp_path / "a.csv", declared(), load_registry())
    assert "reader_fault" in codes(reading)
    assert type(error).__name__ in str(reading.source_file["problem"])
    assert reading.source_file["status"] == "refused"
    assert reading.source_file["rows_read"] == reading.source_file["rows_rejected"]
