"""Options of the Medical Service Performance Index: domain sections 2.1 to 2.3."""

from typing import ClassVar, Literal, Self

from catalog.base import Strict, repeated
from catalog.identity import variant_of
from catalog.indicators import load_registry
from catalog.panels import PanelSpec
from catalog.part_options import PartOptions
from catalog.studies import Study
from catalog.study_rules import forbid

Reading = Literal["volume", "substitution", "mixed"]
Weighting = Literal["equal", "first_component", "entropy"]
VolumeBasis = Literal["per_capita", "count", "log_count"]
INDEX_NAMES = ("mspi", "ssi", "qii", "hmi")
# Standardised over the whole panel although the study has a baseline.
POOLED = variant_of({"standardised": "pooled"})
# Years of the baseline of a study that ends at `latest`: enough for a standard deviation, and never moving.
BASELINE_LENGTH = 8


class VolumeIndicator(Strict):
    """A utilisation series in its two bases; `volume_basis` picks one."""

    per_capita: str
    count: str


class Options(PartOptions):
    """Readings, weights and dimensions of the index.

    `weightings`: weights of the indicators under which the index is computed beside equal ones, as variants.
    `baseline_years`: the window whose means, standard deviations, minima and maxima are used for every year, so that
    a new year leaves past values as they are. When not given: the whole panel; of a study that ends at `latest` its
    first eight years, unless it says `baseline_years: null`.
    """

    zh: ClassVar[str] = (
        "指数的读法、权重与维度。`weightings`：等权之外另行计算的指标权重，作为变体。`baseline_years`：基"
        "准窗口，各年均采用其均值、标准差、最小值与最大值，因而新增年份不改变以往数值。未给出时为整个面板；"
        "截止于 `latest` 的研究为其前八年，除非写明 `baseline_years: null`。"
    )

    volume_basis: VolumeBasis
    utilisation: Reading
    ddof: Literal[0, 1]
    allow_edge_fill: bool
    weightings: tuple[Weighting, ...] = ()
    baseline_years: tuple[int, int] | None = None
    dimensions: dict[Literal["ssi", "qii", "hmi"], tuple[VolumeIndicator | str, ...]]

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(dimension, indicator) in order, with the configured volume basis applied."""
        count = self.volume_basis != "per_capita"
        return tuple(
            (dimension, member if isinstance(member, str) else member.count if count else member.per_capita)
            for dimension, members in self.dimensions.items()
            for member in members
        )

    def indicators(self, study: Study) -> tuple[str, ...]:
        """The indicators of the index."""
        return tuple(indicator for _, indicator in self.pairs)

    def in_panel(self, panel: PanelSpec) -> Self:
        """With the baseline a study that ends at `latest` has unless it declares another, or none."""
        if not panel.open or "baseline_years" in self.model_fields_set:
            return self
        first = panel.years[0]
        return self.model_copy(update={"baseline_years": (first, first + BASELINE_LENGTH - 1)})

    @property
    def offers(self) -> tuple[str, ...]:
        """The index and its dimensions."""
        return INDEX_NAMES

    @property
    def readings(self) -> tuple[str, ...]:
        """Readings computed, the configured one first; volume and substitution always are."""
        return tuple(dict.fromkeys((self.utilisation, "volume", "substitution")))

    @property
    def variants(self) -> tuple[str, ...]:
        """Other weights, and, with a baseline, the version standardised over the whole panel."""
        weighted = tuple(variant_of({"weighting": name}) for name in self.weightings if name != "equal")
        return (*weighted, *((POOLED,) if self.baseline_years is not None else ()))

    def check(self, study: Study) -> None:
        """Every indicator stands once and has a direction, but for the utilisation series, whose readings give it."""
        registry = load_registry()
        lacking = [name for name in INDEX_NAMES[1:] if not self.dimensions.get(name)]  # type: ignore[call-overload]
        members = [member for group in self.dimensions.values() for member in group]
        series = [member for member in members if isinstance(member, VolumeIndicator)]
        single = [member for member in members if isinstance(member, str)]
        strangers = [member for member in self.dimensions.get("ssi", ()) if isinstance(member, str)]
        entries = [registry.indicators[name] for name in single if name in registry.indicators]
        (first, last), (start, end) = study.panel.years, self.baseline_years or study.panel.bounds
        forbid(lacking, "performance_index.empty")
        forbid(strangers, "performance_index.no_bases")
        forbid(repeated([*(member.per_capita for member in series), *single]), "performance_index.twice")
        forbid([entry.id for entry in entries if entry.direction == "neutral"], "performance_index.neutral")
        no_window = start > end or not study.panel.holds(start, end)
        forbid(no_window, "performance_index.baseline", first=first, last=last, years=str([start, end]))
