"""Each page exists in English and in Chinese, and neither says less than the other; all of them are found."""

from pathlib import Path

import pytest

from tests.twin_pages import (
    DOCS,
    LANGUAGES,
    TWINS,
    dead_links,
    differences,
    link_targets,
    page,
    pages,
    unreachable,
    untranslated,
    without_twin,
)

EN = """# Sizes

Of 1,000 places 3 have none on 7 April 2015 ([why](../evidence/why.md)); see `size`.

- One item.
- Another.

| size | share |
| --- | --- |
| small | −2.5 |

```sh
make demo
```
"""
ZH = """# 规模

2015年4月7日，1,000个地区中有3个没有（[理由](../evidence/why.md)）；见 `size`。

- 一项。
- 另一项。

| 规模 | 比例 |
| --- | --- |
| 小 | −2.5 |

```sh
make demo
```
"""


def test_every_page_has_its_twin() -> None:
    assert without_twin(pages("en"), pages("zh")) == [] and len(pages("en")) > 30
    assert without_twin(["a.md", "b.md"], ["a.md"]) == ["b.md"]


@pytest.mark.parametrize("name", pages("en"))
def test_the_two_pages_are_twins(name: str) -> None:
    assert differences(page("en", name), page("zh", name)) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TWINS)
def test_a_page_is_in_one_language(language: str, name: str) -> None:
    assert untranslated(language, page(language, name)) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", pages("en"))
def test_links_stay_in_the_language_and_lead_to_a_place(language: str, name: str) -> None:
    other = {"en": "zh", "zh": "en"}[language]
    assert [link for link in link_targets(page(language, name)) if f"/{other}/" in link] == []
    assert dead_links(DOCS / language / name) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_reached_from_the_first(language: str) -> None:
    every = {*(DOCS / language).rglob("*.md"), *(DOCS / "evidence").glob("*.md")}
    assert unreachable(DOCS / language / "index.md", every) == []


def test_what_leads_nowhere_is_found(tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"{name}.md" for name in ("first", "second", "third"))
    first.write_text("# First\n\n[a](second.md#second) [b](third.md#no) [c](gone.md)\n\n```{toctree}\nsecond\n```\n")
    second.write_text("# Second\n\n[d](#second) [e](#nowhere)\n")
    third.write_text("# Third\n")
    assert dead_links(first) == ["third.md#no", "gone.md"] and dead_links(second) == ["#nowhere"]
    assert unreachable(first, {first, second}) == []
    assert unreachable(first, {first, second, third}) == [third.resolve()]
    second.unlink()
    assert unreachable(first, {first}) == [second.resolve()]


def test_twins_pass() -> None:
    assert differences(EN, ZH) == []
    assert untranslated("en", EN) == untranslated("zh", ZH) == []


@pytest.mark.parametrize(
    ("written", "instead", "difference"),
    [
        ("# 规模", "## 规模", "headings"),
        ("make demo", "make real", "code blocks"),
        ("| 小 | −2.5 |\n", "| 小 | −2.5 |\n| 大 | |\n", "tables"),
        ("| 小 | −2.5 |", "| 小 | −2.5 | |", "tables"),
        ("- 另一项。\n", "", "list items"),
        ("\n- 一项。", "\n另起一段。\n\n- 一项。", "paragraphs"),
        ("有3个", "有4个", "numbers"),
        ("−2.5", "2.5", "numbers"),
        ("4月", "5月", "numbers"),
        ("`size`", "`sizes`", "code in the text"),
        ("why.md", "how.md", "links"),
    ],
)
def test_what_sets_pages_apart_is_found(written: str, instead: str, difference: str) -> None:
    assert written in ZH
    assert difference in differences(EN, ZH.replace(written, instead, 1))


def test_text_left_in_the_other_language_is_found() -> None:
    assert untranslated("zh", ZH + "\nThis sentence nobody has put into Chinese yet.\n")
    assert untranslated("en", EN + "\n这句话没有翻译。\n")
