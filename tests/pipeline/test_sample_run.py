"""The sample through the whole path: numbers equal what was simulated, gaps are flagged, re-runs change nothing."""

from __future__ import annotations

import json
import os

import dagster as dg
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from medpanel.publishing import resolve_current
from medpanel.runs.workspace import Workspace
from medpanel.sample import DEFAULT_SEED, simulate_panel
from medpanel.sample.cities import CITY_CODES, distances_km, simulate_cities
from medpanel.sample.flows import DAY, simulate_flows
from tests.pipeline.conftest import QUICK, environment, rows

CLOCKS = {"run_manifest", "run_timing", "publication_change"}
# Their rows are those of all studies together, without naming one.
OF_ALL_STUDIES = {"check_result", "data_dictionary", "label", "model_name_before"}


def test_province_year_equals_the_simulated_panel_but_for_the_planted_gaps(demo: Workspace) -> None:
    simulated = simulate_panel(DEFAULT_SEED).province_year.set_index(["province_code", "year"]).sort_index()
    published = rows(demo, "from province_year").set_index(["province_code", "year"]).sort_index()
    filled = rows(demo, "select entity_code, year, indicator from observation where status = 'interpolated'")
    assert len(filled) > 5
    gaps = {(r.entity_code, r.year) for r in filled.itertuples()}
    complete = [key for key in simulated.index if key not in gaps]
    simulated_columns = [name for name in published.columns if name in simulated.columns]
    assert {"gdp", "newborn_visit_rate", "gdp_per_capita", "urbanization_rate"} <= set(simulated_columns)
    for name in simulated_columns:
        np.testing.assert_allclose(
            published.loc[complete, name], simulated.loc[complete, name], rtol=1e-12, atol=0, err_msg=name
        )
        # Other files begin a year earlier.
        assert published.loc[simulated.index, name].notna().all(), name


def test_every_planted_gap_and_no_other_is_interpolated(demo: Workspace) -> None:
    truth = json.loads((demo.root / "raw" / "truth.json").read_text(encoding="utf-8"))
    planted = {
        (b["province_code"], b["year"], b["indicator"]) for b in truth["blemishes"] if b["kind"].startswith("missing")
    }
    assert planted, [b["kind"] for b in truth["blemishes"]]
    of_systems = {
        (b["province_code"], b["year"], b["indicator"]) for b in truth["coupling"]["blemishes"] if "year" in b
    }
    assert len(of_systems) == 2
    found = rows(
        demo, "select entity_code, year, indicator, cell, sheet from observation where status = 'interpolated'"
    )
    assert {(r.entity_code, r.year, r.indicator) for r in found.itertuples()} == planted | of_systems
    found = found[~found["indicator"].isin([indicator for _, _, indicator in of_systems])]
    cells = {(b["sheet"], b["cell"]) for b in truth["blemishes"] if b["kind"].startswith("missing")}
    assert {(r.sheet, r.cell) for r in found.itertuples()} == cells


def test_exposure_equals_the_sample_s_own_independent_count(demo: Workspace) -> None:
    simulated = simulate_panel(DEFAULT_SEED).exposure.set_index(["province_code", "year"]).sort_index()
    published = (
        rows(demo, "from smart_exposure where study = 'mspi'")
        .drop(columns="study")
        .set_index(["province_code", "year"])
        .sort_index()
    )
    assert list(published.index) == list(simulated.index)
    np.testing.assert_allclose(published["exposure"], simulated["exposure"], rtol=1e-15)
    np.testing.assert_array_equal(published["total_units"], simulated["total_units"])


def test_city_pair_holds_the_planted_flows(demo: Workspace) -> None:
    flows = simulate_flows(DEFAULT_SEED)
    # Of the two lists of one day that of arrivals is read where both have a pair.
    day = np.where(np.isnan(flows.arrivals), flows.departures, flows.arrivals)
    networks = {**{f"amap_cities_{year}": figures for year, figures in flows.actual.items()}, f"baidu_{DAY}": day}
    published = rows(demo, "from city_pair")
    # What is planted in the national network and in that of counties: tests/medpanel/test_sample_networks.py.
    assert set(published["network"]) == {*networks, "amap_2023", "zhejiang_2017"}
    assert set(published["data_kind"]) == {"synthetic"}
    number = {code: i for i, code in enumerate(CITY_CODES)}
    for network, planted in networks.items():
        found = np.full(planted.shape, np.nan)
        far = np.zeros(planted.shape)
        for row in published[published["network"] == network].itertuples():
            here, there = number[row.origin_code], number[row.destination_code]
            found[here, there], far[here, there] = row.flow, row.distance_km
        np.fill_diagonal(found, 0)
        assert np.array_equal(found, np.where(np.eye(len(CITY_CODES)), 0, planted), equal_nan=True), network
        np.testing.assert_allclose(far[far > 0], distances_km()[far > 0], rtol=1e-9)
    # Only a day has two lists of one flow.
    assert set(published.loc[published["reading_gap"].notna(), "network"]) == {f"baidu_{DAY}"}


