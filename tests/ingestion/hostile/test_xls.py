"""Old workbooks with broken containers: refused or read as they were, never with other figures and never for ever."""

from __future__ import annotations

import io
import random
import struct
import time

import pytest

from ingestion.formats.grid import Grid
from ingestion.formats.limits import CELLS, STYLES
from ingestion.formats.workbooks import read_workbook_grid
from ingestion.problems import Refusal
from tests.ingestion.biff import xls_bytes

ROWS: list[list[object]] = [["地区", "2014年", "2013年"], *([f"北京{n}", 100.5 + n, 99.5 + n] for n in range(12))]
WHOLE = xls_bytes(ROWS)
FAT = 512


def outcome(content: bytes) -> Grid | str:
    try:
        return read_workbook_grid(content)
    except Refusal as refusal:
        return refusal.problems[0].code


@pytest.mark.parametrize("target", [2, 3, 5, 4000, 0xFFFFFFFF, 0xFFFFFFFD])
def test_chains_that_turn_back_or_lead_nowhere(target: int) -> None:
    for sector in range(2, 9):
        broken = bytearray(WHOLE)
        struct.pack_into("<I", broken, FAT + 4 * sector, target)
        if bytes(broken) == WHOLE:
            continue
        began = time.monotonic()
        assert outcome(bytes(broken)) in ("unreadable", read_workbook_grid(WHOLE)), (sector, target)
        assert time.monotonic() - began < 5


def test_damage_in_the_container_gives_no_other_figures() -> None:
    expected = read_workbook_grid(WHOLE)
    chance = random.Random(1)
    for _ in range(400):
        broken = bytearray(WHOLE)
        # Header, allocation table, directory: what lies behind are the figures themselves.
        broken[chance.randrange(3 * 512)] = chance.randrange(256)
        result = outcome(bytes(broken))
        assert isinstance(result, str) or result.sheets[0].rows == expected.sheets[0].rows


def test_a_truncated_old_workbook_is_refused_or_whole() -> None:
    expected = read_workbook_grid(WHOLE)
    results = [outcome(WHOLE[:end]) for end in range(8, len(WHOLE), 61)]
    assert all(result in ("unreadable", expected) for result in results)
    assert results.count("unreadable") > len(results) / 2


def test_more_cells_or_formats_than_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.formats.workbooks.CELLS", 5)
    with pytest.raises(Refusal, match="beyond_limits"):
        read_workbook_grid(WHOLE)
    monkeypatch.setattr("ingestion.formats.workbooks.CELLS", CELLS)
    monkeypatch.setattr("ingestion.formats.workbooks.STYLES", 1)
    with pytest.raises(Refusal, match="beyond_limits"):
        read_workbook_grid(WHOLE)
    monkeypatch.setattr("ingestion.formats.workbooks.STYLES", STYLES)
    assert read_workbook_grid(WHOLE)


def test_documents_that_are_no_workbooks(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(xls_bytes(ROWS, stream_name="WordDocument")) == "unreadable"
    assert outcome(WHOLE[:8] + bytes(io.DEFAULT_BUFFER_SIZE)) == "unreadable"
    assert capsys.readouterr().out == "", "xlrd keeps its remarks to itself"
