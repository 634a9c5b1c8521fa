"""Online doctors of every city and province, beside the people and the physicians there.

Belongs here: which list and which base years are used, counts by place, location quotients: table online_doctor. Does
not belong here: measures over places (measures.py), catchments (accessibility.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from catalog.base import Text, refuse
from catalog.parts.online_doctors import PHYSICIANS, POPULATION, Options
from catalog.provinces import MUNICIPALITIES
from models_py.inequality.access import location_quotient
from models_py.panel import ENTITY, Panel, lacking
from models_py.parts.frame import Tables
from models_py.parts.rows import typed

HIGH_TITLES, HIGH_GRADE = ("主任医师", "副主任医师"), "三级甲等"
CODE, LEVEL, CITY, PROVINCE = ENTITY, "entity_level", "city", "province"


class OnlineDoctorError(ValueError):
    """The counts of online doctors do not fit the study or the places; the message names which."""


@dataclass(frozen=True)
class Doctors:
    """One year's counts, and where they are.

    `counts`: city_code, title, hospital_grade, doctors, high (of high quality); `places`: online_doctor's columns but
    the study, one row for each city with doctors or a known population, and each province; `names`: of cities.
    """

    year: int
    counts: pd.DataFrame
    places: pd.DataFrame
    names: dict[int, Text]

    def at(self, level: str) -> pd.DataFrame:
        """The rows of one level, by code."""
        return self.places[self.places[LEVEL] == level].set_index(CODE)

    def base_year(self, level: str) -> int | None:
        """The year of population and physicians at a level; None without figures."""
        found = self.at(level)["base_year"].dropna()
        return None if found.empty else int(found.iloc[0])


def doctors_of(tables: Tables, panel: Panel, options: Options) -> Doctors | None:
    """The doctors of the list the options ask for; None if there is no list at all.

    `tables`: doctor_count (year, entity_code of the province, city_code, title, hospital_grade, doctors), figures
    (entity_code, year, resident_population in 万人, physicians), city (city_code, entity_code, name_zh, name_en,
    lon, lat in degrees) and city_year (city_code, year, resident_population). Raises OnlineDoctorError for a year
    without a list, and a city or province that is not known.
    """
    counted, cities = tables["doctor_count"], tables["city"]
    if counted.empty:
        return None
    years = sorted({int(year) for year in counted["year"]})
    year = options.year or years[-1]
    unknown = sorted(set(counted["city_code"]) - set(cities["city_code"]) - set(panel.codes))
    refuse(
        (year not in years, f"no list of online doctors shows {year}; there are lists of {years}"),
        (unknown, "doctor_count names cities that the table city does not have: {}"),
        (sorted(set(counted[CODE]) - set(panel.codes)), "doctor_count names provinces outside the panel: {}"),
        error=OnlineDoctorError,
    )
    counts = counted[counted["year"] == year].reset_index(drop=True)
    high = counts["title"].isin(HIGH_TITLES) & (counts["hospital_grade"] == HIGH_GRADE)
    counts = counts.assign(high=counts["doctors"].where(high, 0))
    places = pd.concat([_of_provinces(counts, tables["figures"], panel, year), _of_cities(counts, tables, panel, year)])
    places = places.assign(
        doctors_per_10000=places["doctors"] / places["population"],
        high_quality_per_10000=places["high_quality"] / places["population"],
        year=year,
    )
    return Doctors(year, counts, places.reset_index(drop=True), city_names(cities, panel))


def city_names(cities: pd.DataFrame, panel: Panel) -> dict[int, Text]:
    """Names by code: of cities (city_code, name_zh, name_en), and of provinces, some of which are cities."""
    columns = (cities[name] for name in ("city_code", "name_zh", "name_en"))
    named = {int(code): Text(zh=str(zh), en=str(en)) for code, zh, en in zip(*columns, strict=True)}
    return named | {entity.code: Text(zh=entity.name_zh, en=entity.name_en) for entity in panel.entities}


def online_doctor(doctors: Doctors, study: str) -> pd.DataFrame:
    """The table online_doctor."""
    return typed(doctors.places.assign(study=study), "online_doctor")


def _of_provinces(counts: pd.DataFrame, figures: pd.DataFrame, panel: Panel, year: int) -> pd.DataFrame:
    places = _placed(counts, CODE, pd.Index(panel.codes))
    base = last_year(figures, POPULATION, year)
    known = figures[figures["year"] == base].drop_duplicates(CODE).set_index(CODE)
    for name, column in (("population", POPULATION), (PHYSICIANS, PHYSICIANS)):
        own = known[column] if column in known.columns else pd.Series(dtype="float64")
        places[name] = own.reindex(places.index).astype("float64")
    offline = places[PHYSICIANS][places[PHYSICIANS] > 0]
    for name, column in (("location_quotient", "doctors"), ("location_quotient_high_quality", "high_quality")):
        part = places.loc[offline.index, column]
        places[name] = location_quotient(part, offline) if part.sum() > 0 else np.nan
    for axis in ("lon", "lat"):
        places[axis] = [getattr(panel.by_code[int(code)], axis) for code in places.index]
    return _levelled(places, PROVINCE, pd.Series(places.index, places.index), base)


def _of_cities(counts: pd.DataFrame, tables: Tables, panel: Panel, year: int) -> pd.DataFrame:
    cities, base = tables["city"], last_year(tables["city_year"], POPULATION, year)
    people = _people(tables["city_year"], "city_code", base)
    # A municipality is a province as well, and its population may be known as that of one alone.
    of_provinces = _people(tables["figures"], CODE, base)
    people = people.combine_first(of_provinces[of_provinces.index.isin(MUNICIPALITIES)])
    places = _placed(counts, "city_code", people.index.union(pd.Index(counts["city_code"].unique())))
    places["population"] = people.reindex(places.index).astype("float64")
    known = cities.set_index("city_code").reindex(places.index)
    for axis in ("lon", "lat"):
        own = {entity.code: getattr(entity, axis) for entity in panel.entities}
        places[axis] = known[axis].astype("float64").fillna(pd.Series(own).reindex(places.index))
    province = known[CODE].where(known[CODE].notna(), pd.Series(places.index // 10000 * 10000, places.index))
    return _levelled(places, CITY, province, base)


def _people(figures: pd.DataFrame, key: str, year: int | None) -> pd.Series:
    """Known resident populations of a year, by code."""
    known = figures[figures["year"] == year].dropna(subset=[POPULATION]).drop_duplicates(key)
    return known.set_index(key)[POPULATION].astype("float64")


def _placed(counts: pd.DataFrame, key: str, places: pd.Index) -> pd.DataFrame:
    """Doctors, and those of high quality, of every place; zero where the list has none."""
    sums = counts.groupby(key)[["doctors", "high"]].sum().reindex(places.sort_values(), fill_value=0)
    return sums.rename(columns={"high": "high_quality"})


def _levelled(places: pd.DataFrame, level: str, province: pd.Series, base: int | None) -> pd.DataFrame:
    named = places.assign(province_code=province.astype("int64"), base_year=base, **{LEVEL: level})
    return named.rename_axis(CODE).reset_index()


def last_year(figures: pd.DataFrame, column: str, not_after: int) -> int | None:
    """The last year, not after another, in which any place has a figure; None without one.

    Raises OnlineDoctorError for an absent column.
    """
    refuse((lacking(figures, ["year", column]), "the figures lack the columns {}"), error=OnlineDoctorError)
    years = figures.loc[figures[column].notna() & (figures["year"] <= not_after), "year"]
    return None if years.empty else int(years.max())
