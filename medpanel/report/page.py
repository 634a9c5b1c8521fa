"""The page that shows a study's pictures and tables; it loads nothing from anywhere.

Belongs here: its HTML and JavaScript. An Altair figure starts as a picture and becomes an interactive chart once it is
scrolled into view. Does not belong here: the tables on the page (html_table.py), drawing (charts.py) and writing.
"""

import base64
import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd
import vl_convert

from catalog.base import Text
from medpanel.report.html_table import TABLE_STYLE
from medpanel.report.shell import CODE, SYNTHETIC_NOTICE, SYNTHETIC_STYLE, html_page
from models_py.figures.show import LANGS, Figure, Lang, said

_NAME: dict[Lang, str] = {"zh": "中文", "en": "English"}
_HEADS = {
    "findings": Text(zh="发现", en="Findings"),
    "figures": Text(zh="图", en="Figures"),
    "tables": Text(zh="表", en="Tables"),
}
_ASSOCIATIONS = Text(
    zh="估计结果为关联，非因果效应。数字与数据库中的已发布表一致。",
    en="Estimates are associations, not effects. The numbers are those of the published tables.",
)
# Where a publication puts the link to its page of changes; a report by itself has none.
CHANGES_PLACE = "<!-- changes -->\n"
_CHANGES = Text(zh="与上次发布相比的变化", en="What changed since the last publication")
_DATA = Text(zh="数据", en="Data")


def texts(text: Text, langs: Sequence[Lang]) -> str:
    """A text in each language, of which the page shows one."""
    return "".join(f'<span class="{lang}" lang="{CODE[lang]}">{html.escape(said(text, lang))}</span>' for lang in langs)


def links(name: str, lang: Lang, suffixes: Sequence[str]) -> str:
    """Links to the files of one table or figure in one language."""
    made = " · ".join(f'<a href="{lang}/{name}.{suffix}">{suffix}</a>' for suffix in suffixes)
    return f'<p class="files {lang}" lang="{CODE[lang]}">{html.escape(name)}: {made}</p>\n'


def index_page(
    title: Text,
    data_kind: str,
    findings: Sequence[Text],
    pictures: Sequence[str],
    tables: Sequence[str],
    first: Sequence[Text] = (),
    langs: Sequence[Lang] = LANGS,
) -> str:
    """The whole page, in the language chosen at its top: what must be known first, such as the years of the data,
    findings, pictures, tables, in this order; empty parts are left out.
    """
    parts = [_picks(langs), f"<h1>{texts(title, langs)}</h1>\n"]
    if data_kind == "synthetic":
        parts.append(SYNTHETIC_NOTICE)
    parts.append(f"<p>{texts(_ASSOCIATIONS, langs)}</p>\n")
    if first:
        every = Text(zh="".join(text.zh for text in first), en=" ".join(text.en for text in first))
        parts.append(f"<p>{texts(every, langs)}</p>\n")
    parts.append(CHANGES_PLACE)
    paragraphs = [f"<p>{texts(text, langs)}</p>\n" for text in findings]
    for head, shown in (("findings", paragraphs), ("figures", pictures), ("tables", tables)):
        parts += [f"<h2>{texts(_HEADS[head], langs)}</h2>\n", *shown] if shown else []
    return html_page(title, "".join(parts), SYNTHETIC_STYLE + TABLE_STYLE + STYLE, langs)


def linked(page: str, href: str) -> str:
    """A study's page with a link to the page of changes; `href`: where that lies, seen from it."""
    langs = [lang for lang in LANGS if f'lang="{CODE[lang]}"' in page]
    return page.replace(CHANGES_PLACE, f'<p><a href="{html.escape(href)}">{texts(_CHANGES, langs)}</a></p>\n')


def _picks(langs: Sequence[Lang]) -> str:
    """The choice of language; none where there is one alone."""
    if len(langs) < 2:
        return ""
    return "".join(
        f'<input type="radio" name="language" class="pick-{lang}" id="pick_{lang}"{" checked" if i == 0 else ""}>'
        f'<label for="pick_{lang}" lang="{CODE[lang]}">{_NAME[lang]}</label>\n'
        for i, lang in enumerate(langs)
    )


