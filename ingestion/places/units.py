"""The units: every prefecture- and county-level one the facts in use tell of.

Put together from cpca's list of codes with coordinates (the state of 31 December 2016) and the facts about divisions
(facts.py), which win. Belongs here too: what the package hands out, a place, and the ways of not finding one.
Following a unit through the years: carry.py; its names: spelling.py.
"""

import importlib.util
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Literal

from catalog.base import CatalogError, Text, read_csv
from catalog.division_facts import CHANGES, Row
from catalog.provinces import MUNICIPALITIES
from ingestion.places.facts import facts_in_use, kept_by_facts

Level = Literal["province", "prefecture", "county"]

# In cpca's list, but no units of the Ministry of Civil Affairs: headings of a county list, and codes of the
# Bureau of Statistics for 定州 and 辛集 (see alias.csv) and for the three parts of 三沙 before 2020.
_HEADINGS = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
_BUREAU_CODES = frozenset({139001, 139002, 460321, 460322, 460323})
_ABROAD = frozenset({71, 81, 82})
_KINDS = (
    "自治州", "地区", "行政区", "盟", "自治县", "自治旗", "旗", "林区", "特区", "区", "县", "市", "群岛", "海域",
)  # fmt: skip


@dataclass(frozen=True)
class Unit:
    """One code with one name.

    first_year, last_year: of the year-ends it stands at; None: before the record begins, or still standing.
    successors, main_successor, also_from: as in catalog/divisions/README.md.
    lon, lat: degrees, None where nobody gives them.
    told: the row of the facts that tells of it; None for one that only cpca's list has.
    """

    code: int
    name: str
    level: Level
    first_year: int | None
    last_year: int | None
    successors: tuple[int, ...] = ()
    main_successor: int | None = None
    also_from: tuple[int, ...] = ()
    lon: float | None = None
    lat: float | None = None
    told: Row | None = field(default=None, compare=False, repr=False)

    @property
    def province_code(self) -> int:
        """The province by the code's first two digits, as it was then: 涪陵 of 1996 lies in 四川."""
        return self.code // 10000 * 10000

    @property
    def kind(self) -> str:
        """地级市, 地区, 自治州, 盟, 市辖区, 县级市, 县, 自治县, 旗, 自治旗, 林区, 特区 ..."""
        ending = next(kind for kind in _KINDS if self.name.endswith(kind))
        city = "地级市" if self.level == "prefecture" else "县级市"
        return {"市": city, "区": "市辖区", "群岛": "县级单位", "海域": "县级单位"}.get(ending, ending)

    def stands_in(self, year: int) -> bool:
        """Whether the unit had this code and name at 31 December of `year`."""
        return (self.first_year or 0) <= year and (self.last_year is None or year <= self.last_year)


def adcodes_path() -> Path:
    """cpca's list. Its module is not imported: it needs a package long gone."""
    spec = importlib.util.find_spec("cpca")
    if spec is None or spec.origin is None:
        raise CatalogError("the package cpca, whose list of division codes is needed, is not installed")
    return Path(spec.origin).parent / "resources" / "adcodes.csv"


@cache
def _adcodes() -> dict[int, tuple[str, float | None, float | None]]:
    return {
        int(row["adcode"][:6]): (
            row["name"],
            float(row["longitude"]) if row["longitude"] else None,
            float(row["latitude"]) if row["latitude"] else None,
        )
        for row in read_csv(adcodes_path())
    }


def _unit(row: Row, level: Level) -> Unit:
    code = int(row["code"]) if len(row["code"]) == 6 and row["code"].isdecimal() else 0
    if not code or (code % 100 == 0) != (level == "prefecture"):
        raise row.wrong("code", Text(en=f"the six-digit code of a {level}-level unit", zh="该级别的六位代码"))
    if not row["name"].endswith(_KINDS):
        raise row.wrong("name", Text(en=f"an official name, ending {', '.join(_KINDS)}", zh="官方全称"))
    _, lon, lat = _adcodes().get(code, ("", None, None))
    main = row.codes_in("main_successor")
    return Unit(
        code,
        row["name"],
        level,
        row.number_in("first_year"),
        row.number_in("last_year"),
        row.codes_in("successors"),
        main[0] if main else None,
        row.codes_in("also_from"),
        lon,
        lat,
        row,
    )


def _unchanged(changed: set[int]) -> list[Unit]:
    left_out = changed | _BUREAU_CODES
    return [
        Unit(code, name, "county", None, None, lon=lon, lat=lat)
        for code, (name, lon, lat) in _adcodes().items()
        if code not in left_out and name not in _HEADINGS and code % 100 and code // 10000 not in _ABROAD
    ]


