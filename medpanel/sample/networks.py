"""Two synthetic networks whose ties are drawn from a known model: 288 cities, 88 counties of Zhejiang.

Belongs here: which places, their figures as printed, the planted model of ties, the files of figures, dialects and of
the cities' flows, the truth behind them. Does not belong here: respondents of the survey of counties (zhejiang.py), and
thresholds (models_py/network), which are to find the ties again.

Every ordered pair is a tie, independently, with log-odds

    edges + sum of theta x figure of the destination + GeoProx x 100 km / distance + CulProx x (one dialect),

figures and distances being those printed or, for distances, in Albers' projection. Flows on ties lie above the mean of
the positive flows listed, all others below it, so that this threshold gives back the ties, except where a city has no
list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from catalog import load_provinces, load_registry
from catalog.base import refuse
from catalog.provinces import MUNICIPALITIES
from ingestion.places.units import city_of, units_at
from medpanel.office.files import csv_bytes
from medpanel.sample.flows import SAID, YEARLY_COLUMNS
from medpanel.sample.outcomes import require_registered
from medpanel.sample.randomness import normal_scores, random_stream
from medpanel.sample.reference import NOTE
from models_py.figures.map_classes import albers

CITY_YEAR, COUNTY_YEAR = 2023, 2017
N_CITIES, N_COUNTIES, ZHEJIANG = 288, 88, 330000
# 嵊泗县: islands without a respondent, so that 88 of the 89 counties of 2017 are left, as in the paper.
NOBODY = 330922
# Lists of departures end with the 60th partner; two cities have none, and one names 40, all it has flows to.
TOP, SHORT = 60, 40
GEO, CULTURE, EDGES = "edgecov.GeoProx", "edgecov.CulProx", "edges"
# Flows: on ties from 3 up; others up to 0.75; the mean of those listed lies between.
_LEAST_TIE, _MOST_OTHER, _DECIMALS = 3.0, 0.75, 4


@dataclass(frozen=True)
class Series:
    """An indicator of the nodes: exp or linear in a normal score. `slope`: theta of cities and of counties."""

    indicator: str
    middle: tuple[float, float]
    spread: float
    decimals: int
    slope: tuple[float, float | None]
    log: bool = True


# Facilities attract or repel, controls as printed; counties have but one of the last four in their model.
SERIES = (
    Series("primary_care_facilities", (180, 28), 0.5, 0, (-0.0012, -0.012)),
    Series("high_tier_hospitals", (40, 7), 0.6, 0, (0.0122, 0.0513)),
    Series("gdp_per_capita_published", (70000, 82000), 0.35, 0, (0.000004, 0.000005)),
    Series("urban_share", (62, 58), 9, 2, (0.008, None), log=False),
    Series("pm25", (31, 29), 6, 1, (-0.0132, None), log=False),
    Series("broadband_users", (130, 21), 0.6, 1, (0.0011, 0.009)),
    Series("universities", (7, 3), 0.7, 0, (0.012, None)),
)
_OTHERS = ({EDGES: -3.5, GEO: 0.4, CULTURE: 0.45}, {EDGES: -2.7, GEO: 0.1, CULTURE: -0.2533})


@dataclass(frozen=True)
class Node:
    """A city or county. `dialect` and `sub` are made up."""

    code: int
    name: str
    province: str
    lon: float
    lat: float
    dialect: str = ""
    sub: str = ""


@dataclass(frozen=True)
class PlantedNetwork:
    """`figures`: one row for each node, in order, as printed. `ties`, `geo`, `same`: origins by destinations.

    `theta`: coefficients by term.
    """

    nodes: tuple[Node, ...]
    figures: pd.DataFrame
    ties: np.ndarray
    geo: np.ndarray
    same: np.ndarray
    theta: dict[str, float]

    @property
    def truth(self) -> dict[str, Any]:
        """What truth.json says of it."""
        return {"nodes": len(self.nodes), "ties": int(self.ties.sum()), "theta": self.theta}


@cache
def city_nodes() -> tuple[Node, ...]:
    """The first 288 municipalities and prefecture-level cities by code that have coordinates."""
    provinces = {province.province_code: province for province in load_provinces()}
    placed = [
        Node(code, provinces[code].name_zh, provinces[code].name_zh, provinces[code].lon, provinces[code].lat)
        for code in MUNICIPALITIES
    ] + [
        Node(unit.code, unit.name, provinces[unit.province_code].name_zh, unit.lon, unit.lat)
        for unit in units_at(CITY_YEAR)
        if unit.kind == "地级市" and unit.lon is not None and unit.lat is not None
    ]
    nodes = sorted(placed, key=lambda node: node.code)[:N_CITIES]
    # Nine made-up areas of speech, by thirds from west to east and from south to north.
    east, north = (_thirds([getattr(node, axis) for node in nodes]) for axis in ("lon", "lat"))
    return tuple(
        Node(n.code, n.name, n.province, n.lon, n.lat, f"合成方言{3 * a + b + 1}")
        for n, a, b in zip(nodes, east, north, strict=True)
    )


@cache
def county_nodes() -> tuple[Node, ...]:
    """The counties of Zhejiang at the end of 2017 but one, with seven made-up areas of speech, by prefecture."""
    units = [
        unit
        for unit in units_at(COUNTY_YEAR)
        if unit.level == "county" and unit.province_code == ZHEJIANG and unit.code != NOBODY
    ]
    prefectures = sorted({city_of(unit.code) or unit.code for unit in units})
    area = {code: f"合成片{place % 7 + 1}" for place, code in enumerate(prefectures)}
    return tuple(
        Node(u.code, u.name, "浙江省", u.lon or 0.0, u.lat or 0.0, "合成方言10", area[city_of(u.code) or u.code])
        for u in sorted(units, key=lambda unit: unit.code)
    )


def _thirds(values: Sequence[float]) -> list[int]:
    return np.searchsorted(np.quantile(values, [1 / 3, 2 / 3]), values).astype(int).tolist()


def planted_cities(seed: int) -> PlantedNetwork:
    """The cities' network of a seed."""
    return _planted(random_stream(seed, "networks"), city_nodes(), 0)


