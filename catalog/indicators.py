"""The registry of indicators and units (`indicators.yaml`). Reading data by it happens in ingestion/."""

import re
from decimal import Decimal
from functools import cache
from typing import Literal

from pydantic import Field

from catalog.base import CATALOG_DIR, CatalogError, Strict, Text, read_yaml, refuse, validate, with_names
from catalog.breaks import Sampling, SeriesBreak, check_formula, check_order
from catalog.facilities import Facilities

REGISTRY_PATH = CATALOG_DIR / "indicators.yaml"
_FORMULA = re.compile(r"[a-z_0-9 .+*/()-]+")
# Levels of places judged by the ranges of cities.
BELOW_PROVINCE = frozenset({"city", "county"})
# Shares that may be zero and may reach the whole: the lowest usually met, as a part of the whole. Only the median of
# a table is held against the middle of the range, so a single province may well report less.
_USUAL_LOW_SHARE = 0.2


class Quantity(Strict):
    """A kind of measure.

    `jump` and `city_jump`: largest factor of change from one year to the next that needs no look, in provinces and in
    prefecture-level units. `additive`: figures of the parts add up to that of the whole.
    """

    jump: float = Field(gt=1)
    city_jump: float = Field(gt=1)
    additive: bool = False


class Unit(Strict):
    """A unit of measure; `factor` converts to the base unit of its quantity."""

    quantity: str
    factor: Decimal
    en: str


class Header(Strict):
    """A name printed for the indicator, with the data years in which it was in use."""

    name: str
    first: int | None = None
    last: int | None = None


class RenamedFrom(Strict):
    """The name a table, a column or an indicator had before; a view has it up to the release `until`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    until: str = Field(pattern=r"^\d+(\.\d+)*$")


class Indicator(Strict):
    """One catalogued indicator; see the head of indicators.yaml for the meaning of each key.

    `wide`: a column of province_year; figures by type of facility are kept in `observation` alone.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: Text
    unit: str
    range: tuple[float, float]
    city_range: tuple[float, float] | None = None
    usual_low: float | None = Field(default=None, gt=0)
    city_usual_low: float | None = Field(default=None, gt=0)
    jump: float | None = Field(default=None, gt=1)
    sum_tolerance: float | None = Field(default=None, gt=0, lt=1)
    system: str
    direction: Literal["favourable", "adverse", "neutral"]
    source: str
    headers: tuple[Header, ...] = ()
    shorthand: dict[str, str] = Field(default_factory=dict)
    fill: Literal["none", "linear", "carry"] = "none"
    formula: str | None = None
    breaks: tuple[SeriesBreak, ...] = ()
    sampling: str | None = None
    wide: bool = True
    renamed_from: RenamedFrom | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """Indicators named in the formula, in order of appearance; empty for a reported indicator."""
        return tuple(dict.fromkeys(re.findall(r"[a-z][a-z0-9_]*", self.formula or "")))

    def _consistent(self) -> None:
        derived, ranges = self.formula is not None, [self.range, self.city_range or (0, 1)]
        fractions = any(item.kind == "sample_fraction" for item in self.breaks)
        own_breaks, of_files = self.breaks or self.sampling is not None, self.headers or self.fill != "none"
        refuse(
            (any(low >= high for low, high in ranges), "range and city_range must be [low, high] with low < high"),
            (
                self.city_usual_low is not None and self.city_range is None,
                "city_usual_low is of an indicator with city_range",
            ),
            (not derived and not self.headers, "a reported indicator needs at least one header"),
        )
        check_order(self.breaks)
        refuse(
            (fractions, "declare breaks of the kind sample_fraction under `samplings`; name it as `sampling`"),
            (derived and own_breaks, "a derived indicator has the breaks of its inputs, so it declares none"),
            (derived and of_files, "a derived indicator is computed, so it has neither headers nor fill"),
            (
                not _FORMULA.fullmatch(self.formula or "0"),
                "a formula holds indicator names, numbers and + - * / ( ) only",
            ),
        )


