"""int_exposure_variant for the whole grid of keys, against a count of the pilot list in plain Python.

Does not belong here: values worked out by hand (test_exposure.py).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import product
from types import SimpleNamespace
from typing import Any, get_args

import duckdb
import pandas as pd
import pytest

from catalog.division_facts import PACKAGED
from catalog.parts.exposure import Options
from catalog.provinces import MUNICIPALITIES, load_provinces
from ingestion.places.units import city_of, units_at, units_by_code
from medpanel.sample import draw_pilots

Row = dict[str, Any]
KEYS = ("numerator", "denominator", "municipality", "direct_county", "timing", "denominator_year")
OPTIONS = {key: get_args(Options.model_fields[key].annotation) for key in KEYS}
OWN = ("covered", "divisions", "districts", "own_unit", "half_year", "current")
YEARS = range(2012, 2025)
UNITS = range(PACKAGED.vintage.counted_from, PACKAGED.vintage.last_year + 1)


def _grid() -> list[Row]:
    """Rows of study_exposure: all combinations, for a study of all years and one of a single year."""
    rows = []
    for options in product(*OPTIONS.values()):
        keys = {"programmes": "mohurd", **dict(zip(KEYS, options, strict=True)), "preferred": options == OWN}
        rows.append({"study": "grid", "first_year": 2013, "last_year": 2024, **keys})
        rows.append({"study": "unlisted", "first_year": 2013, "last_year": 2024, **keys, "programmes": "nobody's"})
        rows.append({"study": "early", "first_year": 2010, "last_year": 2010, **keys})
    return rows


def _pilots(tools: SimpleNamespace) -> list[Row]:
    """A list drawn at random, with places the draw avoids: units that change code or level, cities without counties."""
    provinces = {p.name_zh: p.province_code for p in load_provinces()}
    rows = []
    for row in draw_pilots(7).to_dict("records"):
        city, county = (None if pd.isna(row[f"{x}_code"]) else int(row[f"{x}_code"]) for x in ("prefecture", "county"))
        rows.append({
            **tools.pilot(county or city, city, row["level"], row["announced"], row["batch"], row["status"]),
            "programme": row["programme"], "label_year": row["label_year"],
            "province_code": provinces[row["province"]],
        })  # fmt: skip
    first, third = "2013-01-29", "2015-04-07"
    rows += [
        tools.pilot(540402, 540400, "county", first),
        tools.pilot(542200, 542200, "prefecture", third, batch=3),
        tools.pilot(632122, 632100, "county", first),
        tools.pilot(469003, None, "county", first),
        tools.pilot(460400, 460400, "prefecture", third, batch=3),
        tools.pilot(460203, 460200, "district", third, batch=3),
        tools.pilot(441901, 441900, "town", first),
        tools.pilot(371202, 371200, "district", first),
        # Two places in one county-level unit.
        tools.pilot(653121, 653100, "town", first),
        tools.pilot(653121, 653100, "zone", third, batch=3),
        tools.pilot(500000, None, "prefecture", third, batch=3),
    ]
    return rows


@pytest.fixture(scope="module")
def variants(good: Any, tools: SimpleNamespace) -> Iterator[pd.DataFrame]:
    """int_exposure_variant of the grid over that list."""
    with duckdb.connect(str(good.warehouse)) as connection:
        connection.execute("begin")
        connection.register("pilots", pd.DataFrame(_pilots(tools)).astype({"city_code": "Int64"}))
        connection.register("grid", pd.DataFrame(_grid()))
        connection.execute("create schema fault")
        connection.execute("create table fault.pilot as select * from lake.pilot limit 0")
        connection.execute("insert into fault.pilot by name select * from pilots")
        connection.execute("create or replace view lake.pilot as select * from fault.pilot")
        connection.execute("create table fault.study_exposure as select * from lake.study_exposure limit 0")
        connection.execute("insert into fault.study_exposure by name select * from grid")
        connection.execute("create or replace view lake.study_exposure as select * from fault.study_exposure")
        yield connection.execute(good.nodes["int_exposure_variant"].node.compiled_code).df()
        connection.execute("rollback")


def test_the_grid_is_complete(variants: pd.DataFrame) -> None:
    grid = variants[variants["study"] == "grid"]
    assert len(grid) == 192 * 31 * 13
    assert not grid.duplicated([*KEYS, "province_code", "year"]).any()
    assert set(grid["year"]) == set(YEARS)
    assert grid[["pilot_units", "total_units", "exposure"]].notna().all(axis=None)
    assert set(map(tuple, grid.loc[grid["preferred"], list(KEYS)].drop_duplicates().to_numpy())) == {OWN}
    assert "unlisted" not in set(variants["study"])


def test_before_the_first_year_end_only_a_fixed_denominator_has_the_lag(variants: pd.DataFrame) -> None:
    early = variants[variants["study"] == "early"]
    lagged = early[early["year"] == 2009]
    assert set(lagged["denominator_year"]) == {"fixed_2013"}
    assert len(lagged) == 96 * 31
    assert len(early) - len(lagged) == 192 * 31
    assert early["exposure"].eq(0).all()


def test_every_value_equals_a_count_in_python(variants: pd.DataFrame, tools: SimpleNamespace) -> None:
    grid = variants[variants["study"] == "grid"]
    entries = _entries([row for row in _pilots(tools) if row["programme"] == "mohurd"])
    wrong = []
    rows = grid[[*KEYS, "province_code", "year", "pilot_units", "total_units", "exposure"]].to_numpy()
    for *keys, province, year, pilots, total, share in rows:
        listed = entries[keys[4], province, year]
        counted, units = _count(tuple(keys), province, year, listed, _divisions(province, _counted(keys[5], year)))
        if total != units or abs(pilots - counted) > 1e-12 or share != pilots / total:
            wrong.append((*keys, province, year, pilots, counted, total, units))
    assert wrong == []
    assert not (grid["pilot_units"] % 1 != 0)[grid["numerator"] != "fraction"].any()


def test_shares_are_shares_and_only_grow(variants: pd.DataFrame) -> None:
    grid = variants[variants["study"] == "grid"]
    assert grid["exposure"].min() == 0
    shares = grid[grid["numerator"] != "entries"]
    assert shares["exposure"].max() == 1
    assert grid.loc[grid["numerator"] == "entries", "exposure"].max() > 1
    fixed = grid[grid["denominator_year"] == "fixed_2013"].sort_values([*KEYS, "province_code", "year"])
    assert (fixed.groupby([*KEYS, "province_code"])["exposure"].diff().dropna() >= 0).all()


def test_the_numerators_are_in_order(variants: pd.DataFrame) -> None:
    """A unit listed itself has all of its share, a share is no more than a whole unit, a unit no more than entries."""
    grid = variants[variants["study"] == "grid"]
    wide = grid.pivot(index=[*KEYS[1:], "province_code", "year"], columns="numerator", values="pilot_units")
    for lower, upper in (("prefecture_only", "fraction"), ("fraction", "covered")):
        assert (wide[lower] <= wide[upper] + 1e-12).all()
        assert (wide[lower] < wide[upper] - 1e-12).any()
    elsewhere = ~wide.index.get_level_values("province_code").isin(MUNICIPALITIES)
    assert (wide["covered"] <= wide["entries"])[elsewhere].all()


def test_units_taken_whole_are_counted(variants: pd.DataFrame) -> None:
    whole = variants[(variants["study"] == "grid") & (variants["taken_whole"] > 0)]
    assert set(whole["numerator"]) == {"fraction"}
    # 441901 lies in Dongguan, which has no county-level unit.
    assert 440000 in set(whole["province_code"])


# --- the count in Python


def _counted(denominator_year: str, year: int) -> int:
    return 2013 if denominator_year == "fixed_2013" else year


def _first_year(row: Row, timing: str) -> int:
    announced: dt.date = row["announced_on"]
    if timing == "label":
        return int(row["label_year"])
    return announced.year + int(timing == "half_year" and announced > dt.date(announced.year, 6, 30))


def _entries(pilots: list[Row]) -> dict[tuple[str, int, int], list[Row]]:
    """Entries in force by timing, province and year, each place once."""
    found: dict[tuple[str, int, int], list[Row]] = defaultdict(list)
    for timing in OPTIONS["timing"]:
        earliest: dict[tuple[int, str], tuple[int, Row]] = {}
        for row in pilots:
            key, year = (row["unit_code"], row["level"]), _first_year(row, timing)
            if row["status"] == "new" and (key not in earliest or year < earliest[key][0]):
                earliest[key] = (year, row)
        for year in YEARS:
            for start, row in earliest.values():
                if start <= year:
                    found[timing, row["province_code"], year].append(row)
    return found


@cache
def _standing(year: int) -> Counter[int]:
    return Counter(city for u in units_at(year) if u.level == "county" and (city := city_of(u.code)) is not None)


@cache
def _county_units(city: int, year: int) -> int:
    """At that year-end, else at the nearest with any; 1 where there never are any."""
    known = sorted((abs(other - year), other, _standing(other)[city]) for other in UNITS if _standing(other)[city])
    return known[0][2] if known else 1


@cache
def _divisions(province: int, year: int) -> tuple[int, int, int]:
    """Prefecture-level units, cities among them, county-level units directly under the province."""
    units = [u for u in units_at(year) if u.province_code == province]
    cities = [u for u in units if u.level == "prefecture"]
    direct = [u for u in units if u.level == "county" and city_of(u.code) in (None, province)]
    return len(cities), sum(u.kind == "地级市" for u in cities), len(direct)


def _is_city(code: int, year: int) -> bool:
    units = units_by_code().get(code, ())
    late = bool(units) and all(u.first_year is not None and u.first_year > year for u in units)
    number = code // 100 % 100
    return not late and (1 <= number <= 20 or 51 <= number <= 70)


def _count(
    keys: tuple[str, ...], province: int, year: int, entries: list[Row], divisions: tuple[int, int, int]
) -> tuple[float, int]:
    numerator, denominator, municipality, direct_county, _, denominator_year = keys
    if province in MUNICIPALITIES:
        whole, districts = any(e["level"] == "prefecture" for e in entries), {e["unit_code"] for e in entries}
        units = divisions[2]
        if municipality == "one_city":
            share = len(districts) / units
            ways = {"prefecture_only": float(whole), "fraction": 1.0 if whole else share}
            return ways.get(numerator, float(bool(entries))), 1
        if numerator == "entries":
            return len(entries), units
        if whole:
            return units, units
        return (0 if numerator == "prefecture_only" else len(districts)), units
    own = direct_county == "own_unit"
    total = divisions[denominator == "cities"] + (divisions[2] if own else 0)
    counted = _counted(denominator_year, year)
    inside: dict[int, list[Row]] = defaultdict(list)
    for entry in entries:
        city = entry["city_code"]
        if city is None and own:
            inside[entry["unit_code"]].append(entry)
        if city is not None and (denominator == "divisions" or _is_city(city, counted)):
            inside[city].append(entry)
    if numerator == "entries":
        return sum(map(len, inside.values())), total
    if numerator == "covered":
        return len(inside), total
    result = 0.0
    for unit, listed in inside.items():
        levels = {e["level"] for e in listed}
        if "prefecture" in levels or (unit % 100 and "county" in levels):
            result += 1
        elif numerator == "fraction":
            result += 1 if unit % 100 else min(1, len({e["unit_code"] for e in listed}) / _county_units(unit, counted))
    return result, total
