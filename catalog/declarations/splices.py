"""Which vintages may stand in one series of an indicator, as `splices` of sources.yaml says.

Belongs here: an entry, checking all of them, and their rows. Does not belong here: choosing between vintages (dbt/).
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from catalog.base import Strict, refuse, repeated
from catalog.indicators import load_registry
from catalog.key_errors import Broken

EVERY: Literal["*"] = "*"
# Quantities no factor carries from one base to another: a share has its bounds, a growth rate no level.
_UNCHAINABLE = frozenset({"ratio", "growth"})


class Splice(Strict):
    """Vintages whose figures may stand in one series, preferred first, as in `vintages`.

    `indicators` names the indicators, or is "*" for all that no other entry names. Without a splice the figures of an
    indicator come from one vintage: a revision between two years would otherwise look like a change.
    `link: chain` is for vintages at different bases, such as prices of different years: the first one's level is kept,
    and each further one is multiplied, place by place, by the mean of the ratios to the one before it in the years both
    have (table series_link).
    """

    indicators: tuple[str, ...] | Literal["*"] = Field(min_length=1)
    vintages: tuple[str, ...] = Field(min_length=2)
    reason: str = Field(min_length=1)
    link: Literal["chain"] | None = None

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
        if self.link is not None:
            self._check_link(names)

    def _check_link(self, names: Sequence[str]) -> None:
        registry = load_registry()
        units = {name: registry.indicators[name].unit for name in names}
        fixed = [f"{name} ({unit})" for name, unit in units.items() if registry.units[unit].quantity in _UNCHAINABLE]
        if not names:
            raise Broken(
                "name the indicators to be chained; `*` would chain those that share a base with all others",
                "请列出需要链接的指标；`*` 会把基期相同的指标也一并链接",
                ("indicators",),
            )
        if fixed:
            raise Broken(
                f"shares and growth rates cannot be chained: {', '.join(fixed)}; splice them without `link`, or chain "
                "the amounts they are made of",
                f"比重与增速不能链接：{'、'.join(fixed)}；请去掉 link，或改为链接其分子、分母",
                ("link",),
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


def splice_rows(splices: Sequence[Splice]) -> list[dict[str, str | None]]:
    """One row for each indicator and vintage of a splice: indicator, vintage, reason, link."""
    named = {name for splice in splices if splice.indicators != EVERY for name in splice.indicators}
    others = tuple(indicator.id for indicator in load_registry().reported if indicator.id not in named)
    return [
        {"indicator": name, "vintage": vintage, "reason": splice.reason, "link": splice.link}
        for splice in splices
        for name in (others if splice.indicators == EVERY else splice.indicators)
        for vintage in splice.vintages
    ]