class Registry(Strict):
    """All quantities, units, samplings and indicators, by id."""

    quantities: dict[str, Quantity]
    units: dict[str, Unit]
    samplings: dict[str, Sampling] = Field(default_factory=dict)
    indicators: dict[str, Indicator]
    facilities: Facilities = Facilities()

    def _consistent(self) -> None:
        owners: dict[str, str] = {}
        refuse(
            *(
                (
                    unit.quantity not in self.quantities,
                    f"the unit {symbol} measures {unit.quantity!r}, which is not among `quantities`",
                )
                for symbol, unit in self.units.items()
            )
        )
        for indicator in self.indicators.values():
            refuse((indicator.unit not in self.units, f"{indicator.id}: unknown unit {indicator.unit!r}"))
            self._check_units(indicator)
            self._check_formula(indicator)
            for header in indicator.headers:
                other = owners.setdefault(header.name, indicator.id)
                refuse(
                    (other != indicator.id, f"the header {header.name!r} belongs to both {other} and {indicator.id}")
                )
        self._check_facilities()

    def _check_facilities(self) -> None:
        for name, (measure, kind) in self.facilities.by_indicator.items():
            unit, indicator = self.facilities.measures[measure].unit, self.indicators.get(name)
            refuse(
                (indicator is None, f"facilities: {kind}: already: {name!r} is not an indicator"),
                (indicator and indicator.unit != unit, f"facilities: {name} is not in {unit}, as {measure} is"),
            )

    def _check_units(self, indicator: Indicator) -> None:
        quantity = self.quantity_of(indicator)
        for printed, meant in indicator.shorthand.items():
            unknown = not {printed, meant} <= set(self.units)
            refuse(
                (unknown, f"{indicator.id}: shorthand {printed!r}: {meant!r} names an unknown unit"),
                (
                    not unknown and self.units[meant].quantity != quantity,
                    f"{indicator.id}: {meant!r} does not measure what {indicator.unit!r} measures",
                ),
            )
        refuse(
            (
                indicator.sampling not in {None, *self.samplings},
                f"{indicator.id}: unknown sampling {indicator.sampling!r}",
            ),
            (
                indicator.sum_tolerance is not None and not self.quantity(indicator).additive,
                f"{indicator.id}: what is {quantity} does not add up",
            ),
        )

    def _check_formula(self, indicator: Indicator) -> None:
        if indicator.formula is None:
            self.usual_low(indicator)
            return
        for name in indicator.inputs:
            known = self.indicators.get(name)
            refuse(
                (known is None, f"{indicator.id}: the formula names {name!r}, which is not an indicator"),
                (known and known.formula, f"{indicator.id}: {name!r} is derived itself; write its formula out"),
            )
        try:
            check_formula(
                indicator.formula, {i.id: i.sampling for i in self.indicators.values() if i.sampling is not None}
            )
        except ValueError as error:
            raise ValueError(f"{indicator.id}: {error}") from None

    def quantity_of(self, indicator: Indicator) -> str:
        """The quantity the indicator measures, by name."""
        return self.units[indicator.unit].quantity

    def quantity(self, indicator: Indicator) -> Quantity:
        """The properties of the quantity the indicator measures."""
        return self.quantities[self.quantity_of(indicator)]

    def usual_low(self, indicator: Indicator) -> float:
        """The lowest figure usually met, above zero, in the canonical unit.

        Raises ValueError for a range that starts at zero or below without one, unless it is a share that may reach 1.
        """
        low, high = indicator.range
        whole = 1 / float(self.units[indicator.unit].factor)
        if indicator.usual_low is not None:
            return indicator.usual_low
        if low > 0:
            return low
        if self.quantity_of(indicator) == "ratio" and high >= whole:
            return _USUAL_LOW_SHARE * whole
        raise ValueError(
            f"{indicator.id}: its range starts at {low:g}, so its magnitude needs a usual low; declare usual_low"
        )

    def usual_range(self, indicator: Indicator, level: str) -> tuple[float, float]:
        """Where the median of a table of provinces or cities lies, in the canonical unit.

        Raises ValueError as `usual_low`, and for cities if the indicator has no range for them.
        """
        if level not in BELOW_PROVINCE:
            return self.usual_low(indicator), indicator.range[1]
        refuse((indicator.city_range is None, f"{indicator.id} has no range for cities"))
        low, high = indicator.city_range or (0.0, 0.0)
        return indicator.city_usual_low or low or self.usual_low(indicator), high

    def units_of(self, indicator: Indicator) -> tuple[str, ...]:
        """The units for the indicator's quantity, the canonical one first."""
        same = (symbol for symbol, unit in self.units.items() if unit.quantity == self.quantity_of(indicator))
        return tuple(dict.fromkeys([indicator.unit, *same]))

    def breaks_of(self, indicator_id: str) -> tuple[tuple[str, SeriesBreak], ...]:
        """(indicator that has the break, the break) of an indicator and of all its inputs, by year.

        Formulas over counts of a sample are ratios of them, so beyond a change of its fraction they stay comparable.
        """
        indicator = self.indicators[indicator_id]
        found = []
        for name in indicator.inputs or (indicator_id,):
            owner = self.indicators[name]
            of_sample = self.samplings[owner.sampling].breaks if owner.sampling is not None else ()
            if indicator.formula is not None:
                of_sample = tuple(item.model_copy(update={"levels_comparable": True}) for item in of_sample)
            found += [(name, item) for item in (*owner.breaks, *of_sample)]
        return tuple(sorted(found, key=lambda entry: (entry[1].year, entry[0], entry[1].kind)))

    def is_reported(self, indicator_id: str) -> bool:
        """Whether it is the id of an indicator found in files."""
        return indicator_id in self.indicators and self.indicators[indicator_id].formula is None

    @property
    def wide(self) -> tuple[Indicator, ...]:
        """Indicators with a column of province_year."""
        return tuple(i for i in self.indicators.values() if i.wide)

    @property
    def reported(self) -> tuple[Indicator, ...]:
        """Indicators read from files."""
        return tuple(i for i in self.indicators.values() if i.formula is None)

    @property
    def derived(self) -> tuple[Indicator, ...]:
        """Indicators computed from others."""
        return tuple(i for i in self.indicators.values() if i.formula is not None)

    @property
    def of_cities(self) -> tuple[Indicator, ...]:
        """Indicators read for, or computed from, figures of units below the province."""
        return tuple(i for i in self.indicators.values() if i.city_range is not None)

    def conversion(self, unit: str, indicator_id: str) -> Decimal:
        """Factor from `unit` to the canonical unit of the indicator.

        Raises ValueError for an unknown unit, and when the quantities differ.
        """
        refuse((unit not in self.units, f"unknown unit {unit!r}; known: {', '.join(self.units)}"))
        source, target = self.units[unit], self.units[self.indicators[indicator_id].unit]
        differ = source.quantity != target.quantity
        refuse((differ, f"{unit} measures {source.quantity}, {indicator_id} is {target.quantity}"))
        return source.factor / target.factor


@cache
def load_registry() -> Registry:
    """The registry, validated. Raises CatalogError."""
    data = read_yaml(REGISTRY_PATH)
    refuse(
        (
            not isinstance(data, dict) or "indicators" not in data,
            f"{REGISTRY_PATH}: expected the keys units and indicators",
        ),
        error=CatalogError,
    )
    declared, facilities = data["indicators"], validate(Facilities, data.get("facilities", {}), REGISTRY_PATH)
    made = facilities.declared()
    twice = sorted(made.keys() & declared.keys())
    refuse((twice, f"{REGISTRY_PATH}: {{}} is declared, and made of facilities too"), error=CatalogError)
    indicators = with_names({**declared, **made}, "id")
    return validate(Registry, {**data, "indicators": indicators, "facilities": facilities}, REGISTRY_PATH)
