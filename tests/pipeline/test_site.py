"""Every page of the published sample: where it leads, its twin, its weight; and in a browser, from disk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.chromium import DRAW, Tab
from catalog.indicators import load_registry
from medpanel.publishing import resolve_current
from medpanel.runs.workspace import Workspace
from models_py.figures.show import LANGS
from tests.chromium import chromium
from tests.page_checks import PageRead, broken, weight
from tests.pipeline.conftest import rows

HEAVIEST = 3_000_000
PHONE = 390
# After every chart is drawn, says what a reader would meet: text that is hard to see, a page wider than
# the screen. The contrast of large text may be lower. Elements that look alike are asked once.
LOOK = (
    f"(async () => {{{DRAW}"
    + """
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => { const [r, g, b] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (element) => { for (let one = element; one; one = one.parentElement) {
    const found = parts(getComputedStyle(one).backgroundColor);
    if (found.length === 3 || found[3] === 1) { return found.slice(0, 3); } }
    return [255, 255, 255]; };
  const seen = new Set(), faint = [], chains = new Map();
  const chain = (one) => { if (one && !chains.has(one)) {
    chains.set(one, one.tagName + "." + one.className + " " + chain(one.parentElement)); }
    return one ? chains.get(one) : ""; };
  const own = (node) => Array.from(node.childNodes).some((one) => one.nodeType === 3 && one.data.trim());
  for (const element of document.querySelectorAll("body *")) {
    const key = chain(element);
    if (seen.has(key) || !own(element) || element.closest("svg, script, style")) { continue; }
    if (!element.checkVisibility()) { continue; }
    seen.add(key);
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const [low, high] = [light(parts(style.color).slice(0, 3)), light(ground(element))].sort((a, b) => a - b);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if ((high + 0.05) / (low + 0.05) < (large ? 3 : 4.5)) { faint.push(key); }
  }
  return {faint, width: document.documentElement.scrollWidth};
})()"""
)
KEYS = {"Tab": 9, "Enter": 13, "ArrowLeft": 37}


@pytest.fixture(scope="module")
def report(demo: Workspace) -> Path:
    """The folder of pages."""
    return (resolve_current(demo.root) / "report").resolve()


@pytest.fixture(scope="module")
def pages(report: Path) -> dict[Path, PageRead]:
    """Every page of the site, read; those in replication bundles are documents of their own."""
    found = [path for path in sorted(report.rglob("*.html")) if "replication" not in path.parts]
    return {path.resolve(): PageRead(path) for path in found}


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """A browser as wide as a phone."""
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        opened.size(PHONE, 844)
        yield opened


def test_every_table_indicator_and_study_has_a_page_in_both_languages(demo: Workspace, report: Path) -> None:
    names = {"index", "tables", "indicators", "quality", "provenance", "methods", "changes"}
    tables = rows(
        demo,
        "SELECT table_name AS name FROM duckdb_tables() UNION SELECT view_name FROM duckdb_views() WHERE NOT internal",
    )["name"]
    names |= {f"table/{name}" for name in tables} | {f"indicator/{name}" for name in load_registry().indicators}
    for lang in LANGS:
        made = {path.relative_to(report / lang) for path in (report / lang).rglob("*.html")}
        assert made == {Path(name).with_name(f"synthetic_{Path(name).name}.html") for name in names}
        for study in demo.studies():
            assert (report / study / lang / "synthetic_index.html").is_file()


def test_every_page_is_well_formed_and_says_that_its_data_are_generated(pages: dict[Path, PageRead]) -> None:
    for page in pages.values():
        assert not page.faults, (page.path, page.faults)
        assert page.headings.count("h1") == 1, page.path
        assert ("合成" if page.lang == "zh-CN" else "SYNTHETIC") in page.text, page.path


def test_every_link_leads_to_a_page_and_place_of_the_folder(pages: dict[Path, PageRead], report: Path) -> None:
    assert not broken(pages, report.resolve())


def test_every_page_leads_to_its_twin_and_back(pages: dict[Path, PageRead], report: Path) -> None:
    for path, page in pages.items():
        place = path.relative_to(report.resolve())
        if place.name == "index.html":
            continue
        [twin] = {at for at, _, _ in page.targets if at == report.resolve() / _swapped(place)}
        assert pages[twin].lang != page.lang
        assert path in {at for at, _, _ in pages[twin].targets}


def _swapped(place: Path) -> Path:
    other = {"en": "zh", "zh": "en"}
    return Path(*(other.get(part, part) for part in place.parts))


def test_no_page_weighs_more_than_3_mb_with_what_it_loads(pages: dict[Path, PageRead], report: Path) -> None:
    heavy = {page.path: weight(page, report / "assets" / "vega.js") for page in pages.values()}
    assert max(heavy.values()) < HEAVIEST, max(heavy, key=lambda path: heavy[path])


def test_a_figure_leads_to_the_cell_it_was_read_from(demo: Workspace, report: Path) -> None:
    sql = (
        "SELECT value, file_id, cell, path FROM observation JOIN source_file USING (file_id) "
        "WHERE indicator = 'gdp' AND chosen AND entity_code = 440000 AND year = 2020"
    )
    [figure] = rows(demo, sql).to_dict("records")
    page = (report / "en" / "indicator" / "synthetic_gdp.html").read_text(encoding="utf-8")
    [row] = re.findall(r'<tr data-year="2020">.*?Guangdong.*?</tr>', page)
    place = f"synthetic_provenance.html#{figure['file_id']}"
    for said in (f"{figure['value']:.7g}", place, figure["cell"], figure["path"]):
        assert said in row


def test_every_page_opens_from_disk(pages: dict[Path, PageRead], report: Path, tab: Tab) -> None:
    inside = report.resolve().as_uri()
    for path in pages:
        if path.name == "index.html":
            continue
        visit = tab.open(path)
        found = tab.ask(LOOK)
        assert "undrawn" not in found, (path, found)
        assert not visit.errors, (path, visit.errors)
        assert not found["faint"], (path, found["faint"])
        assert found["width"] <= PHONE, (path, found["width"])
        outside = [url for url in visit.requests if not url.startswith((inside, "data:"))]
        assert not outside, (path, outside)


def test_the_chooser_goes_to_a_language_and_the_switch_to_the_other(report: Path, tab: Tab) -> None:
    tab.open(report / "index.html")
    first = tab.until("document.querySelector('.language') && document.readyState == 'complete' && location.pathname")
    assert first.endswith(("/en/synthetic_index.html", "/zh/synthetic_index.html"))
    other = {"en": "zh-CN", "zh-CN": "en"}[tab.ask("document.documentElement.lang")]
    tab.ask("void document.querySelector('.language').click()")
    assert tab.until(f"document.documentElement?.lang == '{other}' && document.readyState == 'complete'")


def test_keys_skip_the_navigation_and_move_the_slider(report: Path, tab: Tab) -> None:
    tab.open(report / "en" / "indicator" / "synthetic_gdp.html")
    tab.press("Tab", KEYS["Tab"])
    assert tab.ask("document.activeElement.className") == "skip"
    tab.press("Enter", KEYS["Enter"])
    assert tab.ask("document.activeElement.id") == "main"
    shown = "Array.from(document.querySelectorAll('#figures tr:not([hidden])')).map((row) => row.dataset.year)"
    assert set(tab.ask(shown)) == {"2024"}
    tab.ask("document.querySelector('[data-years] input').focus()")
    tab.press("ArrowLeft", KEYS["ArrowLeft"])
    assert set(tab.ask(shown)) == {"2023"}
    assert tab.ask("document.querySelector('[data-years] output').textContent") == "2023"


def test_lists_are_filtered_by_what_is_typed(report: Path, tab: Tab) -> None:
    tab.open(report / "zh" / "synthetic_indicators.html")
    count = "document.querySelectorAll('#all-indicators tr:not([hidden])').length"
    assert tab.ask(count) == len(load_registry().indicators)
    typed = "const box = document.querySelector('[data-filter]'); box.value = '地区生产总值 gdp'; "
    tab.ask(typed + "box.dispatchEvent(new Event('input'))")
    assert 0 < tab.ask(count) < 20


def test_without_scripts_the_page_says_the_same(report: Path, tab: Tab) -> None:
    tab.scripts(False)
    try:
        tab.open(report / "en" / "indicator" / "synthetic_gdp.html")
        tab.open(report / "index.html")
    finally:
        tab.scripts(True)
    # The chooser stays, with a link to each language.
    links = "Array.from(document.querySelectorAll('main a')).map((one) => one.hreflang)"
    assert sorted(tab.ask(links)) == ["en", "zh-CN"]
