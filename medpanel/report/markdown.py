"""A table as Markdown in one language; same table, same bytes."""

import re

from medpanel.report.columns import safe
from models_py.figures.table import PrintedTable


def markdown(table: PrintedTable) -> str:
    """A pipe table under its title, notes below; lines within a cell are separated by <br>."""
    made = safe(table)
    heads = ["<br>".join(dict.fromkeys(map(_md, texts))) for texts in zip(*made.header, strict=True)]
    lines = [f"**{_md(table.heading)}**", ""]
    lines += ["| " + " | ".join(["", *heads]) + " |", "|:---|" + ":---:|" * len(heads)]
    lines += ["| " + " | ".join([_md(row.label), *map(_md, row.cells)]) + " |" for row in made.rows]
    return "\n".join([*lines, "", *([f"{_md(table.remarks)}\n"] if table.remarks else [])])


def _md(text: str) -> str:
    escaped = re.sub(r"([\\`*_|<>\[\]])", r"\\\1", text)
    return escaped.replace("\n", "<br>")
