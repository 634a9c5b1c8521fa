"""The guide to input files: current, complete, its links and entries sound, and its refusals those readers give."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.cells import cell_len

from catalog import load_sources
from catalog.messages import common_codes, layout_codes, load_messages, pointers
from ingestion.readers import EVERY_LAYOUT
from medpanel.guide import rendering
from medpanel.guide.examples import LayoutExample, examples, read_example
from medpanel.guide.pages import LANGUAGES, path_of
from medpanel.guide.pictures import cut, yields
from medpanel.guide.rendering import NAME, render

TEXTS = {language: path_of(language, NAME).read_text(encoding="utf-8") for language in LANGUAGES}
# The twins have the same code and places (tests/test_twin_pages.py).
TEXT = TEXTS["en"]
LAYOUTS = {layout.name: layout for layout in EVERY_LAYOUT}
YAML = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def the(layout: str) -> LayoutExample:
    return next(example for example in examples() if example.layout == layout)


def test_the_committed_pages_are_current() -> None:
    for language, text in TEXTS.items():
        assert render(language) == text, "run `medpanel generate`"
    assert re.findall(r'<a id="([^"]+)">', TEXTS["zh"]) == re.findall(r'<a id="([^"]+)">', TEXT)


def test_every_layout_and_every_refusal_stands_there_once() -> None:
    anchors = Counter(re.findall(r'<a id="([^"]+)"></a>', TEXT))
    assert [name for name in LAYOUTS if anchors[name] != 1] == []
    assert [code for code in load_messages() if anchors[f"refusal-{code}"] != (code not in pointers())] == []
    assert {name: times for name, times in anchors.items() if times > 1} == {}


def test_every_link_within_the_page_leads_somewhere() -> None:
    targets = set(re.findall(r"\]\(#([^)]+)\)", TEXT))
    assert targets and targets <= set(re.findall(r'<a id="([^"]+)"></a>', TEXT))


def test_the_entries_are_those_that_were_read() -> None:
    shown = [yaml.safe_load(block)[0] for block in YAML if block.startswith("- match:")]
    by_name = {entry["match"]: entry for entry in shown}
    assert by_name == {example.name: yaml.safe_load(yaml.safe_dump(example.whole_entry())) for example in examples()}


def test_the_example_of_a_whole_sources_yaml_loads(tmp_path: Path) -> None:
    (whole,) = (block for block in YAML if block.startswith("data_kind:"))
    (tmp_path / "sources.yaml").write_text(whole, encoding="utf-8")
    sources, _ = load_sources(tmp_path / "sources.yaml")
    assert len(sources.files) == 2 and sources.splices


def test_a_layout_without_an_example_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = tuple(example for example in examples() if example.layout != "pilot_list")
    monkeypatch.setattr(rendering, "examples", lambda: fewer)
    with pytest.raises(ValueError, match=r"no example .* of pilot_list"):
        render("en")


def test_an_example_that_does_not_load_is_an_error() -> None:
    example = the("nbs_export")
    for spoilt in (replace(example, content=b"x"), replace(example, layout="nbs_region")):
        with pytest.raises(ValueError, match=r"分省年度数据\.csv: an example of"):
            yields(spoilt, read_example(spoilt), "en")


def test_a_template_without_a_place_for_the_layouts_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written = (rendering.TEMPLATES / f"{NAME}.zh.md").read_text(encoding="utf-8")
    (tmp_path / f"{NAME}.zh.md").write_text(written.replace("<!-- layouts -->\n", ""), encoding="utf-8")
    monkeypatch.setattr(rendering, "TEMPLATES", tmp_path)
    with pytest.raises(ValueError, match="expected the line <!-- layouts --> once"):
        render("zh")


def test_refusals_are_those_declared_for_the_layout() -> None:
    edges = layout_codes("flow_edges")
    assert edges >= {"flow_negative", "flow_list_too_long", "unknown_place", "flow_partner_file"}
    assert "survey_scope" not in edges
    assert layout_codes("pilot_list") >= {"pilot_header", "pilot_field"}
    assert common_codes() >= {"undeclared_file", "implausible", "password", "conflict", "not_a_number"}
    assert not common_codes() & edges


def _spoilt(example: LayoutExample) -> list[LayoutExample]:
    """The example with faults: cut in half, other characters, an entry that says less."""
    half = replace(example, content=example.content[: len(example.content) // 2])
    texts = [("北京".encode(code), "东京".encode(code)) for code in ("utf-8", "gb18030")]
    digits = [(b"1", b"x"), (b"201", b"301"), (b"\n", b",\n")]
    changed = [replace(example, content=example.content.replace(*pair)) for pair in (*texts, *digits)]
    fewer = [{k: v for k, v in example.entry.items() if k != key} for key in example.entry if key in {"unit", "year"}]
    silent = [replace(example, entry=entry) for entry in fewer]
    # A history of thousands of rows takes seconds for each fault.
    return [half, changed[0]] if len(example.content) > 100_000 else [half, *changed, *silent]


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_what_a_spoilt_file_is_refused_for_stands_in_the_guide(layout: str) -> None:
    told = layout_codes(layout) | common_codes() | pointers()
    for spoilt in _spoilt(the(layout)):
        reading = read_example(spoilt)
        if reading.source_file["layout"] in {layout, None}:
            assert {record["code"] for record in reading.rejected_row} <= told


@pytest.mark.parametrize(
    ("text", "columns", "expected"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("北京市", 5, "北京…")]
)
def test_texts_are_cut_by_the_width_they_take(text: str, columns: int, expected: str) -> None:
    assert cut(text, columns) == expected and cell_len(expected) <= columns


def test_the_cells_of_a_picture_cannot_break_the_table() -> None:
    cells: Any = rendering.cell("a | b\n<b>")
    assert cells == "a \\| b &lt;b>"
