"""The sample's files of flows, as bytes: a yearly table in Amap's layout and a day's lists in Baidu's.

Belongs here: layouts of domain 9.5 and the marks such tables carry. Does not belong here: the figures (city_flows.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from medpanel.office.table_files import csv_bytes
from medpanel.sample.city_flows import DAY, INDEX_DECIMALS, YEARS, CityFlows
from medpanel.sample.city_places import SampleCity, sample_cities
from medpanel.sample.randomness import random_stream

YEARLY_FILE = f"synthetic_人口迁徙_年度明细_{YEARS[0]}-{YEARS[-1]}.csv"
ARRIVALS_FILE, DEPARTURES_FILE = (f"synthetic_百度迁徙_{DAY}_{side}.csv" for side in ("in", "out"))
SAID = "medpanel synthetic data 合成数据"
YEARLY_COLUMNS = (
    "年份", "始发城市", "始发城市所属省份", "始发城市代码", "终点城市", "终点城市所属省份", "终点城市代码",
    "年度迁徙意愿指数", "年度实际迁徙指数", "来源",
)  # fmt: skip
N_WITHIN, N_REPEATED = 3, 2
_HONG_KONG = SampleCity(810000, "香港", 810000, "香港特别行政区", lon=114.17, lat=22.32)


_Row = tuple[str | None, tuple[str, ...]]  # what is wrong with it, None for nothing; its cells


def flow_files(seed: int, flows: CityFlows) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """Name and content of the files, and the rows that carry no flow between two cities with their places."""
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
