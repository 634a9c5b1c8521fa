"""The page that shows a study's pictures and tables; it loads nothing from anywhere.

Belongs here: its HTML and JavaScript. An Altair figure starts as a picture and becomes an interactive chart once it is
scrolled into view. Does not belong here: the tables on the page (formats.py), drawing (charts.py) and writing.
"""

import base64
import html
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd
import vl_convert

from catalog.base import Text
from medpanel.report.shell import SYNTHETIC_NOTICE, SYNTHETIC_STYLE, html_page
from models_py.figures.show import LANGS, Figure, Lang, said


def embedded(stem: str, title: Text, content: bytes) -> str:
    """A picture embedded in the page."""
    return f'<figure id="{stem}">{_image(content, f"{title.zh} · {title.en}")}</figure>\n'


def _image(content: bytes, alternative: str) -> str:
    data = base64.b64encode(content).decode()
    return f'<img alt="{html.escape(alternative, quote=True)}" src="data:image/png;base64,{data}">'


def links(name: str, contents: Mapping[str, bytes]) -> str:
    """Links to the files of one table or figure."""
    links = " · ".join(f'<a href="{name}.{suffix}">{suffix}</a>' for suffix in contents)
    return f'<p class="files">{html.escape(name)}: {links}</p>\n'


_STYLE = (
    "img { max-width: 100%; height: auto; } .files { text-align: center; font-size: 13px; margin: -2em 0 3em; }\n"
    f"{SYNTHETIC_STYLE}"
)


def index_page(
    title: Text,
    data_kind: str,
    findings: Sequence[Text],
    pictures: Sequence[str],
    tables: Sequence[str],
    years: Sequence[Text] = (),
) -> str:
    """The whole page: years of the data, findings, pictures, tables, in this order; empty parts are left out."""
    parts = [f"<h1>{html.escape(title.zh)}<br><small>{html.escape(title.en)}</small></h1>\n"]
    if data_kind == "synthetic":
        parts.append(SYNTHETIC_NOTICE)
    parts.append(
        "<p>估计结果为关联，非因果效应。数字与数据库中的已发布表一致。<br>"
        "Estimates are associations, not effects. The numbers are those of the published tables.</p>\n"
    )
    if years:
        parts.append(f"<p>{_joined(years, 'zh')}<br>{_joined(years, 'en')}</p>\n")
    paragraphs = [f"<p>{html.escape(text.zh)}<br>{html.escape(text.en)}</p>\n" for text in findings]
    for head, shown in (("发现 Findings", paragraphs), ("图 Figures", pictures), ("表 Tables", tables)):
        parts += [f"<h2>{head}</h2>\n", *shown] if shown else []
    return html_page(title, "".join(parts), _STYLE + STYLE)


def _joined(texts: Sequence[Text], lang: Lang) -> str:
    return html.escape((" " if lang == "en" else "").join(said(text, lang) for text in texts))


SHOWN_ROWS = 200
_NAME = {"zh": "中文", "en": "English"}
_CODE = {"zh": "zh-CN", "en": "en"}
STYLE = (
    ".chart { text-align: center; } .chart > div { display: none; overflow-x: auto; }\n"
    ".chart > .pick-zh:checked ~ .zh, .chart > .pick-en:checked ~ .en { display: block; }\n"
    ".chart svg { max-width: 100%; height: auto; } .chart form.vega-bindings { margin: .5em; }\n"
    ".chart details { text-align: left; font-size: 13px; max-height: 30em; overflow: auto; }\n"
    ".chart summary { cursor: pointer; text-align: center; }\n"
    ".chart td, .chart th { padding: 0 .6em; text-align: right; white-space: nowrap; }\n"
    "@media print { .chart > input, .chart > label, .chart form { display: none; } }\n"
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


def figure_html(stem: str, figure: Figure, pictures: Mapping[Lang, bytes], data_file: str) -> str:
    """The figure in both languages, one shown at a time, with its notes and data. Without JavaScript it is `pictures`
    (PNG). `stem`: its id, and with _zh or _en the names of its charts in `scripts`; `data_file`: it has all rows.
    """
    picks = [
        f'<input type="radio" name="{stem}_language" class="pick-{lang}" id="{stem}_pick_{lang}"'
        f'{" checked" if lang == LANGS[0] else ""}><label for="{stem}_pick_{lang}">{_NAME[lang]}</label>\n'
        for lang in LANGS
    ]
    shown = [_drawn(stem, figure, lang, pictures[lang]) for lang in LANGS]
    return f'<figure class="chart" id="{stem}">\n{"".join(picks)}{"".join(shown)}{_data(figure, data_file)}</figure>\n'


def downloads(name: str, suffixes: Sequence[str], data_file: str) -> str:
    """Links to a figure's files: those of each language, <name>_zh.png and so on, and its data."""
    parts = [
        f"{_NAME[lang]} " + " · ".join(f'<a href="{name}_{lang}.{suffix}">{suffix}</a>' for suffix in suffixes)
        for lang in LANGS
    ]
    parts.append(f'数据 data <a href="{data_file}">csv</a>')
    return f'<p class="files">{html.escape(name)}: {" | ".join(parts)}</p>\n'


def _drawn(stem: str, figure: Figure, lang: Lang, picture: bytes) -> str:
    label = html.escape(said(figure.alternative, lang), quote=True)
    # Sliders stand beside the picture, not in it: what is inside an image cannot be reached by keyboard.
    return (
        f'<div class="{lang}" lang="{_CODE[lang]}">\n<div role="img" aria-label="{label}" data-chart="{stem}_{lang}">'
        f'{_image(picture, "")}</div>\n<div class="sliders"></div>\n</div>\n'
    )


def _data(figure: Figure, data_file: str) -> str:
    """Notes and the first rows, collapsed at first."""
    rows, link = len(figure.data), f'<a href="{data_file}">{data_file}</a>'
    cut = f"<p>前{SHOWN_ROWS}行，共{rows}行 · first {SHOWN_ROWS} of {rows} rows: {link}</p>\n"
    notes = "".join(f"<p>{html.escape(n.zh)}<br>{html.escape(n.en)}</p>\n" for n in figure.notes)
    return (
        "<details><summary>说明与数据 Notes and data</summary>\n"
        f"{notes}{cut if rows > SHOWN_ROWS else ''}{_table(figure.data.head(SHOWN_ROWS))}</details>\n"
    )


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
