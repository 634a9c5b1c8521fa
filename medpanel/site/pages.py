"""A page of the site before its language is chosen, and how it becomes files.

Belongs here: pages, addresses between them, cells of their tables. Does not belong here: what any one page says.
"""

from __future__ import annotations

import datetime as dt
import html
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup

from catalog.base import Text, printable
from medpanel.report.places import page_file
from medpanel.report.shell import Frame, site_page, templates
from models_py.figures.show import Lang

# Longer texts of a cell are cut; the database has them whole.
LONGEST = 600
YES, NO = Text(en="yes", zh="是"), Text(en="no", zh="否")


@dataclass(frozen=True)
class Page:
    """`name`: its place below the folder of a language, such as `tables` or `table/estimate`; `template`: that of its
    body, filled with `facts`; `current`: the entry of the navigation it belongs to.
    """

    name: str
    title: Text
    template: str
    current: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cell:
    """A cell of a table that is more than its text: `to` names a page (`indicator/gdp`, `provenance#f1`, `study/<id>`),
    `look` the style.
    """

    value: Any
    to: str = ""
    look: str = ""


@dataclass(frozen=True)
class Site:
    """What all pages share. `studies`: those that have a page of their own; `known`: the names of pages to link to."""

    langs: Sequence[Lang]
    synthetic: bool
    studies: Collection[str]
    known: Collection[str] = ()

    def frame(self, page: Page, lang: Lang) -> Frame:
        """Where the page lies in one language."""
        root = "/".join([".."] * (page.name.count("/") + 1))
        other = next((one for one in self.langs if one != lang), None)
        twin = None if other is None else f"{root}/{other}/{page_file(page.name, self.synthetic)}"
        return Frame(lang, root, self.synthetic, twin, page.current)

    def row(self, frame: Frame, values: Iterable[Any]) -> Markup:
        """Values as the cells of a row."""
        return Markup("".join(cell(self, frame, value) for value in values))

    def address(self, frame: Frame, to: str) -> str:
        """The address of a page, seen from another; '' where there is no such page."""
        name, mark, anchor = to.partition("#")
        folder, _, study = name.partition("/")
        if folder == "study":
            found = study in self.studies
            return f"{frame.root}/{study}/{frame.lang}/{page_file('index', self.synthetic)}" if found else ""
        return f"{frame.to(name)}{mark}{anchor}" if name in self.known else ""

    def write(self, page: Page, report: Path) -> None:
        """Write the page in every language, below `report`."""
        for lang in self.langs:
            path = report / lang / page_file(page.name, self.synthetic)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.render(page, lang), encoding="utf-8", newline="\n")

    def render(self, page: Page, lang: Lang) -> str:
        """The page in one language."""
        frame = self.frame(page, lang)
        words = {
            "frame": frame,
            "say": frame.say,
            "says": lambda texts: [frame.say(text) for text in texts],
            "t": lambda en, zh: zh if lang == "zh" else en,
            "cell": partial(cell, self, frame),
            "cells": partial(self.row, frame),
            "to": partial(self.address, frame),
            "synthetic": self.synthetic,
        }
        body = templates(Path(__file__).parent / "templates").get_template(page.template)
        return site_page(frame.say(page.title), body.render(**page.facts, **words), frame)


def cell(site: Site, frame: Frame, value: Any) -> Markup:
    """A value as a cell of a table."""
    made = value if isinstance(value, Cell) else Cell(value)
    text = html.escape(said(frame, made.value))
    number = isinstance(made.value, int | float) and not isinstance(made.value, bool)
    look = made.look or ("number" if number else "")
    href = site.address(frame, made.to) if made.to and text else ""
    inside = f'<a href="{html.escape(href)}">{text}</a>' if href else text
    # Hundreds of thousands of cells: put together from escaped text, which is ten times as fast as by template.
    return Markup(f'<td class="{look}">{inside}</td>' if look else f"<td>{inside}</td>")


def said(frame: Frame, value: Any) -> str:
    """A value as text: floats with seven digits, texts in the language of the page, very long ones cut."""
    if isinstance(value, Text):
        return cut(frame.say(value))
    if isinstance(value, bool):
        return frame.say(YES if value else NO)
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.7g}"
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return "" if value is None else cut(printable(str(value)))


def cut(text: str) -> str:
    """The text, shortened if it is very long."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def code(value: Any, to: str = "") -> Cell:
    """A name or number that is not counted with: stands at the left, unbroken."""
    return Cell(None if value is None else str(value), to, "nowrap")


def lang_text(row: Mapping[str, Any], en: str, zh: str) -> Text:
    """Two columns of a row as one text; one language stands for the other where that is missing."""
    first, second = row.get(en), row.get(zh)
    return Text(en=str(first or second or ""), zh=str(second or first or ""))


def every(pages: Iterable[Iterable[Page]]) -> list[Page]:
    """All pages, one list."""
    return [page for some in pages for page in some]