def planted_counties(seed: int) -> PlantedNetwork:
    """The counties' network of a seed."""
    return _planted(random_stream(seed, "zhejiang"), county_nodes(), 1)


def _planted(rng: np.random.Generator, nodes: tuple[Node, ...], which: int) -> PlantedNetwork:
    figures = pd.DataFrame({one.indicator: _drawn(rng, one, which, len(nodes)) for one in SERIES})
    for one in SERIES:
        limits = load_registry().indicators[one.indicator].city_range
        assert limits is not None, f"{one.indicator} is read for cities"
        require_registered(f"{one.indicator} of nodes", figures[one.indicator].to_numpy(), limits)
    slopes = {_term(one): one.slope[which] for one in SERIES}
    theta = {**_OTHERS[which], **{term: slope for term, slope in slopes.items() if slope is not None}}
    geo, same = _proximity(nodes), _one_dialect([node.sub or node.dialect for node in nodes])
    odds = theta[EDGES] + theta[GEO] * geo + theta[CULTURE] * same
    for one in SERIES:
        odds = odds + theta.get(_term(one), 0.0) * figures[one.indicator].to_numpy()
    # Rounded, so that the last digit of exp() on another computer changes no tie.
    ties = rng.random(odds.shape) < np.round(1 / (1 + np.exp(-odds)), 9)
    np.fill_diagonal(ties, False)
    return PlantedNetwork(nodes, figures, ties, geo, same, theta)


def _term(series: Series) -> str:
    return f"nodeicov.{series.indicator}"


def _drawn(rng: np.random.Generator, series: Series, which: int, count: int) -> np.ndarray:
    """The figures of all nodes: their order is drawn, their spread is the same for every seed."""
    scores = normal_scores(rng, (count,)) * series.spread
    middle = series.middle[which]
    return np.maximum(np.round(middle * np.exp(scores) if series.log else middle + scores, series.decimals), 0.0)


