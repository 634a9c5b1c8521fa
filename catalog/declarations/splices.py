"""Declared splices: which vintages may make up one series together, and why.

Belongs here: that declaration in sources.yaml. Choosing figures by it: dbt/models/intermediate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field, model_validator

from catalog.base import Strict
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

    @model_validator(mode="after")
    def _known(self) -> Splice:
        registry = load_registry().indicators
        for name in () if self.indicators == EVERY else self.indicators:
            if name not in registry or registry[name].formula is not None:
                raise ValueError(f"splices: {name!r} is no reported indicator")
        return self


def check_splices(splices: Sequence[Splice], vintages: Sequence[str]) -> None:
    """Raise ValueError for an unknown or repeated vintage, another order than `vintages`, or two entries for one
    indicator."""
    for splice in splices:
        unknown = [name for name in splice.vintages if name not in vintages]
        if unknown:
            raise ValueError(f"splices: {unknown[0]!r} has no place in `vintages`")
        places = [vintages.index(name) for name in splice.vintages]
        if places != sorted(set(places)):
            raise ValueError(f"splices: {', '.join(splice.vintages)} must each stand once, in the order of `vintages`")
    named = [name for splice in splices for name in splice.indicators]  # "*" is its own one letter
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise ValueError(f"splices: more than one entry for {', '.join(twice)}; one series is spliced in one way")


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
