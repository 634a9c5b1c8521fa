"""sources.yaml itself: what is caught when it is loaded, before any file is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from catalog import Sources
from catalog.base import CatalogError, read_yaml
from catalog.declarations.corrections import load_corrections
from tests.ingestion.conftest import declared


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"set_aside_columns": ["("]}, "not a regular expression"),
        ({"neutral_groups": ["*"]}, "not a regular expression"),
        ({"encoding": "klingon"}, "unknown encoding"),
        ({"encoding": "hex"}, "unknown encoding"),
        ({"encoding": "gbk\0"}, "unknown encoding"),
        ({"year": 1948}, "1949"),
        ({"columns": {"x": {"indicator": "gdp_per_capita"}}}, "not a reported indicator"),
        ({"columns": {"x": {"indicator": "gdp", "unit": "箩"}}}, "unknown unit"),
        ({"key": "guess"}, "key"),
    ],
)
def test_wrong_entries(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        declared(**keys)


def test_two_entries_with_the_same_pattern() -> None:
    entry = {"match": "a.csv", "vintage": "v", "publisher": "p", "licence": "l", "accessed": "2026-01-01"}
    keys: dict[str, Any] = {"data_kind": "real", "studies": (), "vintages": ("v",)}
    with pytest.raises(ValidationError, match="same `match`"):
        Sources(files=(entry, entry), **keys)
    # Two ways to write the same accent are one pattern.
    with pytest.raises(ValidationError, match="same `match`"):
        Sources(files=({**entry, "match": "e\u0301.csv"}, {**entry, "match": "\u00e9.csv"}), **keys)
    assert len(Sources(files=(entry, {**entry, "match": "b.csv"}), **keys).files) == 2


def test_patterns_match_however_accents_are_written() -> None:
    sources = declared(match="caf\u00e9*.csv")
    assert sources.find("cafe\u0301_1.csv") is not None
    assert sources.find("cafe_1.csv") is None


@pytest.mark.parametrize(
    "text",
    ["[1, 2]: x", "? {a: b}\n: x", "a: [" * 2000, "a: 1\na: 2", "a: 'x", b"\xff\xfe\xff"],
)
def test_yaml_that_cannot_be_read_names_its_file(tmp_path: Path, text: str | bytes) -> None:
    path = tmp_path / "sources.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(CatalogError, match=r"sources\.yaml"):
        read_yaml(path)


CORRECTION = """
corrections:
  - {file: a.csv, cell: B5, province_code: 110000, year: 2014, indicator: gdp, expect: "1", value: 2.5, reason: r,
     source: s, status: open}
"""


def test_corrections_are_loaded_with_exact_values(tmp_path: Path) -> None:
    path = tmp_path / "fixes.yaml"
    with pytest.raises(CatalogError, match="no such file"):
        load_corrections(path)
    path.write_text(CORRECTION, encoding="utf-8")
    [correction] = load_corrections(path)
    assert (correction.cell, str(correction.value)) == ("B5", "2.5")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("110000", "110100", "not a province"),
        ("gdp,", "gdp_per_capita,", "not a reported indicator"),
        ("reason: r", "reason: ''", "reason"),
        ("status: open", "status: done", "status"),
        ("value: 2.5", "value: many", "value"),
        (CORRECTION, CORRECTION + CORRECTION.split("corrections:\n")[1], "corrected twice"),
    ],
)
def test_wrong_corrections(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "fixes.yaml"
    path.write_text(CORRECTION.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogError, match=message):
        load_corrections(path)