def _proximity(nodes: Sequence[Node]) -> np.ndarray:
    """100 km divided by the distance in the plane; 0 on the diagonal."""
    plane = albers(np.array([[node.lon, node.lat] for node in nodes]))
    apart = np.hypot(*(plane[:, None, :] - plane[None, :, :]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    refuse(((apart <= 0).any(), "two nodes have one place"))
    return 100 / apart


def _one_dialect(spoken: Sequence[str]) -> np.ndarray:
    said = np.array(spoken)
    same = (said[:, None] == said[None, :]).astype(float)
    np.fill_diagonal(same, 0.0)
    return same


CITY_FILE = f"synthetic_288城市_{CITY_YEAR}.csv"
COUNTY_FILE = f"synthetic_浙江县域_{COUNTY_YEAR}.csv"
DIALECT_FILE = "synthetic_方言.csv"
FLOW_FILE = f"synthetic_高德迁徙_288城市_{CITY_YEAR}.csv"


def network_files(seed: int) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Names and contents of the files of both networks but the survey, and the truth behind the networks."""
    cities, counties = planted_cities(seed), planted_counties(seed)
    flows, without, short = planted_flows(seed, cities)
    files = {
        CITY_FILE: _figures_file(seed, cities, CITY_YEAR, "城市"),
        COUNTY_FILE: _figures_file(seed, counties, COUNTY_YEAR, "县"),
        DIALECT_FILE: _dialect_file(seed, (*cities.nodes, *counties.nodes)),
        FLOW_FILE: _flow_file(flows, cities.nodes),
    }
    truth = {
        "model": "log-odds of a tie = edges + theta x figures of the destination + GeoProx x 100 km / distance "
        "(Albers) + CulProx x one dialect; pairs are independent",
        f"amap_{CITY_YEAR}": {**cities.truth, "without_list": without, "short_list": short},
        f"zhejiang_{COUNTY_YEAR}": counties.truth,
    }
    return files, truth


def planted_flows(seed: int, network: PlantedNetwork) -> tuple[np.ndarray, list[int], int]:
    """Flows listed (NaN where they are not), the two cities without a list, and the one whose list is not full."""
    rng = random_stream(seed, "network_flows")
    size = len(network.nodes)
    on_tie = _LEAST_TIE * np.exp(np.abs(normal_scores(rng, (size, size))) / 2)
    flows = np.where(network.ties, on_tie, 0.05 + (_MOST_OTHER - 0.05) * rng.random((size, size)))
    np.fill_diagonal(flows, -1.0)
    rank = np.argsort(np.argsort(-flows, axis=1, kind="stable"), axis=1, kind="stable")
    few = network.ties.sum(axis=1) < SHORT
    without, others = np.array([5, 17]), np.flatnonzero(few)
    short = int(next(place for place in others if place not in without))
    length = np.where(np.arange(size) == short, SHORT, TOP)
    refuse(((network.ties.sum(axis=1) >= length).any(), "a city has more ties than its list has room"))
    listed = np.where(rank < length[:, None], np.round(flows, _DECIMALS), np.nan)
    listed[without] = np.nan
    mean = float(np.nanmean(listed))
    refuse(
        (not _MOST_OTHER < mean < _LEAST_TIE, f"the mean of listed flows, {mean:.3f}, does not part ties from others")
    )
    return listed, [network.nodes[place].code for place in without], network.nodes[short].code


def _flow_file(flows: np.ndarray, nodes: Sequence[Node]) -> bytes:
    rows: list[tuple[object, ...]] = [YEARLY_COLUMNS]
    for place, origin in enumerate(nodes):
        for partner in np.argsort(-np.nan_to_num(flows[place]), kind="stable"):
            flow = flows[place, partner]
            if not np.isnan(flow):
                other = nodes[int(partner)]
                ends = (origin.name, origin.province, origin.code, other.name, other.province, other.code)
                rows.append((CITY_YEAR, *ends, f"{flow:.{_DECIMALS}f}", f"{flow:.{_DECIMALS}f}", SAID))
    return csv_bytes(rows, "utf-8-sig")


def _figures_file(seed: int, network: PlantedNetwork, year: int, kind: str) -> bytes:
    indicators = [load_registry().indicators[one.indicator] for one in SERIES]
    header: list[object] = [
        "年份",
        "省份",
        kind,
        "代码",
        *(f"{indicator.headers[0].name}({_unit(indicator.unit)})" for indicator in indicators),
    ]
    rows: list[list[object]] = [header]
    for node, values in zip(network.nodes, network.figures.to_numpy(), strict=True):
        texts = [f"{value:.{one.decimals}f}" for one, value in zip(SERIES, values, strict=True)]
        rows.append([year, node.province, node.name, node.code, *texts])
    rows.append([NOTE.format(seed=seed), *[""] * (len(header) - 1)])
    return csv_bytes(rows, "utf-8-sig", newline="\n")


def _unit(unit: str) -> str:
    """Per head goes unsaid where the header says it."""
    return "元" if unit == "元/人" else unit


def _dialect_file(seed: int, nodes: Sequence[Node]) -> bytes:
    rows: list[tuple[object, ...]] = [("代码", "方言", "方言片", "来源")]
    rows += [(node.code, node.dialect, node.sub, f"{SAID} {seed}") for node in nodes]
    return csv_bytes(rows, "utf-8-sig")
