"""What separates the fields of a text table: a comma, or where more lines have them, a semicolon or a tab.

Does not belong here: reading the fields (grid.py); what the encoding is (grid.py).
"""

from __future__ import annotations

import re

_QUOTED = re.compile(r'"[^"\n]*"')
# A file is told by its first lines; a note of commas counts as one line of them only.
_LINES = 200


def separator_of(text: str) -> str:
    """The separator of most of the first lines; the comma wherever another is not in more lines.

    The bureau's exports since 2026 have a tab before each comma, so they stay tables of commas.
    """
    lines = [_QUOTED.sub("", line).replace("\t,", ",") for line in text[: 200 * _LINES].splitlines()[:_LINES]]
    counts = {mark: sum(mark in line for line in lines) for mark in (",", "\t", ";")}
    best = max(counts.values())
    return next(mark for mark, count in counts.items() if count == best) if best else ","
