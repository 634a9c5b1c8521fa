"""A table as Markdown in one language; same table, same bytes.

Belongs here too: text of unknown origin made safe within Markdown, so that it is shown as it is written.
"""

import re

from medpanel.report.columns import safe
from models_py.figures.table import PrintedTable


def markdown(table: PrintedTable) -> str:
    """A pipe table under its title, notes below; lines within a cell are separated by <br>."""
    made = safe(table)
    heads = ["<br>".join(dict.fromkeys(map(escaped, texts))) for texts in zip(*made.header, strict=True)]
    lines = [f"**{escaped(table.heading)}**", ""]
    lines += ["| " + " | ".join(["", *heads]) + " |", "|:---|" + ":---:|" * len(heads)]
    lines += ["| " + " | ".join([escaped(row.label), *map(escaped, row.cells)]) + " |" for row in made.rows]
    return "\n".join([*lines, "", *([f"{escaped(table.remarks)}\n"] if table.remarks else [])])


def escaped(text: str) -> str:
    """The text as Markdown that means nothing but itself: no link, picture, HTML or emphasis."""
    broken = re.sub(r"\s*\n\s*", "\n", text.replace("\r", "\n")).strip()
    return re.sub(r"([\\`*_|<>\[\]&!#~$])", r"\\\1", broken).replace("\n", "<br>")
