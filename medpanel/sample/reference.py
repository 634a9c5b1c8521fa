"""Reference facts the sample needs, from the seeds: years, division counts, lasting units.

Belongs here: reading seeds. Does not belong here: anything random.
"""

import csv
from dataclasses import dataclass
from functools import cache

from catalog import load_provinces
from catalog.base import PROJECT_DIR
from catalog.provinces import MUNICIPALITIES

FIRST_YEAR, LAST_YEAR = 2013, 2024
YEARS = tuple(range(FIRST_YEAR, LAST_YEAR + 1))
# What the last line of a file says of it.
NOTE = "注：合成数据 synthetic data，由 medpanel 生成，种子 {seed}，不得当作统计数据"
DIRECT_COUNTY_PROVINCES = (410000, 420000, 460000, 650000)
_SEED = PROJECT_DIR / "dbt" / "seeds" / "division_count.csv"


@dataclass(frozen=True)
class Divisions:
    """Units of one province that exist, at the same level, in every year of the sample.

    A unit that is abolished or changes its code during the window (Laiwu, Danzhou, Xigaze) could be counted
    twice or not at all, depending on how the list is interpreted; the synthetic list names none of them.
    """

    province_code: int
    name_zh: str
    short_zh: str
    cities: int
    other_divisions: int
    county_units: int

    @property
    def municipality(self) -> bool:
        """Beijing, Tianjin, Shanghai or Chongqing: districts only."""
        return self.province_code in MUNICIPALITIES


@cache
def division_counts() -> dict[tuple[int, int], tuple[int, int, int]]:
    """(prefecture_units, prefecture_cities, county_units) by (province_code, year), as in the seed."""
    with _SEED.open(encoding="utf-8", newline="") as stream:
        return {
            (int(row["province_code"]), int(row["year"])): (
                int(row["prefecture_units"]),
                int(row["prefecture_cities"]),
                int(row["county_units"]),
            )
            for row in csv.DictReader(stream)
        }


@cache
def stable_divisions() -> tuple[Divisions, ...]:
    """Units of every province that last from 2013 to 2024, in province order."""
    named = {province.province_code: province for province in load_provinces()}
    counts = {code: zip(*(division_counts()[code, year] for year in YEARS), strict=True) for code in named}
    return tuple(
        Divisions(
            code,
            named[code].name_zh,
            named[code].short_zh,
            cities=min(min(cities), min(prefectures)),
            other_divisions=max(min(prefectures) - max(cities), 0),
            county_units=min(counties),
        )
        for code, (prefectures, cities, counties) in counts.items()
    )
