"""Files received twice are counted once; the same bytes declared to be two things are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog import Source, Sources, load_registry
from ingestion import FileReading, read_file
from ingestion.build.conflicts import refuse_repeated_files
from tests.ingestion.conftest import codes, nbs_2026_text

ENTRY = {"publisher": "test", "licence": "test", "accessed": "2026-01-01", "unit": "亿元"}


def read_both(folder: Path, one: dict[str, Any], two: dict[str, Any], different: bool = False) -> list[FileReading]:
    """Readings of a.csv and b.csv, with the same bytes unless `different`, in the wrong order."""
    text = nbs_2026_text()
    (folder / "a.csv").write_text(text, encoding="utf-8-sig")
    (folder / "b.csv").write_text(text + ("\n" if different else ""), encoding="utf-8-sig")
    entries = tuple(
        Source.model_validate({"match": name, "vintage": "v1", "indicator": "gdp", **ENTRY, **keys})
        for name, keys in (("a.csv", one), ("b.csv", two))
    )
    sources = Sources(data_kind="synthetic", studies=(), vintages=("v1", "v0"), files=entries)
    readings = [read_file(folder, folder / name, sources, load_registry()) for name in ("b.csv", "a.csv")]
    refuse_repeated_files(readings)
    for reading in readings:
        counts = reading.source_file
        assert counts["rows_read"] == counts["rows_loaded"] + counts["rows_rejected"] + counts["rows_set_aside"]
        assert counts["rows_rejected"] == len([r for r in reading.rejected_row if not r["cell"] and r["row"]])
        assert counts["cells_loaded"] == len(reading.observation)
    return readings[::-1]


def test_the_second_file_is_refused_and_says_which_the_first_is(tmp_path: Path) -> None:
    first, second = read_both(tmp_path, {}, {})
    assert (first.source_file["status"], len(first.observation), codes(first)) == ("loaded", 62, set())
    assert (second.source_file["status"], second.observation, codes(second)) == ("refused", [], {"repeated_file"})
    assert second.source_file["rows_rejected"] == 31
    assert "a.csv" in str(second.source_file["problem"])
    assert not second.missing_cell


@pytest.mark.parametrize("keys", [{"indicator": "budget_expenditure"}, {"vintage": "v0"}])
def test_the_same_bytes_cannot_be_two_things(tmp_path: Path, keys: dict[str, Any]) -> None:
    for reading in read_both(tmp_path, {}, keys):
        assert codes(reading) == {"contradicting_repeat"}
        assert (reading.source_file["status"], reading.observation) == ("refused", [])


def test_other_bytes_are_other_files(tmp_path: Path) -> None:
    for reading in read_both(tmp_path, {}, {}, different=True):
        assert (codes(reading), len(reading.observation)) == (set(), 62)
