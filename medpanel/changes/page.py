"""The page report/changes.html of a publication: what changed against the one before; it loads nothing from anywhere.

Belongs here: its HTML. Does not belong here: what is said (summary.py) and what is around every page (report/shell.py).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from catalog.base import Text
from medpanel.changes.summary import LARGEST, Summary, Turned, shown
from medpanel.report.shell import SYNTHETIC_NOTICE, SYNTHETIC_STYLE, html_page

TITLE = Text(en="What changed", zh="变化说明")
_STYLE = (
    f"{SYNTHETIC_STYLE}"
    "table { border-collapse: collapse; font-size: 14px; } td, th { padding: .2em .8em; text-align: left; "
    "vertical-align: top; border-bottom: 1px solid #ddd; }\n"
    ".number { text-align: right; }\n"
    "pre { white-space: pre-wrap; background: #f6f6f6; padding: 1em; }\n"
)


def changes_page(found: Summary | Text, data_kind: str, accepted: str) -> str:
    """The whole page. `found`: the changes, or why there is nothing to compare with; `accepted`: the loss accepted."""
    parts = [f"<h1>{TITLE.zh}<br><small>{TITLE.en}</small></h1>\n"]
    if data_kind == "synthetic":
        parts.append(SYNTHETIC_NOTICE)
    if isinstance(found, Text):
        return html_page(TITLE, "".join([*parts, _paragraph(found)]), _STYLE)
    between = Text(en=f"From {found.earlier} to {found.later}", zh=f"自 {found.earlier} 至 {found.later}")
    parts.append(_paragraph(between))
    if accepted:
        parts += [_head("接受的缺失 Losses accepted"), f"<pre>{html.escape(accepted)}</pre>\n"]
    parts += [_head("要点 What matters"), *map(_paragraph, found.sentences())]
    if found.tables:
        parts += [
            *_headlines(found),
            *_revised(found),
            *_turned(found.turned),
            *_failing(found.failing),
            _tables(found),
        ]
        parts.append(
            _paragraph(
                Text(
                    en="Every difference: table publication_change, or medpanel diff --csv.",
                    zh="全部差异见表 publication_change，或 medpanel diff --csv。",
                )
            )
        )
    return html_page(TITLE, "".join(parts), _STYLE)


def _headlines(found: Summary) -> list[str]:
    rows = [(one.before or "-", one.after or "-") for one in found.headlines]
    return [_head("主要结果 Headlines"), _table(("此前 Before", "现在 Now"), rows)] if rows else []


def _revised(found: Summary) -> list[str]:
    rows = [
        (
            f"{one.place.zh} {one.place.en}",
            str(one.year),
            f"{one.what.zh} {one.what.en}",
            shown(one.before),
            shown(one.after),
            one.relative or "-",
            one.reason,
        )
        for one in found.largest
    ]
    head = ("地区 Place", "年份 Year", "指标 Indicator", "此前 Before", "现在 Now", "变化 Change", "原因 Why")
    return [_head("修订的数值 Figures revised"), _table(head, rows), _cut(found.revised)] if rows else []


def _turned(turned: Sequence[Turned]) -> list[str]:
    rows = [
        (one.place, *(_estimate(*side) for side in (one.before, one.after)), _which(one)) for one in turned[:LARGEST]
    ]
    head = ("估计 Estimate", "此前 Before", "现在 Now", "改变 Turned")
    return [_head("符号与显著性 Signs and significance"), _table(head, rows), _cut(len(turned))] if rows else []


def _which(one: Turned) -> str:
    return ", ".join(
        name for name, turned in (("符号 sign", one.sign), ("5% 显著性 significance", one.significance)) if turned
    )


def _estimate(value: float, p_value: float | None) -> str:
    return f"{value:.4g}" + ("" if p_value is None else f" (p = {p_value:.3f})")


def _failing(failing: Sequence[str]) -> list[str]:
    rows = [(name,) for name in failing[:LARGEST]]
    return (
        [_head("新未通过的检查 Checks failing now"), _table(("检查 Check",), rows), _cut(len(failing))] if rows else []
    )


def _tables(found: Summary) -> str:
    head = ("表 Table", "新增行 Rows added", "消失行 Rows gone", "修订行 Rows revised", "修订单元格 Cells", "原因 Why")
    rows = [
        (
            one.table,
            f"{one.added:,}",
            f"{one.gone:,}",
            f"{one.revised:,}",
            f"{one.cells:,}",
            ", ".join(sorted({str(why) or found.reason for why in one.rows["why"]})),
        )
        for one in found.tables
    ]
    return _head("各表 Tables") + _table(head, rows)


def _cut(number: int) -> str:
    rest = number - LARGEST
    return "" if rest <= 0 else _paragraph(Text(en=f"and {rest} more", zh=f"另有{rest}项"))


def _head(text: str) -> str:
    return f"<h2>{text}</h2>\n"


def _paragraph(text: Text) -> str:
    return f"<p>{html.escape(text.zh)}<br>{html.escape(text.en)}</p>\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in head)
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>\n" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead>\n<tbody>\n{body}</tbody></table>\n"


def _cell(text: str) -> str:
    """A cell; numbers stand under each other."""
    number = re.fullmatch(r"[-+]?[\d,]+(\.\d+)?(e[-+]\d+)?%?", text) is not None
    return f"<td{' class=number' if number else ''}>{html.escape(text)}</td>"
