"""The reduced design on public files: weights, D and Moran's I against plain arithmetic that shares no code."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from catalog import load_provinces, load_studies
from catalog.base import PROJECT_DIR
from catalog.parts.coupling import Options as Coupling
from catalog.parts.entropy_index import Options as Entropy
from models_py.panel import KEYS, province_panel
from models_py.parts.coupling.coordination import coupling_table
from models_py.parts.entropy_index.index import index_tables
from models_py.spatial.moran import moran

YEARS = range(2014, 2024)
CODES = sorted(province.province_code for province in load_provinces())
CODE = {province.name_zh: province.province_code for province in load_provinces()}
DIGITAL = {
    "broadband_ports": "Internet Broadband Access Ports (10,000 units)",
    "information_employment": "Employment in Telecommunications, Software, and IT Services "
    "(10,000 persons, Non-private Sector)",
    "ecommerce_sales": "E-commerce Sales Revenue (100 million yuan)",
    "ecommerce_enterprise_share": "Percentage of Enterprises with E-commerce Activities (%)",
    "websites_per_100_enterprises": "Number of Websites per 100 Enterprises (units)",
}
# Count, and residents a figure is per.
HEALTH = {
    "institutions_per_10000": ("medical_health_institutions", 10_000),
    "beds_per_1000": ("medical_health_beds", 1_000),
    "technicians_per_1000": ("health_technicians", 1_000),
    "physicians_per_1000": ("licensed_assistant_physicians", 1_000),
    "nurses_per_1000": ("registered_nurses", 1_000),
}


def patents(folder: Path) -> dict[tuple[int, int], float]:
    lines = (folder / "tec_expenditure" / "分省年度数据_5.csv").read_text(encoding="utf-8-sig").splitlines()
    rows = [[cell.strip() for cell in line.split(",")] for line in lines]
    years = [int(cell[:4]) for cell in rows[2][1:] if cell]
    return {
        (CODE[row[0]], year): float(cell)
        for row in rows[3:]
        if row[0] in CODE
        for year, cell in zip(years, row[1:], strict=False)
        if cell
    }


@pytest.fixture(scope="module")
def figures(real_data: Path) -> pd.DataFrame:
    """entity_code, year and the twelve indicators: 31 x 10 rows."""
    folder = real_data / "province"
    sheet = pd.read_excel(folder / "airuimeng1" / "original_data.xlsx", header=2)
    sheet["code"] = sheet["province"].map(CODE)
    digital = sheet.set_index(["code", "year"])
    health = pd.read_csv(folder / "dzdalistair" / "national_provincial_medical_resources_2014_2023 (1).csv")
    health["code"] = health["province"].map(CODE)
    health = health.set_index(["code", "year"])
    research = pd.read_excel(folder / "xiaoqi737" / "R&D经费（万元）原.xlsx").rename(columns=str)
    granted = patents(folder)
    rows = []
    for place, year in itertools.product(CODES, YEARS):
        row = {"entity_code": place, "year": year}
        row |= {name: float(digital.loc[(place, year), column]) for name, column in DIGITAL.items()}
        row["industrial_rd_expenditure"] = float(research[str(year)].iloc[CODES.index(place)])
        row["patent_grants"] = granted[place, year]
        people = float(health.loc[(place, year), "permanent_population"])
        row |= {name: float(health.loc[(place, year), of]) / people * per for name, (of, per) in HEALTH.items()}
        rows.append(row)
    return pd.DataFrame(rows)


def by_hand(figures: pd.DataFrame, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Entropy weights and index: domain formulas with loops."""
    x = figures[names].to_numpy()
    n = len(x)
    scaled = (x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0))
    divergence = []
    for column in scaled.T:
        total = sum(value + 0.0001 for value in column)
        shares = [(value + 0.0001) / total for value in column]
        divergence.append(1 + sum(p * np.log(p) for p in shares) / np.log(n))
    weights = np.array(divergence) / sum(divergence)
    return weights, scaled @ weights


def test_the_reduced_panel_is_complete_and_as_plain_arithmetic_has_it(figures: pd.DataFrame) -> None:
    assert len(figures) == 310 and figures.notna().all(axis=None)
    study, panel = load_studies()["coupling_real"], province_panel((2014, 2023))
    options = study.options(Entropy).model_copy(update={"windows": {}})
    tables = index_tables(figures, options, panel, study.id)
    own = tables["entropy_weight"].query("variant == ''")
    found = coupling_table(tables["system_index"], study.options(Coupling), panel, study.id).query("variant == ''")
    indices = []
    for system in ("digital", "health"):
        rows = own[own["system"] == system]
        weights, index = by_hand(figures, list(rows["indicator"]))
        np.testing.assert_allclose(rows["weight"], weights, atol=1e-8)
        indices.append(index)
    degree = (indices[0] * indices[1]) ** 0.25
    np.testing.assert_allclose(found.sort_values(KEYS)["coordination_degree"], degree, atol=1e-8)
    heaviest = own.loc[own.groupby("system")["weight"].idxmax()].set_index("system")
    assert dict(heaviest["indicator"]) == {"digital": "patent_grants", "health": "institutions_per_10000"}
    assert dict(heaviest["weight"].round(3)) == {"digital": 0.229, "health": 0.265}
    assert (round(degree.min(), 3), round(degree.max(), 3)) == (0.270, 0.773)


def test_neighbours_are_alike_in_every_year_and_significantly_from_2020(figures: pd.DataFrame) -> None:
    """Moran's I of D is positive throughout: the opposite of what the paper prints."""
    degree = figures.assign(
        d=(by_hand(figures, [*figures.columns[2:9]])[1] * by_hand(figures, list(HEALTH))[1]) ** 0.25
    ).pivot(index="year", columns="entity_code", values="d")
    pairs = pd.read_csv(PROJECT_DIR / "dbt" / "seeds" / "province_adjacency.csv")
    weights = pd.DataFrame(0.0, index=CODES, columns=CODES)
    for one, other in pairs[["province_code", "neighbour_code"]].to_numpy():
        weights.loc[one, other] = 1.0
    weights = weights.div(weights.sum(axis=1), axis=0)
    found = {}
    for year in YEARS:
        x = degree.loc[year, CODES].to_numpy()
        z = x - x.mean()
        plain = sum(weights.to_numpy()[i, j] * z[i] * z[j] for i in range(31) for j in range(31)) / (z @ z)
        found[year] = moran(pd.Series(x, index=CODES), weights)
        assert found[year]["i"] == pytest.approx(plain, abs=1e-10)
    assert {year: round(one["i"], 2) for year, one in found.items()} == {
        2014: 0.11, 2015: 0.11, 2016: 0.09, 2017: 0.10, 2018: 0.13, 2019: 0.14, 2020: 0.22, 2021: 0.24, 2022: 0.25,
        2023: 0.25,
    }  # fmt: skip
    assert [year for year, one in found.items() if one["p_rand"] < 0.05] == [2020, 2021, 2022, 2023]
