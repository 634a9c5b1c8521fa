"""The sample's tables by type of facility: planted truth comes back through reading, and no other file is "
"contradicted."""

import json
from pathlib import Path

import pandas as pd
import pytest

from catalog import NATION_CODE, load_registry, load_sources
from catalog.parts.imbalance import Options
from catalog.studies import load_studies
from ingestion import read_file
from medpanel.sample import DEFAULT_SEED, sample_files, simulate_panel
from medpanel.sample.facilities import BANDS, EQUIPMENT_FILE, PROVINCE, SERVICE_FILE, SERVICE_YEAR, facility_files
from medpanel.sample.resources import simulate_resources
from models_py.panel import province_panel
from models_py.parts.frame import Work
from models_py.parts.imbalance.part import PART

STUDY = load_studies()["imbalance"]
SCOPES = ("nation", str(PROVINCE))


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return sample_files()


@pytest.fixture(scope="module")
def long(files, tmp_path_factory) -> pd.DataFrame:
    """What the two workbooks hold, read by the mapping that comes with the product."""
    folder: Path = tmp_path_factory.mktemp("facilities")
    for name in (SERVICE_FILE, EQUIPMENT_FILE, "sources.yaml"):
        (folder / name).write_bytes(files[name])
    sources, _ = load_sources(folder / "sources.yaml")
    found = [read_file(folder, folder / name, sources, load_registry()) for name in (SERVICE_FILE, EQUIPMENT_FILE)]
    assert [reading.rejected_row for reading in found] == [[], []]
    return pd.DataFrame([row for reading in found for row in reading.observation])


@pytest.fixture(scope="module")
def tables(long) -> dict[str, pd.DataFrame]:
    panel = province_panel(STUDY.years)
    work = Work(STUDY, STUDY.options(Options), panel, {"figures_long": long}, {}, "synthetic", lambda figures: {})
    return {name: frame.set_index("scope") for name, frame in PART.compute(work).items()}


def test_the_planted_shares_gaps_and_equipment_are_found(files, tables):
    truth = json.loads(files["truth.json"])["facilities"]
    assert tuple(truth) == SCOPES
    for scope in SCOPES:
        rows, planted = tables["imbalance"].loc[scope].set_index("facility_type"), truth[scope]
        total = rows.loc["all", "visits"]
        for kind, share in planted["visit_share"].items():
            assert rows.loc[kind, "visits"] / total == pytest.approx(share, rel=1e-9), kind
        for tier, share in planted["tier_visit_share"].items():
            assert rows.loc[tier, "visit_share"] == pytest.approx(share, rel=1e-9)
            assert rows.loc[tier, "bed_occupancy"] == pytest.approx(planted["bed_occupancy"][tier], rel=1e-9)
        gaps = tables["imbalance_gap"].loc[scope]
        own = (gaps["compared_with"] == "") & (gaps["measure"] == "bed_occupancy") & (gaps["high_type"] == "high_tier")
        assert gaps.loc[own, "gap"].tolist() == pytest.approx([planted["occupancy_gap"]])
        bands = tables["equipment_band"].loc[scope]
        primary = bands[bands["facility_type"] == "primary_institutions"].set_index("band")["share"]
        assert [primary[band] for band in BANDS] == pytest.approx(list(planted["primary_equipment_share"].values()))


def test_visits_add_up_to_those_of_the_yearbook_file(files, long):
    panel = simulate_panel(DEFAULT_SEED).province_year
    panel = panel[panel["year"] == SERVICE_YEAR].set_index("province_code")["outpatient_visits"]
    visits = long[long["indicator"].str.startswith("visits_")].groupby("entity_code")["value"].sum()
    assert visits[PROVINCE] == pytest.approx(panel[PROVINCE])
    assert visits[NATION_CODE] == pytest.approx(panel.sum())


def test_same_seed_same_bytes():
    panel = simulate_panel(DEFAULT_SEED).province_year
    amounts, _ = simulate_resources(DEFAULT_SEED, panel)
    frames = (panel[["province_code", "year", "outpatient_visits"]], amounts)
    long = pd.concat([frame.melt(["province_code", "year"]) for frame in frames])
    figures = {(name, code, year): value for code, year, name, value in long.itertuples(index=False)}
    one, again, other = (facility_files(seed, figures) for seed in (7, 7, 8))
    assert one == again
    assert all(one[0][name] != other[0][name] for name in (SERVICE_FILE, EQUIPMENT_FILE)) and one[1] != other[1]