@kept_by_facts
def load_units() -> tuple[Unit, ...]:
    """All units in order of code and first year. Raises CatalogError for a row that cannot be one."""
    facts = facts_in_use()
    facts.require_unchanged()
    prefectures = [_unit(row, "prefecture") for row in facts.rows("prefecture.csv")]
    counties = [_unit(row, "county") for row in facts.rows("county_change.csv")]
    units = [*prefectures, *counties, *_unchanged({unit.code for unit in counties})]
    for row in facts.rows(CHANGES):
        units = _changed(units, row)
    return tuple(sorted(_with_coordinates(units), key=lambda unit: (unit.code, unit.first_year or 0)))


def _changed(units: list[Unit], row: Row) -> list[Unit]:
    """The units after one change: a row without a first year ends a unit that stood, one with it is a further unit."""
    if row["level"] not in ("prefecture", "county"):
        raise row.wrong("level", Text(en="prefecture or county", zh="prefecture 或 county"))
    unit = _unit(row, "prefecture" if row["level"] == "prefecture" else "county")
    if unit.first_year is not None:
        return [*units, unit]
    before = next((each for each in units if each.code == unit.code and each.last_year is None), None)
    if before is None or before.name != unit.name:
        stood = f"{before.code} {before.name}" if before else f"no {unit.code}"
        told = f"a unit that stands until then, or a first_year for one founded; the record has {stood}"
        raise row.wrong("name", Text(en=told, zh=f"当时存在的单位，或为新设单位填写 first_year；现有记录：{stood}"))
    if unit.last_year is None:
        raise row.wrong("last_year", Text(en="the last year-end a unit stands at, or a first_year", zh="最后存续年份"))
    ended = replace(
        before,
        last_year=unit.last_year,
        successors=unit.successors,
        main_successor=unit.main_successor,
        also_from=before.also_from or unit.also_from,
        told=row,
    )
    return [ended if each is before else each for each in units]


def _with_coordinates(units: list[Unit]) -> Iterator[Unit]:
    """A unit that took over one other whole, or all but a part of it, stands where that one stood, and the other way
    round; everywhere else what cpca does not know stays unknown."""
    known = {unit.code: (unit.lon, unit.lat) for unit in units if unit.lon is not None}
    founded = {unit.code: unit for unit in units if unit.first_year is not None}
    origins = Counter(code for unit in units for code in unit.successors)
    heir: dict[int, int] = {}
    for unit in units:
        main = unit.main_successor or (unit.successors[0] if len(unit.successors) == 1 else 0)
        follows = main in founded and unit.last_year is not None and founded[main].first_year == unit.last_year + 1
        if follows and (origins[main] == 1 or unit.main_successor):
            heir[unit.code] = main
    origin = {new: old for old, new in heir.items()}
    for _ in range(3):
        # Several changes in a row hand the place on step by step.
        for links in (heir, origin):
            known |= {code: known[other] for code, other in links.items() if code not in known and other in known}
    for unit in units:
        lon, lat = known.get(unit.code, (None, None))
        yield replace(unit, lon=lon, lat=lat)


@kept_by_facts
def units_by_code() -> dict[int, tuple[Unit, ...]]:
    """The units of each code, oldest first."""
    return {code: tuple(units) for code, units in groupby(load_units(), key=attrgetter("code"))}


def units_at(year: int) -> tuple[Unit, ...]:
    """The units standing at 31 December of `year`, in order of code."""
    return tuple(unit for unit in load_units() if unit.stands_in(year))


def city_of(code: int) -> int | None:
    """The prefecture-level unit a code lies in by its digits; None for a unit directly under a province."""
    province = code // 10000 * 10000
    if province in MUNICIPALITIES:
        return province
    city = code // 100 * 100
    return city if city in units_by_code() and city != province else None


@dataclass(frozen=True)
class Place:
    """One unit under the name it had in the year asked for.

    city_code: the prefecture-level unit it lies in (itself for one); the province code in a municipality; None for a
    province and for a unit directly under one.
    unit: the unit itself; None for a province.
    """

    code: int
    name_zh: str
    level: Level
    province_code: int
    city_code: int | None
    unit: Unit | None = field(default=None, compare=False, repr=False)


class PlaceError(ValueError):
    """No place can be named for certain. `candidates`: those near or fitting, as "吉林市 Jilin 220200 (吉林省)".

    year: set when the table of divisions does not reach that year.
    """

    def __init__(self, name: str, candidates: tuple[str, ...] = (), year: int | None = None) -> None:
        in_year = f" in {year}" if year else ""
        super().__init__(f"{name}{in_year}: {'; '.join(candidates) or 'nothing near'}")
        self.candidates = candidates
        self.year = year


class UnknownPlaceError(PlaceError):
    """Nothing has this name or code; `candidates` are the nearest."""


class SplitPlaceError(UnknownPlaceError):
    """The territory was divided among, or came together from, the `candidates`: no one unit is its place."""


class OtherLevelError(UnknownPlaceError):
    """The code is that of a unit of another level than the one asked for, the one of `candidates`."""


class AmbiguousPlaceError(PlaceError):
    """Several units, the `candidates`, fit."""
