"""Online doctors within reach of cities' residents: table accessibility.

Belongs here: which cities supply and which demand, distances between their seats, why a value is missing. Does not
belong here: the catchments themselves (models_py/inequality/access.py). Physicians offline are known by province alone,
so that they are no supply here.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from catalog.base import Text
from catalog.parts.online_doctors import Options
from models_py.inequality.access import Decay, two_step_floating_catchment
from models_py.parts.online_doctors.places import CITY, Doctors
from models_py.parts.rows import as_table, note
from models_py.spatial.conley import great_circle_km

# What is counted, with its column of online_doctor.
RESOURCES = {"online_all": "doctors", "online_high_quality": "high_quality"}
METHODS: dict[Decay, str] = {"none": "2sfca", "gaussian": "2sfca_gaussian"}
NO_SEAT = Text(en="no coordinates are known for the city", zh="城市坐标未知")
NO_PEOPLE = Text(en="the population of the city is not known", zh="城市人口未知")
_NOTHING = Text(en="", zh="")


def accessibility(doctors: Doctors, options: Options, study: str) -> pd.DataFrame:
    """The table accessibility, for every radius and decay of the options.

    A city without coordinates neither supplies nor demands; one without a known population supplies alone.
    """
    cities = doctors.at(CITY)
    located = cities[cities["lon"].notna() & cities["lat"].notna()]
    demand = located["population"].dropna()
    between = great_circle_km(located.reset_index(), located.index.tolist())
    distance = pd.DataFrame(between, located.index, located.index)[demand.index]
    rows = []
    for resource, column in RESOURCES.items():
        for radius in options.radii_km:
            for decay in options.decays:
                found = two_step_floating_catchment(located[column], demand, distance, radius, decay)
                place: dict[str, Any] = {"resource": resource, "method": METHODS[decay], "radius_km": radius}
                made = cities[[column, "population"]].set_axis(["supply", "demand"], axis=1)
                made = made.assign(**place, ratio=found.access, reached=found.reached.astype("boolean"))
                rows += made.rename_axis("city_code").reset_index().to_dict("records")
    why = {int(code): _why(code not in located.index, code not in demand.index) for code in cities.index}
    named = [{**row, "study": study, "year": doctors.year, **_note(why[row["city_code"]])} for row in rows]
    return as_table(named, "accessibility")


def _why(unplaced: bool, unpeopled: bool) -> Text:
    return NO_SEAT if unplaced else NO_PEOPLE if unpeopled else _NOTHING


def _note(text: Text) -> dict[str, str]:
    return note(text.en, text.zh)
