"""A table as HTML in one language: its place on a page, and the style all tables of a page share.

Does not belong here: other formats, and the page around it (shell.py).
"""

import html
import re
from collections.abc import Mapping

from medpanel.report.columns import Halves, halves, halves_of, safe, spans
from medpanel.report.shell import CODE
from models_py.figures.table import PrintedTable

_UNIT = re.compile(r"\s*(?:（[^（）]*）|\([^()]*\)|\[[^\[\]]*\])$")
NO_LINKS: Mapping[str, str] = {}
TABLE_STYLE = (
    "table.printed { border-collapse: collapse; margin: 0 auto; font-size: 14px; border-top: 2px solid;"
    " border-bottom: 2px solid; font-variant-numeric: tabular-nums; }\n"
    ".printed th, .printed td { padding: .25em .7em; text-align: center; font-weight: normal; }\n"
    ".printed th[scope=row], .printed td.text { text-align: left; }\n"
    ".printed thead tr:last-child > *, .printed .span { border-bottom: 1px solid; }\n"
    ".printed tbody + tbody tr:first-child > * { border-top: 1px solid; }\n"
    ".printed .n span { display: inline-block; text-align: left; }\n"
    ".printed .n span:first-child { text-align: right; }\n"
    ".notes { font-size: 12.5px; max-width: 60em; margin: .5em auto 0; }\n"
)


def html_fragment(table: PrintedTable) -> str:
    """The table under its title and over its notes; needs TABLE_STYLE on its page and loads nothing."""
    notes = f'<p class="notes">{html.escape(table.remarks)}</p>\n' if table.remarks else ""
    return (
        f'<figure class="table {table.lang}" lang="{CODE[table.lang]}" id="{table.stem}_{table.lang}">\n'
        f"<figcaption><b>{html.escape(table.heading)}</b></figcaption>\n{html_table(table)}{notes}</figure>\n"
    )


def html_table(table: PrintedTable, linked: Mapping[str, str] = NO_LINKS) -> str:
    """The table alone. `linked`: addresses by what is said there; a line of a label that says it leads to it."""
    made, columns = safe(table), halves(table)
    blocks: dict[int, list[str]] = {}
    for row in made.rows:
        cells = "".join(_cell(text, columns[i], i in table.text_columns) for i, text in enumerate(row.cells))
        blocks.setdefault(row.block, []).append(f'<tr><th scope="row">{_lines(row.label, linked)}</th>{cells}</tr>\n')
    body = "".join(f"<tbody>\n{''.join(rows)}</tbody>\n" for rows in blocks.values())
    return f'<table class="printed">\n<thead>\n{_header(made)}</thead>\n{body}</table>\n'


def _header(table: PrintedTable) -> str:
    levels = []
    for place, level in enumerate(table.header):
        last = place == len(table.header) - 1
        cells = [
            f'<th scope="col"{_spanned(count, last)}>{_lines(text)}</th>' for text, count in spans(level, not last)
        ]
        levels.append(f"<tr><td></td>{''.join(cells)}</tr>\n")
    return "".join(levels)


def _spanned(columns: int, last: bool) -> str:
    return "" if last else f' class="span" colspan="{columns}"'


def _cell(text: str, column: Halves, running: bool) -> str:
    if running:
        return f'<td class="text">{_lines(text)}</td>'
    return f"<td>{'<br>'.join(_number(line, column) for line in text.split(chr(10)))}</td>"


def _number(line: str, column: Halves) -> str:
    """A line, its decimal point under those of the column."""
    parts = halves_of(line)
    if parts is None:
        return html.escape(line)
    sides = [
        f'<span style="width:{len(most)}ch">{html.escape(part)}</span>'
        for part, most in zip(parts, (column.head, column.tail), strict=True)
    ]
    return f'<span class="n">{"".join(sides)}</span>'


def _lines(text: str, linked: Mapping[str, str] = NO_LINKS) -> str:
    # A unit in brackets may follow the name.
    return "<br>".join(_line(line, linked.get(line, linked.get(_UNIT.sub("", line)))) for line in text.split("\n"))


def _line(line: str, href: str | None) -> str:
    said = html.escape(line)
    return said if href is None else f'<a href="{html.escape(href)}">{said}</a>'
