"""What the entry of a file of flows declares, for this one file: the network's name, and which column is which end.

Belongs here: the file with its declaration, roles of columns, their places in the header and as SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from catalog.declarations.flow import FlowSpec
from ingestion.readers.base import Probe, Problem, Source, given, refuse_for
from ingestion.readers.flows.engine import literal, quote
from ingestion.readers.flows.meanings import SEPARATOR, parse_period
from ingestion.vocabulary.patterns import fullmatch

TEXT_SUFFIXES = frozenset({".csv", ".txt", ".tsv"})
CELL_SUFFIXES = TEXT_SUFFIXES | {".xlsx", ".xls"}
SUFFIXES = CELL_SUFFIXES | {".parquet"}
# Headers of name, code and province.
EndHeaders = tuple[str | None, str | None, str | None]


@dataclass(frozen=True)
class FlowFile:
    """One file, its entry, and `spec`, the entry's `flow:` with the network's name as it is for this file."""

    probe: Probe
    source: Source
    spec: FlowSpec

    @cached_property
    def named(self) -> dict[str, str]:
        """Place and period in the file's name. Raises Refusal when it does not have the declared form."""
        if self.spec.file_name is None:
            return {}
        match = given(
            fullmatch(self.spec.file_name, self.probe.path.stem),
            Problem("flow_file_name", self.probe.path.stem, self.spec.file_name),
        )
        return {name: value or "" for name, value in match.groupdict().items()}

    @property
    def period(self) -> str:
        """The one period of the file, as declared or in its name; empty where the rows have theirs."""
        return self.spec.period or self.named.get("period", "")

    def with_spec(self, **changes: object) -> FlowFile:
        """The same file with other keys under `flow:`."""
        return replace(self, spec=self.spec.model_copy(update=changes))


def flow_file(probe: Probe, source: Source) -> FlowFile:
    """The file with its entry's `flow:`. Raises Refusal when there is none."""
    file = FlowFile(probe, source, given(source.flow, Problem("flow_not_declared", expected="entry")))
    network = file.spec.network.removesuffix("{period}")
    if network == file.spec.network:
        return file
    period = given(parse_period(file.period), Problem("flow_period", file.period, "written"))
    return file.with_spec(network=network + period.label.replace("-", ""))


def focal_ends(spec: FlowSpec) -> tuple[str, ...]:
    """Columns of codes that can be the listed place; where every row stands for itself, each end."""
    return {"in": ("dc",), "out": ("oc",)}.get(spec.direction, ("oc", "dc"))


def focal_end(spec: FlowSpec) -> str:
    """The column with the place whose list a row belongs to."""
    return focal_ends(spec)[0]


def other_end(end: str) -> str:
    """The column of the other end."""
    return {"oc": "dc", "dc": "oc", "o": "d", "d": "o"}[end]


def network_name(spec: FlowSpec, year: str) -> str:
    """SQL of the network's name; `year` is the SQL of the year, for names that end with {year}."""
    name = spec.network.removesuffix("{year}")
    return f"{literal(name)} || CAST({year} AS VARCHAR)" if name != spec.network else literal(name)


def text_of(header: str | None) -> str:
    """SQL text of a column, trimmed; empty for NULL and for no column."""
    return f"coalesce(trim(CAST({quote(header)} AS VARCHAR)), '')" if header is not None else "''"


@dataclass(frozen=True)
class Roles:
    """Which headers make up the ends `o` and `d`, the figure and the period; `fixed` are those the whole file shares.

    Headers that are None are not in the file.
    """

    ends: Mapping[str, EndHeaders]
    weight: str
    period: str | None = None
    fixed: Mapping[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> list[str]:
        """Every header the file must have."""
        named = [header for end in self.ends.values() for header in end if header is not None]
        return [*named, self.weight, *([self.period] if self.period is not None else [])]

    @property
    def columns(self) -> dict[str, str]:
        """Header by role (o, d, w, p): of an end the first it has."""
        found = {role: next(header for header in end if header is not None) for role, end in self.ends.items()}
        return found | {"w": self.weight} | ({"p": self.period} if self.period is not None else {})

    def end(self, role: str) -> str:
        """SQL text of one end: name, code and province with SEPARATOR between them."""
        if role in self.fixed:
            return literal(self.fixed[role])
        name, *others = self.ends[role]
        if others == [None, None]:
            return text_of(name)
        parts = f" || {literal(SEPARATOR)} || ".join(text_of(header) for header in (name, *others))
        return f"rtrim({parts}, {literal(SEPARATOR)})"

    @property
    def when(self) -> str:
        """SQL text of the period."""
        return text_of(self.period) if self.period is not None else literal(self.fixed["p"])

    def year(self, spec: FlowSpec) -> str:
        """SQL of the year, where the network's name has one; else 0."""
        return f"CAST(left({self.when}, 4) AS INTEGER)" if spec.network.endswith("{year}") else "0"


def edge_roles(file: FlowFile) -> Roles:
    """Which column is which end in a table with a flow in each row. Raises Refusal when the entry does not say."""
    spec, in_name = file.spec, file.named
    fixed = {"p": file.period} if spec.period_column is None else {}
    ends: dict[str, EndHeaders] = {}
    named: tuple[tuple[str, str, str, EndHeaders], ...] = (
        ("o", "out", "origin", (spec.origin, spec.origin_code, spec.origin_province)),
        ("d", "in", "destination", (spec.destination, spec.destination_code, spec.destination_province)),
    )
    for role, listed, word, end in named:
        if end[:2] != (None, None):
            ends[role] = end
            continue
        place = in_name.get("place") if spec.direction == listed else None
        fixed[role] = given(place, Problem("flow_not_declared", "", "header", word))
    return Roles(ends, given(spec.weight, Problem("flow_not_declared", expected="figures")), spec.period_column, fixed)


def positions(header: Sequence[str], wanted: Sequence[str]) -> dict[str, int]:
    """Position of each wanted header, from 0. Raises Refusal for one that is absent or occurs twice."""
    shown = ", ".join(repr(cell) for cell in header)[:300]
    absent = [Problem("column_missing", name, shown) for name in wanted if name not in header]
    twice = [Problem("repeated_column", name) for name in dict.fromkeys(wanted) if list(header).count(name) > 1]
    refuse_for([*absent, *twice])
    return {name: list(header).index(name) for name in wanted}


def cell_columns(roles: Roles, at: Mapping[str, int]) -> dict[str, int]:
    """Number of the column, from 1, to point at for each role."""
    return {role: at[header] + 1 for role, header in roles.columns.items()}