def test_units_of_the_official_lists_that_are_no_nodes_are_named(demo: Workspace) -> None:
    gaps = rows(
        demo,
        "select network, gap, reason, count(*) as n, min(name_zh) as first from node_list_gap "
        "join city using (city_code) where study = 'mobility' group by all order by network",
    )
    assert gaps.to_numpy().tolist() == [
        ["amap_2023", "absent", "no_flow", 9, "中卫市"],
        ["zhejiang_2017", "absent", "no_flow", 1, "嵊泗县"],
    ]


def test_city_year_holds_the_simulated_figures_of_the_edition_in_use(demo: Workspace) -> None:
    now, older = simulate_cities(DEFAULT_SEED, simulate_panel(DEFAULT_SEED).province_year)
    published = rows(demo, "from city_year").set_index(["city_code", "year"]).sort_index()
    simulated = now.set_index(["city_code", "year"]).sort_index()
    # Other cities are in the file of the national network.
    assert set(published["data_kind"]) == {"synthetic"}
    published = published.loc[simulated.index]
    gaps = {}
    for name in simulated:
        known = published[name].notna()
        gaps[name] = int((~known).sum())
        assert (published.loc[known, name] == simulated.loc[known, name]).all(), name
    assert gaps == {"resident_population": 0, "registered_population": 1, "gdp": 0, "gdp_urban_districts": 0}
    conflict = rows(demo, "from vintage_conflict")
    assert set(conflict["indicator"]) == {"gdp"}
    assert len(conflict) == len(older)


def test_the_index_identity_holds_on_every_row(demo: Workspace) -> None:
    index = rows(demo, "from performance_index where variant = ''")
    assert len(index) == 2 * 2 * 31 * 12
    own = rows(demo, "from performance_index where study = 'mspi'")
    assert len(own) == 3 * 2 * 31 * 12, "and under two other weightings"
    gap = index["mspi"] - (2 * index["ssi"] + 2 * index["qii"] + 3 * index["hmi"]) / 7
    assert gap.abs().max() < 1e-12


def test_the_ui_shows_the_run_of_the_command_line_as_one_of_the_job(demo: Workspace) -> None:
    with environment():
        os.environ.update(demo.to_environment())
        with dg.DagsterInstance.get() as instance:
            [run] = instance.get_runs()
    assert run.remote_job_origin is not None
    assert run.remote_job_origin.location_name == "medpanel"
    assert (run.remote_job_origin.job_name, run.tags[".dagster/repository"]) == (
        "everything",
        "__repository__@medpanel",
    )


def test_only_the_file_meant_to_be_refused_is_refused(demo: Workspace) -> None:
    refused = rows(demo, "from source_file where status = 'refused'")
    assert list(refused["path"].str.contains("refuse")) == [True]
    assert "Shanxi" in refused["problem"].iloc[0]
    assert "cell A" in refused["problem"].iloc[0]
    account = rows(demo, "from source_file where rows_read <> rows_loaded + rows_rejected + rows_set_aside")
    assert account.empty


def test_a_fresh_run_makes_everything_anew_and_publishes_the_same(demo: Workspace, demo_again: Workspace) -> None:
    timing = rows(demo_again, "from run_timing")
    assert timing["step"].str.startswith("read:").sum() == 38
    assert not timing["reused"].any()
    one, two = (resolve_current(workspace.root) for workspace in (demo, demo_again))
    names = {path.stem for path in (two / "parquet").glob("*.parquet")}
    assert len(names) > 30
    for name in sorted(names - CLOCKS - OF_ALL_STUDIES):
        paths = [folder / "parquet" / f"{name}.parquet" for folder in (one, two)]
        first, second = (pq.read_schema(path) for path in paths)
        assert first.equals(second), name
        before, after = (pd.read_parquet(path) for path in paths)
        if "study" in before:
            before = before[before["study"].isin(QUICK)].reset_index(drop=True)
        # Of one type in the files; pandas takes whole numbers beside a gap, here in other studies, for floats.
        pd.testing.assert_frame_equal(before, after, check_exact=True, check_dtype=False, obj=name)
    # The pages of tables and indicators tell of every study; test_reuse compares them between whole runs.
    files = [path for study in QUICK for path in (two / "report" / study).rglob("*") if path.is_file()]
    pages = [path.relative_to(two) for path in files]
    assert len(pages) > 100
    assert [path for path in pages if (one / path).read_bytes() != (two / path).read_bytes()] == []
