"""Which vintages may stand in one series of an indicator, as `splices` of sources.yaml says.

Belongs here: an entry, checking all of them, and their rows. Does not belong here: choosing between vintages (dbt/).
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
        refuse(
            *(
                (
                    not registry.is_reported(name),
                    f"splices: {name!r} is not a reported indicator / splices：“{name}”不是可读取的指标",
                )
                for name in names
            )
        )


def check_splices(splices: Sequence[Splice], vintages: Sequence[str]) -> None:
    """Raise ValueError for an unknown or repeated vintage, another order than `vintages`, or two entries for one
    indicator."""
    for splice in splices:
        names = splice.vintages
        refuse(
            *(
                (
                    name not in vintages,
                    f"splices: {name!r} has no place in `vintages` / splices：vintages 中没有“{name}”",
                )
                for name in names
            )
        )
        in_order = names == tuple(name for name in dict.fromkeys(vintages) if name in names)
        listed = ", ".join(names)
        refuse(
            (
                not in_order,
                f"splices: {listed} must each occur once, in the order of `vintages` / "
                f"splices：{listed} 须各出现一次，次序与 vintages 一致",
            )
        )
    # "*" is its own one letter.
    twice = ", ".join(repeated(name for splice in splices for name in splice.indicators))
    refuse(
        (
            twice,
            f"splices: more than one entry for {twice}; one series is spliced in one way / splices：{twice} 出现多次",
        )
    )


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
