"""Options of the indices of two systems of indicators: domain sections 5.1 and 5.2."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from catalog.base import Strict, repeated
from catalog.identity import variant_of
from catalog.indicators import load_registry
from catalog.part_options import PartOptions
from catalog.studies import Study
from catalog.study_rules import forbid

System = Literal["digital", "health"]
SYSTEMS: tuple[System, ...] = ("digital", "health")
Basis = Literal["mixed", "all_totals", "all_per_capita"]
Weighting = Literal["entropy", "equal", "first_component", "critic"]
Rescale = Literal["none", "minmax", "max"]


class TwoBases(Strict):
    """One quantity as a total and per resident; `mixed`: which of them the basis `mixed` takes."""

    total: str
    per_capita: str
    mixed: Literal["total", "per_capita"] = "total"

    def of(self, basis: Basis) -> str:
        """The indicator under a basis."""
        chosen = {"mixed": self.mixed, "all_totals": "total", "all_per_capita": "per_capita"}[basis]
        return self.total if chosen == "total" else self.per_capita


class Window(Strict):
    """Other years within the panel, and indicators a system has there beside its own."""

    years: tuple[int, int]
    extra: dict[System, tuple[str, ...]] = Field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """What one variant of the index is made of."""

    members: dict[System, tuple[str, ...]]
    years: tuple[int, int]
    weighting: Weighting
    rescale: Rescale
    ranked: frozenset[str]


class Options(PartOptions):
    """`systems`: their indicators; those with a total and a figure per resident are picked by `basis`. `shift`: added
    to the shares entropy is taken of. `rescale`: each index stretched to [0, 1] (minmax) or divided by its largest
    (max). `ranked`: indicators that enter as their rank within each year, from 0 (smallest) to 1, because their levels
    cannot be compared over years. `weightings`, `rescales`, `rankings`: others, as variants; of `rankings` each
    indicator alone is ranked besides. `windows`: other years, with further indicators, by name, as variants.
    `allow_edge_fill`: an empty first or last year takes the nearest one's figure.
    """

    zh: ClassVar[str] = (
        "`systems`：各系统的指标；同时有总量与人均数的，按 `basis` 选取。`shift`：计算熵的比重所加的平移"
        "量。`rescale`：将各指数拉伸到 [0, 1]（minmax）或除以最大值（max）。`ranked`：以各年内位次代入的"
        "指标，从0（最小）到1，因其水平不可跨年比较。`weightings`、`rescales`、`rankings`：其他做法，作为"
        "变体；`rankings` 中的每个指标还单独取位次一次。`windows`：其他年份（可另加指标），按名称作为变体。"
        "`allow_edge_fill`：首年或末年缺失时取最近年份的数值。"
    )

    systems: dict[System, tuple[TwoBases | str, ...]]
    basis: Basis = "mixed"
    shift: float = Field(default=1e-4, ge=0, le=0.1)
    weighting: Weighting = "entropy"
    weightings: tuple[Weighting, ...] = ()
    rescale: Rescale = "none"
    rescales: tuple[Rescale, ...] = ()
    ranked: tuple[str, ...] = ()
    rankings: tuple[str, ...] = ()
    windows: dict[str, Window] = Field(default_factory=dict)
    allow_edge_fill: bool = False

    @property
    def members(self) -> dict[System, tuple[str, ...]]:
        """The indicators of each system under the basis chosen."""
        return {
            system: tuple(one if isinstance(one, str) else one.of(self.basis) for one in self.systems[system])
            for system in SYSTEMS
            if system in self.systems
        }

    def indicators(self, study: Study) -> tuple[str, ...]:
        """The indicators of all systems, those of windows last."""
        own = [name for members in self.members.values() for name in members]
        further = [name for window in self.windows.values() for names in window.extra.values() for name in names]
        return tuple(dict.fromkeys([*own, *further]))

    @property
    def variants(self) -> tuple[str, ...]:
        """Other weightings, stretchings, rankings and windows: one departure each."""
        return tuple(dict(self._departures()))

    def choice(self, variant: str, years: tuple[int, int]) -> Choice:
        """What a variant is made of; '' is the study's own. `years`: of the study. Raises KeyError for another one."""
        changes = {} if not variant else dict(self._departures())[variant]
        window = changes.get("window")
        members = self.members
        if window is not None:
            members = {system: (*own, *window.extra.get(system, ())) for system, own in members.items()}
        return Choice(
            members,
            years if window is None else window.years,
            changes.get("weighting", self.weighting),
            changes.get("rescale", self.rescale),
            frozenset({*self.ranked, *changes.get("ranked", ())}),
        )

    def _departures(self) -> Iterator[tuple[str, dict]]:
        for weighting in self.weightings:
            if weighting != self.weighting:
                yield variant_of({"weighting": weighting}), {"weighting": weighting}
        for rescale in self.rescales:
            if rescale != self.rescale:
                yield variant_of({"rescale": rescale}), {"rescale": rescale}
        for indicator in self.rankings:
            if indicator not in self.ranked:
                yield variant_of({"ranked": indicator}), {"ranked": (indicator,)}
        for name, window in self.windows.items():
            yield variant_of({"window": name}), {"window": window}

    def check(self, study: Study) -> None:
        """Both systems have indicators, each stands once and has a direction; windows lie within the panel."""
        registry = load_registry().indicators
        lacking = [system for system in SYSTEMS if not self.systems.get(system)]
        own = [name for members in self.members.values() for name in members]
        neutral = [
            name for name in self.indicators(study) if name in registry and registry[name].direction == "neutral"
        ]
        forbid(lacking, "entropy_index.empty")
        forbid(repeated(own), "entropy_index.twice")
        forbid(neutral, "entropy_index.neutral")
        for key, names in (("ranked", self.ranked), ("rankings", self.rankings)):
            strange = [name for name in names if name not in own]
            forbid(strange, "entropy_index.ranked", (key,), own=own)
            forbid(repeated(names), "entropy_index.ranked_twice", (key,))
        first, last = study.panel.years
        for name, window in self.windows.items():
            start, end = window.years
            outside = start >= end or not study.panel.holds(start, end)
            further = [one for names in window.extra.values() for one in names]
            at = ("windows", name)
            forbid(outside, "entropy_index.window", at, first=first, last=last, years=f"[{start}, {end}]")
            forbid(repeated([*own, *further]), "entropy_index.window_twice", at)
            forbid("=" in name or ", " in name or not name.strip(), "entropy_index.window_name", at, name=name)