SHOWN_ROWS = 200
STYLE = (
    "img { max-width: 100%; height: auto; } .files { text-align: center; font-size: 13px; margin: -1.5em 0 3em; }\n"
    ".pick-zh:checked ~ .en, .pick-zh:checked ~ * .en { display: none; }\n"
    ".pick-en:checked ~ .zh, .pick-en:checked ~ * .zh { display: none; }\n"
    ".chart { text-align: center; overflow-x: auto; } .chart figcaption { margin: .5em auto; max-width: 60em; }\n"
    ".chart svg { max-width: 100%; height: auto; } .chart form.vega-bindings { margin: .5em; }\n"
    ".data { text-align: left; font-size: 13px; max-height: 30em; overflow: auto; margin: -1em 0 3em; }\n"
    ".data summary { cursor: pointer; text-align: center; }\n"
    ".data td, .data th { padding: 0 .6em; text-align: right; white-space: nowrap; }\n"
    "@media print { body > input, body > label, .chart form, .data { display: none; } }\n"
)
# Wrapped in a function: as it comes, the libraries' one-letter names would be global.
_WRAPPED = "<script>\n(function () {{\n{code}\n}})();\n</script>\n"
_DRIVER = """
const held = JSON.parse(document.getElementById("charts").textContent);
function draw(place) {
  const spec = Object.assign({}, held.specs[place.dataset.chart]);
  spec.datasets = Object.fromEntries(spec.datasets.map((name) => [name, held.datasets[name]]));
  const host = document.createElement("div");
  const options = {mode: "vega-lite", renderer: "svg", actions: false, bind: place.nextElementSibling};
  window.vegaEmbed(host, spec, options).then(function () {
    place.replaceChildren(host);
    place.dataset.drawn = "yes";
  });
}
const places = document.querySelectorAll("[data-chart]");
const watch = new IntersectionObserver(function (entries) {
  entries.filter((entry) => entry.isIntersecting).forEach(function (entry) {
    watch.unobserve(entry.target);
    draw(entry.target);
  });
}, {rootMargin: "200px"});
places.forEach((place) => watch.observe(place));
"""


@dataclass(frozen=True)
class FigureView:
    """A figure in one language as the page shows it: `picture` (PNG) until the chart is drawn, the caption, and the
    suffixes of its files.
    """

    lang: Lang
    picture: bytes
    title: str
    notes: str
    suffixes: Sequence[str]


def figure_html(stem: str, figure: Figure, views: Sequence[FigureView], name: str) -> str:
    """The figure in each language over its caption, links to its files, its data. Without JavaScript it is a picture.

    `stem`: its id, and with _zh or _en the names of its charts in `scripts`; `name`: that of its files.
    """
    shown = "".join(_view(stem, figure, view) + links(name, view.lang, view.suffixes) for view in views)
    return f'<div id="{stem}">\n{shown}{_data(figure, f"{name}_data.csv", [view.lang for view in views])}</div>\n'


def _view(stem: str, figure: Figure, view: FigureView) -> str:
    label = html.escape(said(figure.alternative, view.lang), quote=True)
    data = base64.b64encode(view.picture).decode()
    # Sliders stand beside the picture, not in it: what is inside an image cannot be reached by keyboard.
    return (
        f'<figure class="chart {view.lang}" lang="{CODE[view.lang]}">\n'
        f'<div role="img" aria-label="{label}" data-chart="{stem}_{view.lang}">'
        f'<img alt="" src="data:image/png;base64,{data}"></div>\n<div class="sliders"></div>\n'
        f"<figcaption><b>{html.escape(view.title)}</b></figcaption>\n"
        f'<p class="notes">{html.escape(view.notes)}</p>\n</figure>\n'
    )


def _data(figure: Figure, data_file: str, langs: Sequence[Lang]) -> str:
    """The first rows, collapsed at first, and a link to all of them."""
    rows, link = len(figure.data), f'<a href="{data_file}">csv</a>'
    cut = Text(zh=f"前{SHOWN_ROWS}行，共{rows}行", en=f"first {SHOWN_ROWS} of {rows} rows")
    return (
        f'<details class="data"><summary>{texts(_DATA, langs)}</summary>\n'
        f"<p>{texts(cut, langs) if rows > SHOWN_ROWS else ''} {link}</p>\n"
        f"{_table(_in_languages(figure.data, langs).head(SHOWN_ROWS))}</details>\n"
    )


def _in_languages(data: pd.DataFrame, langs: Sequence[Lang]) -> pd.DataFrame:
    """Without columns of names in a language the page does not have."""
    other = tuple(f"_{lang}" for lang in LANGS if lang not in langs)
    return data[[name for name in data.columns if not (other and str(name).endswith(other))]]


def _table(frame: pd.DataFrame) -> str:
    head = "".join(f'<th scope="col">{html.escape(str(name))}</th>' for name in frame.columns)
    body = [
        "<tr>" + "".join(f"<td>{html.escape(_cell(value))}</td>" for value in row) + "</tr>\n"
        for row in frame.itertuples(index=False)
    ]
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{''.join(body)}</tbody></table>\n"


def _cell(value: Any) -> str:
    if pd.isna(value):
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def scripts(specs: Mapping[str, dict[str, Any]], code: str) -> str:
    """All charts of a page by name, shared data once, and the libraries that draw them (`code`); goes at the end of
    the page.
    """
    datasets = {name: rows for spec in specs.values() for name, rows in spec["datasets"].items()}
    bare = {name: {**spec, "datasets": sorted(spec["datasets"])} for name, spec in specs.items()}
    held = _inside_script(json.dumps({"datasets": datasets, "specs": bare}, ensure_ascii=False, separators=(",", ":")))
    return (
        f'<script type="application/json" id="charts">{held}</script>\n'
        + _WRAPPED.format(code=code)
        + _WRAPPED.format(code=_DRIVER)
    )


def _inside_script(text: str) -> str:
    """JSON that no browser can mistake for the end of the script or for a comment."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@cache
def libraries() -> str:
    """Vega, Vega-Lite and Vega-Embed as shipped with vl-convert."""
    code = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return code.replace("</script", "<\\/script").replace("<!--", "<\\!--")
