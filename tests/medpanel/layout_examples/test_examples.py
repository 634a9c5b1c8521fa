"""Every layout has an example, and every example loads whole, as exactly its layout."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog import load_provinces, load_sources
from catalog.base import CatalogError
from ingestion.readers import EVERY_LAYOUT
from medpanel.guide.examples import FAMILIES, LayoutExample, examples, read_example, sources_text

LAYOUTS = {layout.name: layout for layout in EVERY_LAYOUT}


def the(layout: str) -> LayoutExample:
    return next(example for example in examples() if example.layout == layout)


def test_every_layout_has_an_example_and_no_other() -> None:
    assert {example.layout for example in examples()} == set(LAYOUTS)


@pytest.mark.parametrize("example", examples(), ids=lambda example: f"{example.layout}-{example.name}")
def test_an_example_loads_whole_as_its_layout(example: LayoutExample, tmp_path: Path) -> None:
    reading = read_example(example, tmp_path)
    source = reading.source_file
    assert (source["layout"], source["problem"], reading.rejected_row) == (example.layout, None, [])
    assert source["rows_loaded"] > 0 and source["rows_rejected"] == 0
    assert source["rows_read"] == source["rows_loaded"] + source["rows_set_aside"]
    assert reading.observation or reading.pilot or reading.tables
    # A layout its header tells is not declared, so that the example shows that it is told.
    if not LAYOUTS[example.layout].declared_only:
        assert "layout" not in example.entry


def test_the_figures_are_those_the_example_was_made_of() -> None:
    codes = {province.province_code: province.name_zh for province in load_provinces()}
    names = list(codes.values())
    expected = {(names[i], 2014 - j): 1000.5 + 37 * i + 11 * j for i in range(31) for j in range(3)}
    for layout in ("nbs_export", "nbs_export_2026", "nbs_export_cut", "nbs_transposed"):
        found = {(codes[r["entity_code"]], r["year"]): r["value"] for r in read_example(the(layout)).observation}
        assert found == expected, layout


def test_the_same_bytes_at_every_call() -> None:
    before = [example.files() for example in examples()]
    again = [example.files() for example in examples.__wrapped__()]
    assert before == again


def test_the_chapters_of_the_guide_stand_in_the_order_of_the_families() -> None:
    shown = [example.family for example in examples()]
    assert list(dict.fromkeys(shown)) == list(FAMILIES)
    assert shown == sorted(shown, key=list(FAMILIES).index)


def test_one_sources_yaml_declares_them_all(tmp_path: Path) -> None:
    for example in examples():
        for name, content in example.files().items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content)
    (tmp_path / "sources.yaml").write_text(sources_text(*examples()), encoding="utf-8")
    sources, root = load_sources(tmp_path / "sources.yaml")
    assert root == tmp_path
    assert [sources.find(example.name).match for example in examples()] == [e.name for e in examples()]  # type: ignore[union-attr]


def test_all_say_that_they_are_invented() -> None:
    for example in examples():
        assert "invented" in example.whole_entry()["publisher"], example.name
        assert yaml.safe_load(sources_text(example))["data_kind"] == "synthetic"


@pytest.mark.parametrize(
    ("keys", "error"),
    [
        ({"unit": "furlong"}, "unknown unit"),
        ({"indicator": "happiness"}, "unknown indicator"),
        ({"colour": 1}, "colour"),
    ],
)
def test_an_entry_that_is_not_valid_is_an_error(keys: dict[str, Any], error: str) -> None:
    example = the("nbs_export_cut")
    with pytest.raises(CatalogError, match=error):
        read_example(replace(example, entry={**example.entry, **keys}))


def test_a_spoilt_example_is_told_by_its_reading() -> None:
    example = the("nbs_export")
    reading = read_example(replace(example, content=example.content.replace("北京市".encode("gb18030"), b"Nowhere")))
    assert reading.source_file["rows_loaded"] == 0
    assert "unknown_province" in {record["code"] for record in reading.rejected_row}
