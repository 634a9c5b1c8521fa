"""The registry of indicators and units (`indicators.yaml`). Reading data by it happens in ingestion/."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Literal

from pydantic import Field, model_validator

from catalog.base import CATALOG_DIR, CatalogError, Strict, Text, read_yaml, validate

REGISTRY_PATH = CATALOG_DIR / "indicators.yaml"
_FORMULA = re.compile(r"[a-z_0-9 .+*/()-]+")


class Unit(Strict):
    """A unit of measure; `factor` converts to the base unit of its quantity."""

    quantity: str
    factor: Decimal
    en: str


class Header(Strict):
    """A name the indicator is printed under, with the data years in which it was in use."""

    name: str
    first: int | None = None
    last: int | None = None


class Indicator(Strict):
    """One catalogued indicator; see the head of indicators.yaml for the meaning of each key."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: Text
    unit: str
    range: tuple[float, float]
    city_range: tuple[float, float] | None = None
    system: str
    direction: Literal["favourable", "adverse", "neutral"]
    source: str
    headers: tuple[Header, ...] = ()
    fill: Literal["none", "linear", "carry"] = "none"
    formula: str | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """Indicators named in the formula, in order of appearance; empty for a reported indicator."""
        names = re.findall(r"[a-z][a-z0-9_]*", self.formula or "")
        return tuple(dict.fromkeys(names))

    @model_validator(mode="after")
    def _consistent(self) -> Indicator:
        for bounds in (self.range, self.city_range):
            if bounds is not None and bounds[0] >= bounds[1]:
                raise ValueError("range and city_range must be [low, high] with low < high")
        if self.formula is None and not self.headers:
            raise ValueError("a reported indicator needs at least one header")
        if self.formula is not None:
            if self.headers or self.fill != "none":
                raise ValueError("a derived indicator is computed, so it has neither headers nor fill")
            if not _FORMULA.fullmatch(self.formula):
                raise ValueError("a formula holds indicator names, numbers and + - * / ( ) only")
        return self


class Registry(Strict):
    """All units and indicators, by id."""

    units: dict[str, Unit]
    indicators: dict[str, Indicator]

    @model_validator(mode="after")
    def _references(self) -> Registry:
        owners: dict[str, str] = {}
        for indicator in self.indicators.values():
            if indicator.unit not in self.units:
                raise ValueError(f"{indicator.id}: unknown unit {indicator.unit!r}")
            for name in indicator.inputs:
                if name not in self.indicators:
                    raise ValueError(f"{indicator.id}: the formula names {name!r}, which is not an indicator")
                if self.indicators[name].formula is not None:
                    raise ValueError(f"{indicator.id}: {name!r} is derived itself; write its formula out")
            for header in indicator.headers:
                other = owners.setdefault(header.name, indicator.id)
                if other != indicator.id:
                    raise ValueError(f"the header {header.name!r} belongs to both {other} and {indicator.id}")
        return self

    @property
    def reported(self) -> tuple[Indicator, ...]:
        """Indicators read from files."""
        return tuple(i for i in self.indicators.values() if i.formula is None)

    @property
    def derived(self) -> tuple[Indicator, ...]:
        """Indicators computed from others."""
        return tuple(i for i in self.indicators.values() if i.formula is not None)

    def conversion(self, unit: str, indicator_id: str) -> Decimal:
        """Factor from `unit` to the canonical unit of the indicator.

        Raises KeyError for an unknown unit and ValueError when the quantities differ.
        """
        source, target = self.units[unit], self.units[self.indicators[indicator_id].unit]
        if source.quantity != target.quantity:
            raise ValueError(f"{unit} measures {source.quantity}, {indicator_id} is {target.quantity}")
        return source.factor / target.factor


@cache
def load_registry() -> Registry:
    """The registry, validated. Raises CatalogError."""
    data = read_yaml(REGISTRY_PATH)
    if not isinstance(data, dict) or "indicators" not in data:
        raise CatalogError(f"{REGISTRY_PATH}: expected the keys units and indicators")
    for key, entry in data["indicators"].items():
        entry["id"] = key
    return validate(Registry, data, REGISTRY_PATH)
