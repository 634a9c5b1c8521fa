"""The 31 provinces, read from the dbt seed that also publishes them. Matching names: ingestion/vocabulary/names.py."""

import csv
from functools import cache

from catalog.base import PROJECT_DIR, Strict

NATION_CODE = 100000
MUNICIPALITIES = frozenset({110000, 120000, 310000, 500000})
_SEED = PROJECT_DIR / "dbt" / "seeds" / "province.csv"


class Province(Strict):
    """One province as in the seed; area in km2, coordinates of the capital in degrees."""

    province_code: int
    name_zh: str
    short_zh: str
    name_en: str
    region: str
    area_km2: float
    lon: float
    lat: float


@cache
def load_provinces() -> tuple[Province, ...]:
    """All 31 provinces in code order."""
    with _SEED.open(encoding="utf-8", newline="") as stream:
        return tuple(Province.model_validate(row) for row in csv.DictReader(stream))


@cache
def provinces_by_code() -> dict[int, Province]:
    """The provinces by their codes, in code order."""
    return {province.province_code: province for province in load_provinces()}
