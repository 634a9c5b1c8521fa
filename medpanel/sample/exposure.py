"""Exposure under the default keys of domain section 3.2, written from its text in plain pandas.

Belongs here: the one reading covered / divisions / districts / own_unit / half_year / current. It exists to
be compared with the SQL mart `smart_exposure` and must not share code with it. Does not belong here: the
other keys.
"""

import datetime as dt

import pandas as pd

from catalog import load_provinces
from catalog.provinces import MUNICIPALITIES
from medpanel.sample.reference import YEARS, division_counts

DEFAULT_KEYS = {
    "programmes": ("mohurd",),
    "numerator": "covered",
    "denominator": "divisions",
    "municipality": "districts",
    "direct_county": "own_unit",
    "timing": "half_year",
    "denominator_year": "current",
}


def default_exposure(pilots: pd.DataFrame) -> pd.DataFrame:
    """Exposure of every province and year 2013 to 2024 under `DEFAULT_KEYS`.

    `pilots` has the columns of pilots.csv, `announced` as ISO date. Returns province_code, year, pilot_units,
    total_units (units) and exposure (share), in code and year order. A prefecture-level unit counts once,
    when it or anything in it is first listed; in a municipality the units are its districts; a directly
    administered county is a unit of its own. Raises ValueError when a province has more pilot units than
    units, or for an unknown province name.
    """
    codes = {province.name_zh: province.province_code for province in load_provinces()}
    listed = pilots[pilots["programme"].isin(DEFAULT_KEYS["programmes"])]
    for name in listed["province"]:
        if name not in codes:
            raise ValueError(f"unknown province {name!r} in the pilot list")
    code = listed["province"].map(codes)
    inside = code.isin(MUNICIPALITIES) | listed["prefecture_code"].isna()
    unit = listed["prefecture_code"].mask(inside, listed["county_code"])
    starts = listed["announced"].map(_first_year).groupby([code, unit]).min()
    rows = []
    for province in sorted(codes.values()):
        own = starts[starts.index.get_level_values(0) == province]
        for year in YEARS:
            prefectures, _, counties = division_counts()[province, year]
            pilot, total = int((own <= year).sum()), prefectures + counties
            if pilot > total:
                raise ValueError(f"province {province}, {year}: {pilot} pilot units of {total}")
            rows.append((province, year, pilot, total, pilot / total))
    return pd.DataFrame(rows, columns=["province_code", "year", "pilot_units", "total_units", "exposure"])


def _first_year(announced: str) -> int:
    """Announced by 30 June counts in that year, later in the next."""
    date = dt.date.fromisoformat(announced)
    return date.year if date <= dt.date(date.year, 6, 30) else date.year + 1
