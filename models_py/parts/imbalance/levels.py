"""Visits, bed use and capacity by type of facility, for the nation and each province: the rows of table `imbalance`.

Belongs here: sums over types, what is left of a whole, shares and ratios (domain section 7). Does not belong here:
differences between types and places (gaps.py), equipment by value (equipment.py), which figures are read (ingestion).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from catalog import NATION_CODE, load_registry
from catalog.base import Text, refuse
from catalog.facilities import Facilities
from catalog.parts.imbalance import COUNTS, HIGH, NATION, NEITHER, PRIMARY, Options
from models_py.panel import ENTITY, Panel
from models_py.parts.rows import note

ALL, PAPER = "all", "paper"
OCCUPANCY = "bed_occupancy"
_CAPACITY = ("institutions", "beds", "physicians")
# Yearbooks round visits to 10,000 or 100, so that parts may exceed the whole by this share of it.
_ROUNDING = 0.001
# Visits are in 10,000.
_UNIT = 10_000.0
# Figures of one scope and year, {(measure, type): value}; an absent one is not known.
Figures = dict[tuple[str, str], float]


class ImbalanceError(ValueError):
    """Figures by type of facility contradict one another; the message names place, year, measure and types."""


class Place(NamedTuple):
    """A scope in one year: `nation` or the code of a province, as text."""

    scope: str
    year: int

    @property
    def province_code(self) -> int | None:
        """The province; None for the nation."""
        return None if self.scope == NATION else int(self.scope)


def figures_by_place(long: pd.DataFrame, panel: Panel) -> tuple[dict[Place, Figures], set[tuple[Place, str, str]]]:
    """Figures by type of facility of each scope and year of the panel, and which of the nation's are sums of provinces.

    `long`: entity_code, year, indicator, value. A count of the nation that is not reported is the sum of all provinces
    of the panel, if each of them has it; a rate is never averaged. Raises ImbalanceError for two figures of one kind.
    """
    known = load_registry().facilities.by_indicator
    rows = long[long["indicator"].isin(list(known)) & long["year"].between(*panel.years) & long["value"].notna()]
    rows = rows[rows[ENTITY].isin([*panel.codes, NATION_CODE])]
    twice = rows.loc[rows.duplicated([ENTITY, "year", "indicator"]), [ENTITY, "year", "indicator"]]
    first = [" ".join(map(str, key)) for key in twice.head(1).itertuples(index=False)]
    refuse((first, "two figures of {}; expected one"), error=ImbalanceError)
    found: dict[Place, Figures] = {}
    for code, year, indicator, value in rows[[ENTITY, "year", "indicator", "value"]].itertuples(index=False):
        scope = NATION if code == NATION_CODE else str(code)
        found.setdefault(Place(scope, int(year)), {})[known[indicator]] = float(value)
    summed = set()
    for year in range(panel.years[0], panel.years[1] + 1):
        of_provinces = [found.get(Place(str(code), year), {}) for code in panel.codes]
        nation = found.get(Place(NATION, year), {})
        for key in of_provinces[0]:
            if key not in nation and key[0] != OCCUPANCY and all(key in figures for figures in of_provinces):
                nation[key] = sum(figures[key] for figures in of_provinces)
                summed.add((Place(NATION, year), *key))
        if nation:
            found[Place(NATION, year)] = nation
    return found, summed


def imbalance_rows(long: pd.DataFrame, options: Options, panel: Panel) -> list[dict[str, object]]:
    """Rows of table `imbalance`, by scope (the nation first), year, division and type.

    Shares are of the whole that `split` divides: `level` all institutions, `grade` hospitals, `primary_type` primary
    institutions, `paper` all institutions into the paper's two tiers and the rest. Types without any figure have no
    row, nor has a scope and year of which only totals are known. What cannot be computed is absent and named in the
    note.

    Raises ImbalanceError for parts that exceed their whole, and as `figures_by_place`.
    """
    by_place, summed = figures_by_place(long, panel)
    rows: list[dict[str, object]] = []
    for place in sorted(by_place, key=lambda place: (place.scope != NATION, place)):
        given = by_place[place]
        if {kind for measure, kind in given if not measure.startswith("equipment")} - {ALL}:
            rows += _rows_of(place, given, options, {key[1:] for key in summed if key[0] == place})
    return rows


def _rows_of(
    place: Place, given: Figures, options: Options, summed: set[tuple[str, str]]
) -> Iterable[dict[str, object]]:
    facilities = load_registry().facilities
    full = completed(given, facilities, place)
    lacking = tuple(kind for kind in options.may_lack if not any(key[1] == kind for key in given))
    for tier, kinds in options.tiers.items():
        there = tuple(kind for kind in kinds if kind not in lacking)
        # What is in neither tier is the rest, whether or not its types are told apart.
        full |= _rest(full, ALL, (HIGH, PRIMARY), tier, place) if tier == NEITHER else {}
        full |= {key: value for key, value in aggregate(full, there, tier, facilities).items() if key not in full}
    for split, whole, kinds in divisions(facilities):
        for kind in kinds:
            row = ratios(full, kind, whole, options.capacity)
            members = options.tiers.get(kind, facilities.parts_of(kind))
            unreported = [member for member in members if not any(key[1] == member for key in full)]
            known = any(row[name] is not None for name in (*COUNTS, OCCUPANCY))
            if known or any(key[1] in members for key in given):
                remarks = _remarks(row, kind, unreported, lacking)
                remarks += [_SUMMED] if any(key[1] == kind for key in summed) else []
                yield {
                    "scope": place.scope,
                    "province_code": place.province_code,
                    "year": place.year,
                    "split": split,
                    "facility_type": kind,
                    **row,
                    "capacity": options.capacity,
                    **note(" ".join(text.en for text in remarks), "".join(text.zh for text in remarks)),
                }


def divisions(facilities: Facilities) -> list[tuple[str, str, tuple[str, ...]]]:
    """(division, its whole, the types it consists of); no two types of one division overlap."""
    own = [
        (str(item.parts), whole, facilities.parts_of(whole)) for whole, item in facilities.types.items() if item.parts
    ]
    return [(ALL, ALL, (ALL,)), *own, (PAPER, ALL, (HIGH, PRIMARY, NEITHER))]


def completed(given: Figures, facilities: Facilities, place: Place) -> Figures:
    """The figures given, the sums over parts that are all known, and what the parts leave of a whole.

    Raises ImbalanceError if parts exceed their whole by more than the rounding of yearbooks.
    """
    full = dict(given)
    for whole in reversed([name for name, item in facilities.types.items() if item.parts]):
        parts = facilities.parts_of(whole)
        for part in parts:
            if facilities.types[part].residual and not facilities.parts_of(part):
                full |= _rest(full, whole, tuple(other for other in parts if other != part), part, place)
        full |= {key: value for key, value in aggregate(full, parts, whole, facilities).items() if key not in full}
        for measure in COUNTS:
            _check_whole(full, measure, whole, parts, place)
    return full


def aggregate(figures: Figures, kinds: tuple[str, ...], whole: str, facilities: Facilities) -> Figures:
    """Counts of several types added up, and their bed occupancy weighted by beds; only what all of them have.

    Types without beds by their nature have no part in beds and their use.
    """
    made: Figures = {}
    for measure in COUNTS:
        of = [kind for kind in kinds if facilities.reports(measure, kind)]
        if of and all((measure, kind) in figures for kind in of):
            made[measure, whole] = sum(figures[measure, kind] for kind in of)
    of = [kind for kind in kinds if facilities.reports("beds", kind)]
    if of and all((name, kind) in figures for kind in of for name in ("beds", OCCUPANCY)):
        beds = sum(figures["beds", kind] for kind in of)
        if beds > 0:
            made[OCCUPANCY, whole] = sum(figures["beds", kind] * figures[OCCUPANCY, kind] for kind in of) / beds
    return made


def _rest(figures: Figures, whole: str, others: tuple[str, ...], rest: str, place: Place) -> Figures:
    """What the other parts leave of a whole, by measure; only for a rest that is not known."""
    made: Figures = {}
    for measure in COUNTS:
        known = all((measure, kind) in figures for kind in (whole, *others))
        if known and (measure, rest) not in figures:
            _check_whole(figures, measure, whole, others, place)
            left = figures[measure, whole] - sum(figures[measure, kind] for kind in others)
            made[measure, rest] = max(left, 0.0)
    return made


def _check_whole(figures: Figures, measure: str, whole: str, parts: tuple[str, ...], place: Place) -> None:
    known = [kind for kind in parts if (measure, kind) in figures]
    if (measure, whole) not in figures or not known:
        return
    total, limit = sum(figures[measure, kind] for kind in known), figures[measure, whole]
    refuse(
        (
            total > limit * (1 + _ROUNDING),
            f"{place.scope} {place.year}, {measure}: {' + '.join(known)} = {total:g}, more than {whole}, {limit:g}; "
            "expected parts that do not overlap: correct the figure, or leave one edition out (`vintages`)",
        ),
        error=ImbalanceError,
    )


def ratios(figures: Figures, kind: str, whole: str, capacity: str) -> dict[str, float | None]:
    """Measures of a type, its shares of a whole, and its visits beside its capacity; None without a denominator.

    Visits are in 10,000; per institution, bed and physician they are single visits. The utilisation quotient is the
    share of visits divided by the share of capacity (domain section 7).
    """
    row = {measure: figures.get((measure, kind)) for measure in (*COUNTS, OCCUPANCY)}
    shares = {
        f"{measure.rstrip('s')}_share": _over(figures.get((measure, kind)), figures.get((measure, whole)))
        for measure in COUNTS
    }
    visits = row["visits"]
    single = None if visits is None else visits * _UNIT
    per = {f"visits_per_{name.rstrip('s')}": _over(single, row[name]) for name in _CAPACITY}
    quotient = _over(shares["visit_share"], shares[f"{capacity.rstrip('s')}_share"])
    return {**row, **shares, **per, "utilisation_quotient": quotient}


def _over(above: float | None, below: float | None) -> float | None:
    """A ratio; None where either is absent, or the denominator is zero."""
    return None if above is None or below is None or math.isclose(below, 0.0) else above / below


_SUMMED = Text(en="Counts of the nation are sums of the provinces.", zh="全国数为各省之和。")


def type_label(kind: str) -> Text:
    """A type, or one of the tiers, as texts name it."""
    types = load_registry().facilities.types
    return types[kind].label if kind in types else _TIERS[kind]


_TIERS: Mapping[str, Text] = {
    HIGH: Text(en="high tier, as the paper defines it", zh="高等级医院（论文口径）"),
    PRIMARY: Text(en="primary care, as the paper defines it", zh="基层（论文口径）"),
    NEITHER: Text(en="in neither of the two", zh="两者之外"),
}


def _remarks(
    row: Mapping[str, float | None], kind: str, unreported: Sequence[str], lacking: Sequence[str]
) -> list[Text]:
    """What a row does not have, which of its types are not reported, and which it is computed without."""
    facilities = load_registry().facilities
    absent = [
        facilities.measures[name].label
        for name in (*COUNTS, OCCUPANCY)
        if row[name] is None and (kind in _TIERS or facilities.reports(name, kind))
    ]
    without = [type_label(member) for member in unreported if member in lacking]
    stopping = [type_label(member) for member in unreported if member not in lacking] if absent else []
    sentences = (
        (absent, "Not known: {}.", "缺：{}。"),
        (stopping, "Not reported: {}.", "未报告：{}。"),
        (without, "Without {}, not reported.", "不含{}（未报告）。"),
    )
    return [
        Text(
            en=english.format(", ".join(label.en[:1].lower() + label.en[1:] for label in labels)),
            zh=chinese.format("、".join(label.zh for label in labels)),
        )
        for labels, english, chinese in sentences
        if labels
    ]
