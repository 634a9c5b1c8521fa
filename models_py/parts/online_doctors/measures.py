"""How unevenly online doctors are spread: table online_inequality.

Belongs here: which units each measure compares, and what it leaves out. Does not belong here: the formulas
(models_py/inequality) and what may be concluded: nothing about effects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from catalog.base import Text
from catalog.lake import load_lake
from catalog.parts.online_doctors import PHYSICIANS, Options
from models_py.inequality import gini
from models_py.panel import REGIONS, Panel
from models_py.parts.online_doctors.accessibility import RESOURCES
from models_py.parts.online_doctors.places import CITY, PROVINCE, Doctors
from models_py.parts.rows import as_table

OFFLINE = "offline"
# As the lake's doctor_count declares them.
_DECLARED = load_lake()["doctor_count"].columns
TITLES, GRADES = _DECLARED["title"].values, _DECLARED["hospital_grade"].values
# How many cities a note names.
_NAMED = 10
_NO_UNITS = Text(en="fewer than two units have a base", zh="有基数的单位不足两个")
_NO_RESOURCE = Text(en="none of the units has any", zh="各单位均无此资源")
_NO_OFFLINE = Text(
    en="the number of physicians is not known in every province compared", zh="所比较的省份中有执业（助理）医师数未知者"
)
Row = dict[str, Any]


def online_inequality(
    doctors: Doctors, reach: pd.DataFrame, panel: Panel, options: Options, study: str
) -> pd.DataFrame:
    """The table online_inequality; `reach`: the table accessibility."""
    ginis = list(_ginis(doctors, panel))
    rows = [
        *_counts(doctors),
        *ginis,
        *_gaps(ginis),
        *_first_tier(doctors, options),
        *_accessibility(reach),
        *_left_out(doctors),
    ]
    return as_table([{**row, "study": study, "year": doctors.year} for row in rows], "online_inequality")


def _row(measure: str, resource: str, scope: str, value: float | None, unit: str, n: int, **more: Any) -> Row:
    said = more.pop("note", Text(en="", zh=""))
    return {
        **{"measure": measure, "resource": resource, "scope": scope, "value": value, "unit": unit, "n": n},
        **{"note_en": said.en, "note_zh": said.zh, **more},
    }


def _counts(doctors: Doctors) -> Iterator[Row]:
    """Doctors in all, and of each title and hospital grade."""
    counts, total = doctors.counts, int(doctors.counts["doctors"].sum())
    yield _row("doctors", "online_all", "all", total, "doctors", total)
    yield _row("doctors", "online_high_quality", "all", int(counts["high"].sum()), "doctors", total)
    for column, names in (("title", TITLES), ("hospital_grade", GRADES)):
        own = counts.groupby(column)["doctors"].sum().reindex(names, fill_value=0)
        for name, n in own.items():
            yield _row("doctors", "online_all", f"{column}={name}", int(n), "doctors", total)


def _ginis(doctors: Doctors, panel: Panel) -> Iterator[Row]:
    """Gini coefficients by resident population: over all provinces, those of a region, and cities."""
    provinces = doctors.at(PROVINCE)
    region = {entity.code: entity.region for entity in panel.entities}
    scopes = {"provinces": provinces} | {
        name: provinces[[region[int(code)] == name for code in provinces.index]] for name in REGIONS
    }
    for scope, units in scopes.items():
        for resource, column in {**RESOURCES, OFFLINE: PHYSICIANS}.items():
            yield _gini(resource, scope, units, column, doctors.base_year(PROVINCE))
    for resource, column in RESOURCES.items():
        yield _gini(resource, "cities", doctors.at(CITY), column, doctors.base_year(CITY), _absent(doctors))


def _gini(
    resource: str, scope: str, units: pd.DataFrame, column: str, base: int | None, said: Text | None = None
) -> Row:
    held = units[units["population"].notna()]
    wrong = [
        (len(held) < 2, _NO_UNITS),
        (bool(held[column].isna().any()), _NO_OFFLINE),
        (not held[column].sum() > 0, _NO_RESOURCE),
    ]
    why = next((text for found, text in wrong if found), None)
    value = None if why is not None else gini(held[column], held["population"])
    told = why or said or Text(en="", zh="")
    return _row("gini", resource, scope, value, "0 to 1", len(held), base_year=base, note=told)


def _gaps(ginis: list[Row]) -> Iterator[Row]:
    """Offline minus online, over the same provinces."""
    by: Mapping[tuple[str, str], Row] = {(row["resource"], row["scope"]): row for row in ginis}
    for scope in ("provinces", *REGIONS):
        offline = by[OFFLINE, scope]
        for resource in RESOURCES:
            online = by[resource, scope]
            lacking = [row for row in (offline, online) if row["value"] is None]
            value = None if lacking else offline["value"] - online["value"]
            told = {name: lacking[0][name] for name in ("note_en", "note_zh")} if lacking else {}
            row = _row("gini_gap", resource, scope, value, "difference of two Ginis", offline["n"], **told)
            yield {**row, "base_year": offline["base_year"]}


def _first_tier(doctors: Doctors, options: Options) -> Iterator[Row]:
    """Share of the doctors listed who are in first-tier cities."""
    cities = doctors.at(CITY)
    inside = cities.index.isin(options.first_tier)
    named = _named(options.first_tier, doctors)
    told = Text(en=f"first-tier: {named.en}", zh=f"一线城市：{named.zh}")
    for resource, column in RESOURCES.items():
        total = int(cities[column].sum())
        share = float(cities.loc[inside, column].sum()) / total if total else None
        note = told if total else _NO_RESOURCE
        yield _row("first_tier_share", resource, "cities", share, "share", total, note=note)


def _accessibility(reach: pd.DataFrame) -> Iterator[Row]:
    """Mean access of residents, and its Gini over cities by population."""
    for (resource, method, radius), rows in reach.groupby(["resource", "method", "radius_km"], sort=False):
        held = rows.dropna(subset=["ratio"])
        scope, n = f"{method}, {radius:g} km", len(held)
        people, within = held["demand"].sum(), (held["ratio"] * held["demand"]).sum()
        unit, none = "doctors per 10 000 residents", Text(en="", zh="") if n else _NO_UNITS
        mean = float(within / people) if n else None
        yield _row("accessibility_mean", str(resource), scope, mean, unit, n, note=none)
        why = _NO_UNITS if n < 2 else _NO_RESOURCE if not within > 0 else None
        spread = None if why else gini(held["ratio"] * held["demand"], held["demand"])
        yield _row("accessibility_gini", str(resource), scope, spread, "0 to 1", n, note=why or none)


def _left_out(doctors: Doctors) -> Iterator[Row]:
    """Cities whose doctors a measure cannot use, by reason: their number, their doctors, some of their names."""
    for scope, cities in _lacking(doctors).items():
        listed = _named(cities.index, doctors)
        for resource, column in RESOURCES.items():
            yield _row("left_out", resource, scope, int(cities[column].sum()), "doctors", len(cities), note=listed)


def _lacking(doctors: Doctors) -> dict[str, pd.DataFrame]:
    cities = doctors.at(CITY)
    listed = cities["doctors"] > 0
    return {
        "cities_without_population": cities[cities["population"].isna() & listed],
        "cities_without_coordinates": cities[cities["lon"].isna() | cities["lat"].isna()],
    }


def _absent(doctors: Doctors) -> Text:
    """What a measure over cities leaves out."""
    cities = _lacking(doctors)["cities_without_population"]
    if cities.empty:
        return Text(en="", zh="")
    listed, n = _named(cities.index, doctors), int(cities["doctors"].sum())
    return Text(
        en=f"left out for lack of a population: {len(cities)} cities with {n} doctors: {listed.en}",
        zh=f"因人口未知未计入{len(cities)}个城市（医生{n}名）：{listed.zh}",
    )


def _named(codes: Iterable[int], doctors: Doctors) -> Text:
    """The first cities by name, and how many more there are."""
    names = [doctors.names.get(int(code), Text(en=str(code), zh=str(code))) for code in codes]
    more, shown = len(names) - _NAMED, names[:_NAMED]
    return Text(
        en=", ".join(name.en for name in shown) + (f" and {more} more" if more > 0 else ""),
        zh="、".join(name.zh for name in shown) + (f"等，另{more}个" if more > 0 else ""),
    )
