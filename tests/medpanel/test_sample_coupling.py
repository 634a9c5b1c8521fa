"""Synthetic indicators of two systems: the planted degree, its spatial model, the file, random numbers of their own."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from catalog import load_registry, load_sources, load_studies
from ingestion import build_lake
from medpanel.sample import DEFAULT_SEED, simulate_panel, write_sample
from medpanel.sample import files as sample_files
from medpanel.sample.coupling import (
    COUPLING_FILE,
    DRIVERS,
    ECOMMERCE,
    ECOMMERCE_FILE,
    HUBEI_2020,
    PRICE_BASES,
    RHO,
    SERIES,
    TELECOM,
    YEARS,
    SimulatedCoupling,
    contiguity,
    coupling_files,
    simulate_coupling,
)

SEEDS = (DEFAULT_SEED, 1, 2)
FILES = (COUPLING_FILE, ECOMMERCE_FILE, *(base.file for base in PRICE_BASES))


def simulated(seed: int) -> SimulatedCoupling:
    return simulate_coupling(seed, simulate_panel(seed).province_year)


def wide(values: pd.Series) -> np.ndarray:
    return values.to_numpy(dtype="float64").reshape(31, len(YEARS))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_degree_is_planted_as_the_text_says(seed: int) -> None:
    found = simulated(seed)
    u, v, d = (found.planted[name] for name in ("u_digital", "u_health", "coordination_degree"))
    np.testing.assert_allclose((u * v) ** 0.25, d, atol=1e-12)
    assert (d.min(), u.min(), v.min()) == (0, 0, 0)
    np.testing.assert_allclose([d.max(), u.max(), v.max()], 1, atol=1e-12)
    for name, one in SERIES.items():
        index = u if one.system == "digital" else v
        np.testing.assert_allclose(found.clean[name], one.low + (one.high - one.low) * index)
        noise = found.figures[name] - found.clean[name]
        assert noise.std() == pytest.approx(found.truth["indicators"][name]["noise_sd"], rel=0.15), name


@pytest.mark.parametrize("seed", SEEDS)
def test_the_degree_follows_the_spatial_model_of_the_truth(seed: int) -> None:
    """What is left of D after lag, drivers, their neighbours' and both effects is the noise declared."""
    found, w = simulated(seed), contiguity()
    truth, figures = found.truth, found.figures
    figures = figures.assign(report_keyword_share=figures["report_keyword_count"] / figures["report_word_count"] * 1000)
    d = wide(found.planted["coordination_degree"])
    rest = d - RHO * w @ d
    for name, beta in truth["beta"].items():
        x = np.log(wide(figures[name]))
        rest = rest - beta * x - truth["theta"][name] * (w @ x)
    rest = rest - rest.mean(axis=1, keepdims=True) - rest.mean(axis=0) + rest.mean()
    sd = np.sqrt((rest**2).sum() / (30 * (len(YEARS) - 1)))
    assert sd == pytest.approx(truth["noise"]["sd"], rel=0.15) and truth["rho"] == RHO
    assert np.linalg.eigvals(w).real.min() < 0 < RHO < 1


@pytest.mark.parametrize("seed", SEEDS)
def test_figures_are_plausible_also_per_resident(seed: int) -> None:
    """Also what is computed from them with the sample's residents."""
    registry, panel = load_registry(), simulate_panel(seed).province_year
    figures = simulated(seed).figures.merge(panel[["province_code", "year", "resident_population"]])
    made = [one for one in registry.derived if set(one.inputs) <= set(figures) and "resident_population" in one.inputs]
    assert len(made) >= 9
    for one in made:
        values = figures.eval(str(one.formula))
        assert values.between(*one.range).all(), (one.id, values.min(), values.max())
    for name in [*DRIVERS, *SERIES]:
        steps = figures.pivot(index="province_code", columns="year", values=name)
        factor = np.exp(np.abs(np.log(steps).diff(axis=1))).max(axis=None)
        entry = registry.indicators[name]
        assert factor < (entry.jump or registry.quantity(entry).jump), name


