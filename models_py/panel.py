"""The panel a study is about, passed in, and the balanced frame an index needs.

Belongs here: entities and years with their names, completeness over both, carrying at the edges where a study allows
it. Does not belong here: interpolation of gaps inside the window; that happens in SQL, where it is flagged.
"""

import dataclasses
import difflib
import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from catalog import load_provinces, load_registry
from catalog.base import Text, refuse
from catalog.panels import PanelUnit, load_units

ENTITY = "entity_code"
KEYS = [ENTITY, "year"]
FILLED_COLUMNS = [ENTITY, "year", "indicator", "value", "carried_from"]
_SHOWN = 5


class PanelError(ValueError):
    """The panel does not meet a study's needs; the message names indicator, entity and year.

    `missing`: (indicator, code, year) of the figures that are not there, for who knows why.
    """

    def __init__(self, message: str, missing: Iterable[tuple[str, int, int]] = ()) -> None:
        super().__init__(message)
        self.missing = tuple(missing)


def lacking(frame: pd.DataFrame, columns: Iterable[str]) -> list[str]:
    """Those of `columns` that a frame does not have."""
    return [name for name in columns if name not in frame.columns]


@dataclass(frozen=True)
class Entity:
    """One entity of a panel; unknown `region` is '', unknown coordinates (degrees) are NaN."""

    code: int
    name_zh: str
    name_en: str
    short_zh: str = ""
    region: str = ""
    lon: float = math.nan
    lat: float = math.nan

    @property
    def name(self) -> Text:
        """What print calls it: the short name in Chinese."""
        return Text(zh=self.short_zh or self.name_zh, en=self.name_en)


# Regions in the order of tables and figures.
REGIONS = ("east", "central", "west")


@dataclass(frozen=True)
class Panel:
    """The entities and years of a study: any unit, any number."""

    unit: PanelUnit
    entities: tuple[Entity, ...]
    years: tuple[int, int]

    @cached_property
    def codes(self) -> tuple[int, ...]:
        """Codes of the entities, in order."""
        return tuple(entity.code for entity in self.entities)

    @cached_property
    def by_code(self) -> dict[int, Entity]:
        """The entities by their code."""
        return {entity.code: entity for entity in self.entities}

    @property
    def by_region(self) -> list[int]:
        """Codes: east, central, west, then entities without a region; by code within each."""
        place = {region: at for at, region in enumerate(REGIONS)}
        return [e.code for e in sorted(self.entities, key=lambda e: (place.get(e.region, len(place)), e.code))]

    def label(self, code: int) -> str:
        """Chinese and English name with the code, for messages; the bare code if it is not one of the entities."""
        entity = self.by_code.get(int(code))
        return str(code) if entity is None else f"{entity.name_zh} {entity.name_en} ({code})"

    def named(self, codes: Iterable[int]) -> str:
        """Entities by name and code, in order of their codes; a dash if there are none."""
        return ", ".join(self.label(code) for code in sorted(codes)) or "-"

    def called(self, codes: Iterable[int]) -> Text:
        """Entities by name, as notes print them, in order of their codes; a dash if there are none."""
        named = [self._called(code) for code in sorted(map(int, codes))]
        return Text(en=", ".join(one.en for one in named) or "-", zh="、".join(one.zh for one in named) or "-")

    def _called(self, code: int) -> Text:
        entity = self.by_code.get(code)
        if entity is None:
            return Text(en=f"{code}", zh=f"{code}")
        name = entity.name
        shared = self._times[name.en] > 1 or self._times[name.zh] > 1
        return Text(en=f"{name.en} ({code})", zh=f"{name.zh}（{code}）") if shared else name

    @cached_property
    def _times(self) -> Counter[str]:
        """How many entities bear a name, in either language."""
        return Counter(text for entity in self.entities for text in {entity.name.en, entity.name.zh})

    def count(self, number: int) -> str:
        """ "1 province", "31 provinces"."""
        return f"{number} {self.unit.one.en if number == 1 else self.unit.many.en}"

    def list_rows(self, rows: pd.DataFrame) -> str:
        """The first entities and years of `rows` for a message, and how many more there are."""
        return first_few(
            [f"{self.label(int(code))} {int(year)}" for code, year in zip(rows[ENTITY], rows["year"], strict=True)]
        )


def first_few(items: Sequence[str]) -> str:
    """The first items of a list for a message, and how many more there are."""
    more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return ", ".join(items[:_SHOWN]) + more


def with_nearest(name: Hashable, others: Iterable[Hashable]) -> str:
    """A label for a message that says it is unknown, with the label among `others` most like it."""
    near = difflib.get_close_matches(str(name), [str(other) for other in others], n=1, cutoff=0.3)
    return f"{name}{f' (nearest label: {near[0]})' if near else ''}"


def panel_of(unit: str, entities: pd.DataFrame, years: tuple[int, int]) -> Panel:
    """A panel of the rows of `entities`: entity_code, name_zh, name_en and, where known, short_zh, region, lon, lat.

    Raises PanelError for an absent column, a code that occurs twice and no row at all.
    """
    refuse((lacking(entities, [ENTITY, "name_zh", "name_en"]), "the entities lack the columns {}"), error=PanelError)
    refuse(
        (entities.empty, f"no {load_units()[unit].one.en} is given: a panel needs entities"),
        (entities.loc[entities[ENTITY].duplicated(), ENTITY].tolist()[:1], "the entity {} is given twice"),
        error=PanelError,
    )
    rows = entities.sort_values(ENTITY).astype({ENTITY: "int64"}).rename(columns={ENTITY: "code"})
    fields = rows.filter([field.name for field in dataclasses.fields(Entity)]).to_dict("records")
    # An empty cell counts as not known.
    known = [{str(name): value for name, value in row.items() if not pd.isna(value)} for row in fields]
    return Panel(load_units()[unit], tuple(Entity(**row) for row in known), years)


