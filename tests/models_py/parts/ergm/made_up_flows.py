"""Made-up flows between 24 cities and respondents between 14 counties, whose ties are drawn from known models.

Lists of the cities hold their ten largest partners; one city has none. Nothing here is a statistic.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from catalog import Study, load_study
from models_py.panel import Panel, panel_of
from models_py.parts.registry import run_study

Frames = dict[str, pd.DataFrame]
CITIES = [
    110000,
    120000,
    310000,
    500000,
    *(130000 + 100 * n for n in range(1, 11)),
    *(320000 + 100 * n for n in range(1, 11)),
]
COUNTIES = [330000 + 100 * a + b for a in (1, 2) for b in (2, 3, 4, 5, 6, 7, 8)]
WITHOUT_LIST, LISTED = 320500, 14
STUDY = """id: tied
title: {en: Made-up networks (synthetic), zh: 虚构网络（合成数据）}
panel: {unit: city, years: [2020, 2021]}
parts:
  - network:
      networks:
        day: {title: {en: The day, zh: 某日}, having: &has [hospitals, gdp], year: 2020}
        later: {title: {en: Another day, zh: 另一日}, having: *has, year: 2021}
        persons: {title: {en: The survey, zh: 调查}, threshold: any, having: *has, year: 2020}
  - ergm:
      nodal: {variables: {HTH: hospitals, GDP: gdp}}
      tables:
        - table_no: Table 3
          title: {en: Cities, zh: 城市}
          networks: [day, later]
          dyads: {GeoProx: inverse_distance, SameProv: province}
          models: &models
            Model 1: {terms: [edges, "nodeicov('HTH')", "nodeicov('GDP')"]}
            Model 2: {like: Model 1, terms: ["edgecov('GeoProx')"]}
            Model 3: {like: Model 2, terms: ["edgecov('SameProv')"]}
            with mutual: {like: Model 3, terms: [mutual]}
            with shared partners: {like: with mutual, terms: ["gwesp(0.25, fixed=True)"]}
          headline: Model 3
        - table_no: Table 4
          title: {en: Counties, zh: 县}
          networks: [persons]
          dyads: {GeoProx: inverse_distance}
          models:
            Model 1: {terms: [edges, "nodeicov('HTH')"]}
            Model 2: {like: Model 1, terms: ["edgecov('GeoProx')"]}
          headline: Model 2
      simulated_nodes: 20
  - goodness_of_fit: {models: {Table 3: [Model 3, with mutual, with shared partners]}, simulated: 40}
  - gravity: {tables: [Table 3, Table 4]}
"""


def study(folder: Path, text: str = STUDY) -> Study:
    """The study of a file with this text."""
    path = folder / f"{text.split(chr(10))[0].removeprefix('id: ')}.yaml"
    path.write_text(text, encoding="utf-8")
    return load_study(path)


def figures() -> pd.DataFrame:
    """Hospitals and gdp of all cities in both years, of counties in one."""
    rng = np.random.default_rng(11)
    made = [
        pd.DataFrame(
            {"entity_code": codes, "year": year, "hospitals": np.round(np.exp(rng.normal(3, 0.6, len(codes)))),
             "gdp": np.round(np.exp(rng.normal(8, 0.7, len(codes))), 1)}
        )
        for codes, year in ((CITIES, 2020), (CITIES, 2021), (COUNTIES, 2020))
    ]  # fmt: skip
    return pd.concat(made, ignore_index=True)


def city() -> pd.DataFrame:
    """Places and provinces."""
    rng, codes = np.random.default_rng(12), [*CITIES, *COUNTIES]
    return pd.DataFrame(
        {
            "entity_code": codes,
            "name_zh": [f"地{code}" for code in codes],
            "name_en": [f"Place {code}" for code in codes],
            "province_code": [code // 10000 * 10000 for code in codes],
            "lon": rng.uniform(112, 121, len(codes)),
            "lat": rng.uniform(28, 39, len(codes)),
        }
    )


def _ties(codes: list[int], year: int, seed: int) -> np.ndarray:
    """Ties that hospitals of the destination and a common province make likelier, and that are often returned."""
    rng, own = np.random.default_rng(seed), figures().query("year == @year").set_index("entity_code").loc[codes]
    province = np.array(codes) // 10000
    odds = -1.9 + 0.02 * own["hospitals"].to_numpy() + 1.0 * (province[:, None] == province[None, :])
    ties = rng.random((len(codes), len(codes))) < 1 / (1 + np.exp(-odds))
    returned = rng.random(ties.shape) < 0.35
    ties = ties | (ties.T & returned)
    np.fill_diagonal(ties, False)
    return ties


def _day(name: str, year: int, seed: int) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Pairs that are listed, and the lists: the largest partners of each city but one."""
    ties, rng = _ties(CITIES, year, seed), np.random.default_rng(seed + 1)
    flows = np.where(ties, rng.uniform(5, 9, ties.shape), rng.uniform(0.1, 1.5, ties.shape))
    np.fill_diagonal(flows, -1)
    pairs, lists = [], []
    for place, code in enumerate(CITIES):
        if code == WITHOUT_LIST:
            continue
        largest = np.argsort(-flows[place])[:LISTED]
        pairs += [
            {"network": name, "origin_code": code, "destination_code": CITIES[other],
             "flow": float(flows[place, other]), "unit": "index", "periods": 1, "censored": False}
            for other in largest
        ]  # fmt: skip
        lists.append(
            {"network": name, "direction": "out", "city_code": code, "lists": 1, "full_lists": 1, "partners": LISTED,
             "smallest_flow": float(flows[place, largest[-1]])}
        )  # fmt: skip
    return pairs, lists


def inputs() -> Frames:
    """What Dagster would hand over."""
    day, later = _day("day", 2020, 21), _day("later", 2021, 31)
    ties = _ties(COUNTIES, 2020, 41)
    edges = [
        {"network": "persons", "origin_code": COUNTIES[i], "destination_code": COUNTIES[j], "persons": 12, "flow": 12.0,
         "shown": True, "small_cells": 10}
        for i, j in np.argwhere(ties)
    ]  # fmt: skip
    known = figures()
    of_city = known["entity_code"].isin(CITIES)
    return {
        "city_pair": pd.DataFrame([*day[0], *later[0]]),
        "flow_list": pd.DataFrame([*day[1], *later[1]]),
        "survey_edge": pd.DataFrame(edges),
        "city": city(),
        "figures": known[of_city].reset_index(drop=True),
        "county_year": known[~of_city].reset_index(drop=True),
    }


def panel() -> Panel:
    """Its cities."""
    given = city()
    return panel_of("city", given[given["entity_code"].isin(CITIES)], (2020, 2021))


def made(folder: Path, text: str = STUDY, given: Frames | None = None) -> Frames:
    """Every table of the study."""
    return run_study(study(folder, text), panel(), given or inputs(), "synthetic")
