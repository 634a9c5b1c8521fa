"""The page that shows a study's pictures and tables; it loads nothing from anywhere.

Belongs here: its HTML. Does not belong here: the tables on it (formats.py) and writing (writing.py).
"""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence

from catalog.base import Text
from medpanel.report.formats import html_page
from medpanel.report.live import STYLE as CHART_STYLE
from models_py.figures.table import SYNTHETIC


def marked(title: Text, data_kind: str) -> Text:
    """A title, marked when the data are synthetic."""
    if data_kind != "synthetic":
        return title
    return Text(zh=f"【{SYNTHETIC.zh} {SYNTHETIC.en}】{title.zh}", en=f"[{SYNTHETIC.en}] {title.en}")


def embedded(stem: str, title: Text, content: bytes) -> str:
    """A picture as part of the page itself."""
    alt = html.escape(f"{title.zh} · {title.en}", quote=True)
    data = base64.b64encode(content).decode()
    return f'<figure id="{stem}"><img alt="{alt}" src="data:image/png;base64,{data}"></figure>\n'


def links(name: str, contents: Mapping[str, bytes]) -> str:
    """Links to the files of one table or figure."""
    links = " · ".join(f'<a href="{name}.{suffix}">{suffix}</a>' for suffix in contents)
    return f'<p class="files">{html.escape(name)}: {links}</p>\n'


_STYLE = (
    "img { max-width: 100%; height: auto; } .files { text-align: center; font-size: 13px; margin: -2em 0 3em; }\n"
    ".synthetic { background: #D55E00; color: white; padding: .5em 1em; font-weight: bold; }\n"
)


def index_page(
    title: Text, data_kind: str, findings: Sequence[Text], pictures: Sequence[str], tables: Sequence[str]
) -> str:
    """The whole page: findings, pictures, tables, in this order; empty parts are left out."""
    parts = [f"<h1>{html.escape(title.zh)}<br><small>{html.escape(title.en)}</small></h1>\n"]
    if data_kind == "synthetic":
        parts.append(
            '<p class="synthetic">合成数据：由程序生成，不得当作统计数据。 '
            "SYNTHETIC: generated data, never to be read as statistics.</p>\n"
        )
    parts.append(
        "<p>估计结果为关联，非因果效应。数字与数据库中的已发布表一致。<br>"
        "Estimates are associations, not effects. Figures are those of the published tables.</p>\n"
    )
    if findings:
        parts.append("<h2>发现 Findings</h2>\n")
        parts += [f"<p>{html.escape(text.zh)}<br>{html.escape(text.en)}</p>\n" for text in findings]
    if pictures:
        parts += ["<h2>图 Figures</h2>\n", *pictures]
    if tables:
        parts += ["<h2>表 Tables</h2>\n", *tables]
    return html_page(title, "".join(parts), _STYLE + CHART_STYLE)
