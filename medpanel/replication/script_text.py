"""What the scripts for Stata, R and Python share: heading, the entities' names, long lists over several lines.

Belongs here: text all three have. Does not belong here: the languages (stata.py, r.py, python.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from medpanel.replication.names import comment
from medpanel.replication.samples import ScriptModel


def heading(lines: Iterable[str], mark: str = "#") -> str:
    """Lines as comments."""
    return "".join(f"{mark} {comment(line)}\n" for line in lines)


def words(models: Sequence[ScriptModel]) -> dict[str, str]:
    """What scripts and README call the entities: column of codes, English singular and plural, Chinese."""
    unit = models[0].data.panel.unit
    return {"code": models[0].code, "unit": unit.one.en, "units": unit.many.en, "unit_zh": unit.one.zh}


def packed(items: Iterable[str], first: str = "", more: str = "", width: int = 92) -> list[str]:
    """Items over as many lines as they take; the lines begin with `first` and `more`."""
    lines = [first]
    for item in items:
        if len(lines[-1]) + len(item) > width:
            lines.append(more)
        lines[-1] += item
    return lines
