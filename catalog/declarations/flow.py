"""What `sources.yaml` declares about a file of flows: which column is which end, unit, period, length of the lists.

A header alone never says which end is which, so no default here decides it. Reading:
ingestion/readers/flows.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from catalog.base import Pattern, Strict, refuse

FlowUnit = Literal["persons", "index", "percent"]
# Largest flow of one pair in one period that is believed, by unit; `largest` in an entry overrules it.
LARGEST: dict[str, float] = {"persons": 1e9, "index": 1e6, "percent": 100.0}
_NETWORK = re.compile(r"[a-z][a-z0-9_]*(\{year\}|\{period\})?")
_GROUPS = {"place", "period"}


def _beside(text: str) -> str:
    """A path beside the file itself: relative, with / as separator; {name} and {stem} are the file's own."""
    elsewhere = not text or text.startswith("/") or any(mark in text for mark in ("\\", ":", "\x00"))
    refuse(
        (
            elsewhere,
            f"{text!r}: a path relative to the file's own folder, with / as separator / "
            f"{text!r}：应为相对于文件所在目录的路径，以 / 分隔",
        ),
        *(
            (
                field not in {"name", "stem"},
                f"{text!r}: unknown field {{{field}}}; known: {{name}}, {{stem}} / "
                f"{text!r}：未知字段 {{{field}}}，可用 {{name}}、{{stem}}",
            )
            for field in re.findall(r"\{(.*?)\}", text)
        ),
    )
    return text


PathBeside = Annotated[str, AfterValidator(_beside)]


class FlowPartner(Strict):
    """The file that lists the same flows from their other end: what its columns mean.

    agreement: correlation over the common pairs below which the two files do not speak of the same flows.
    """

    file: PathBeside
    origin: str | None = None
    destination: str | None = None
    weight: str | None = None
    agreement: float = Field(default=0.9, gt=0, le=1)


class FlowScale(Strict):
    """The scale index that makes percentages of a city's flow comparable between cities.

    file: a table (CSV or workbook) of places, periods and the index; period None: one index for all periods.
    """

    file: PathBeside
    place: str
    value: str
    period: str | None = None


class ListLeftOut(Strict):
    """A place whose list is not really its own in some periods: those rows are refused by name, the others are read.

    place    its name or code, as the file writes it
    periods  in which its list is at fault (2020-01-15, or as the file writes them)
    reason   what is known of the fault
    """

    place: str = Field(min_length=1)
    periods: tuple[str, ...] = Field(min_length=1)
    reason: str = Field(min_length=1)


class FlowSpec(Strict):
    """The meaning of one file of flows (or of a series of a city's index, layout flow_scale).

    network        name under which the flows stand in city_pair; {year} at its end makes one network per year,
                   {period} one per file, whose one period stands in its name or under `period`
    direction      whose lists these are: `in` lists arrivals of each destination, `out` departures of each origin,
                   `both` when every row stands for itself
    origin, destination, weight   headers; *_code and *_province: further columns that must agree with the names
    place          header of the listed city in a file whose own city stands in its name; of the city in flow_scale
    file_name      regular expression on the file's name with the groups `place` and/or `period`
    period         period of the whole file (2023, 2020-01 or 2020-01-15); period_column: its header
    top            length at which the service cuts its lists: what is not listed is then unknown, not zero
    repeated       `reject`: two figures of one pair and period contradict; `add`: rows are parts to be added up
    level          of the places: prefecture (with municipalities and units directly under a province) or county
    left_out       places whose list mixes those of two places, to be left out; found in the file, never assumed
    precedence     among files of one network that have the same pair and period the lowest number is used
    sheet          the sheet of a workbook, when it has several
    """

    network: str
    direction: Literal["in", "out", "both"]
    unit: FlowUnit
    origin: str | None = None
    destination: str | None = None
    weight: str | None = None
    origin_code: str | None = None
    destination_code: str | None = None
    origin_province: str | None = None
    destination_province: str | None = None
    place: str | None = None
    place_code: str | None = None
    place_province: str | None = None
    file_name: Pattern | None = None
    period: str | None = None
    period_column: str | None = None
    top: int | None = Field(default=None, ge=1)
    largest: float | None = Field(default=None, gt=0)
    repeated: Literal["reject", "add"] = "reject"
    left_out: tuple[ListLeftOut, ...] = ()
    level: Literal["prefecture", "county"] = "prefecture"
    precedence: int = Field(default=1, ge=1)
    sheet: str | None = None
    partner: FlowPartner | None = None
    scale: FlowScale | None = None

    @property
    def longest(self) -> int:
        """The most places a list can name: `top`, or else a number larger than all places."""
        return 2**62 if self.top is None else self.top

    @property
    def limit(self) -> float:
        """Largest believable flow of a pair in a period."""
        return self.largest if self.largest is not None else LARGEST[self.unit]

    def _consistent(self) -> None:
        of_lists = (self.top, self.partner, self.scale)
        groups = set(re.compile(self.file_name or "").groupindex)
        given = [self.period is not None, self.period_column is not None, "period" in groups]
        refuse(
            (
                not _NETWORK.fullmatch(self.network),
                f"network {self.network!r}: lower-case letters, digits and _, with {{year}} or {{period}} at the end / "
                f"network {self.network!r}：只用小写字母、数字和 _，末尾可加 {{year}} 或 {{period}}",
            ),
            (
                self.file_name is not None and (not groups or groups - _GROUPS),
                f"file_name {self.file_name!r}: named groups `place` and/or `period`, and no others / "
                f"file_name {self.file_name!r}：只能有命名组 place、period",
            ),
            (
                sum(given) != 1,
                "flow: exactly one of `period`, `period_column` or a group `period` in `file_name` / "
                "flow：period、period_column 与 file_name 中的 period 组须且只能有其一",
            ),
            (
                self.network.endswith("{period}") and self.period_column is not None,
                "flow: {period} in `network` is the one period of a file, and goes with no `period_column` / "
                "flow：network 中的 {period} 指单一时期，不能与 period_column 并用",
            ),
            (
                self.scale is not None and self.unit != "percent",
                "flow: `scale` multiplies percentages, so unit must be percent / "
                "flow：scale 用于百分比，unit 须为 percent",
            ),
            (
                self.partner is not None and self.unit == "percent",
                "flow: shares of arrivals and shares of departures differ, so percentages have no `partner` / "
                "flow：到达占比与出发占比不同，百分比不能有 partner",
            ),
            (
                self.direction == "both" and any(option is not None for option in of_lists),
                "flow: lists have a `top`, a `partner` and a `scale`; direction `both` has no lists / "
                "flow：top、partner、scale 属于名单；direction: both 无名单",
            ),
        )