def province_panel(years: tuple[int, int]) -> Panel:
    """The 31 provinces over `years`."""
    return Panel(
        load_units()["province"],
        tuple(
            Entity(p.province_code, p.name_zh, p.name_en, p.short_zh, p.region, p.lon, p.lat) for p in load_provinces()
        ),
        years,
    )


def indicator_label(indicator: str) -> str:
    """The id followed by the registry's two labels; the bare id if it is not registered."""
    entry = load_registry().indicators.get(indicator)
    return indicator if entry is None else f"{indicator} ({entry.label.zh}, {entry.label.en})"


def full_grid(figures: pd.DataFrame, indicators: Sequence[str], panel: Panel) -> pd.DataFrame:
    """All entities x all years of the panel, one column per indicator, NaN where there is no figure.

    `figures` has entity_code, year and the indicators as columns; rows outside the years are left out. Raises
    PanelError for a column that is absent or not numeric, a code that is none of the entities and a row that stands
    twice.
    """
    indicators = list(dict.fromkeys(indicators))
    refuse(
        ([indicator_label(name) for name in lacking(figures, [*KEYS, *indicators])], "the figures lack the columns {}"),
        error=PanelError,
    )
    text = [indicator_label(name) for name in indicators if not pd.api.types.is_numeric_dtype(figures[name])]
    first, last = panel.years
    rows = figures.loc[figures["year"].between(first, last), KEYS + indicators]
    twice = rows[rows.duplicated(KEYS)]
    refuse(
        (text, "not numeric: {}"),
        (
            sorted(set(rows[ENTITY]) - set(panel.codes)),
            f"codes that are none of the {len(panel.codes)} {panel.unit.many.en}: {{}}",
        ),
        (len(twice), f"rows that occur twice: {panel.list_rows(twice)}"),
        error=PanelError,
    )
    grid = pd.MultiIndex.from_product([panel.codes, range(first, last + 1)], names=KEYS)
    return rows.set_index(KEYS)[indicators].astype("float64").reindex(grid).reset_index()


def balanced_panel(
    figures: pd.DataFrame, indicators: Sequence[str], panel: Panel, *, allow_edge_fill: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All entities x all years without a gap, and the cells that were carried to get there.

    Returns the frame (entity_code, year, the indicators; sorted by both) and the carried cells (entity_code, year,
    indicator, value, carried_from), empty unless `allow_edge_fill`. With it, a gap in the first or last years of an
    entity takes the value of that entity's nearest year; a gap between two figures, or an entity without any figure,
    is an error all the same (domain section 2.1).

    Raises PanelError naming indicator, entity and year of the first empty cells, and the years an indicator is missing
    for every entity.
    """
    frame = full_grid(figures, indicators, panel)
    names = [name for name in frame.columns if name not in KEYS]
    infinite = {name: frame[np.isinf(frame[name])] for name in names}
    refuse(
        *(
            (len(rows), f"{indicator_label(name)} is infinite: {panel.list_rows(rows)}")
            for name, rows in infinite.items()
        ),
        error=PanelError,
    )
    filled = _carry_edges(frame, names) if allow_edge_fill else pd.DataFrame(columns=FILLED_COLUMNS)
    problems = [text for name in names for text in _gaps(frame, name, panel)]
    if problems:
        needed = (
            f"a balanced panel of {panel.count(len(panel.codes))}, {panel.years[0]}-{panel.years[1]}, is required: "
        )
        raise PanelError(needed + "; ".join(problems), _empty_cells(frame, names))
    return frame, filled


def _carry_edges(panel: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Fill edge gaps of `panel` in place; returns the cells filled."""
    cells = []
    for name in names:
        known = panel[[name]].assign(carried_from=panel["year"].where(panel[name].notna())).groupby(panel[ENTITY])
        before, after = known.ffill(), known.bfill()
        edge = panel[name].isna() & (before[name].notna() ^ after[name].notna())
        source = before.fillna(after)[edge].rename(columns={name: "value"}).astype({"carried_from": "int64"})
        panel.loc[edge, name] = source["value"]
        cells.append(panel.loc[edge, KEYS].assign(indicator=name).join(source))
    return pd.concat(cells).sort_values(ENTITY, kind="stable").reset_index(drop=True)[FILLED_COLUMNS]


def _empty_cells(frame: pd.DataFrame, names: list[str]) -> list[tuple[str, int, int]]:
    return [(name, code, year) for name in names for code, year in frame.loc[frame[name].isna(), KEYS].to_numpy()]


def _gaps(frame: pd.DataFrame, name: str, panel: Panel) -> list[str]:
    empty = frame[frame[name].isna()]
    per_year = empty["year"].value_counts().sort_index()
    whole = per_year.index[per_year == len(panel.codes)].tolist()
    rest = empty[~empty["year"].isin(whole)]
    found = (
        (whole, f"no {panel.unit.one.en} has a value in {', '.join(map(str, whole))}"),
        (rest.index.tolist(), f"{len(rest)} empty cells: {panel.list_rows(rest)}"),
    )
    return [f"{indicator_label(name)}: {words}" for at, words in found if at]
