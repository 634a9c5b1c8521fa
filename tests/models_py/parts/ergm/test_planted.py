"""The sample's networks through the parts: Model 3 of both tables finds the planted coefficients."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog import load_studies
from catalog.parts import ergm, network
from medpanel.sample import DEFAULT_SEED
from medpanel.sample.networks import TOP, PlantedNetwork, planted_cities, planted_counties, planted_flows
from medpanel.sample.zhejiang import planted_persons
from models_py.panel import panel_of
from models_py.parts.registry import run_study

CITY, COUNTY = ("amap_2023", "Table 3"), ("zhejiang_2017", "Table 4")
Frames = dict[str, pd.DataFrame]


def places(found: PlantedNetwork) -> pd.DataFrame:
    rows = [
        {"entity_code": n.code, "name_zh": n.name, "name_en": n.name, "province_code": n.code // 10000 * 10000,
         "lon": n.lon, "lat": n.lat, "dialect": n.dialect, "dialect_sub": n.sub or None}
        for n in found.nodes
    ]  # fmt: skip
    return pd.DataFrame(rows)


def flows(cities: PlantedNetwork) -> Frames:
    """The cities' lists as the warehouse has them."""
    listed, _, _ = planted_flows(DEFAULT_SEED, cities)
    codes = np.array([node.code for node in cities.nodes])
    i, j = np.nonzero(~np.isnan(listed))
    pairs = pd.DataFrame(
        {"network": CITY[0], "origin_code": codes[i], "destination_code": codes[j], "flow": listed[i, j]}
    )
    by_origin = pairs.groupby("origin_code")["flow"]
    lists = pd.DataFrame({"partners": by_origin.size(), "smallest_flow": by_origin.min()}).rename_axis("entity_code")
    lists = lists.reset_index().assign(network=CITY[0], direction="out", lists=1)
    return {
        "city_pair": pairs.assign(unit="index", periods=1, censored=False),
        "flow_list": lists.assign(full_lists=(lists["partners"] >= TOP).astype(int)),
    }


def respondents(counties: PlantedNetwork) -> pd.DataFrame:
    persons, codes = planted_persons(DEFAULT_SEED, counties), np.array([node.code for node in counties.nodes])
    i, j = np.nonzero(persons)
    return pd.DataFrame(
        {"network": COUNTY[0], "origin_code": codes[i], "destination_code": codes[j], "persons": persons[i, j],
         "flow": persons[i, j].astype(float), "shown": persons[i, j] >= 10, "small_cells": 10}
    )  # fmt: skip


@pytest.fixture(scope="module")
def planted() -> tuple[PlantedNetwork, PlantedNetwork]:
    return planted_cities(DEFAULT_SEED), planted_counties(DEFAULT_SEED)


@pytest.fixture(scope="module")
def made(planted: tuple[PlantedNetwork, PlantedNetwork]) -> Frames:
    """The study with its networks and Model 3 of each table alone."""
    cities, counties = planted
    study = load_studies()["mobility"]
    study = study.without([one for one in study.parts if one.part() not in ("network", "ergm")])
    # Places made up here have no record of divisions.
    networks = study.options(network.Options)
    bare = {name: one.model_copy(update={"official": None}) for name, one in networks.networks.items()}
    study, options = study.with_options(networks.model_copy(update={"networks": bare})), study.options(ergm.Options)
    tables = tuple(
        table.model_copy(update={"models": {"Model 3": ergm.ModelSpec(terms=table.terms("Model 3"))}})
        for table in options.tables
    )
    study = study.with_options(options.model_copy(update={"tables": tables, "unlisted": ("observed",)}))
    given = {
        **flows(cities),
        "survey_edge": respondents(counties),
        "city": pd.concat([places(cities), places(counties)], ignore_index=True),
        "figures": cities.figures.assign(entity_code=[node.code for node in cities.nodes], year=2023),
        "county_year": counties.figures.assign(entity_code=[node.code for node in counties.nodes], year=2017),
    }
    return run_study(study, panel_of("city", places(cities), (2023, 2023)), given, "synthetic")


@pytest.mark.parametrize(("which", "key"), [(0, CITY), (1, COUNTY)])
def test_the_planted_coefficients_are_found(
    planted: tuple[PlantedNetwork, PlantedNetwork], made: Frames, which: int, key: tuple[str, str]
) -> None:
    options = load_studies()["mobility"].options(ergm.Options)
    called = {f"nodeicov.{indicator}": f"nodeicov.{name}" for name, indicator in options.nodal.variables.items()}
    truth = {called.get(term, term): value for term, value in planted[which].theta.items()}
    rows = made["estimate"].query("sample == @key[0] and table_no == @key[1] and effect == 'coef'").set_index("term")
    assert set(rows.index) == set(truth) and len(truth) == (10, 7)[which]
    off = (rows["estimate"] - pd.Series(truth)) / rows["std_error"]
    assert off.abs().max() < 3, off
    # The errors are small enough for this to say something.
    assert abs(rows.loc["nodeicov.HTH", "statistic"]) > 5
    assert set(load_studies()["mobility"].options(network.Options).networks) == {CITY[0], COUNTY[0]}
