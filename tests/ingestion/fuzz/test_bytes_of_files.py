"""Files of other people's formats, spoilt byte by byte: no crash, no more than 1 GiB, no more than a minute."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog import load_registry
from ingestion import read_file
from ingestion.formats.limits import MEMORY_BYTES
from tests.ingestion.conftest import declared
from tests.ingestion.fuzz import bytes_of_files
from tests.ingestion.fuzz.bytes_of_files import KINDS, LONGEST_SECONDS, campaign, spoilt
from tests.ingestion.fuzz.campaign import mutations_wanted


def test_no_spoilt_file_takes_more_than_its_share() -> None:
    share = -(-mutations_wanted() // len(KINDS))
    watched = campaign(dict.fromkeys(KINDS, share))
    assert watched.failures == []
    assert sum(watched.outcomes.values()) == share * len(KINDS)
    assert max(watched.memory.values()) < MEMORY_BYTES and max(watched.seconds.values()) < LONGEST_SECONDS
    assert {kind for kind, outcome in watched.outcomes if outcome == "refused"} == set(KINDS), "damage is noticed"


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_file_is_read(tmp_path: Path, kind: str) -> None:
    suffix, keys, make = KINDS[kind]
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(make())
    reading = read_file(tmp_path, path, declared(**keys), load_registry())
    assert reading.source_file["status"] == "loaded", reading.rejected_row[:2]
    assert len({spoilt(kind, seed) for seed in range(20)}) > 15


def test_a_crash_an_excess_and_a_fault_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judgement is that of this process: with bounds nothing can keep, every file fails."""
    monkeypatch.setattr(bytes_of_files, "MEMORY_BYTES", 1)
    assert len(campaign({".xls": 3}).failures) == 3
