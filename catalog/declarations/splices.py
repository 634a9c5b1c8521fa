"""Declared splices: which vintages may make up one series together, and why.

Belongs here: that declaration in sources.yaml. Choosing figures by it: dbt/models/intermediate.
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from catalog.base import Strict, refuse, repeated
from catalog.indicators import load_registry

EVERY: Literal["*"] = "*"


class Splice(Strict):
    """Vintages whose figures may stand in one series, preferred first, as in `vintages`.

    `indicators` names the indicators, or is "*" for all that no other entry names. Without a splice the figures of an
    indicator come from one vintage: a revision between two years would otherwise look like a change.
    """

    indicators: tuple[str, ...] | Literal["*"] = Field(min_length=1)
    vintages: tuple[str, ...] = Field(min_length=2)
    reason: str = Field(min_length=1)

    def _consistent(self) -> None:
        names = () if self.indicators == EVERY else self.indicators
        registry = load_registry()
        refuse(*((not registry.is_reported(name), f"splices: {name!r} is no reported indicator") for name in names))


def check_splices(splices: Sequence[Splice], vintages: Sequence[str]) -> None:
    """Raise ValueError for an unknown or repeated vintage, another order than `vintages`, or two entries for one
    indicator."""
    for splice in splices:
        names = splice.vintages
        refuse(*((name not in vintages, f"splices: {name!r} has no place in `vintages`") for name in names))
        in_order = names == tuple(name for name in dict.fromkeys(vintages) if name in names)
        refuse((not in_order, f"splices: {', '.join(names)} must each stand once, in the order of `vintages`"))
    # "*" is its own one letter.
    twice = ", ".join(repeated(name for splice in splices for name in splice.indicators))
    refuse((twice, f"splices: more than one entry for {twice}; one series is spliced in one way"))


def splice_rows(splices: Sequence[Splice]) -> list[dict[str, str]]:
    """One row for each indicator and vintage of a splice: indicator, vintage, reason."""
    named = {name for splice in splices if splice.indicators != EVERY for name in splice.indicators}
    others = tuple(indicator.id for indicator in load_registry().reported if indicator.id not in named)
    return [
        {"indicator": name, "vintage": vintage, "reason": splice.reason}
        for splice in splices
        for name in (others if splice.indicators == EVERY else splice.indicators)
        for vintage in splice.vintages
    ]
