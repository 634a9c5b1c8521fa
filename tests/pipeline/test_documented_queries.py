"""The worked queries of the page on querying, on what runs publish: the sample, and the real files."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from catalog import load_tables
from medpanel.publishing import resolve_current
from medpanel.runs.workspace import Workspace
from tests.medpanel.publishing.panel_long import same_as_wide
from tests.medpanel.publishing.test_datapackage import problems
from tests.pipeline.conftest import rows
from tests.querying_page import blocks, page, worked

WORKED = worked(page("en"))
# Queries without a row, and the table that then has none: nothing was revised, and no pilots are among the real files.
NOTHING = {"demo": {18: "revision"}, "real": {16: "smart_exposure", 18: "revision"}}


@pytest.mark.parametrize("run", ["demo", "real"])
def test_every_worked_query_has_rows(run: str, request: pytest.FixtureRequest) -> None:
    workspace: Workspace = request.getfixturevalue(run)
    counts = {number: len(rows(workspace, sql)) for number, sql in WORKED.items()}
    assert len(counts) == 20
    assert {number for number, count in counts.items() if count == 0} == set(NOTHING[run])
    for table in NOTHING[run].values():
        assert rows(workspace, f"FROM {table}").empty


@pytest.mark.parametrize("run", ["demo", "real"])
def test_the_views_keep_the_grain_of_their_tables(run: str, request: pytest.FixtureRequest) -> None:
    import duckdb

    workspace: Workspace = request.getfixturevalue(run)
    key = ", ".join(load_tables()["estimate"].key)
    kept = f"SELECT {key}, estimate, std_error, p_value, ci_low, ci_high FROM {{}} ORDER BY ALL"
    pd.testing.assert_frame_equal(rows(workspace, kept.format("v_estimate")), rows(workspace, kept.format("estimate")))
    nameless = "FROM v_estimate WHERE term_en = '' OR study_en = study OR method_zh = method OR effect_zh = effect"
    assert rows(workspace, nameless).empty
    database = str(resolve_current(workspace.root) / "medpanel.duckdb")
    with duckdb.connect(database, read_only=True) as connection:
        assert same_as_wide(connection, "province_year") > 10_000
        assert same_as_wide(connection, "city_year") > 1_000


def test_a_reported_figure_has_its_cell_in_the_long_panel(demo: Workspace) -> None:
    found = rows(demo, "FROM v_panel_long WHERE entity_level = 'province' AND value IS NOT NULL")
    reported = found[found["status"].isin(["reported", "interpolated", "carried", "corrected"])]
    assert reported[["path", "cell", "unit", "name_zh", "name_en"]].notna().all().all()
    assert set(found.loc[~found.index.isin(reported.index), "status"]) == {"derived"}
    assert found.loc[found["status"] == "derived", "formula"].notna().all()
    traced = rows(demo, "FROM trace('河南', 2022, 'gdp')").iloc[0]
    own = reported[(reported["name_en"] == "Henan") & (reported["year"] == 2022) & (reported["indicator"] == "gdp")]
    assert tuple(own[["path", "cell"]].iloc[0]) == (traced["path"], traced["cell"])


@pytest.mark.parametrize("run", ["demo", "real"])
def test_the_publication_is_described_as_it_is(run: str, request: pytest.FixtureRequest) -> None:
    workspace: Workspace = request.getfixturevalue(run)
    assert problems(resolve_current(workspace.root)) == []


def test_the_python_on_the_page_runs_and_its_files_can_be_read(
    demo: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").symlink_to(demo.root, target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    scripts = blocks(page("en"), "python")
    assert len(scripts) == 2
    seen: dict[str, object] = {}
    for script in scripts:
        exec(compile(script, "querying.md", "exec"), seen)
    panel = rows(demo, "FROM province_year ORDER BY province_code, year")
    traced = seen["rows"]
    assert isinstance(traced, pd.DataFrame) and len(traced) == 1
    assert len(pd.read_excel("province_year.xlsx")) == len(panel)
    stata = pd.read_stata("province_year.dta")
    assert list(stata.columns) == [name[:32] for name in panel.columns]
    pd.testing.assert_series_equal(stata["gdp"], panel["gdp"], check_dtype=False)


def test_every_command_of_medpanel_on_the_page_exists() -> None:
    from medpanel.cli import app

    known = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    used = {
        found for shell in blocks(page("en"), "sh") for found in re.findall(r"^medpanel (\w+)", shell, re.MULTILINE)
    }
    assert {"query", "rollback"} <= used <= known
