"""What codes stand for, by the table of places the readers and the crosswalk go by, whatever the year.

Belongs here: levels of codes, and which codes cities have. The table itself: ingestion/places, by way of the lake.
"""

from catalog.provinces import MUNICIPALITIES, NATION_CODE, load_provinces
from expectations import Frame


def levels_of(places: Frame) -> dict[int, str]:
    """Code -> nation, province, city (of prefecture level) or county, for every code a place ever had."""
    named = {"prefecture": "city", "county": "county"}
    units = dict(zip(places["code"].astype(int), places["level"].map(named), strict=True))
    return units | {province.province_code: "province" for province in load_provinces()} | {NATION_CODE: "nation"}


def city_codes(places: Frame) -> frozenset[int]:
    """Codes of prefecture-level units, of municipalities and of county-level units directly under a province."""
    direct = (places["level"] == "county") & places["city_code"].isna()
    return frozenset(places.loc[direct | (places["level"] == "prefecture"), "code"].astype(int)) | MUNICIPALITIES
