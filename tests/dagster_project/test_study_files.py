"""The assets of a study's files, run on results laid out as parts leave them."""

from __future__ import annotations

import dataclasses
import runpy
from contextlib import nullcontext
from pathlib import Path

import dagster as dg
import duckdb
import pandas as pd
import pytest

from catalog import Study, load_provinces, load_studies
from catalog.base import Text
from catalog.parts import exposure, few_clusters, performance_index, regressions
from dagster_project.assets import study_files
from medpanel.replication import computed
from medpanel.runs.workspace import Workspace
from models_py.parts import registry
from models_py.parts.frame import Replication, Tables, Work
from models_py.parts.rows import typed
from tests.medpanel.report.fabricated import results
from tests.models_py.changing import only_parts

SOURCES = """data_kind: synthetic
studies: [mspi]
vintages: [v]
files:
  - {match: a.csv, vintage: v, publisher: medpanel, licence: CC0-1.0, accessed: 2026-01-01}
"""


YEARS = pd.DataFrame(
    {
        "study": ["mspi"], "first_year": [2013], "last_year": [2024], "declared_last": ["2024"],
        "last_complete_year": [2023], "newest_year": [2025], "unused_years": ["2025"],
        "waiting_for": ["gdp: 3 of 31 provinces"], "waiting_for_zh": ["地区生产总值：31个省份中缺3个"],
        "provisional_years": ["2024"], "baseline_years": [""],
    }
)  # fmt: skip


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with the provinces in its warehouse, and no record of which reading anything is from."""
    made = Workspace.at(tmp_path)
    made.sources_path.parent.mkdir(parents=True)
    made.sources_path.write_text(SOURCES, encoding="utf-8")
    made.work.mkdir()
    fill(made, "province", pd.DataFrame([province.model_dump() for province in load_provinces()]))
    fill(made, "barred_figure", typed(pd.DataFrame(), "barred_figure"))
    keep(made, "study_window", YEARS)
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


def plain(metadata: dict[str, object]) -> str:
    """The names of an asset's files, without what keeps Markdown from reading them."""
    return metadata["files"].value.replace("\\", "")  # type: ignore[attr-defined]


def test_an_index_alone_has_a_page(workspace: Workspace) -> None:
    study = only_parts(load_studies()["mspi"], performance_index.Options)
    keep(workspace, "performance_index", pd.DataFrame({"study": ["mspi"], "year": [2013], "mspi": [0.1]}))
    keep(workspace, "indicator_score", pd.DataFrame({"study": ["mspi"], "year": [2013], "score": [0.1]}))
    made = report_of(workspace, study)
    assert set(made) == {"mspi/report"} and "zh/synthetic_index.html" in plain(made["mspi/report"])
    assert len(study_files.file_assets(workspace, study)) == 1
    folder = workspace.results / "mspi" / "report"
    en, zh = ((folder / lang / "synthetic_index.html").read_text("utf-8") for lang in ("en", "zh"))
    assert "Data complete up to 2023." in en and "数据完整至2023年。" in zh
    assert "2025 lacks gdp: 3 of 31 provinces" in en and "2025年缺地区生产总值：31个省份中缺3个" in zh


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
    assert {"preview table_2 zh", "preview table_2 en", "preview table_2_versions en"} <= set(shown)
    assert {"zh/synthetic_mspi_table_2.docx", "zh/synthetic_mspi_table_2.xlsx"} <= {
        line.removeprefix("- ") for line in plain(shown).split("\n")
    }
    assert "<br>" not in str(shown["preview table_2 en"])
    assert {"preview figure_1 zh", "preview figure_1 en"} <= set(made["mspi/report/figure_1"])
    assert "Randomisation" in str(made["mspi/report/table_2_inference"]["preview table_2_inference en"])


def means_of(work: Work, made: Tables) -> Replication:
    """The published means of an index, and the figures they are means of."""
    labels = {name: Text(en=name, zh=name) for name in ("entity_code", "year", "beds")}
    figures = work.tables["figures"][["entity_code", "year", "beds"]]
    expected = made["performance_index"][["year", "value"]].assign(tolerance=1e-9)
    return Replication(Text(en="Means", zh="均值"), work.panel, {"units": figures}, labels, {}, expected)


