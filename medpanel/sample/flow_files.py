"""The sample's files of flows, as bytes: a yearly table in Amap's layout and a day's lists in Baidu's.

Belongs here: layouts of domain 9.5 and the marks such tables carry. Does not belong here: the figures (city_flows.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from medpanel.sample.city_flows import DAY, INDEX_DECIMALS, TOP, YEARS, CityFlows
from medpanel.sample.city_places import SampleCity, sample_cities

YEARLY_FILE = f"synthetic_人口迁徙_年度明细_{YEARS[0]}-{YEARS[-1]}.csv"
ARRIVALS_FILE, DEPARTURES_FILE = (f"synthetic_百度迁徙_{DAY}_{side}.csv" for side in ("in", "out"))
SAID = "medpanel synthetic data 合成数据"
YEARLY_COLUMNS = (
    "年份", "始发城市", "始发城市所属省份", "始发城市代码", "终点城市", "终点城市所属省份", "终点城市代码",
    "年度迁徙意愿指数", "年度实际迁徙指数", "来源",
)  # fmt: skip
N_WITHIN, N_REPEATED = 3, 2
_HONG_KONG = ("香港", "香港特别行政区", "810000")


@dataclass(frozen=True)
class _Row:
    """A row of the yearly file; `kind` says what is wrong with it, None for nothing."""

    cells: tuple[str, ...]
    kind: str | None = None


def flow_entries(who: str) -> str:
    """The entries of sources.yaml for the files; `who` is what every entry says of its origin."""
    return f"""\
  # A network for each year. Services print indices, not persons; of the two indices the actual one is read.
  - match: {YEARLY_FILE}
    layout: flow_amap_year
    flow: {{network: "amap_{{year}}", direction: both, unit: index, period_column: 年份}}
    vintage: synthetic_flows
{who}
  # Lists of one day, of arrivals and of departures; each file is checked against the other. The synthetic service cuts
  # its lists at {TOP} cities, a real one at 100.
{_day_entry(ARRIVALS_FILE, "in", "city_name", "city_id_name", DEPARTURES_FILE)}
{who}
{_day_entry(DEPARTURES_FILE, "out", "city_id_name", "city_name", ARRIVALS_FILE)}
{who}
"""


def _day_entry(name: str, direction: str, origin: str, destination: str, partner: str) -> str:
    return f"""\
  - match: {name}
    layout: flow_edges
    flow:
      network: baidu_{DAY}
      direction: {direction}
      origin: {origin}
      destination: {destination}
      weight: num
      unit: index
      period: "{DAY}"
      top: {TOP}
      partner: {{file: {partner}, origin: {destination}, destination: {origin}}}
    vintage: synthetic_flows"""


def flow_files(seed: int, flows: CityFlows) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """Name and content of the files, and the rows that carry no flow between two cities with their places."""
    yearly = _yearly_rows(seed, flows)
    places = [
        {"kind": row.kind, "file": YEARLY_FILE, "row": number, "text": ",".join(row.cells[:-1])}
        for number, row in enumerate(yearly, start=2)
        if row.kind is not None
    ]
    files = {
        YEARLY_FILE: _csv(YEARLY_COLUMNS, (row.cells for row in yearly)),
        ARRIVALS_FILE: _day(flows.arrivals.T),
        DEPARTURES_FILE: _day(flows.departures),
    }
    return files, places


def _yearly_rows(seed: int, flows: CityFlows) -> list[_Row]:
    rng = np.random.default_rng([seed, 6])
    cities = sample_cities()
    rows = []
    for year in YEARS:
        within = set(rng.permutation(len(cities))[:N_WITHIN].tolist())
        twice = set(rng.permutation(len(cities))[:N_REPEATED].tolist())
        for i, origin in enumerate(cities):
            # The service sorts every origin's partners, the largest first.
            order = [int(j) for j in np.argsort(-flows.actual[year][i], kind="stable") if j != i]
            figures = [(flows.intended[year][i, j], flows.actual[year][i, j]) for j in order]
            listed = [_Row(_cells(year, origin, cities[j], pair)) for j, pair in zip(order, figures, strict=True)]
            rows += listed
            if i in twice:
                rows.append(_Row(listed[-1].cells, "repeated"))
            if i in within:
                rows.append(_Row(_cells(year, origin, origin, figures[0]), "within_city"))
        rows.append(_Row((*_start(year, cities[0]), *_HONG_KONG, "1.0000", "1.0000", SAID), "hong_kong"))
    return rows


def _start(year: int, city: SampleCity) -> tuple[str, ...]:
    return str(year), city.name, city.province_name, str(city.code)


def _cells(year: int, origin: SampleCity, destination: SampleCity, figures: tuple[float, float]) -> tuple[str, ...]:
    texts = tuple(f"{figure:.{INDEX_DECIMALS}f}" for figure in figures)
    return (*_start(year, origin), destination.name, destination.province_name, str(destination.code), *texts, SAID)


def _day(lists: np.ndarray) -> bytes:
    """One row per listed partner; rows of `lists` are the listed cities, the largest partner first."""
    cities = sample_cities()
    rows = [
        (cities[j].short, city.short, f"{lists[i, j]:.8f}", SAID)
        for i, city in enumerate(cities)
        for j in np.argsort(-lists[i], kind="stable")
        if not np.isnan(lists[i, j])
    ]
    return _csv(("city_name", "city_id_name", "num", "source"), rows)


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with the mark the services' exports begin with."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8-sig")
