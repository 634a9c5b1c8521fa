"""Reference facts the sample needs: years, division counts, lasting units.

Belongs here: taking them from the facts about divisions. Does not belong here: anything random.
"""

from dataclasses import dataclass
from functools import cache

from catalog import load_provinces
from catalog.provinces import MUNICIPALITIES
from ingestion.places import records

FIRST_YEAR, LAST_YEAR = 2013, 2024
YEARS = tuple(range(FIRST_YEAR, LAST_YEAR + 1))
# What the last line of a file says of it.
NOTE = "注：合成数据 synthetic data，由 medpanel 生成，种子 {seed}，不得当作统计数据"
DIRECT_COUNTY_PROVINCES = (410000, 420000, 460000, 650000)


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
    """(prefecture_units, prefecture_cities, county_units) by (province_code, year)."""
    return {
        (row["province_code"], row["year"]): (row["prefecture_units"], row["prefecture_cities"], row["county_units"])
        for row in records.division_counts()
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
