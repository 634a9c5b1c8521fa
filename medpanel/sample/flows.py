"""The flows planted between the sample's cities, and their files: Amap's yearly table and Baidu's lists of a day.

Belongs here: gravity with known elasticity and masses, simulated to the digits the files print, and the layouts of
domain 9.5 with the marks found in such tables. Does not belong here: the cities (cities.py).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from medpanel.office.files import csv_bytes
from medpanel.sample.cities import CITY_CODES, SampleCity, distances_km, sample_cities
from medpanel.sample.randomness import bounded_normal, normal_scores, random_stream

YEARS = (2022, 2023)
DAY = "20200115"
# A service prints only the largest partners of a city, and nobody whose index is below the least it prints.
TOP = 12
DISTANCE_ELASTICITY = -1.1
MASS_SD, NOISE_SD = 0.7, 0.25
# Levels of the indices: the first year lies lower, as those of the pandemic did.
_LEVEL = {2022: 7.6, 2023: 8.0}
_LEVEL_OF_THE_DAY = 7.4
_LEAST_SHARE = 0.12
INDEX_DECIMALS, SHARE_DECIMALS = 4, 2


@dataclass(frozen=True)
class CityFlows:
    """Figures as printed: arrays of origins by destinations in the order of CITY_CODES, zero on the diagonal.

    actual, intended: the two yearly indices by year. arrivals: the day's index in the lists of each destination, NaN
    where it is not listed; departures: the same in those of each origin.
    """

    actual: dict[int, np.ndarray]
    intended: dict[int, np.ndarray]
    arrivals: np.ndarray
    departures: np.ndarray
    truth: dict[str, Any]


def simulate_flows(seed: int) -> CityFlows:
    """The flows of a seed. Pure; same seed, same flows."""
    rng = random_stream(seed, "flows")
    size = len(CITY_CODES)
    leave, arrive = MASS_SD * normal_scores(rng, (2, size))
    with np.errstate(divide="ignore"):
        pull = leave[:, None] + arrive + DISTANCE_ELASTICITY * np.log(distances_km())
    np.fill_diagonal(pull, -np.inf)

    def drawn(level: float) -> np.ndarray:
        return np.exp(level + pull + NOISE_SD * bounded_normal(rng, (size, size)))

    actual = {year: np.round(drawn(_LEVEL[year]), INDEX_DECIMALS) for year in YEARS}
    intended = {
        year: np.round(actual[year] * np.exp(0.1 * bounded_normal(rng, (size, size))), INDEX_DECIMALS) for year in YEARS
    }
    day = drawn(_LEVEL_OF_THE_DAY)
    least = float(np.quantile(day[~np.eye(size, dtype=bool)], _LEAST_SHARE))
    return CityFlows(
        actual,
        intended,
        arrivals=_lists(day.T, least).T,
        departures=_lists(day, least),
        truth=_truth(leave, arrive),
    )


def _lists(flows: np.ndarray, least: float) -> np.ndarray:
    """What the lists of the rows print: scale index times rounded share, of the TOP largest, NaN for all others."""
    scale = flows.sum(axis=1, keepdims=True)
    printed = scale * np.round(100 * flows / scale, SHARE_DECIMALS) / 100
    place = np.argsort(np.argsort(-flows, axis=1, kind="stable"), axis=1, kind="stable")
    listed = (place < TOP) & (flows >= least)
    return np.where(listed, np.round(printed, 8), np.nan)


def _truth(leave: np.ndarray, arrive: np.ndarray) -> dict[str, Any]:
    return {
        "model": "ln flow = level + mass of the origin + mass of the destination + distance_elasticity * "
        "ln great-circle distance in km + noise",
        "networks": [*(f"amap_cities_{year}" for year in YEARS), f"baidu_{DAY}"],
        "distance_elasticity": DISTANCE_ELASTICITY,
        "noise_sd": NOISE_SD,
        "top": TOP,
        "origin_mass": {str(code): float(mass) for code, mass in zip(CITY_CODES, leave, strict=True)},
        "destination_mass": {str(code): float(mass) for code, mass in zip(CITY_CODES, arrive, strict=True)},
    }


YEARLY_FILE = f"synthetic_人口迁徙_年度明细_{YEARS[0]}-{YEARS[-1]}.csv"
ARRIVALS_FILE, DEPARTURES_FILE = (f"synthetic_百度迁徙_{DAY}_{side}.csv" for side in ("in", "out"))
SAID = "medpanel synthetic data 合成数据"
YEARLY_COLUMNS = (
    "年份", "始发城市", "始发城市所属省份", "始发城市代码", "终点城市", "终点城市所属省份", "终点城市代码",
    "年度迁徙意愿指数", "年度实际迁徙指数", "来源",
)  # fmt: skip
N_WITHIN, N_REPEATED = 3, 2
_HONG_KONG = SampleCity(810000, "香港", 114.17, 22.32, 810000, "香港特别行政区")


_Row = tuple[str | None, tuple[str, ...]]  # what is wrong with it, None for nothing; its cells


def flow_files(seed: int, flows: CityFlows) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """Names and contents of the files, and the rows without a flow between two cities, with their places."""
    rng = random_stream(seed, "flow_files")
    yearly = [row for year in YEARS for row in _yearly_rows(rng, year, flows)]
    places = [
        {"kind": kind, "file": YEARLY_FILE, "row": number, "text": ",".join(cells[:-1])}
        for number, (kind, cells) in enumerate(yearly, start=2)
        if kind is not None
    ]
    # The services' exports begin with a byte order mark.
    files = {
        YEARLY_FILE: csv_bytes([YEARLY_COLUMNS, *(cells for _, cells in yearly)], "utf-8-sig"),
        ARRIVALS_FILE: csv_bytes(_day_rows(flows.arrivals.T), "utf-8-sig"),
        DEPARTURES_FILE: csv_bytes(_day_rows(flows.departures), "utf-8-sig"),
    }
    return files, places


def _yearly_rows(rng: np.random.Generator, year: int, flows: CityFlows) -> list[_Row]:
    cities = sample_cities()
    within = set(rng.permutation(len(cities))[:N_WITHIN].tolist())
    twice = set(rng.permutation(len(cities))[:N_REPEATED].tolist())
    rows: list[_Row] = []
    for i, origin in enumerate(cities):
        # The service sorts every origin's partners, the largest first.
        order = [int(j) for j in np.argsort(-flows.actual[year][i], kind="stable") if j != i]
        indices = [
            [f"{index[year][i, j]:.{INDEX_DECIMALS}f}" for index in (flows.intended, flows.actual)] for j in order
        ]
        listed = [_cells(year, origin, cities[j], *texts) for j, texts in zip(order, indices, strict=True)]
        rows += [(None, cells) for cells in listed]
        if i in twice:
            rows.append(("repeated", listed[-1]))
        if i in within:
            rows.append(("within_city", _cells(year, origin, origin, *indices[0])))
    return [*rows, ("hong_kong", _cells(year, cities[0], _HONG_KONG, "1.0000", "1.0000"))]


def _cells(year: int, origin: SampleCity, destination: SampleCity, intended: str, actual: str) -> tuple[str, ...]:
    places = [text for city in (origin, destination) for text in (city.name, city.province_name, str(city.code))]
    return (str(year), *places, intended, actual, SAID)


def _day_rows(lists: np.ndarray) -> list[tuple[str, ...]]:
    """Header, then one row per listed partner; rows of `lists` are the listed cities, the largest partner first."""
    cities = sample_cities()
    return [
        ("city_name", "city_id_name", "num", "source"),
        *(
            (cities[j].short, city.short, f"{lists[i, j]:.8f}", SAID)
            for i, city in enumerate(cities)
            for j in np.argsort(-lists[i], kind="stable")
            if not np.isnan(lists[i, j])
        ),
    ]
