"""The verdict on the time from respondents to edges: it can fail, and wrong edges are no result at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.survey_edges import declaration, measure, report, require_exact
from catalog import load_registry
from ingestion import read_file
from medpanel.sample.survey import SURVEY_FILE, sample_survey


@pytest.mark.parametrize(("ours", "passed"), [(1.9, True), (2.1, False)])
def test_the_median_decides(ours: float, passed: bool) -> None:
    text, verdict = report([(ours, 1.0, 0.5), (ours, 1.0, 0.5), (9.0, 1.0, 0.5)], 2**20, 10)
    assert verdict is passed
    assert ("FAIL" in text) is not passed
    assert f"{ours:.2f} times" in text


def test_a_small_measurement_runs() -> None:
    rows, size = measure(rounds=1, respondents=1000)
    assert len(rows) == 1 and min(rows[0]) > 0 and size > 10_000


def test_reversed_edges_and_other_refusals_are_noticed(tmp_path: Path) -> None:
    sample = sample_survey(3, 1000)
    (tmp_path / SURVEY_FILE).write_bytes(sample.content)
    reading = read_file(tmp_path, tmp_path / SURVEY_FILE, declaration(tmp_path), load_registry())
    require_exact(reading, sample)
    turned = sample.flows.rename(columns={"origin": "destination", "destination": "origin"})
    turned = turned[["origin", "destination", "persons"]].sort_values(["origin", "destination"])
    with pytest.raises(RuntimeError, match="planted"):
        require_exact(reading, replace(sample, flows=turned))
    reading.source_file["rows_rejected"] += 1
    with pytest.raises(RuntimeError, match="faults"):
        require_exact(reading, sample)
