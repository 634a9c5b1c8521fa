"""The sample's cities: about twenty large ones, their figures as shares of the simulated provinces, two files.

Belongs here: which cities there are, simulating their figures to the digits the files print, the layout of a compiled
yearbook panel and of an older edition of it, the marks found in such tables. Does not belong here: flows between the
cities (flows.py).
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from catalog import load_provinces, load_registry
from catalog.provinces import MUNICIPALITIES
from ingestion.places.units import units_at
from medpanel.office.files import csv_bytes
from medpanel.sample.outcomes import require_registered
from medpanel.sample.randomness import bounded_normal, normal_scores, random_stream, shuffled
from medpanel.sample.reference import NOTE

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
    lon: float
    lat: float
    province_code: int
    province_name: str

    @property
    def short(self) -> str:
        """The name without its final 市."""
        return self.name.removesuffix("市")

    @property
    def municipality(self) -> bool:
        """Whether its figures are those of a province."""
        return self.code in MUNICIPALITIES


@cache
def sample_cities() -> tuple[SampleCity, ...]:
    """The cities in the order of CITY_CODES."""
    provinces = {province.province_code: province.name_zh for province in load_provinces()}
    places = {province.province_code: (province.name_zh, province.lon, province.lat) for province in load_provinces()}
    for unit in units_at(_YEAR):
        if unit.lon is not None and unit.lat is not None:
            places[unit.code] = (unit.name, unit.lon, unit.lat)
    own = {code: code // 10000 * 10000 for code in CITY_CODES}
    return tuple(SampleCity(code, *places[code], own[code], provinces[own[code]]) for code in CITY_CODES)


def distances_km() -> np.ndarray:
    """Great-circle distances between the cities in kilometres, zero on the diagonal."""
    lon, lat = (np.radians([getattr(city, axis) for city in sample_cities()]) for axis in ("lon", "lat"))
    half = np.sin((lat - lat[:, None]) / 2) ** 2
    half += np.cos(lat) * np.cos(lat[:, None]) * np.sin((lon - lon[:, None]) / 2) ** 2
    return 2 * _EARTH_KM * np.arcsin(np.sqrt(half))


YEARS = (2021, 2022, 2023)
# The older edition ends a year earlier.
OLDER_YEARS = YEARS[:-1]
DECIMALS = {"resident_population": 2, "registered_population": 2, "gdp": 2, "gdp_urban_districts": 2}


def simulate_cities(seed: int, province_year: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """City figures of a seed and of its provinces: the edition in use and an older one. Pure.

    Both have city_code, year and columns of DECIMALS in canonical units; the older has only residents and output.
    A municipality has its province's figures; other cities have a share, which grows with the province. As in the
    revision after the fifth economic census, the editions differ in output, not in residents. Raises SampleRangeError
    if a figure would leave the range the readers enforce.
    """
    rng = random_stream(seed, "cities")
    whole = _provinces(province_year)
    own = np.array([city.municipality for city in sample_cities()])[:, None]
    size = (len(CITY_CODES), len(YEARS))
    share, richness, registered, urban = normal_scores(rng, (4, len(CITY_CODES)))
    people = whole["resident_population"] * np.where(own, 1, np.exp(-2.0 + 0.2 * share)[:, None])
    wealth = np.exp(0.3 + 0.15 * richness)[:, None] * np.exp(0.01 * bounded_normal(rng, size))
    output = whole["gdp"] * np.where(own, 1, people / whole["resident_population"] * wealth)
    figures = {
        "resident_population": people,
        "registered_population": people * np.exp(-0.1 + 0.1 * registered)[:, None],
        "gdp": output,
        "gdp_urban_districts": output * (0.7 + 0.1 * urban)[:, None],
    }
    now = _frame({name: np.round(values, DECIMALS[name]) for name, values in figures.items()})
    _require_inside(now)
    cut = 1 - (0.02 + 0.004 * bounded_normal(rng, size))
    older = now[["city_code", "year", "resident_population"]].assign(gdp=np.round(now["gdp"] * cut.ravel(), 2))
    return now, older[older["year"].isin(OLDER_YEARS)].reset_index(drop=True)


def _provinces(province_year: pd.DataFrame) -> dict[str, np.ndarray]:
    """Residents and output of every city's province, cities by years."""
    codes = [city.province_code for city in sample_cities()]
    return {
        name: province_year.pivot(index="province_code", columns="year", values=name).loc[codes, list(YEARS)].to_numpy()
        for name in ("resident_population", "gdp")
    }


