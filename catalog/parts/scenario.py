"""Options of a triage scenario: every assumption with its range, unit and reason. A scenario, not an estimate.

Belongs here: the assumptions, their limits and names, and the names of the results (domain section 7.1).
Does not belong here: the arithmetic (models_py/scenario).
"""

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field

from catalog.base import Strict, Text
from catalog.identity import variant_of
from catalog.part_options import PartOptions, Setting
from catalog.studies import Study
from catalog.study_rules import forbid

NOT_AN_ESTIMATE = Text(en="Scenario, not an estimate", zh="情景推演，非估计")
# Rows of table `imbalance` a baseline may be read from, by the ending of the inputs they give.
TIERS = {"high": "high_tier", "primary": "primary"}
TARGET = "target_gap"
# Of `scenario_result.kind`, in the order of the table.
KINDS = ("inputs", "baseline", "zero_adoption", "central", "one_way", "two_way", "break_even", "sampled")


class Kind(Strict):
    """What an input is, and its limits; `above`: the lower one is excluded."""

    label: Text
    unit: str
    unit_en: str
    least: float = 0
    greatest: float | None = None
    above: bool = False


def _visits(en: str, zh: str) -> Kind:
    return Kind(label=Text(en=en, zh=zh), unit="万人次", unit_en="10^4 visits", above=True)


def _percent(en: str, zh: str) -> Kind:
    return Kind(label=Text(en=en, zh=zh), unit="%", unit_en="%", greatest=100, above=True)


def _share(en: str, zh: str) -> Kind:
    return Kind(label=Text(en=en, zh=zh), unit="比例", unit_en="share", greatest=1)


BASELINE = {
    "visits_high": _visits("Visits to the high tier", "高层级机构诊疗人次"),
    "visits_primary": _visits("Visits to primary care", "基层机构诊疗人次"),
    "occupancy_high": _percent("Bed occupancy, high tier", "高层级机构病床使用率"),
    "occupancy_primary": _percent("Bed occupancy, primary care", "基层机构病床使用率"),
}
INPUTS: Mapping[str, Kind] = {
    **BASELINE,
    "routine_share": _share("Routine share of high-tier visits", "高层级诊疗中常见病占比"),
    "adoption": _share("Primary facilities equipped", "配备设备的基层机构占比"),
    "acceptance": _share("Acceptance among high-tier visitors", "高层级就诊者接受率"),
    "sensitivity": _share("Sensitivity of the device", "设备灵敏度"),
    "specificity": _share("Specificity of the device", "设备特异度"),
    "serious_share": _share("Serious share of primary visits", "基层诊疗中重症占比"),
    "occupancy_response": _share("Response of occupancy to visits", "病床使用率对诊疗量的弹性"),
    "returning": _share("Missed serious cases that return", "漏判重症的返回比例"),
}


class InputSpec(Strict):
    """An assumption: its value, the range it is swept over, its unit, and where both come from."""

    value: float
    low: float
    high: float
    unit: str
    source: Text

    def _consistent(self) -> None:
        limits = str([self.low, self.high])
        forbid(not self.low <= self.value <= self.high, "scenario.value_outside", value=self.value, limits=limits)


