"""The page of parts: current, every part with its options, tables and shows, its links sound."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from catalog.part_options import known_parts
from catalog.tables import load_tables
from medpanel.guide import parts as part_guide
from medpanel.guide.generate import documents, stale_files
from medpanel.guide.pages import LANGUAGES, path_of
from medpanel.guide.parts import NAME, render
from medpanel.language import Language
from models_py.parts.frame import INPUTS, VARIABLES
from models_py.parts.registry import all_parts

TEXTS: dict[Language, str] = {one: path_of(one, NAME).read_text(encoding="utf-8") for one in LANGUAGES}


def section(name: str, language: Language = "en") -> str:
    """What a page says of one part."""
    return TEXTS[language].split(f"\n## {name}\n")[1].split('<a id="')[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_committed_page_is_current(language: Language) -> None:
    assert render(language) == TEXTS[language], "run `medpanel generate`"
    assert "`medpanel generate`" in TEXTS[language].splitlines()[0]


def test_the_page_is_among_the_generated_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    assert documents()[NAME] is render
    monkeypatch.setattr(part_guide, "_HEAD", {"en": "another head\n", "zh": "另一段\n"})
    page = path_of("zh", NAME)
    assert stale_files({page: render("zh")}) == [page]


def test_every_part_stands_there_once_and_every_link_leads_to_one() -> None:
    for text in TEXTS.values():
        anchors = re.findall(r'<a id="part-([^"]+)"></a>', text)
        assert anchors == list(all_parts())
        assert re.findall(r"\]\(#part-([^)]+)\)", text) == anchors


@pytest.mark.parametrize("name", known_parts())
def test_a_part_is_described_whole(name: str) -> None:
    part, said = all_parts()[name], section(name)
    assert part.summary.en in said and part.summary.zh in section(name, "zh")
    for table in part.makes:
        share = "" if table in part.whole else " (a share)"
        assert re.search(rf"- makes: .*`{table}`{re.escape(share)}(,|\n)", said), table
    for need in {*part.needs, *part.uses} - {VARIABLES}:
        assert f"`{need}`" in said, need
    for show in part.shows:
        assert f"{show.title.en} ({show.kind})" in said and f"{show.title.zh}（" in section(name, "zh")
    options = {field for field in known_parts()[name].model_fields if field != "name"}
    assert set(re.findall(r"^\| `(\w+)` \|", said, re.MULTILINE)) >= options
    # Both languages explain the same options.
    for text in (said, section(name, "zh")):
        assert set(re.findall(r"`(\w+)`", re.sub(r"^[|-].*$", "", text, flags=re.MULTILINE))) & options == named(name)


def named(name: str) -> set[str]:
    """The options that the docstring of a part's options names."""
    options = known_parts()[name]
    return set(re.findall(r"`(\w+)`", options.__doc__ or "")) & set(options.model_fields)


def test_defaults_and_required_options_are_told_apart() -> None:
    assert "| `draws` | whole number | `9999` |" in section("few_clusters")
    assert "| `draws` | 整数 | `9999` |" in section("few_clusters", "zh")
    assert re.search(r"\| `numerator` \| `covered` .* \| required \|", section("exposure"))
    assert re.search(r"\| `numerator` \| `covered` .* \| 必填 \|", section("exposure", "zh"))
    assert re.search(r"\| `map` \| \{…\} \|  \|", section("exposure"))
    assert "No options." in section("mspi_findings") and "无选项。" in section("mspi_findings", "zh")


def test_options_without_a_chinese_text_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_parts()["moran"], "zh", "")
    with pytest.raises(ValueError, match=r"catalog/parts/moran\.py: Options has no `zh`"):
        render("en")


def test_no_word_of_the_language_the_options_are_written_in() -> None:
    for word in ("PydanticUndefined", "typing.", "<class", "catalog.parts.", "NoneType"):
        assert all(word not in text for text in TEXTS.values()), word


def test_a_table_that_is_not_declared_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    part = all_parts()["exposure"]
    monkeypatch.setattr(part_guide, "all_parts", lambda: {"exposure": replace(part, makes=("nowhere",))})
    with pytest.raises(ValueError, match="does not declare: nowhere"):
        render("en")
    assert "nowhere" not in {*INPUTS, *load_tables()}
