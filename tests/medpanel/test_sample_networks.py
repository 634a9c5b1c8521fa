"""The sample's networks: readers find what was planted, thresholds give back the ties, the model its coefficients."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from catalog import load_registry, load_sources
from ingestion import FileReading, read_file
from medpanel.sample import DEFAULT_SEED
from medpanel.sample.files import _SOURCES
from medpanel.sample.networks import (
    CITY_FILE,
    COUNTY_FILE,
    CULTURE,
    DIALECT_FILE,
    EDGES,
    FLOW_FILE,
    GEO,
    NOBODY,
    SERIES,
    TOP,
    PlantedNetwork,
    network_files,
    planted_cities,
    planted_counties,
    planted_flows,
)
from medpanel.sample.zhejiang import ZHEJIANG_FILE, planted_persons, zhejiang_file
from models_py.network.censoring import dyads, list_bounds, unlisted_bounds
from models_py.network.dichotomise import least_flows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the networks, with the sample's declarations."""
    folder = tmp_path_factory.mktemp("networks")
    files, truth = network_files(DEFAULT_SEED)
    for name, content in {**files, ZHEJIANG_FILE: zhejiang_file(DEFAULT_SEED)}.items():
        (folder / name).write_bytes(content)
    declared = _SOURCES.read_text(encoding="utf-8").replace("$seed", str(DEFAULT_SEED))
    (folder / "sources.yaml").write_text(declared, encoding="utf-8")
    (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def cities() -> PlantedNetwork:
    return planted_cities(DEFAULT_SEED)


@pytest.fixture(scope="module")
def counties() -> PlantedNetwork:
    return planted_counties(DEFAULT_SEED)


def read(folder: Path, name: str) -> FileReading:
    sources, root = load_sources(folder / "sources.yaml")
    reading = read_file(root, folder / name, sources, load_registry())
    assert reading.source_file["status"] == "loaded", reading.rejected_row
    return reading


def square(frame: pd.DataFrame, network: PlantedNetwork, value: str) -> np.ndarray:
    """A column of ordered pairs as origins by destinations, NaN where there is no pair."""
    codes = pd.Index([node.code for node in network.nodes])
    made = np.full(network.ties.shape, np.nan)
    made[codes.get_indexer(frame["origin_code"]), codes.get_indexer(frame["destination_code"])] = frame[value]
    return made


def fitted(network: PlantedNetwork, known: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Coefficients and standard errors of a logistic regression over the known pairs, by plain Newton steps."""
    size, terms = len(network.nodes), list(network.theta)
    columns = {EDGES: np.ones((size, size)), GEO: network.geo, CULTURE: network.same}
    for name in network.figures:
        columns[f"nodeicov.{name}"] = np.broadcast_to(network.figures[name].to_numpy(float), (size, size))
    design = np.column_stack([columns[term][known] for term in terms])
    scale = np.abs(design).max(axis=0)
    x, y, beta = design / scale, network.ties[known].astype(float), np.zeros(len(terms))
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ beta))
        information = (x * (p * (1 - p))[:, None]).T @ x
        beta = beta + np.linalg.solve(information, x.T @ (y - p))
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    return beta / scale, errors / scale, terms


def test_288_cities_and_88_counties_of_zhejiang(cities: PlantedNetwork, counties: PlantedNetwork) -> None:
    assert len({node.code for node in cities.nodes}) == 288 and len({node.code for node in counties.nodes}) == 88
    assert {node.code // 10000 for node in counties.nodes} == {33}
    assert NOBODY not in {node.code for node in counties.nodes}
    # As the published fit demands (domain 6.1).
    assert counties.ties.mean() > 0.083
    assert not np.diag(cities.ties).any()


@pytest.mark.parametrize("seed", [DEFAULT_SEED, 1, 2])
@pytest.mark.parametrize("plant", [planted_cities, planted_counties])
def test_the_planted_coefficients_come_back(plant: object, seed: int) -> None:
    network = plant(seed)  # type: ignore[operator]
    found, errors, terms = fitted(network, ~np.eye(len(network.nodes), dtype=bool))
    planted = np.array([network.theta[term] for term in terms])
    assert (np.abs(found - planted) < 3.9 * errors).all(), dict(zip(terms, (found - planted) / errors, strict=True))


def test_the_threshold_gives_back_the_ties_but_for_cities_without_a_list(folder: Path, cities: PlantedNetwork) -> None:
    reading = read(folder, FLOW_FILE)
    flows = square(reading.tables["flow"].to_pandas(), cities, "flow")
    planted, without, short = planted_flows(DEFAULT_SEED, cities)
    assert np.array_equal(flows, planted, equal_nan=True)
    lists = reading.tables["flow_list"].to_pandas()
    assert set(lists["direction"]) == {"out"} and len(lists) == 286
    assert lists.set_index("city_code").loc[short, "full_lists"] == 0 and lists["partners"].max() == TOP
    codes = [node.code for node in cities.nodes]
    bounds = unlisted_bounds(*(list_bounds(lists, direction, codes, 1) for direction in ("out", "in")))
    found = dyads(flows, least_flows(flows, "positive_mean"), bounds)
    gone = np.isin(codes, without)
    assert np.array_equal(found.tie[~gone], cities.ties[~gone]) and not found.tie[gone].any()
    assert found.unknown.sum() == 2 * 287 and not found.unknown[~gone].any()


def test_the_survey_has_somebody_on_every_tie_and_few_cells_may_be_published(
    folder: Path, counties: PlantedNetwork
) -> None:
    tables = read(folder, ZHEJIANG_FILE).tables
    edges = tables["survey_edge"].to_pandas()
    persons = planted_persons(DEFAULT_SEED, counties)
    assert np.array_equal(np.nan_to_num(square(edges, counties, "persons")), persons)
    assert np.array_equal(persons > 0, counties.ties)
    shown = tables["flow"].to_pandas()
    assert 0 < len(shown) == edges["shown"].sum() < 0.5 * len(edges)
    assert (shown["flow"] >= 10).all() and (shown["flow"] % 5 == 0).all()


@pytest.mark.parametrize(("name", "level", "year"), [(CITY_FILE, "city", 2023), (COUNTY_FILE, "county", 2017)])
def test_figures_of_nodes_are_read_as_printed(
    folder: Path, name: str, level: str, year: int, cities: PlantedNetwork, counties: PlantedNetwork
) -> None:
    network = cities if level == "city" else counties
    found = pd.DataFrame(read(folder, name).observation)
    assert set(found["entity_level"]) == {level} and set(found["year"]) == {year}
    wide = found.pivot(index="entity_code", columns="indicator", values="value")
    wide = wide.loc[[node.code for node in network.nodes], [one.indicator for one in SERIES]]
    np.testing.assert_allclose(wide.to_numpy(), network.figures.to_numpy(float), rtol=1e-12)


def test_areas_of_speech_are_made_up_and_of_every_node(folder: Path) -> None:
    spoken = read(folder, DIALECT_FILE).tables["place_dialect"].to_pandas()
    assert len(spoken) == 288 + 88 and spoken["dialect"].str.startswith("合成").all()
    assert spoken["dialect"].nunique() == 10


def test_every_file_says_that_it_is_synthetic(folder: Path) -> None:
    for name in (CITY_FILE, COUNTY_FILE, DIALECT_FILE, FLOW_FILE):
        rows = list(csv.reader(io.StringIO((folder / name).read_bytes().decode("utf-8-sig"))))
        assert "合成" in "".join(rows[-1]) and name.startswith("synthetic_"), name
    assert b"SYNTHETIC" in (folder / ZHEJIANG_FILE).read_bytes()


def test_the_truth_is_kept(folder: Path, cities: PlantedNetwork, counties: PlantedNetwork) -> None:
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    assert truth["amap_2023"]["theta"] == cities.theta and truth["zhejiang_2017"]["theta"] == counties.theta
    assert truth["amap_2023"]["ties"] == cities.ties.sum() and len(truth["amap_2023"]["without_list"]) == 2