@pytest.mark.parametrize("seed", SEEDS)
def test_each_edition_of_the_volume_is_the_planted_one_at_its_own_base(seed: int) -> None:
    """By the factors of the truth, but for rounding; each change of base stands in a year that two editions print."""
    found = simulated(seed)
    planted = found.figures.set_index(["province_code", "year"])[TELECOM]
    for base in PRICE_BASES:
        own = found.at_base[base.year].set_index(["province_code", "year"])[TELECOM]
        assert sorted(set(own.index.get_level_values("year"))) == list(range(base.years[0], base.years[1] + 1))
        times = found.truth["price_bases"][str(base.year)]["times"]
        expected = planted.reindex(own.index) * own.index.get_level_values(0).astype(str).map(times)
        np.testing.assert_allclose(own, expected, atol=0.02)
        assert np.std(list(times.values())) > 0.05 or base.year == 2020
    assert [base.years for base in PRICE_BASES] == [(2012, 2016), (2016, 2020), (2020, 2023)]
    assert {item.year for item in load_registry().indicators[TELECOM].breaks if 2012 < item.year <= 2023} == {
        2016,
        2021,
    }


def test_the_study_finds_every_indicator_in_the_file() -> None:
    own = {*SERIES, *DRIVERS}
    for name in load_studies()["coupling"].indicators:
        assert name in own or set(load_registry().indicators[name].inputs) <= own, name


def test_the_files_have_their_gaps_and_say_that_they_are_synthetic() -> None:
    one, again, other = (coupling_files(simulated(seed), seed) for seed in (1, 1, 2))
    assert one == again and sum(map(len, one.values())) < 130_000
    assert all(one[name] != other[name] for name in FILES)
    tables = {name: pd.read_csv(io.BytesIO(content), encoding="utf-8-sig") for name, content in one.items()}
    assert {name: len(table) for name, table in tables.items()} == {
        COUPLING_FILE: 31 * 12 + 1,
        ECOMMERCE_FILE: 31 * 11 + 1,
        **{base.file: 31 * (base.years[1] - base.years[0] + 1) + 1 for base in PRICE_BASES},
    }
    assert all("synthetic" in str(table.iloc[-1, 0]) for table in tables.values())
    table = tables[COUPLING_FILE].iloc[:-1].set_index(["代码", "年份"])
    for name, code, year in HUBEI_2020:
        assert np.isnan(table.loc[(code, year), SERIES[name].header])
    assert table.isna().sum().sum() == 2 and not tables[ECOMMERCE_FILE].iloc[:-1].isna().any(axis=None)
    assert len(table.columns) - 1 + 3 + 1 == len(DRIVERS) + len(SERIES)


def test_it_takes_no_random_numbers_from_other_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_sample(tmp_path / "one")
    monkeypatch.setattr(sample_files, "simulate_coupling", lambda seed, year: simulate_coupling(seed + 1, year))
    write_sample(tmp_path / "other")
    differ = {
        path.name
        for path in (tmp_path / "one").iterdir()
        if path.read_bytes() != (tmp_path / "other" / path.name).read_bytes()
    }
    assert differ == {*FILES, "truth.json"}


def test_the_readers_take_in_exactly_the_figures_printed(tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    write_sample(folder)
    sources, root = load_sources(folder / "sources.yaml")
    own = tuple(one for one in sources.files if one.match in FILES)
    assert len(own) == 5
    build_lake(root, sources.model_copy(update={"files": own, "scope": "declared"}), tmp_path, say=lambda _: None)
    observed = pd.read_parquet(tmp_path / "observation.parquet")
    found = simulated(DEFAULT_SEED)
    of_bases = observed["indicator"] == TELECOM
    for base in PRICE_BASES:
        edition = observed[of_bases & (observed["vintage"] == f"synthetic_prices_{base.year}")]
        printed = found.at_base[base.year].set_index(["province_code", "year"])[TELECOM]
        read = edition.set_index(["entity_code", "year"])["value"]
        np.testing.assert_array_equal(read.reindex(printed.index), printed)
    observed = observed[~of_bases].set_index(["indicator", "entity_code", "year"])
    figures = found.figures.rename(columns={"province_code": "entity_code"}).drop(columns=TELECOM)
    long = figures.melt(["entity_code", "year"], var_name="indicator").set_index(["indicator", "entity_code", "year"])
    later = [key for key in long.index if key[0] in ECOMMERCE and key[2] == YEARS[0]]
    expected = long["value"].drop([*later, *HUBEI_2020])
    assert sorted(observed.index) == sorted(expected.index)
    np.testing.assert_allclose(observed["value"], expected.reindex(observed.index), rtol=1e-12)
