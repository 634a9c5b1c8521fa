"""Types of health facility, and the measures of them (`facilities` in indicators.yaml).

Belongs here: which types there are, of which they are parts, and the indicators made of a type and a measure. Does not
belong here: indicators of places as a whole (indicators.py), and what is computed of types (models_py/parts).
"""

from typing import Literal

from pydantic import Field

from catalog.base import Strict, Text, refuse


class Measure(Strict):
    """What is counted or measured at facilities, as an indicator is: `range` holds for any type.

    `types`: the only types it is reported of; without them, all. `of_beds`: says nothing of types without beds.
    """

    label: Text
    unit: str
    range: tuple[float, float]
    usual_low: float | None = None
    direction: Literal["favourable", "adverse", "neutral"] = "neutral"
    types: tuple[str, ...] = ()
    of_beds: bool = False


class FacilityType(Strict):
    """A type of facility.

    `part_of`: the type it is a part of; parts of one type never overlap. `parts`: what the division into them is
    called. `headers`: names it is printed under besides its label. `residual`: what the other parts leave of the whole,
    where it is not reported. `bedless`: has no beds by its nature. `already`: measures of it that are indicators of
    their own.
    """

    label: Text
    part_of: str | None = None
    parts: str | None = None
    headers: tuple[str, ...] = ()
    residual: bool = False
    bedless: bool = False
    already: dict[str, str] = Field(default_factory=dict)


class Facilities(Strict):
    """All measures and types, by id; the type without `part_of` is all facilities."""

    source: str = ""
    system: str = ""
    measures: dict[str, Measure] = Field(default_factory=dict)
    types: dict[str, FacilityType] = Field(default_factory=dict)

    def _consistent(self) -> None:
        wholes = {kind.part_of for kind in self.types.values() if kind.part_of is not None}
        names = [name for kind in self.types.values() for name in (kind.label.zh, *kind.headers)]
        refuse(
            (sorted(wholes - set(self.types)), "facilities: part_of names {}, which is no type"),
            (
                sorted(wholes ^ {name for name, kind in self.types.items() if kind.parts}),
                "facilities: {}: `parts` names the division of a type that others are part_of, and only of such",
            ),
            (
                sorted({m for kind in self.types.values() for m in kind.already} - set(self.measures)),
                "facilities: already: {} is no measure",
            ),
            (
                sorted({name for m in self.measures.values() for name in m.types} - set(self.types)),
                "facilities: types: {} is no type",
            ),
            (sorted({name for name in names if names.count(name) > 1}), "facilities: two types are called {}"),
        )

    def indicator(self, measure: str, kind: str) -> str:
        """The indicator of a measure at a type of facility. Raises ValueError if it is not reported of this type."""
        refuse((not self.reports(measure, kind), f"{measure} is not reported of {kind}"))
        return self.types[kind].already.get(measure, f"{measure}_{kind}")

    def reports(self, measure: str, kind: str) -> bool:
        """Whether a measure is reported of a type."""
        declared = self.measures[measure]
        return kind in (declared.types or self.types) and not (declared.of_beds and self.types[kind].bedless)

    @property
    def by_indicator(self) -> dict[str, tuple[str, str]]:
        """(measure, type) by indicator."""
        pairs = ((m, kind) for kind in self.types for m in self.measures if self.reports(m, kind))
        return {self.indicator(*pair): pair for pair in pairs}

    def parts_of(self, kind: str) -> tuple[str, ...]:
        """The types a type consists of; none for one that is not divided."""
        return tuple(name for name, item in self.types.items() if item.part_of == kind)

    def leaves(self, kind: str) -> tuple[str, ...]:
        """The undivided types within a type, itself if it is not divided: no two of them overlap."""
        parts = self.parts_of(kind)
        return tuple(leaf for part in parts for leaf in self.leaves(part)) if parts else (kind,)

    @property
    def all(self) -> str:
        """The type that is part of no other."""
        return next(name for name, kind in self.types.items() if kind.part_of is None)

    def declared(self) -> dict[str, dict[str, object]]:
        """Entries of indicators made of types and measures, as they would stand in indicators.yaml."""
        own = (pair for pair in self.by_indicator.values() if pair[0] not in self.types[pair[1]].already)
        return {self.indicator(*pair): self._entry(*pair) for pair in own}

    def _entry(self, measure: str, kind: str) -> dict[str, object]:
        declared, label = self.measures[measure], self.types[kind].label
        return {
            "label": Text(en=f"{declared.label.en}, {label.en}", zh=f"{label.zh}{declared.label.zh}"),
            **declared.model_dump(include={"unit", "range", "usual_low", "direction"}),
            "system": self.system,
            "source": self.source,
            "headers": [{"name": f"{label.zh}{declared.label.zh}"}],
            "wide": False,
        }
