"""The page of a study in one language: what was found on top, then every table and figure beside its reading in words.

Belongs here: its HTML, and the files of its charts. A figure starts as a picture and becomes an interactive chart once
it is scrolled into view or asked for (assets/site.js). Does not belong here: the frame of all pages (shell.py), cards
of findings (findings.py), the table itself (html_table.py), drawing (charts.py) and writing.
"""

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from catalog import load_registry
from catalog.base import Text
from medpanel.report.html_table import html_table
from medpanel.report.places import page_file
from models_py.figures.show import LANGS, Figure, Lang, said
from models_py.figures.table import PrintedTable, paragraph

# Seen from the page of a study: the folder report/.
ROOT = "../.."
SHOWN_ROWS = 200
# A picture of more bytes is shown as PNG; the chart of one of still more is drawn only when asked for: it would hold up
# the page.
HEAVY, HOLDING_UP = 150_000, 300_000
_SIZE = re.compile(r'<svg[^>]*? width="([\d.]+)" height="([\d.]+)"')
WORDS = {
    "associations": Text(
        zh="估计结果为关联，非因果效应。数字与数据库中的已发布表一致。",
        en="Estimates are associations, not effects. The numbers are those of the published tables.",
    ),
    "studied": Text(zh="研究对象", en="Studied"),
    "years": Text(zh="数据", en="Data"),
    "variables": Text(zh="变量", en="Variables"),
    "files": Text(zh="文件", en="Files"),
    "replication": Text(zh="复现包", en="Replication"),
    "replicate": Text(
        zh="样本、脚本（Stata、R、Python）与应得到的数值",
        en="samples, scripts for Stata, R and Python, expected numbers",
    ),
    "contents": Text(zh="目录", en="Contents"),
    "findings": Text(zh="发现", en="Findings"),
    "data": Text(zh="数据", en="Data"),
    "press": Text(zh="显示交互图", en="Show the interactive chart"),
    "made": Text(zh="取自数据表", en="From the published tables"),
    "in_archive": Text(zh="文件包内", en="In the archive"),
    "archive": Text(
        zh="个文件：zh/、en/ 为各语言的表（LaTeX、Word、Excel、CSV、Markdown、HTML，全部表格合为 all_tables.tex）与图"
        "（SVG、PDF、PNG，附图注）；data/ 为各图数据（CSV）与各表所依据的行（Stata，含标签、单位与注）。",
        en=" files: zh/ and en/ hold each table (LaTeX, Word, Excel, CSV, Markdown, HTML; all in all_tables.tex) "
        "and figure (SVG, PDF, PNG, with its caption); data/ holds the data of each figure (CSV) and the rows behind "
        "each table (Stata, with labels, units and notes).",
    ),
}


@dataclass(frozen=True)
class Place:
    """Where an item stands: its language, whether data are generated, its study's archive."""

    lang: Lang
    synthetic: bool
    archive: str

    def say(self, word: str) -> str:
        """A word of the page, escaped."""
        return html.escape(said(WORDS[word], self.lang))

    def beside(self, stem: str, suffix: str) -> str:
        """Name of a file beside the page."""
        return f"{'synthetic_' if self.synthetic else ''}{stem}.{suffix}"

    def page(self, kind: str, name: str) -> str:
        """The address of a page of the site, `table` or `indicator`."""
        return f"{ROOT}/{self.lang}/{kind}/{page_file(name, self.synthetic)}"

    def linked(self, kind: str, names: Mapping[str, str]) -> str:
        """Links to pages, by name and what is said of it."""
        made = (f'<a href="{self.page(kind, name)}">{html.escape(text)}</a>' for name, text in names.items())
        return ("、" if self.lang == "zh" else ", ").join(made)


@dataclass(frozen=True)
class Shown:
    """An item on the page: its id, heading, what the contents call it, and its place (HTML)."""

    stem: str
    heading: str
    listed: str
    place: str