class Options(PartOptions):
    """Digital triage in primary care and the load of the high tier: a scenario, not an estimate.

    `inputs`: every assumption; with `from_table` visits and occupancies are those of table `imbalance` in `scope` and
    `year` instead. `target_gap`: occupancy gap (percentage points) whose break-even adoption is sought. `two_way`:
    pairs of inputs with the values of each. `distribution`, `draws`, `seed`: of the sampling, in which every input but
    adoption, a decision, is drawn from its range. `what_if`: inputs changed in a second scenario beside the study's
    own; values set for one run take its place.
    """

    zh: ClassVar[str] = (
        "基层数字分诊与高层级机构负荷：情景推演，不是估计。`inputs`：全部假设；使用 `from_table` 时，诊疗"
        "量与床位使用率改取 `imbalance` 表中 `scope` 与 `year` 的数值。`target_gap`：所求临界采用率对应的"
        "使用率差距（百分点）。`two_way`：成对变动的假设及各自取值。`distribution`、`draws`、`seed`：抽样"
        "设定；采用率是决策，除它之外的每项假设均在其范围内抽取。`what_if`：与本研究并列的第二个情景中改"
        "变的假设；某次运行另行设定的值取而代之。"
    )

    scenario: Literal["triage"] = "triage"
    scope: str = Field(min_length=1)
    year: int
    from_table: bool = False
    inputs: dict[str, InputSpec]
    target_gap: float = Field(ge=-100, le=100)
    two_way: tuple[dict[str, tuple[float, ...]], ...] = ()
    distribution: Literal["triangular", "uniform"] = "triangular"
    draws: int = Field(default=5000, ge=100)
    seed: int = Field(default=0, ge=0)
    what_if: dict[str, float] = Field(default={})

    @property
    def settings(self) -> Mapping[str, Setting]:
        """Every input, and the gap whose break-even is sought."""
        given = {name: spec.value for name, spec in self.inputs.items()}
        found = {
            name: Setting(
                label=kind.label,
                unit=Text(en=kind.unit_en, zh=kind.unit),
                value=given.get(name),
                **kind.model_dump(include={"least", "greatest", "above"}),
            )
            for name, kind in INPUTS.items()
        }
        target = Text(en="Occupancy gap whose break-even adoption is sought", zh="求解临界采用率的目标使用率差距")
        points = Text(en="percentage points", zh="百分点")
        return {**found, TARGET: Setting(label=target, unit=points, value=self.target_gap, least=-100, greatest=100)}

    @property
    def asked_as(self) -> str:
        """The scenario's name."""
        return self.scenario

    def with_set(self, changed: Mapping[str, float]) -> Self:
        """The study's scenario stays; what is changed is a second one beside it."""
        return self.model_copy(update={"what_if": dict(changed)})

    @property
    def called(self) -> str:
        """The name of the what-if in the column `scenario`."""
        return f"{self.scenario}: {variant_of(self.what_if)}"

    def check(self, study: Study) -> None:
        """The baseline's year is one of the study's."""
        years = str(list(study.panel.years))
        forbid(not study.panel.holds(self.year), "study.outside", key="year", found=self.year, years=years)

    def _consistent(self) -> None:
        wanted = {name for name in INPUTS if not (self.from_table and name in BASELINE)}
        beside = "_beside_table" if self.from_table else ""
        lacking, more = sorted(wanted - set(self.inputs)), sorted(set(self.inputs) - wanted)
        forbid(lacking, f"scenario.lacking{beside}")
        forbid(more, f"scenario.unwanted{beside}")
        for name, spec in self.inputs.items():
            kind, setting = INPUTS[name], self.settings[name]
            forbid(spec.unit != kind.unit, "scenario.unit", name=name, unit=spec.unit, expected=kind.unit)
            exceeds, values = not (setting.allows(spec.low) and setting.allows(spec.high)), str([spec.low, spec.high])
            forbid(exceeds, "scenario.exceeds", name=name, values=values, limits=setting.limits)
        for grid in self.two_way:
            self._check_grid(grid)
        self.for_run(self.what_if)

    def _check_grid(self, grid: Mapping[str, tuple[float, ...]]) -> None:
        no_two = len(grid) != 2 or not set(grid) <= set(INPUTS)
        forbid(no_two, "scenario.two_way", names=list(grid), known=list(INPUTS))
        for name, values in grid.items():
            setting = self.settings[name]
            wrong = len(set(values)) != len(values) or not all(map(setting.allows, values))
            forbid(wrong, "scenario.two_way_values", name=name, limits=setting.limits)
            forbid(len(values) < 2, "scenario.two_way_few", name=name)


class Metric(Strict):
    """A result: what it is, its unit, and the decimals it is printed with."""

    label: Text
    unit: Text
    decimals: int = 1


def _metric(en: str, zh: str, unit: tuple[str, str], decimals: int = 1) -> Metric:
    return Metric(label=Text(en=en, zh=zh), unit=Text(en=unit[0], zh=unit[1]), decimals=decimals)


_VISITS, _CASES = ("10^4 visits", "万人次"), ("10^4 cases", "万例")
_SHARE, _PERCENT, _POINTS = ("share", "比例"), ("%", "%"), ("percentage points", "百分点")
_YES = ("1 = yes; sampled: share of draws", "1为是；抽样时为占比")
# Missed serious cases stand beside whatever is gained.
RESULTS: Mapping[str, Metric] = {
    "diverted": _metric("Visits diverted to primary care", "分流至基层的人次", _VISITS, 0),
    "missed_serious": _metric("Missed serious cases", "漏判的重症", _CASES, 0),
    "missed_per_10000": _metric("Missed serious cases per 10,000 diverted", "每万例分流漏判重症", ("cases", "例"), 0),
    "up_referred": _metric("Visits referred up", "上转人次", _VISITS, 0),
    "visits_high": _metric("Visits to the high tier", "高层级机构诊疗人次", _VISITS, 0),
    "visits_primary": _metric("Visits to primary care", "基层机构诊疗人次", _VISITS, 0),
    "high_share": _metric("Visit share of the high tier", "高层级诊疗占比", _SHARE, 3),
    "primary_share": _metric("Visit share of primary care", "基层诊疗占比", _SHARE, 3),
    "occupancy_high": _metric("Bed occupancy, high tier", "高层级机构病床使用率", _PERCENT, 2),
    "occupancy_primary": _metric("Bed occupancy, primary care", "基层机构病床使用率", _PERCENT, 2),
    "occupancy_gap": _metric("Occupancy gap", "病床使用率差距", _POINTS, 2),
    "imbalance_change": _metric("Change of the occupancy gap", "使用率差距的变化", _POINTS, 2),
    "high_capped": _metric("Cap of 100 % binds, high tier", "高层级使用率达到100%上限", _YES, 0),
    "primary_capped": _metric("Cap of 100 % binds, primary care", "基层使用率达到100%上限", _YES, 0),
}
# Of the runs break_even and sampled.
ANSWERS: Mapping[str, Metric] = {
    TARGET: _metric("Occupancy gap sought", "目标使用率差距", _POINTS, 2),
    "break_even_adoption": _metric("Break-even adoption", "临界采用率", _SHARE, 3),
    "break_even_reached": _metric("The gap sought is reached", "能否达到目标差距", _YES, 3),
    "gap_fully_equipped": _metric("Gap with every facility equipped", "全部配备时的使用率差距", _POINTS, 2),
}
