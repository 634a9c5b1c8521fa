"""The page of what changed since the last publication, for someone who was away: sentences first, then tables.

Belongs here: what the page shows of a summary. Does not belong here: what is said (medpanel/changes/summary.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalog.base import Text
from medpanel.changes.summary import LARGEST, Summary, Turned, shown
from medpanel.site.pages import Cell, Page, code

TITLE = Text(en="What changed", zh="变化说明")
_SIGN, _SIGNIFICANCE = Text(en="sign", zh="符号"), Text(en="significance at 5 %", zh="5%显著性")


def page(found: Summary | Text, accepted: str) -> Page:
    """The page. `found`: the changes, or why there is nothing to compare with; `accepted`: the loss accepted."""
    facts: dict[str, Any] = {"why": found, "accepted": accepted, "found": None}
    if isinstance(found, Summary):
        facts |= {
            "why": None,
            "found": found,
            "sentences": list(found.sentences()),
            "headlines": [
                [
                    Cell(one.study, f"study/{one.study}"),
                    Cell(one.before or "–", look="text"),
                    Cell(one.after or "–", look="text"),
                ]
                for one in found.headlines
            ],
            "revised": [_revision(one) for one in found.largest],
            "turned": [_turned(one) for one in found.turned[:LARGEST]],
            "failing": found.failing[:LARGEST],
            "tables": _tables(found),
            "more": {name: _rest(count) for name, count in _counts(found).items()},
        }
    return Page("changes", TITLE, "changes.html.j2", "changes", facts)


def _counts(found: Summary) -> dict[str, int]:
    return {"revised": found.revised, "turned": len(found.turned), "failing": len(found.failing)}


def _rest(count: int) -> int:
    return max(0, count - LARGEST)


def _revision(one: Any) -> list[Any]:
    return [
        one.place,
        code(one.year),
        Cell(one.what, f"indicator/{one.indicator}"),
        Cell(shown(one.before), look="number"),
        Cell(shown(one.after), look="number"),
        Cell(one.relative or "–", look="number"),
        code(one.reason),
    ]


def _turned(one: Turned) -> list[Any]:
    which = [text for text, turned in ((_SIGN, one.sign), (_SIGNIFICANCE, one.significance)) if turned]
    both = Text(en=", ".join(text.en for text in which), zh="、".join(text.zh for text in which))
    return [Cell(one.place, look="text"), *(code(_estimate(*side)) for side in (one.before, one.after)), both]


def _estimate(value: float, p_value: float | None) -> str:
    return f"{value:.4g}" + ("" if p_value is None else f" (p = {p_value:.3f})")


def _tables(found: Summary) -> Sequence[list[Any]]:
    return [
        [
            code(one.table, f"table/{one.table}"),
            *(Cell(f"{n:,}", look="number") for n in (one.added, one.gone, one.revised, one.cells)),
            Cell(", ".join(sorted({str(why) or found.reason for why in one.rows["why"]})), look="text"),
        ]
        for one in found.tables
    ]