@dataclass(frozen=True)
class Section:
    """What one part of the study shows: its heading, what it does, its items."""

    anchor: str
    heading: str
    summary: str
    items: Sequence[Shown]


@dataclass(frozen=True)
class Top:
    """What stands first, in one language: facts as pairs of name and HTML, sentences of the headline, what the data
    contradict (HTML), cards of findings (HTML).
    """

    facts: Sequence[tuple[str, str]]
    sentences: Sequence[str]
    contradicted: str
    cards: str


def study_body(place: Place, top: Top, sections: Sequence[Section]) -> str:
    """The page below its heading; what is empty is left out."""
    facts = "".join(f"<dt>{html.escape(name)}</dt><dd>{text}</dd>\n" for name, text in top.facts)
    keys = "".join(f'<p class="key">{html.escape(text)}</p>\n' for text in top.sentences)
    found = f'<h2 id="findings">{place.say("findings")}</h2>\n{top.cards}' if top.cards else ""
    return (
        f"{keys}{top.contradicted}<p>{place.say('associations')}</p>\n"
        f'<dl class="facts">\n{facts}</dl>\n{found}{_contents(place, sections)}'
        + "".join(_section(section) for section in sections)
    )


def _contents(place: Place, sections: Sequence[Section]) -> str:
    if not sections:
        return ""
    parts = []
    for section in sections:
        items = "".join(f'<li><a href="#{one.stem}">{html.escape(one.listed)}</a></li>\n' for one in section.items)
        head = f'<a href="#{section.anchor}">{html.escape(section.heading)}</a>'
        parts.append(f"<li>{head}\n<ul>\n{items}</ul></li>\n")
    head, listed = place.say("contents"), "".join(parts)
    return f'<h2 id="contents">{head}</h2>\n<nav class="contents" aria-label="{head}">\n<ul>\n{listed}</ul></nav>\n'


def _section(section: Section) -> str:
    more = f'<p class="soft">{html.escape(section.summary)}</p>\n' if section.summary != section.heading else ""
    items = "".join(
        f'<section class="item" id="{one.stem}">\n<h3>{html.escape(one.heading)}</h3>\n{one.place}</section>\n'
        for one in section.items
    )
    return f'<h2 id="{section.anchor}">{html.escape(section.heading)}</h2>\n{more}{items}'


def table_place(table: PrintedTable, place: Place, tables: Sequence[str], indicators: Sequence[str], files: str) -> str:
    """The table beside its notes, the published `tables` it was made from and its `files` in the archive. Rows named
    like one of the `indicators` lead to its page.
    """
    shown = html_table(table, _by_label(indicators, place))
    label = html.escape(table.heading, quote=True)
    scroll = f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">\n{shown}</div>\n'
    return _beside(scroll, table.remarks, place, tables, files)


def _beside(shown: str, remarks: str, place: Place, tables: Sequence[str], files: str) -> str:
    notes = f'<p class="notes">{html.escape(remarks)}</p>\n' if remarks else ""
    made = place.linked("table", {name: name for name in tables})
    made = f'<p class="notes">{place.say("made")}: {made}</p>\n' if made else ""
    held = f'<p class="notes">{place.say("in_archive")}: <a href="../{place.archive}">{html.escape(files)}</a></p>\n'
    reading = f'<div class="reading">\n{notes}{made}{held}</div>\n'
    return f'<div class="beside">\n<div class="shown">\n{shown}</div>\n{reading}</div>\n'


def _by_label(indicators: Sequence[str], place: Place) -> dict[str, str]:
    """Addresses of the pages of indicators by their label, of labels that one indicator alone has."""
    known = load_registry().indicators
    labels = [said(known[name].label, place.lang) for name in indicators]
    return {
        label: place.page("indicator", name)
        for name, label in zip(indicators, labels, strict=True)
        if labels.count(label) == 1
    }


