"""The checks of pages find what is wrong with a page, without and with a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chromium import chromium
from tests.page_checks import PageRead, broken, weight
from tests.pipeline.test_site import LOOK, PHONE


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<p><b>x</p></b>", "</p> closes b"),
        ("<ul><li>x</ul>", "</ul> closes li"),
        ("<div>", "</body> closes div"),
        ('<p id="a"></p><p id="a"></p>', "the id a is there twice"),
        ('<img src="a.svg">', "an image without a text alternative: a.svg"),
        ('<div role="img" aria-label=" "></div>', "a figure without a text alternative"),
        ('<p class="a" class="b"></p>', "<p> has an attribute twice"),
    ],
)
def test_a_fault_of_a_page_is_found(tmp_path: Path, body: str, fault: str) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<!DOCTYPE html><html><body>{body}</body></html>", encoding="utf-8")
    assert fault in PageRead(page).faults
    right = '<img alt="" src="a.svg"><br><table><tr><td>1<td>2<tr><td>3</table>'
    page.write_text(f"<!DOCTYPE html><html><body>{right}</body></html>", encoding="utf-8")
    assert PageRead(page).faults == []


def test_links_that_lead_nowhere_or_away_are_found(tmp_path: Path) -> None:
    page, other = tmp_path / "a.html", tmp_path / "b.html"
    page.write_text(
        '<a href="b.html#x">1</a><a href="c.html">2</a><a href="../b.html">3</a><a href="#y">4</a>', "utf-8"
    )
    other.write_text('<p id="x"></p><script src="a.html"></script>', encoding="utf-8")
    pages = {path.resolve(): PageRead(path) for path in (page, other)}
    found = broken(pages, tmp_path)
    assert [fault.split(": ")[1] for fault in found] == [
        "c.html# is not there",
        "b.html# is not there",
        "a.html#y has no such anchor",
    ]
    assert weight(pages[other.resolve()], page) == page.stat().st_size + other.stat().st_size
    page.write_text('<script src="https://example.org/x.js"></script>', encoding="utf-8")
    with pytest.raises(AssertionError, match=r"example\.org"):
        list(PageRead(page).targets)


def test_a_browser_sees_faint_text_a_wide_page_errors_slowness_and_requests(tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text(
        '<!DOCTYPE html><html><body><p class="faint" style="color: #999">faint</p><p style="width: 900px">wide</p>'
        '<img alt="" src="http://127.0.0.1:9/x.png"><script>const end = performance.now() + 400; '
        "while (performance.now() < end) {} console.error('odd'); undefined_name();</script></body></html>",
        encoding="utf-8",
    )
    with chromium(tmp_path / "profile") as tab:
        tab.size(PHONE, 844)
        visit = tab.open(page)
        found, longest = tab.ask(LOOK), tab.ask("window.longestTask()")
    assert [key.split(" ")[0] for key in found["faint"]] == ["P.faint"]
    assert found["width"] > 800 and longest > 300
    assert "http://127.0.0.1:9/x.png" in visit.requests
    assert any("odd" in error for error in visit.errors) and any("Uncaught" in error for error in visit.errors)
