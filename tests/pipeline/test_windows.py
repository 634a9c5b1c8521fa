"""A study of the sample that ends at `latest`: its years, where they are said, and numbers as with declared years."""

from __future__ import annotations

import pandas as pd
import yaml

from catalog import Study, load_studies
from catalog.studies import STUDIES_DIR
from dagster_project.assets.studies import read_input, read_results
from medpanel.publishing import resolve_current
from medpanel.runs.workspace import Workspace
from models_py.panel import province_panel
from models_py.parts.registry import needs_of, parts_of, results_of, run_study, table_of
from tests.pipeline.conftest import rows

OPEN = "mspi_latest"


def declared() -> Study:
    """The study as a file would have it that names the years."""
    data = yaml.safe_load((STUDIES_DIR / f"{OPEN}.yaml").read_text(encoding="utf-8"))
    data["panel"] |= {"years": [2013, 2024], "provisional_years": [2024]}
    [index] = [part["performance_index"] for part in data["parts"] if "performance_index" in part]
    index["baseline_years"] = [2013, 2020]
    return Study.model_validate(data)


def test_the_numbers_are_those_of_a_study_with_these_years_declared(demo: Workspace) -> None:
    study = declared()
    inputs = {
        need: read_input(demo, study, need)
        for one in parts_of(study)
        for need in needs_of(study, one)
        if table_of(study, need) is not None
    }
    made = run_study(study, province_panel(study.years), inputs, "synthetic")
    assert set(made) == {"performance_index", "indicator_score", "estimate", "model_fit", "summary_statistic"}
    for table, names in results_of(load_studies()[OPEN]).items():
        kept = read_results(demo, OPEN, names)
        assert len(kept)
        pd.testing.assert_frame_equal(made[table], kept, check_exact=True, check_dtype=False)


def test_every_study_says_its_years(demo: Workspace) -> None:
    found = rows(demo, "from study_window").set_index("study")
    assert set(found.index) == set(demo.studies())
    assert found.loc[OPEN, ["first_year", "last_year", "declared_last", "last_complete_year"]].tolist() == [
        2013, 2024, "latest", 2024,
    ]  # fmt: skip
    assert found.loc[OPEN, ["provisional_years", "baseline_years", "unused_years"]].tolist() == [
        "2024",
        "2013-2020",
        "",
    ]
    assert found.loc["mspi", ["last_year", "declared_last", "baseline_years"]].tolist() == [2024, "2024", ""]
    # Population is there for 2024, the resources are not.
    assert found.loc["inequality", "unused_years"] == "2024"
    assert found.loc["inequality", "waiting_for"].endswith("physicians, nurses: 31 of 31 provinces")
    assert set(rows(demo, "from v_data_age")["study"]) == set(found.index)


def test_exposure_and_index_end_with_the_study(demo: Workspace) -> None:
    for table in ("smart_exposure", "performance_index"):
        spans = rows(demo, f"select study, min(year), max(year) from {table} group by study order by study")
        assert spans.to_numpy().tolist() == [["mspi", 2013, 2024], [OPEN, 2013, 2024]]


def test_the_report_says_how_far_the_data_go(demo: Workspace) -> None:
    report = resolve_current(demo.root) / "report"
    zh, office = ((report / OPEN / lang / "synthetic_index.html").read_text(encoding="utf-8") for lang in ("zh", "en"))
    assert "Years 2013-2024. Data complete up to 2024." in office and "数据完整至2024年。" in zh
    assert "means and standard deviations of 2013-2020" in office
    other = (report / "inequality" / "en" / "synthetic_index.html").read_text(encoding="utf-8")
    assert "Figures of 2024 are there but not used: the study ends in 2023 as declared; 2024 lacks" in other
