"""The cities of the sample's flow and city files: real names, codes and coordinates of some twenty large ones.

Belongs here: which cities, and their distances. Does not belong here: anything random.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from catalog import load_provinces
from catalog.provinces import MUNICIPALITIES
from ingestion.places.units import units_at

# All stand unchanged through the years of the files. 吉林 is also the name of its province.
CITY_CODES = (
    110000, 120000, 130100, 130600, 210100, 220200, 310000, 320100, 320500, 330100,
    330200, 370100, 410100, 420100, 430100, 440100, 440300, 510100, 540100, 610100,
)  # fmt: skip
_YEAR = 2023
_EARTH_KM = 6371.0088


@dataclass(frozen=True)
class SampleCity:
    """A prefecture-level city or municipality; `short` is its name without 市, as services print it."""

    code: int
    name: str
    province_code: int
    province_name: str
    lon: float
    lat: float

    @property
    def short(self) -> str:
        """The name without its last character, 市."""
        return self.name.removesuffix("市")

    @property
    def municipality(self) -> bool:
        """Whether its figures are those of a province."""
        return self.code in MUNICIPALITIES


@cache
def sample_cities() -> tuple[SampleCity, ...]:
    """The cities in the order of CITY_CODES."""
    provinces = {province.province_code: province for province in load_provinces()}
    units = {unit.code: unit for unit in units_at(_YEAR)}
    result = []
    for code in CITY_CODES:
        province = provinces[code // 10000 * 10000]
        if code in MUNICIPALITIES:
            name, lon, lat = province.name_zh, province.lon, province.lat
        else:
            unit = units[code]
            assert unit.lon is not None and unit.lat is not None, f"{unit.name} has no coordinates"
            name, lon, lat = unit.name, unit.lon, unit.lat
        result.append(SampleCity(code, name, province.province_code, province.name_zh, lon, lat))
    return tuple(result)


def distances_km() -> np.ndarray:
    """Great-circle distances between the cities in kilometres, zero on the diagonal."""
    lon, lat = (np.radians([getattr(city, axis) for city in sample_cities()]) for axis in ("lon", "lat"))
    half = np.sin((lat - lat[:, None]) / 2) ** 2
    half += np.cos(lat) * np.cos(lat[:, None]) * np.sin((lon - lon[:, None]) / 2) ** 2
    return 2 * _EARTH_KM * np.arcsin(np.sqrt(half))
