"""The page health.html in the data folder: the facts in both languages, readable without a server or a script.

Belongs here: the page. It is replaced as a whole, says when it was written, and asks the browser to look again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from html import escape

from catalog.base import Text
from medpanel.health.facts import Fact
from medpanel.notices.outcome import replace_text
from medpanel.runs.workspace import Workspace

PAGE = "health.html"
# A page older than this has nobody who writes it.
STALE_MINUTES = 30
_STATES = {
    "good": Text(en="good", zh="正常"),
    "note": Text(en="note", zh="提示"),
    "bad": Text(en="BAD", zh="异常"),
}
_MARKS = {"good": "✓", "note": "–", "bad": "✗"}
_STYLE = """body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1a1a1a}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;
border-bottom:1px solid #bbb;overflow-wrap:anywhere}th{white-space:nowrap}
.bad{color:#a40000;font-weight:bold}.good{color:#1b5e20}.note{color:#5f4b00}
.bad,.good,.note{white-space:nowrap}.synthetic{border:2px solid #a40000;
padding:.4rem .6rem}"""


def write_page(workspace: Workspace, facts: Iterable[Fact], now: dt.datetime) -> None:
    """Replace the page; whoever reads it finds the old one or the new one."""
    replace_text(workspace.root / PAGE, page_of(workspace.root.name, list(facts), now))


def page_of(name: str, facts: list[Fact], now: dt.datetime) -> str:
    """The page as text."""
    bad = any(fact.state == "bad" for fact in facts)
    synthetic = any("SYNTHETIC" in fact.said.en for fact in facts)
    written = f"{now.astimezone():%Y-%m-%d %H:%M %z}"
    banner = (
        '<p class="synthetic">SYNTHETIC: generated, not statistics / <span lang="zh">合成数据，非统计数据</span></p>'
        if synthetic
        else ""
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="60">
<title>{"✗" if bad else "✓"} medpanel {escape(name)}</title>
<style>{_STYLE}</style>
</head>
<body>
{banner}
<p lang="en">Written {written}. If that is more than {STALE_MINUTES} minutes ago, nobody writes this page any more.</p>
<p lang="zh">写于 {written}。若已超过{STALE_MINUTES}分钟，说明已无程序更新本页。</p>
{_section("en", f"medpanel {name}: {'something is wrong' if bad else 'all is well'}", facts)}
{_section("zh", f"medpanel {name}：{'有异常' if bad else '一切正常'}", facts)}
</body>
</html>
"""


def _section(language: str, title: str, facts: list[Fact]) -> str:
    rows = "\n".join(
        f'<tr><th scope="row">{escape(str(getattr(fact.name, language)))}</th>'
        f'<td class="{fact.state}">{_MARKS[fact.state]} {escape(str(getattr(_STATES[fact.state], language)))}</td>'
        f"<td>{escape(str(getattr(fact.said, language)))}</td></tr>"
        for fact in facts
    )
    return f'<section lang="{language}">\n<h1>{escape(title)}</h1>\n<table>\n{rows}\n</table>\n</section>'
