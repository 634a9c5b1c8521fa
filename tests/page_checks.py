"""What can be said of a page of HTML without a browser: whether its tags close, where it leads, what it loads.

Used by the tests of the site, of whole publications and of single pages.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Elements without an end.
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# Cells and rows need no end tag of their own: these end them.
_CELLS = ("td", "th")
_ENDED_BY = dict.fromkeys(_CELLS, _CELLS) | {"tr": (*_CELLS, "tr")}
_ENDED_BY |= dict.fromkeys(("/tr", "/tbody", "/thead", "/table"), (*_CELLS, "tr"))
# What an attribute loads or leads to.
_ADDRESSES = {"href", "src", "data-src"}


@dataclass
class PageRead(HTMLParser):
    """One page: its faults, ids, and addresses with whether the page loads them by itself."""

    path: Path
    faults: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    addresses: list[tuple[str, bool]] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    lang: str = ""
    draws: bool = False
    _texts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self.feed(self.path.read_text(encoding="utf-8"))
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self._open]

    def handle_decl(self, decl: str) -> None:
        if decl.lower() != "doctype html":
            self.faults.append(f"<!{decl}>")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what the element says of itself."""
        given = {name: value or "" for name, value in attrs}
        if len(given) < len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        while self._open and self._open[-1] in _ENDED_BY.get(tag, ()):
            self._open.pop()
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "html":
            self.lang = given.get("lang", "")
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        if given.get("id"):
            if given["id"] in self.ids:
                self.faults.append(f"the id {given['id']} is there twice")
            self.ids.add(given["id"])
        self._alternative(tag, given)
        # With data-press it is loaded when somebody asks for it.
        drawn = "data-src" in given and "data-press" not in given
        self.draws = self.draws or drawn
        loads = tag in ("img", "script", "link", "iframe", "source") or drawn
        self.addresses += [(given[name], loads) for name in _ADDRESSES & given.keys()]

    def _alternative(self, tag: str, given: dict[str, str]) -> None:
        if tag == "img" and "alt" not in given:
            self.faults.append(f"an image without a text alternative: {given.get('src', '')[:60]}")
        if given.get("role") == "img" and not given.get("aria-label", "").strip():
            self.faults.append("a figure without a text alternative")

    def handle_endtag(self, tag: str) -> None:
        """Elements close in the order in which they opened."""
        while self._open and self._open[-1] != tag and self._open[-1] in _ENDED_BY.get(f"/{tag}", ()):
            self._open.pop()
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1] if self._open else 'nothing'}")
        if tag in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        """Keep the text; that of scripts too."""
        self._texts.append(data)

    @cached_property
    def text(self) -> str:
        """Everything it says."""
        return "".join(self._texts)

    @cached_property
    def targets(self) -> list[tuple[Path, str, bool]]:
        """Every file it leads to or loads: path, anchor, whether it loads it by itself.

        Raises AssertionError for an address that is not a file beside the page.
        """
        found = {}
        for address, loads in dict.fromkeys(self.addresses):
            parts = urlsplit(address)
            if parts.scheme == "data":
                continue
            assert not parts.scheme and not parts.netloc, f"{self.path}: {address}"
            beside = os.path.normpath(self.path.parent / unquote(parts.path)) if parts.path else self.path
            found[Path(beside), unquote(parts.fragment), loads] = None
        return list(found)


def broken(pages: dict[Path, PageRead], root: Path) -> list[str]:
    """Addresses that lead nowhere, outside the folder, or to an anchor that is not there; `pages` by resolved path."""
    there = {path.resolve() for path in root.rglob("*")}
    faults = []
    for page in pages.values():
        for path, anchor, _ in page.targets:
            where = f"{page.path.relative_to(root)}: {path.name}#{anchor}"
            if path not in there:
                faults.append(f"{where} is not there")
            elif anchor and path in pages and anchor not in pages[path].ids:
                faults.append(f"{where} has no such anchor")
    return faults


def weight(page: PageRead, vega: Path) -> int:
    """Bytes of a page with everything it loads by itself, the drawing library where it has charts."""
    files = {path for path, _, loads in page.targets if loads} | ({vega} if page.draws else set())
    return page.path.stat().st_size + sum(path.stat().st_size for path in files if path.is_file())