def _frame(figures: dict[str, np.ndarray]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "city_code": np.repeat(CITY_CODES, len(YEARS)),
            "year": np.tile(YEARS, len(CITY_CODES)),
            **{name: values.ravel() for name, values in figures.items()},
        }
    )


def _require_inside(figures: pd.DataFrame) -> None:
    for name in DECIMALS:
        limits = load_registry().indicators[name].city_range
        assert limits is not None, f"{name} is read for cities"
        require_registered(f"{name} of cities", figures[name].to_numpy(), limits)


PANEL_FILE = f"synthetic_城市统计_{YEARS[0]}-{YEARS[-1]}.csv"
OLDER_FILE = f"synthetic_城市统计_旧版_{OLDER_YEARS[0]}-{OLDER_YEARS[-1]}.csv"
KEYS = ("年份", "省份", "城市", "代码")
_Place = tuple[int, str]  # row, indicator


def city_files(seed: int, now: pd.DataFrame, older: pd.DataFrame) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """Names and contents of the files, and the blemishes of the newer edition with their cells."""
    printed = _printed(now)
    codes, years = now["city_code"].tolist(), now["year"].tolist()
    blemishes = _blemishes(seed, printed)
    places = [
        {
            "kind": kind,
            "file": PANEL_FILE,
            "cell": f"{chr(ord('A') + len(KEYS) + list(DECIMALS).index(name))}{row + 2}",
            "indicator": name,
            "city_code": codes[row],
            "year": years[row],
            "text": text,
            "true_value": float(str(printed.at[row, name])),
        }
        for (row, name), (kind, text) in blemishes.items()
    ]
    for (row, name), (_, text) in blemishes.items():
        printed.at[row, name] = text
    files = {
        # As a statistical office would save it, and as a researcher would.
        PANEL_FILE: _table(seed, printed, "gb2312", "\r\n"),
        OLDER_FILE: _table(seed, _printed(older), "utf-8-sig", "\n"),
    }
    return files, places


def _printed(figures: pd.DataFrame) -> pd.DataFrame:
    """The figures as text, beside their keys."""
    names = [name for name in DECIMALS if name in figures]
    return figures.assign(**{name: figures[name].map(f"{{:.{DECIMALS[name]}f}}".format) for name in names})


def _blemishes(seed: int, printed: pd.DataFrame) -> dict[_Place, tuple[str, str]]:
    """(kind, text of the cell) by place: one of each kind, in different cells."""
    texts = {(row, name): str(printed.at[row, name]) for row in printed.index for name in DECIMALS}
    order = iter(shuffled(random_stream(seed, "city_blemishes"), list(texts)))
    # Only a figure nothing is computed from may be missing; nobody fills it.
    missing = next(place for place in order if place[1] == "registered_population")
    footnote, full_width_space = next(order), next(order)
    separated = next(place for place in order if float(texts[place]) >= 1000)
    return {
        missing: ("missing", "-"),
        footnote: ("footnote", f"{texts[footnote]}①"),
        full_width_space: ("full_width_space", f"\u3000{texts[full_width_space]}"),
        separated: ("thousands_separator", f"{float(texts[separated]):,.2f}"),
    }


def _table(seed: int, printed: pd.DataFrame, encoding: str, newline: str) -> bytes:
    cities = {city.code: city for city in sample_cities()}
    indicators = [load_registry().indicators[name] for name in printed.columns[2:]]
    rows: list[list[object]] = [[*KEYS, *(f"{indicator.label.zh}({indicator.unit})" for indicator in indicators)]]
    for code, year, *texts in printed.itertuples(index=False):
        rows.append([year, cities[code].province_name, cities[code].name, code, *texts])
    rows.append([NOTE.format(seed=seed), *[""] * (len(rows[0]) - 1)])
    return csv_bytes(rows, encoding, newline=newline)
