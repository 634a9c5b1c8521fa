"""The sample's list of doctors: what is planted is counted, whatever the spelling, and nothing else changes."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from catalog import load_registry, load_sources
from ingestion import FileReading, read_file
from ingestion.readers.persons.doctors_together import settle
from medpanel.sample import DEFAULT_SEED, sample_files
from medpanel.sample.doctors import (
    DOCTOR_FILE,
    DOCTORS,
    FIRST_TIER,
    HIGH_SHARE,
    REPEATED,
    WITHOUT_COORDINATES,
    YEAR,
    doctor_file,
    simulate_doctors,
)
from models_py.parts.online_doctors.places import HIGH_GRADE, HIGH_TITLES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("样本")
    content, truth = doctor_file(DEFAULT_SEED, simulate_doctors(DEFAULT_SEED))
    (folder / DOCTOR_FILE).write_bytes(content)
    (folder / "sources.yaml").write_bytes(sample_files()["sources.yaml"])
    (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def reading(folder: Path) -> FileReading:
    sources, root = load_sources(folder / "sources.yaml")
    return read_file(root, root / DOCTOR_FILE, sources, load_registry())


def test_every_row_is_accounted_for(reading: FileReading) -> None:
    source = reading.source_file
    assert (source["rows_read"], source["rows_loaded"]) == (DOCTORS + REPEATED + 1, DOCTORS)
    assert (source["rows_rejected"], source["rows_set_aside"]) == (REPEATED, 1)
    assert {record["code"] for record in reading.rejected_row} == {"repeated_doctor"}


def test_counts_are_those_planted(reading: FileReading, folder: Path) -> None:
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    counts = pd.DataFrame(settle([reading])["doctor_count"])
    high = counts["title"].isin(HIGH_TITLES) & (counts["hospital_grade"] == HIGH_GRADE)
    found = counts.assign(high=counts["doctors"].where(high, 0)).groupby("city_code")[["doctors", "high"]].sum()
    planted = pd.DataFrame(truth["cities"]).T
    assert found.set_axis(planted.columns, axis=1).to_numpy().tolist() == planted.to_numpy().tolist()
    assert [str(code) for code in found.index] == list(planted.index)
    assert set(counts["year"]) == {YEAR} == {truth["year"]}
    # Every spelling was understood: none of the kinds is empty.
    assert counts["title"].nunique() == counts["hospital_grade"].nunique() == 5


@pytest.mark.parametrize("seed", [0, 7])
def test_first_tier_cities_have_more_and_better_doctors_in_every_seed(seed: int) -> None:
    cities = simulate_doctors(seed)
    assert sum(city.doctors for city in cities) == DOCTORS
    for city in cities:
        assert abs(city.high_quality - HIGH_SHARE[city.code in FIRST_TIER] * city.doctors) <= 0.5
    assert len({city.code // 10000 for city in cities}) == 31
    assert WITHOUT_COORDINATES in {city.code for city in cities}
    assert simulate_doctors(seed) == cities and doctor_file(seed, cities)[0] == doctor_file(seed, cities)[0]


def test_the_list_says_that_it_is_synthetic_and_holds_hashes_alone(folder: Path) -> None:
    rows = pd.read_csv(folder / DOCTOR_FILE)
    assert rows["医院"].str.contains("合成医院 synthetic").all()
    assert rows["医生编号"].str.fullmatch("[0-9a-f]{64}").all()
    assert rows["医生编号"].nunique() == DOCTORS
