"""Cells, addresses, languages and the page of changes; the whole site: tests/pipeline/test_site.py."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from catalog.base import Text
from medpanel.changes.headlines import Headline
from medpanel.changes.summary import Revision, Summary, Turned
from medpanel.report.shell import Frame, assets
from medpanel.reuse.code import project_code
from medpanel.site import changed
from medpanel.site.building import chooser
from medpanel.site.pages import LONGEST, Cell, Page, Site, cell
from tests.page_checks import PageRead

BOTH = Site(("zh", "en"), True, {"mspi"}, {"index", "tables", "table/estimate", "provenance"})
PAGE = Page(
    "table/estimate",
    Text(en="estimate", zh="估计"),
    "changes.html.j2",
    "tables",
    {"why": None, "found": None, "accepted": ""},
)
EVIL = "<script>alert('x')</script>"


def frame(lang: str = "en") -> Frame:
    return BOTH.frame(PAGE, "zh" if lang == "zh" else "en")


@pytest.mark.parametrize(
    ("value", "made"),
    [
        (None, "<td></td>"),
        (float("nan"), '<td class="number"></td>'),
        (0.1 + 0.2, '<td class="number">0.3</td>'),
        (True, "<td>yes</td>"),
        (Text(en="a & b", zh="甲"), "<td>a &amp; b</td>"),
        (EVIL, "<td>&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;</td>"),
        (Cell(7, look="nowrap"), '<td class="nowrap">7</td>'),
        ("x" * (LONGEST + 9), f"<td>{'x' * LONGEST}…</td>"),
    ],
)
def test_a_value_is_a_cell_that_no_browser_takes_for_more(value: object, made: str) -> None:
    assert str(cell(BOTH, frame(), value)) == made


@pytest.mark.parametrize(
    ("to", "address"),
    [
        ("tables", "../../en/synthetic_tables.html"),
        ("table/estimate", "../../en/table/synthetic_estimate.html"),
        ("provenance#f1", "../../en/synthetic_provenance.html#f1"),
        ("study/mspi", "../../mspi/en/synthetic_index.html"),
        # Neither has a page, so nothing leads there.
        ("study/coupling", ""),
        ("indicator/made_up", ""),
    ],
)
def test_an_address_is_seen_from_the_page_and_only_of_what_is_there(to: str, address: str) -> None:
    assert BOTH.address(frame(), to) == address
    assert ("<a " in cell(BOTH, frame(), Cell("x", to))) == bool(address)


def test_the_twin_is_the_same_page_and_none_where_there_is_one_language() -> None:
    assert frame("zh").twin == "../../en/table/synthetic_estimate.html"
    alone = dataclasses.replace(BOTH, langs=("zh",), synthetic=False)
    assert alone.frame(PAGE, "zh").twin is None
    page = alone.render(PAGE, "zh")
    assert "hreflang" not in page and 'class="synthetic"' not in page
    assert 'hreflang="en"' in BOTH.render(PAGE, "zh") and 'class="synthetic"' in BOTH.render(PAGE, "zh")


def test_the_chooser_leads_to_every_language_there_is() -> None:
    assert 'href="zh/synthetic_index.html"' in chooser(("zh", "en"), True)
    alone = chooser(("en",), False)
    assert 'href="en/index.html"' in alone and "zh" not in alone


def summary() -> Summary:
    place = Text(en=f"Beijing {EVIL}", zh="北京")
    return Summary(
        "20260101T000000Z-real-0", "20270101T000000Z-real-1", "data+year", (),
        (Headline("mspi", "regressions", "b", "a"),),
        (Turned("mspi Table 2", (0.1, 0.03), (-0.1, None), True, False),), ("gdp.range",), revised=51, new=31,
        largest=(Revision(place, 2024, "gdp", 1.0, 2.0, "data"),),
    )  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_changed_is_said_in_sentences_first_and_losses_before_all(tmp_path: Path, lang: str) -> None:
    found = dataclasses.replace(summary(), tables=(_Change(),))  # type: ignore[arg-type]
    site = Site(("zh", "en"), False, (), {"changes", "indicator/gdp", "index", "provenance"})
    file = tmp_path / "changes.html"
    file.write_text(site.render(changed.page(found, f"withdrawn {EVIL}"), "zh" if lang == "zh" else "en"), "utf-8")
    page = PageRead(file)
    assert not page.faults
    said = {"en": ("withdrawn", "Figures revised: 51", "2024", "and 1 more", "sign")}
    said["zh"] = ("withdrawn", "修订的数值：51个", "北京", "另有1项", "符号")
    places = [page.text.index(words) for words in said[lang]]
    assert places[:3] == sorted(places[:3])
    assert EVIL in page.text and "<script>alert" not in file.read_text(encoding="utf-8")
    assert (
        not re.search("[一-鿿]", page.text.replace("北京", "").replace("中文", "").replace("亿元", "")) or lang == "zh"
    )


@dataclasses.dataclass
class _Change:
    """A table with a row more, as comparing.py counts it."""

    table: str = "observation"
    added: int = 1
    gone: int = 0
    revised: int = 51
    cells: int = 51

    @property
    def rows(self) -> dict[str, list[str]]:
        """Why its rows differ."""
        return {"why": ["data", ""]}


def test_without_anything_to_compare_with_the_page_says_why() -> None:
    site = Site(("zh", "en"), False, (), {"changes"})
    page = site.render(changed.page(Text(en="the first publication here", zh="此处的首次发布"), ""), "zh")
    assert "此处的首次发布" in page and "<table" not in page


def test_what_names_the_run_cannot_end_the_script_it_stands_in() -> None:
    made = assets({"version": "1", "run": "</script>"})
    assert "</" not in made["publication.js"] and "vegaEmbed" in made["vega.js"]


def test_a_template_is_part_of_the_code_of_what_uses_it() -> None:
    files, _ = project_code().closure(["medpanel.report.shell"])
    assert "shell.html.j2" in {path.name for path in files}


# Text and ground of each pair that the stylesheet puts together; the browser measures what is really met.
PAIRS = [
    ("ink", "ground"), ("soft", "ground"), ("link", "ground"), ("ink", "shade"), ("bar-ink", "bar"),
    ("bar-soft", "bar"),
    ("bad", "bad-ground"), ("good", "good-ground"), ("open", "open-ground"), ("synthetic-ink", "synthetic"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_colours_keep_the_contrast_that_weak_eyes_need(text: str, ground: str) -> None:
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", assets({})["site.css"]))
    high, low = sorted((_light(colours[text]), _light(colours[ground])), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 4.5


def _light(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
