"""The assets of a study's files, run on results laid out as parts leave them."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import dagster as dg
import duckdb
import pandas as pd
import pytest

from catalog import Study, load_provinces, load_studies
from catalog.parts import exposure, few_clusters, performance_index, regressions
from dagster_project.assets import study_files
from medpanel.runs.workspace import Workspace
from tests.medpanel.report.fabricated import results
from tests.models_py.changing import only_parts

SOURCES = """data_kind: synthetic
studies: [mspi]
vintages: [v]
files:
  - {match: a.csv, vintage: v, publisher: medpanel, licence: CC0-1.0, accessed: 2026-01-01}
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with the provinces in its warehouse, and no record of which reading anything is from."""
    made = Workspace.at(tmp_path)
    made.sources_path.parent.mkdir(parents=True)
    made.sources_path.write_text(SOURCES, encoding="utf-8")
    made.work.mkdir()
    fill(made, "province", pd.DataFrame([province.model_dump() for province in load_provinces()]))
    monkeypatch.setattr(study_files, "writing", lambda *_: nullcontext("reading"))
    return made


def fill(workspace: Workspace, table: str, rows: pd.DataFrame) -> None:
    """A table of the warehouse."""
    with duckdb.connect(str(workspace.warehouse)) as connection:
        connection.register("rows", rows)
        connection.execute(f"CREATE TABLE main.{table} AS SELECT * FROM rows")


def keep(workspace: Workspace, name: str, rows: pd.DataFrame) -> None:
    """A result of the study."""
    folder = workspace.results / "mspi"
    folder.mkdir(parents=True, exist_ok=True)
    rows.to_parquet(folder / f"{name}.parquet", index=False)


def report_of(workspace: Workspace, study: Study) -> dict[str, dict[str, object]]:
    """Metadata of every asset of the report, by its key."""
    [report] = study_files.file_assets(workspace, study)[:1]
    done = dg.materialize([report])
    assert done.success
    made = done.asset_materializations_for_node(f"{study.id}__report")
    return {made.asset_key.to_user_string(): dict(made.metadata) for made in made}


def test_an_index_alone_has_a_page(workspace: Workspace) -> None:
    study = only_parts(load_studies()["mspi"], performance_index.Options)
    keep(workspace, "performance_index", pd.DataFrame({"study": ["mspi"], "year": [2013], "mspi": [0.1]}))
    keep(workspace, "indicator_score", pd.DataFrame({"study": ["mspi"], "year": [2013], "score": [0.1]}))
    made = report_of(workspace, study)
    assert set(made) == {"mspi/report"} and "synthetic_index.html" in str(made["mspi/report"]["files"])
    assert len(study_files.file_assets(workspace, study)) == 1
    assert (workspace.results / "mspi" / "report" / "synthetic_index.html").is_file()


def test_each_item_is_shown_with_its_files_and_a_preview(workspace: Workspace) -> None:
    """Shares of a table are read together; an item without data is skipped."""
    kinds = (performance_index, exposure, regressions, few_clusters)
    study = only_parts(load_studies()["mspi"], *(kind.Options for kind in kinds))
    estimate, counted = results()["estimate"], results()["smart_exposure"]
    tables = {name: results()[name] for name in ("model_fit", "summary_statistic")}
    tables["estimate"] = estimate[estimate["method"] == "cr1"]
    tables["estimate__few_clusters"] = estimate[estimate["method"] != "cr1"]
    tables["spec_test__few_clusters"] = results()["spec_test"].iloc[:0]
    for name, rows in tables.items():
        keep(workspace, name, rows)
    for name in ("performance_index", "indicator_score"):
        keep(workspace, name, pd.DataFrame({"study": ["mspi"]}))
    # Rows of every study stand in the one table, under the code's own name there.
    other = counted.assign(study="elsewhere", exposure=2.0)
    fill(workspace, "smart_exposure", pd.concat([other, counted]).rename(columns={"entity_code": "province_code"}))
    made = report_of(workspace, study)
    tables_shown = [*(f"table_{number}" for number in (1, 2, 3, 4, 5)), "table_2_inference"]
    figures = ["figure_1", "exposure_over_time", "inference"]
    assert set(made) == {"mspi/report", *(f"mspi/report/{name}" for name in (*tables_shown, *figures))}
    shown = made["mspi/report/table_2"]
    assert {"preview table_2", "preview table_2_readings", "preview table_2_versions"} <= set(shown)
    assert "synthetic_mspi_table_2.docx" in str(shown["files"]) and "<br>" not in str(shown["preview table_2"])
    assert {"preview figure_1_zh", "preview figure_1_en"} <= set(made["mspi/report/figure_1"])
    assert "Randomisation" in str(made["mspi/report/table_2_inference"]["preview table_2_inference"])