def figure_place(
    stem: str, figure: Figure, svg: str, notes: Sequence[Text], place: Place, tables: Sequence[str], files: str
) -> str:
    """The figure beside its notes, its first rows below; without JavaScript a picture, and all the rest is there.

    Sliders stand beside the picture, not in it: what is inside an image cannot be reached by keyboard.
    """
    suffix, size = picture_suffix(svg), _SIZE.search(svg)
    room = f' width="{float(size[1]):.0f}" height="{float(size[2]):.0f}"' if size else ""
    press = f' data-press="{place.say("press")}"' if len(svg) > HOLDING_UP else ""
    label = html.escape(said(figure.alternative, place.lang), quote=True)
    picture = f'<img alt="" loading="lazy" src="{place.beside(stem, suffix)}"{room}>'
    chart = f'data-chart="{stem}" data-src="{place.beside(stem, "js")}"{press}'
    shown = (
        f'<figure class="chart">\n<div role="img" aria-label="{label}" {chart}>{picture}</div>\n'
        '<div class="sliders"></div>\n</figure>\n'
    )
    return _beside(shown, paragraph(notes, place.lang), place, tables, files) + _data(figure, place)


def picture_suffix(svg: str) -> str:
    """What the page shows of a figure until its chart is drawn: SVG, or PNG where that is heavy."""
    return "svg" if len(svg.encode()) <= HEAVY else "png"


def _data(figure: Figure, place: Place) -> str:
    """The first rows, collapsed at first; all of them are in the archive."""
    rows = len(figure.data)
    cut = Text(zh=f"前{SHOWN_ROWS}行，共{rows}行", en=f"first {SHOWN_ROWS} of {rows} rows")
    told = f"<p>{said(cut, place.lang)}</p>\n" if rows > SHOWN_ROWS else ""
    table = _table(_in_language(figure.data, place.lang).head(SHOWN_ROWS))
    head = f"<summary>{place.say('data')}</summary>"
    return f'<details class="data">{head}\n{told}<div class="scroll">{table}</div></details>\n'


def _in_language(data: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Without columns of names in a language the page does not have."""
    other = tuple(f"_{one}" for one in LANGS if one != lang)
    return data[[name for name in data.columns if not str(name).endswith(other)]]


def _table(frame: pd.DataFrame) -> str:
    head = "".join(f'<th scope="col">{html.escape(str(name))}</th>' for name in frame.columns)
    # HTML needs no end of a cell or row; they would be a third of these tables, which are a third of a page.
    body = [
        "<tr>" + "".join(f"<td>{html.escape(_cell(value))}" for value in row) + "\n"
        for row in frame.itertuples(index=False)
    ]
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{''.join(body)}</tbody></table>\n"


def _cell(value: Any) -> str:
    if pd.isna(value):
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def chart_files(specs: Mapping[str, dict[str, Any]], place: Place) -> dict[str, str]:
    """The scripts beside a page, by name: one for each chart, and one for each dataset that several charts draw.

    A page read from disk may load a script, but fetch no data.
    """
    uses: dict[str, list[str]] = {}
    for stem, spec in specs.items():
        for name in spec["datasets"]:
            uses.setdefault(name, []).append(stem)
    shared = {name: place.beside(name.replace("-", "_"), "js") for name, stems in uses.items() if len(stems) > 1}
    rows = {name: data for spec in specs.values() for name, data in spec["datasets"].items()}
    made = {file: _says("medpanelData", name, rows[name]) for name, file in shared.items()}
    for stem, spec in specs.items():
        own = {name: data for name, data in spec["datasets"].items() if name not in shared}
        others = {name: shared[name] for name in spec["datasets"] if name in shared}
        said_ = {**spec, "datasets": own} | ({"usermeta": {"shared": others}} if others else {})
        made[place.beside(stem, "js")] = _says("medpanelCharts", stem, said_)
    return made


def _says(held: str, name: str, value: Any) -> str:
    """A script that keeps a value under a name."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"(window.{held} = window.{held} || {{}})[{json.dumps(name)}] = {text};\n"
