"""A second run takes what an unchanged result was, makes what depends on a change, and publishes either way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pandas as pd
import pytest

from benchmarks.reuse import change_cell
from catalog.parts import diagnostics
from catalog.studies import load_studies
from medpanel.publishing import resolve_current
from medpanel.runs.workspace import Workspace
from models_py.figures.show import LANGS
from tests.pipeline.conftest import rows, run

# Never an earlier result: whatever else happens, a run reads its folder and publishes.
ALWAYS = {"publication"}
CLOCKS = {"run_manifest.parquet", "run_timing.parquet", "datapackage.json", "publication.js"}
# Pages that name the run; those of studies do not.
OF_THE_RUN = [f"report/{lang}/synthetic_{name}.html" for lang in LANGS for name in ("index", "provenance", "changes")]
# No study of the sample uses it.
UNUSED = "synthetic_城市统计_2021-2023.csv"


@pytest.fixture(scope="module")
def again(demo: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The sample's workspace in another folder, run a second time with nothing changed."""
    root = tmp_path_factory.mktemp("unchanged") / "data"
    shutil.copytree(demo.root, root, symlinks=True)
    workspace = Workspace.at(root)
    success, failures = run(workspace)
    assert success, failures
    return workspace


def made(workspace: Workspace) -> set[str]:
    """The steps of the last run that made their result themselves."""
    steps = rows(workspace, "from run_timing where not starts_with(step, 'read:') and not starts_with(step, 'item:')")
    assert len(steps) > 10
    return set(steps.loc[~steps["reused"], "step"]) - ALWAYS


def files(workspace: Workspace) -> dict[str, bytes]:
    """Content of every published file but the clocks and the database that shows them."""
    folder = resolve_current(workspace.root)
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name not in {*CLOCKS, "medpanel.duckdb"}]
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    return {name: content for name, content in found.items() if name not in OF_THE_RUN}


def test_the_first_run_makes_everything(demo: Workspace) -> None:
    assert not rows(demo, "from run_timing where reused").shape[0]


def test_an_unchanged_run_makes_nothing(demo: Workspace, again: Workspace) -> None:
    assert made(again) == set()
    assert rows(again, "from run_timing where starts_with(step, 'read:')")["reused"].all()
    # Its steps did not run at all, and are those of the run that made everything.
    first, second = (rows(workspace, "from run_timing order by step") for workspace in (demo, again))
    assert list(second["step"]) == list(first["step"])
    assert not second["seconds"].any()


def test_steps_run_again_take_over_everything_where_a_result_is_gone(again: Workspace) -> None:
    lost = again.results / "mspi" / "estimate.parquet"
    before = lost.read_bytes()
    lost.unlink()
    success, failures = run(again)
    assert success, failures
    assert made(again) == set()
    assert lost.read_bytes() == before
    assert rows(again, "from run_timing")["seconds"].any()


def test_it_publishes_again_and_the_same(demo: Workspace, again: Workspace) -> None:
    assert files(again) == files(demo)
    one, two = (rows(workspace, "from run_manifest") for workspace in (demo, again))
    assert set(one["run_id"]).isdisjoint(two["run_id"])
    names = rows(again, "select table_name from duckdb_tables()")["table_name"]
    for name in set(names) - {"run_manifest", "run_timing"}:
        pd.testing.assert_frame_equal(rows(again, f'from "{name}"'), rows(demo, f'from "{name}"'))


def test_an_unchanged_run_says_that_nothing_differs(again: Workspace) -> None:
    assert rows(again, "from publication_change").empty
    page = (resolve_current(again.root) / "report" / "en" / "synthetic_changes.html").read_text(encoding="utf-8")
    assert "Nothing differs between the two publications." in page
    assert "SYNTHETIC" in page


@pytest.fixture(scope="module")
def changed(again: Workspace) -> Iterator[Workspace]:
    """Run again after three changes: a cell no study uses, an option of a leaf part, a part's kept result damaged."""
    change_cell(again.root / "raw" / UNUSED)
    for kept in (again.cache / "part").glob("*/files/twfe_weight.parquet"):
        kept.write_bytes(kept.read_bytes()[:-1])
    study = load_studies()["mspi"]
    options = study.options(diagnostics.Options).model_copy(update={"power": 0.9})
    load_studies()["mspi"] = study.with_options(options)
    try:
        success, failures = run(again)
    finally:
        load_studies()["mspi"] = study
    assert success, failures
    yield again


def test_only_what_depends_on_a_change_is_made_again(changed: Workspace) -> None:
    assert made(changed) == {
        "read_files",
        "build_warehouse",
        "check_city_year",
        "check_observation",
        # The file replaced in place stays on record as superseded, and bundles cite all files.
        "check_series_vintage",
        "check_source_file",
        *(f"{study}__replication" for study in ("mspi", "mspi_latest", "inequality", "imbalance", "coupling")),
        # They read the figures of cities, one of which changed.
        "inequality__online_doctors",
        *(f"mobility__{part.part()}" for part in load_studies()["mobility"].parts),
        "mobility__report",
        "mspi__diagnostics",
        "mspi__treatment_timing",
        "mspi__report",
        "mspi__window",
    }


def test_the_changed_cell_is_listed_with_what_followed_from_it(changed: Workspace) -> None:
    found = rows(changed, "from publication_change")
    [figure] = found[found["table_name"] == "observation"].to_dict("records")
    assert (figure["column_name"], figure["difference"], figure["reason"]) == ("value", "changed", "data")
    assert figure["before_number"] != figure["after_number"]
    assert "city_year" in set(found["table_name"])
    assert set(found["publication"]) == {resolve_current(changed.root).name}
    [notes] = rows(changed, "select notes from run_manifest")["notes"]
    assert "1 figures revised, 0 new" in notes


def test_what_was_damaged_is_made_again_as_it_was(demo: Workspace, changed: Workspace) -> None:
    name = "parquet/twfe_weight.parquet"
    assert files(changed)[name] == files(demo)[name]