@pytest.fixture
def measured(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """A study of one part without regressions that says what must be replicated; its scripts below `tmp_path`."""
    part = dataclasses.replace(registry.all_parts()["performance_index"], replicate=means_of)
    parts = {**registry.all_parts(), "performance_index": part}
    monkeypatch.setattr(registry, "all_parts", lambda: parts)
    monkeypatch.setattr(computed, "PROJECT_DIR", tmp_path)
    folder = tmp_path / "models_py" / "parts" / "performance_index" / "replication"
    folder.mkdir(parents=True)
    (folder / "script.do").write_text("rename beds value\n", encoding="utf-8")
    (folder / "script.R").write_text("compute <- function(data, lists) data$units\n", encoding="utf-8")
    (folder / "script.py").write_text(
        'def compute(data, lists):\n    return data["units"].rename(columns={"beds": "value"})\n', encoding="utf-8"
    )
    fill(workspace, "province_year", pd.DataFrame({"province_code": [110000], "year": [2013], "beds": [2.0]}))
    fill(workspace, "source_file", pd.DataFrame([dict.fromkeys(study_files.CITED, "2026-01-01")]))
    keep(workspace, "performance_index", pd.DataFrame({"study": ["mspi"], "year": [2013], "value": [2.0]}))
    keep(workspace, "indicator_score", pd.DataFrame({"study": ["mspi"]}))
    return only_parts(load_studies()["mspi"], performance_index.Options)


def bundle_of(workspace: Workspace, study: Study) -> dict[str, str]:
    """Names and texts of the bundle's scripts and tables, made by the asset."""
    _, bundle = study_files.file_assets(workspace, study)
    assert dg.materialize([bundle]).success
    folder = workspace.results / "mspi" / "replication"
    return {path.name: path.read_text("utf-8") for path in folder.iterdir() if path.suffix != ".dta"}


def test_a_study_without_regressions_has_a_bundle(workspace: Workspace, measured: Study) -> None:
    assert study_files.folders_of(measured) == ("report", "replication")
    _, bundle = study_files.file_assets(workspace, measured)
    own = ["mspi/performance_index", "mspi/indicator_score"]
    waits = {key.to_user_string() for key in bundle.asset_deps[dg.AssetKey(["mspi", "replication"])]}
    assert waits == {*own, "province_year", "province", "source_file", "barred_figure"}
    found = bundle_of(workspace, measured)
    assert "2.0" in found["synthetic_mspi_performance_index_expected.csv"]
    runpy.run_path(
        str(workspace.results / "mspi" / "replication" / "synthetic_mspi_performance_index_replicate.py"),
        run_name="__main__",
    )


def test_a_bundle_without_any_number_says_so(
    workspace: Workspace, measured: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part has nothing to find again where the data have no figures."""
    part = dataclasses.replace(registry.all_parts()["performance_index"], replicate=lambda work, made: None)
    monkeypatch.setitem(registry.all_parts(), "performance_index", part)
    found = bundle_of(workspace, measured)
    assert set(found) == {"README.md", "CITATION.bib", "citations_gbt7714.txt"}
    assert "there is no number to find again" in found["README.md"]


def test_a_bundle_is_made_again_after_a_change_of_numbers_or_scripts(
    workspace: Workspace, measured: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And only then: otherwise the earlier one is taken."""
    written: list[Path] = []
    write = study_files._write_replication

    def counting(*given: object) -> None:
        written.append(tmp_path)
        write(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(study_files, "_write_replication", counting)
    first = bundle_of(workspace, measured)
    assert bundle_of(workspace, measured) == first and len(written) == 1
    keep(workspace, "performance_index", pd.DataFrame({"study": ["mspi"], "year": [2013], "value": [3.0]}))
    second = bundle_of(workspace, measured)
    changed = {name for name in first if first[name] != second[name]}
    assert changed == {"synthetic_mspi_performance_index_expected.csv"} and len(written) == 2
    for language in ("do", "R", "py"):
        script = tmp_path / "models_py" / "parts" / "performance_index" / "replication" / f"script.{language}"
        mark = "* another" if language == "do" else "# another"
        script.write_text(f"{script.read_text('utf-8')}{mark}\n", encoding="utf-8")
        third = bundle_of(workspace, measured)
        assert mark in third[f"synthetic_mspi_performance_index_replicate.{language}"]
    assert len(written) == 5
