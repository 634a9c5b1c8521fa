"""The 31 provinces and which border on which, read from the dbt seeds that also publish them.

Matching names: ingestion/vocabulary/names.py. Using contiguity: models_py/.
"""

from functools import cache

from catalog.base import PROJECT_DIR, Strict, read_csv

NATION_CODE = 100000
MUNICIPALITIES = frozenset({110000, 120000, 310000, 500000})
_SEEDS = PROJECT_DIR / "dbt" / "seeds"


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
    return tuple(Province.model_validate(row) for row in read_csv(_SEEDS / "province.csv"))


@cache
def provinces_by_code() -> dict[int, Province]:
    """The provinces by their codes, in code order."""
    return {province.province_code: province for province in load_provinces()}


@cache
def province_names() -> dict[str, int]:
    """Code of a province by what declarations may call it: its names in Chinese and English, and its code as text."""
    return {
        name: p.province_code
        for p in load_provinces()
        for name in (p.name_zh, p.short_zh, p.name_en, str(p.province_code))
    }


@cache
def load_adjacency() -> frozenset[tuple[int, int]]:
    """(province code, neighbour's code) in both orders, 广东-海南 by convention included."""
    rows = read_csv(_SEEDS / "province_adjacency.csv")
    return frozenset((int(row["province_code"]), int(row["neighbour_code"])) for row in rows)
