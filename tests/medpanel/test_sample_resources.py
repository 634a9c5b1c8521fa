"""Synthetic resources of the provinces: planted Ginis, amounts that can be, random numbers of their own."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from medpanel.sample import DEFAULT_SEED, simulate_panel, write_sample
from medpanel.sample import files as sample_files
from medpanel.sample.facilities import SERVICE_FILE
from medpanel.sample.resources import RESOURCE_FILE, RESOURCES, YEARS, resource_file, simulate_resources

SEEDS = (DEFAULT_SEED, 1, 2)


def simulated(seed: int) -> tuple[pd.DataFrame, dict[str, dict[str, float]]]:
    return simulate_resources(seed, simulate_panel(seed).province_year)


@pytest.mark.parametrize("seed", SEEDS)
def test_amounts_have_the_planted_ginis_and_can_be(seed: int) -> None:
    amounts, truth = simulated(seed)
    assert len(amounts) == 31 * len(YEARS) and set(truth) == set(RESOURCES)
    assert (amounts[list(RESOURCES)] > 0).all(axis=None)
    # Physicians and nurses are technicians; hospitals are institutions.
    assert (amounts["physicians"] + amounts["nurses"] <= amounts["health_technicians"]).all()
    assert (amounts["hospitals"] <= amounts["institutions"]).all()
    people = simulate_panel(seed).province_year.set_index(["province_code", "year"])["resident_population"]
    held = amounts.set_index(["province_code", "year"])
    for name in RESOURCES:
        for year in YEARS:
            q, p = (
                held[name].xs(year, level="year"),
                people.xs(year, level="year").reindex(amounts[:31]["province_code"]),
            )
            p, q = p / p.sum(), q / q.sum()
            order = np.argsort((q / p).to_numpy())
            cumulative = np.concatenate([[0], np.cumsum(q.to_numpy()[order])])
            gini = 1 - (cumulative[1:] + cumulative[:-1]) @ p.to_numpy()[order]
            assert gini == pytest.approx(truth[name][str(year)], abs=0.0005), (name, year)


def test_a_seed_gives_the_same_bytes_and_another_others() -> None:
    one, again, other = (resource_file(simulated(seed)[0], seed) for seed in (1, 1, 2))
    assert one == again != other
    table = pd.read_csv(io.BytesIO(one), encoding="utf-8-sig")
    assert list(table) == ["省份", "代码", "年份", *(resource.header for resource in RESOURCES.values())]
    # The last line says that they are synthetic.
    assert len(table) == 311 and "synthetic" in str(table.iloc[-1, 0])


def test_resources_take_no_random_numbers_from_other_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With other resources every file has the same bytes but those made from them: facilities of 2021, the truth."""
    write_sample(tmp_path / "one")
    monkeypatch.setattr(sample_files, "simulate_resources", lambda seed, year: simulate_resources(seed + 1, year))
    write_sample(tmp_path / "other")
    one, other = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "other"))
    assert set(one) == set(other) and RESOURCE_FILE in one
    differing = {name for name in one if one[name] != other[name]}
    assert differing == {RESOURCE_FILE, SERVICE_FILE, "truth.json"}
    assert json.loads(one["truth.json"])["gini_by_population"].keys() == RESOURCES.keys()
