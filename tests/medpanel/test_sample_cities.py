"""The sample's flows and city figures: planted truth comes back, blemishes stand where truth.json says."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from catalog import load_registry, load_sources
from ingestion import FileReading, read_file
from medpanel.sample import DEFAULT_SEED, sample_files, simulate_panel, write_sample
from medpanel.sample.cities import (
    CITY_CODES,
    DECIMALS,
    OLDER_FILE,
    OLDER_YEARS,
    PANEL_FILE,
    distances_km,
    sample_cities,
    simulate_cities,
)
from medpanel.sample.flows import (
    ARRIVALS_FILE,
    DAY,
    DEPARTURES_FILE,
    DISTANCE_ELASTICITY,
    TOP,
    YEARLY_FILE,
    YEARS,
    CityFlows,
    simulate_flows,
)
from medpanel.sample.outcomes import SampleRangeError

APART = ~np.eye(len(CITY_CODES), dtype=bool)


@pytest.fixture(scope="module")
def flows() -> CityFlows:
    return simulate_flows(DEFAULT_SEED)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("样本") / "raw"
    write_sample(folder)
    return folder


@pytest.fixture(scope="module")
def truth(folder: Path) -> dict:
    return json.loads((folder / "truth.json").read_text(encoding="utf-8"))


def read(folder: Path, name: str) -> FileReading:
    sources, root = load_sources(folder / "sources.yaml")
    return read_file(root, folder / name, sources, load_registry())


def as_pairs(values: np.ndarray) -> dict[tuple[int, int], float]:
    """Origin and destination -> figure, of the pairs that have one."""
    return {
        (CITY_CODES[i], CITY_CODES[j]): float(values[i, j])
        for i, j in zip(*np.nonzero(APART & np.isfinite(values)), strict=True)
    }


def read_pairs(reading: FileReading, network: str) -> dict[tuple[int, int], float]:
    flow = reading.tables["flow"].to_pandas().query("network == @network")
    return {(r.origin_code, r.destination_code): r.flow for r in flow.itertuples()}


def test_the_cities_are_real_ones_and_some_are_their_own_province() -> None:
    cities = sample_cities()
    assert len({city.code for city in cities}) == len(cities) == 20
    assert [city.short for city in cities if city.municipality] == ["北京", "天津", "上海"]
    assert {city.name for city in cities} >= {"吉林市", "拉萨市"}
    # 1,067 km as the crow flies.
    far = distances_km()[CITY_CODES.index(110000), CITY_CODES.index(310000)]
    assert far == pytest.approx(1067, rel=0.01)


@pytest.mark.parametrize("seed", [0, 1, 2, DEFAULT_SEED])
def test_the_planted_elasticity_comes_back(seed: int) -> None:
    """Least squares on an effect of each origin and each destination, as a gravity model is estimated."""
    origin, destination = np.nonzero(APART)
    size = len(CITY_CODES)
    design = np.column_stack(
        [np.log(distances_km()[APART]), np.eye(size)[origin], np.eye(size)[destination][:, 1:]],
    )
    for year in YEARS:
        outcome = np.log(simulate_flows(seed).actual[year][APART])
        slopes, residual, *_ = np.linalg.lstsq(design, outcome, rcond=None)
        variance = residual[0] / (len(outcome) - design.shape[1]) * np.linalg.inv(design.T @ design)[0, 0]
        assert abs(slopes[0] - DISTANCE_ELASTICITY) < 3.3 * np.sqrt(variance)


def test_lists_are_cut_and_some_are_short(flows: CityFlows) -> None:
    for lengths in (np.isfinite(flows.departures).sum(axis=1), np.isfinite(flows.arrivals).sum(axis=0)):
        assert max(lengths) == TOP
        assert 0 < (lengths < TOP).sum() < len(CITY_CODES) / 2
    gap = np.abs(flows.arrivals / flows.departures - 1)
    assert 0 < np.nanmax(gap) < 0.05
    assert np.isfinite(gap).sum() < np.isfinite(flows.departures).sum()


def test_the_readers_take_in_exactly_the_planted_flows(folder: Path, flows: CityFlows) -> None:
    yearly = read(folder, YEARLY_FILE)
    for year in YEARS:
        assert read_pairs(yearly, f"amap_cities_{year}") == as_pairs(flows.actual[year])
    for name, planted in ((ARRIVALS_FILE, flows.arrivals), (DEPARTURES_FILE, flows.departures)):
        reading = read(folder, name)
        assert read_pairs(reading, f"baidu_{DAY}") == as_pairs(planted)
        lists = reading.tables["flow_list"].to_pandas().set_index("city_code")
        assert (lists["censored"] == (lists["partners"] == TOP)).all()
        assert lists["censored"].any() and not lists["censored"].all()


def test_the_files_of_one_day_are_checked_against_each_other(folder: Path, tmp_path: Path) -> None:
    for name in (ARRIVALS_FILE, DEPARTURES_FILE):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    declared = (folder / "sources.yaml").read_text(encoding="utf-8")
    wrong = declared.replace("direction: in\n      origin: city_name\n      destination: city_id_name",
                             "direction: in\n      origin: city_id_name\n      destination: city_name")  # fmt: skip
    assert wrong != declared
    (tmp_path / "sources.yaml").write_text(wrong, encoding="utf-8")
    assert read(tmp_path, ARRIVALS_FILE).source_file["status"] == "refused"


def test_rows_that_are_no_flow_are_on_record(folder: Path, truth: dict) -> None:
    lines = (folder / YEARLY_FILE).read_text(encoding="utf-8-sig").splitlines()
    marked = truth["flows"]["blemishes"]
    assert Counter(row["kind"] for row in marked) == {"within_city": 6, "repeated": 4, "hong_kong": 2}
    for row in marked:
        assert lines[row["row"] - 1].startswith(row["text"])
    account = read(folder, YEARLY_FILE).source_file
    # The header is set aside too.
    assert (account["rows_rejected"], account["rows_set_aside"]) == (0, len(marked) + 1)


def test_every_row_of_a_flow_file_says_that_it_is_synthetic(folder: Path) -> None:
    for name in (YEARLY_FILE, ARRIVALS_FILE, DEPARTURES_FILE):
        rows = list(csv.reader(io.StringIO((folder / name).read_text(encoding="utf-8-sig"))))
        assert all("synthetic data 合成数据" in row[-1] for row in rows[1:])


@pytest.mark.parametrize("seed", [0, 1, 2, DEFAULT_SEED])
def test_cities_are_parts_of_their_provinces(seed: int) -> None:
    provinces = simulate_panel(seed).province_year.set_index(["province_code", "year"])
    now, older = simulate_cities(seed, provinces.reset_index())
    place = now.assign(province_code=now["city_code"] // 10000 * 10000).set_index(["province_code", "year"])
    for name in ("gdp", "resident_population"):
        part = place[name].groupby(level=[0, 1]).sum() / provinces[name].reindex(place.index.unique())
        assert part.max() < 1.0001
        own = [city.code for city in sample_cities() if city.municipality]
        assert part.loc[own].min() == pytest.approx(1)
    assert (now["gdp_urban_districts"] < now["gdp"]).all()
    both = older.merge(now, on=["city_code", "year"], suffixes=("_older", ""))
    assert set(both["year"]) == set(OLDER_YEARS) and len(both) == len(older) == 2 * len(CITY_CODES)
    assert (both["resident_population_older"] == both["resident_population"]).all()
    assert both["gdp_older"].div(both["gdp"]).between(0.95, 1.01).all()
    assert (both["gdp_older"] != both["gdp"]).all()


def test_a_province_too_large_for_its_city_is_an_error() -> None:
    provinces = simulate_panel(0).province_year
    with pytest.raises(SampleRangeError, match=r"resident_population of cities: .* leaves the registry's range"):
        simulate_cities(0, provinces.assign(resident_population=provinces["resident_population"] * 10))


def test_the_readers_take_in_exactly_the_city_figures(folder: Path, truth: dict) -> None:
    now, older = simulate_cities(DEFAULT_SEED, simulate_panel(DEFAULT_SEED).province_year)
    missing = {(b["indicator"], b["city_code"], b["year"]) for b in truth["cities"]["blemishes"] if b["text"] == "-"}
    assert len(missing) == 1
    for name, simulated in ((PANEL_FILE, now), (OLDER_FILE, older)):
        observed = pd.DataFrame(read(folder, name).observation)
        assert set(observed["entity_level"]) == {"city"}
        found = observed.set_index(["indicator", "entity_code", "year"])["value"].to_dict()
        expected = simulated.melt(["city_code", "year"], var_name="indicator")
        expected = expected.set_index(["indicator", "city_code", "year"])["value"].drop(
            list(missing) if name == PANEL_FILE else []
        )
        assert found == expected.to_dict()


def test_blemishes_of_the_city_panel_stand_where_the_truth_says(folder: Path, truth: dict) -> None:
    rows = list(csv.reader(io.StringIO((folder / PANEL_FILE).read_bytes().decode("gb2312"))))
    blemishes = truth["cities"]["blemishes"]
    assert {b["kind"] for b in blemishes} == {"missing", "footnote", "full_width_space", "thousands_separator"}
    for blemish in blemishes:
        column, row = ord(blemish["cell"][0]) - ord("A"), int(blemish["cell"][1:]) - 1
        assert rows[row][column] == blemish["text"]
        assert rows[row][0] == str(blemish["year"]) and rows[row][3] == str(blemish["city_code"])
        assert rows[0][column].startswith(load_registry().indicators[blemish["indicator"]].label.zh)
        if blemish["kind"] != "missing":
            assert float(blemish["text"].strip("①\u3000").replace(",", "")) == blemish["true_value"]


def test_the_files_are_written_as_their_publishers_write_them() -> None:
    files = sample_files()
    with pytest.raises(UnicodeDecodeError):
        files[PANEL_FILE].decode("utf-8")
    assert files[PANEL_FILE].count(b"\n") == files[PANEL_FILE].count(b"\r\n") == 1 + 60 + 1
    for name in (OLDER_FILE, YEARLY_FILE, ARRIVALS_FILE, DEPARTURES_FILE):
        assert files[name].startswith(b"\xef\xbb\xbf") and b"\r" not in files[name]
    assert set(DECIMALS) == {"resident_population", "registered_population", "gdp", "gdp_urban_districts"}
