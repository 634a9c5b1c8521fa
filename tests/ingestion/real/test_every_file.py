"""Every real file, read as the project declares it: rows, years, units and figures typed by hand, or the refusal.

The files stay outside the project; see tests/conftest.py.
"""

from __future__ import annotations

import csv
import importlib
import pkgutil
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import tests.ingestion.real as family
from catalog import load_registry, load_sources
from catalog.base import PROJECT_DIR
from catalog.messages import remarks
from ingestion import FileReading, read_file
from tests.ingestion.real.expected import Expected, Spot

REAL = PROJECT_DIR / "catalog" / "inputs" / "real.yaml"


def _expected() -> dict[str, Expected]:
    found: dict[str, Expected] = {}
    for module in pkgutil.iter_modules(family.__path__):
        if module.name.startswith("files_"):
            entries = importlib.import_module(f"{family.__name__}.{module.name}").EXPECTED
            assert not found.keys() & entries.keys(), f"stated twice: {found.keys() & entries.keys()}"
            found |= entries
    return found


EXPECTED = _expected()


@pytest.fixture(scope="module")
def read(real_data: Path) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDPANEL_REAL_DATA", str(real_data))
        sources, root = load_sources(REAL)

    @cache
    def reading(path: str) -> FileReading:
        return read_file(root, root / path, sources, load_registry())

    return reading


def test_no_file_is_left_out(real_data: Path) -> None:
    with (real_data / "MANIFEST.csv").open(encoding="utf-8-sig") as stream:
        listed = {row["file"].removeprefix("data/") for row in csv.DictReader(stream)}
    assert listed - EXPECTED.keys() == set()
    assert EXPECTED.keys() - listed == set()


@pytest.mark.parametrize("path", sorted(EXPECTED))
def test_rows(read: Any, path: str) -> None:
    expected, reading = EXPECTED[path], read(path)
    record = reading.source_file
    assert record["layout"] == expected.layout, record["problem"]
    rows = tuple(record[f"rows_{name}"] for name in ("read", "loaded", "rejected", "set_aside"))
    assert rows == expected.rows, record["problem"]
    whole = "partial" if set(expected.codes) - remarks() else "loaded"
    assert record["status"] == ({"not_read": "not_read", "": whole}.get(expected.refused or "", "refused"))
    codes = Counter(r["code"] for r in reading.rejected_row)
    if expected.refused:
        assert expected.refused in codes
        assert not reading.observation and not any(len(table) for table in reading.tables.values())
    if expected.codes or not expected.refused:
        assert codes == expected.codes


@pytest.mark.parametrize("path", sorted(path for path, e in EXPECTED.items() if e.years))
def test_years_and_places(read: Any, path: str) -> None:
    expected, records = EXPECTED[path], read(path).observation
    years = [record["year"] for record in records]
    assert (min(years), max(years)) == expected.years
    assert len({r["entity_code"] for r in records if r["entity_level"] != "nation"}) == expected.entities


@pytest.mark.parametrize(
    ("path", "spot"),
    [pytest.param(p, s, id=f"{p}-{i}") for p, e in sorted(EXPECTED.items()) for i, s in enumerate(e.spots)],
)
def test_figures_typed_by_hand(read: Any, path: str, spot: Spot) -> None:
    reading = read(path)
    records = reading.tables[spot.table].to_pylist() if spot.table in reading.tables else getattr(reading, spot.table)
    found = [r for r in records if all(r[name] == value for name, value in spot.where.items())]
    assert len(found) == 1, f"{len(found)} records at {spot.where}"
    assert {name: found[0][name] for name in spot.what} == spot.what
