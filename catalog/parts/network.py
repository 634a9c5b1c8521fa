"""Options of the part `network`: which flows are made networks, what places are nodes, what makes a tie."""

import math
import re
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from catalog.base import Strict, Text, repeated
from catalog.part_options import PartOptions
from catalog.study_rules import forbid

if TYPE_CHECKING:
    from catalog.studies import Study

# Thresholds without a number, and limits of the number of the others (both ends outside).
_PLAIN = ("positive_mean", "global_mean", "any")
_NUMBERED = {"top_k": (0.0, math.inf), "quantile": (0.0, 1.0), "disparity": (0.0, 1.0)}
# The forms as a message lists them.
THRESHOLDS = (*_PLAIN, *(f"{kind}=…" for kind in _NUMBERED))
# How many thresholds tell how much hangs on the one chosen.
FEWEST = 5


def threshold_of(text: str) -> tuple[str, float | None]:
    """Kind and number of a threshold as declared: positive_mean, top_k=10. Raises Broken for anything else."""
    kind, _, number = text.partition("=")
    low, high = _NUMBERED.get(kind, (0.0, 0.0))
    known = kind in _PLAIN and text == kind
    fits = bool(re.fullmatch(r"\d+" if kind == "top_k" else r"\d*\.?\d+", number)) and low < float(number) < high
    forbid(not known and not fits, "network.threshold", threshold=text, known=list(THRESHOLDS))
    return kind, None if known else float(number)


class LeftOut(Strict):
    """A place that is no node of a network although it has flows, and why."""

    place: int
    reason: Text


class OfficialList(Strict):
    """The units a network's nodes are held against: those of `kinds` in the record of divisions at the end of `year`
    (the network's, if not given), of one `province` or of all.
    """

    kinds: tuple[str, ...] = Field(min_length=1)
    province: int | None = None
    year: int | None = Field(default=None, ge=1990, le=2100)


class NetworkSpec(Strict):
    """One network. `flows`: the network of city_pair it is made from, if not the one of its name. `threshold`: what
    makes a tie. `having`: a node has a figure of each of these in `year`, the latest one before it counting; without
    them every place with a flow is one. `official`: the list nodes are held against. `title`: what tables and figures
    call it.
    """

    title: Text
    flows: str | None = None
    threshold: str = "positive_mean"
    having: tuple[str, ...] = ()
    year: int | None = Field(default=None, ge=1990, le=2100)
    left_out: tuple[LeftOut, ...] = ()
    official: OfficialList | None = None

    @property
    def official_year(self) -> int | None:
        """The year-end of the official list."""
        return (self.official.year or self.year) if self.official else None


class Options(PartOptions):
    """`networks`: by the name under which results stand. `thresholds`: of the sensitivity table, at least five with the
    networks' own.
    """

    zh: ClassVar[str] = "`networks`：按结果所用的名称列出。`thresholds`：敏感性表的阈值，连同各网络自身的阈值至少五个。"

    networks: dict[str, NetworkSpec] = Field(min_length=1)
    thresholds: tuple[str, ...] = (
        "positive_mean", "any", "global_mean", "top_k=10", "quantile=0.9", "disparity=0.05",
    )  # fmt: skip

    def indicators(self, study: "Study") -> tuple[str, ...]:
        """What nodes must have."""
        return tuple(dict.fromkeys(name for spec in self.networks.values() for name in spec.having))

    def compared(self, network: str) -> tuple[str, ...]:
        """The thresholds of a network, its own first."""
        return tuple(dict.fromkeys((self.networks[network].threshold, *self.thresholds)))

    def check(self, study: "Study") -> None:
        """Nodes are units of a panel of cities; nothing is declared twice."""
        forbid(study.panel.unit != "city", "network.unit", unit=study.panel.unit)
        forbid(repeated(self.thresholds), "network.twice", ("thresholds",))
        for threshold in self.thresholds:
            threshold_of(threshold)
        for name, spec in self.networks.items():
            threshold_of(spec.threshold)
            forbid(len(self.compared(name)) < FEWEST, "network.few", ("thresholds",), fewest=FEWEST)
            forbid(spec.having and spec.year is None, "network.year", ("networks", name), network=name)
            undated = spec.official is not None and spec.official_year is None
            forbid(undated, "network.official_year", ("networks", name), network=name)
