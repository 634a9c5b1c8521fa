"""Three years of an office, lived through: downloads are added, nothing is edited by hand, and after each year the
published figures equal those of a fresh workspace that has the right files alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import medpanel.cli
from medpanel.publishing import resolve_current
from medpanel.runs.workspace import Workspace
from tests.pipeline import office
from tests.pipeline.conftest import rows, run

# What is published of figures, estimates and pilots, without the files they come from.
PUBLISHED = {
    "province_year": "from province_year order by all",
    "figures": "select entity_code, year, indicator, value, unit, vintage, status from observation "
    "where chosen order by all",
    "estimate": "from estimate order by all",
    "model_fit": "from model_fit order by all",
    "study_window": "from study_window order by all",
    "series_vintage": "select indicator, entity_level, vintage, role from series_vintage order by all",
    "pilot": "select * exclude (file_id, row) from pilot order by all",
}


@dataclass
class Office:
    """A workspace and what was published in it, year by year. `said`: what commands and runs told."""

    workspace: Workspace
    received: Path
    published: dict[int, dict[str, pd.DataFrame]] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    revised: dict[int, pd.DataFrame] = field(default_factory=dict)
    changed: dict[int, pd.DataFrame] = field(default_factory=dict)

    @property
    def raw(self) -> Path:
        return self.workspace.root / "raw"

    def add(self, files: dict[str, bytes], *options: str) -> bool:
        """`medpanel add`, where nobody sits at the terminal."""
        paths = map(str, office.write(self.received, files))
        told = CliRunner().invoke(medpanel.cli.app, ["add", *paths, *options, "--data", str(self.workspace.root)])
        self.said[" ".join([*files, *options])] = told.output
        return told.exit_code == 0

    def publish(self, year: int) -> None:
        """A run that must succeed; what it published is kept."""
        success, failures = run(self.workspace)
        assert success, failures
        self.published[year] = published(self.workspace)
        self.revised[year] = rows(self.workspace, "from revision order by all")
        self.changed[year] = rows(self.workspace, "from publication_change")


def published(workspace: Workspace) -> dict[str, pd.DataFrame]:
    return {name: rows(workspace, sql) for name, sql in PUBLISHED.items()}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office from 2024 to 2026."""
    root = tmp_path_factory.mktemp("办公室 office")
    one = Office(Workspace.at(root / "data"), root / "received")
    office.write(one.raw, office.first_year())
    office.write_study(one.workspace.root)
    one.publish(2024)
    # 2025: two downloads are added, a third is saved over the file it replaces.
    newer = {
        "synthetic_gdp_2025.csv": office.export(office.GDP, 2024, office.gdp(2025)),
        "synthetic_expenditure_2025.csv": office.export(office.EXPENDITURE, 2024, office.expenditure),
    }
    assert one.add(newer), one.said
    office.write(one.raw, {"synthetic_residents.csv": office.export("", 2024, office.residents)})
    one.publish(2025)
    # 2026: an indicator is renamed, a unit changes, a list is corrected, and a file is deleted by mistake.
    renamed = {"synthetic_gdp_2026.csv": office.export(office.RENAMED, 2025, office.gdp(2026))}
    persons = {"synthetic_residents_2026.csv": office.export("", 2025, office.residents, unit=10_000)}
    for question in (renamed, persons):
        assert not one.add(question)
        assert one.add(question, "--yes"), one.said
    plain = {
        "synthetic_expenditure_2026.csv": office.export(office.EXPENDITURE, 2025, office.expenditure),
        "synthetic_pilots_2026.csv": office.pilots(corrected=True),
    }
    assert one.add(plain), one.said
    lost = one.raw / "synthetic_older_residents.csv"
    content, before = lost.read_bytes(), resolve_current(one.workspace.root)
    lost.unlink()
    success, failures = run(one.workspace)
    one.said["deleted"] = "\n".join(failures)
    assert not success and resolve_current(one.workspace.root) == before
    lost.write_bytes(content)
    one.publish(2026)
    return one


def afresh(root: Path, told_in: int) -> dict[str, pd.DataFrame]:
    """What a new workspace publishes that has the year's files alone, declared as the first ones were."""
    last = told_in - 1
    files = office.first_year() | {
        "synthetic_gdp_2024.csv": office.export(office.GDP, last, office.gdp(told_in)),
        "synthetic_expenditure_2024.csv": office.export(office.EXPENDITURE, last, office.expenditure),
        "synthetic_residents.csv": office.export("", last, office.residents),
        "synthetic_pilots.csv": office.pilots(corrected=told_in >= 2026),
    }
    workspace = Workspace.at(root / "data")
    office.write(workspace.root / "raw", files)
    office.write_study(workspace.root)
    success, failures = run(workspace)
    assert success, failures
    return published(workspace)


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_year_is_what_a_fresh_workspace_publishes(lived: Office, year: int, tmp_path: Path) -> None:
    expected = afresh(tmp_path, year)
    for name, frame in lived.published[year].items():
        pd.testing.assert_frame_equal(frame, expected[name], check_exact=True, obj=name)


def test_the_window_moves_with_the_data(lived: Office) -> None:
    ends = {year: list(tables["study_window"]["last_year"]) for year, tables in lived.published.items()}
    assert ends == {2024: [2023], 2025: [2024], 2026: [2025]}
    assert all(set(tables["estimate"]["study"]) == {"our_budget"} for tables in lived.published.values())
    sizes = {year: set(tables["model_fit"]["n_obs"]) for year, tables in lived.published.items()}
    assert all(31 * (year - office.FIRST) in found for year, found in sizes.items())


def test_revised_figures_are_listed(lived: Office) -> None:
    gdp = lived.revised[2025].query("indicator == 'gdp'")
    assert set(gdp["year"]) == {2022, 2023} and len(gdp) == 2 * len(office.CODES)
    assert ((gdp["value_now"] / gdp["value_before"] - 1.01).abs() < 1e-3).all()
    assert set(gdp["file_before"]).isdisjoint(gdp["file_now"])


def test_the_corrected_list_wins_and_revives_nothing(lived: Office) -> None:
    before, now = (lived.published[year]["pilot"].set_index("unit_name") for year in (2025, 2026))
    assert office.STRUCK in before.index and office.STRUCK not in now.index
    [(place, day)] = office.REDATED.items()
    assert str(now.loc[place, "announced_on"])[:10] == day
    pilots = lived.revised[2026].query("indicator == 'pilot_mohurd'")
    struck = pilots[pilots["entity_code"] == office.PILOTS[office.STRUCK][1]]
    assert struck[["value_before", "value_now"]].to_numpy().tolist() == [[1.0, 0.0]]


def test_questions_name_what_is_assumed(lived: Office) -> None:
    assert "地区生产总值初步核算数" in lived.said["synthetic_gdp_2026.csv"]
    assert "人" in lived.said["synthetic_residents_2026.csv"]


def test_the_deleted_file_stops_the_publication_by_name(lived: Office) -> None:
    assert "synthetic_older_residents.csv" in lived.said["deleted"]
    assert "--accept-loss" in lived.said["deleted"]


def test_each_publication_says_what_changed(lived: Office) -> None:
    assert lived.changed[2024].empty
    figures = lived.changed[2025].query("table_name == 'observation'")
    assert {"data", "year"} <= set(figures["reason"])
    assert "estimate" in set(lived.changed[2025]["table_name"])
    assert "pilot" in set(lived.changed[2026]["table_name"])
