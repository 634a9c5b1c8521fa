"""The whole MSPI study on the sample: every table, figure, finding and file is published and labelled synthetic."""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from catalog import labels as names
from medpanel.exporting import Export, exported
from medpanel.publishing import resolve_current
from medpanel.runs.workspace import Workspace
from models_py.figures.show import LANGS
from tests.models_py.figures.boxes import faults
from tests.models_py.figures.reading import CHINESE
from tests.pipeline.conftest import rows

# The study's headline as its paper codes it, on all observations.
HEADLINE = "table_no == 'Table 2' and model == '(2)' and reading == 'volume' and sample == 'all' and term == 'exposure'"
METHODS = {"cr1", "cr3", "wild_cluster", "wild_cluster_webb", "randomisation", "conley_bartlett", "conley_uniform"}


@pytest.fixture(scope="session")
def estimate(demo: Workspace) -> pd.DataFrame:
    return rows(demo, "from estimate where study = 'mspi'")


def test_every_table_of_the_paper_is_there_under_both_readings(demo: Workspace, estimate: pd.DataFrame) -> None:
    fits = rows(demo, "from model_fit where study = 'mspi'")
    found = set(zip(fits["table_no"], fits["model"], fits["reading"], strict=True))
    for table_no, model in [
        *(("Table 2", f"({n})") for n in (1, 2, 3)),
        *(("Table 3", name) for name in ("SSI", "QII", "HMI")),
        ("Table 4", "(1)"),
        *(("Table 5", f"({n})") for n in (1, 2, 3)),
    ]:
        assert {(table_no, model, "volume"), (table_no, model, "substitution")} <= found
    printed = fits[fits["table_no"].isin(["Table 2", "Table 3", "Table 4"]) & (fits["sample"] == "all")]
    assert set(printed["n_obs"]) == {372}
    assert set(estimate[estimate["table_no"] == "Table 4b"]["method"]) == {"cluster_bootstrap"}
    summary = rows(demo, "from summary_statistic where study = 'mspi' order by position")
    assert summary["variable"].tolist()[:2] == ["mspi", "exposure"]
    assert set(summary["n"]) == {372}


def test_the_headline_is_inferred_in_every_way(estimate: pd.DataFrame) -> None:
    headline = estimate.query(HEADLINE).set_index("method")
    assert set(headline.index) == METHODS
    assert headline["estimate"].max() - headline["estimate"].min() < 1e-10
    assert headline.at["cr3", "std_error"] > headline.at["cr1", "std_error"]


def test_the_curve_holds_the_published_estimate(demo: Workspace, estimate: pd.DataFrame) -> None:
    curve = rows(demo, "from specification where study = 'mspi'")
    assert len(curve) >= 1000
    [own] = curve[curve["preferred"]].to_dict("records")
    row = estimate.query(f"{HEADLINE} and method == 'cr1'").iloc[0]
    assert own["estimate"] == pytest.approx(row["estimate"], abs=1e-10)
    assert own["std_error"] == pytest.approx(row["std_error"], abs=1e-10)
    tests = set(rows(demo, "select test from spec_test where table_no = 'Specification curve'")["test"])
    assert {"median_estimate", "share_significant", "stouffer_z"} <= tests
    choices = rows(demo, "from specification_choice where study = 'mspi'")
    assert choices["choice"].nunique() == 16


def test_all_findings_are_computed_and_nothing_is_claimed_of_the_paper(demo: Workspace) -> None:
    finding = rows(demo, "from finding where study = 'mspi' order by finding_id")
    assert set(finding["finding_id"]) == {f"F-M{n}" for n in range(1, 12)}
    assert finding["observed"].str.contains("synthetic").all()
    assert finding["observed_zh"].str.contains("合成").all()
    comparison = rows(demo, "from published_comparison where study = 'mspi'")
    assert len(comparison) == len(rows(demo, "from published_figure where paper = 'MSPI paper'"))
    assert comparison["matches"].isna().all()
    assert comparison["within_95"].isna().all()
    assert comparison["same_sign"].notna().any()


def test_design_evidence_is_published(demo: Workspace) -> None:
    tests = set(rows(demo, "select test from spec_test where study = 'mspi'")["test"])
    assert {"minimum_detectable_coefficient_cr1", "moran_residual", "exposure_within_variance_late"} <= tests
    assert len(rows(demo, "from influence where kind = 'province' and model = '(2)' and reading = 'volume'")) == 31
    weights = rows(demo, "select sum(weight) as total from twfe_weight where model = '(2)' and reading = 'volume'")
    assert weights["total"].iloc[0] == pytest.approx(1)


def archives(demo: Workspace) -> dict[str, dict[str, bytes]]:
    """What the archive of each study holds, by name."""
    found = {}
    for path in sorted((resolve_current(demo.root) / "report").glob("*/synthetic_*_files.zip")):
        with zipfile.ZipFile(path) as archive:
            found[path.parent.name] = {name: archive.read(name) for name in archive.namelist()}
    return found


def test_files_say_that_they_are_synthetic(demo: Workspace) -> None:
    folder, held = resolve_current(demo.root) / "report" / "mspi", archives(demo)["mspi"]
    shown = ("figure_1", "specification_curve", "event_study", "influence", "twfe_weights", "inference")
    for lang in LANGS:
        for name in shown:
            assert f"{lang}/synthetic_mspi_{name}.png" in held
            assert (folder / lang / f"synthetic_{name}.js").is_file()
        for number in ("1", "2", "3", "4", "4a", "4b", "5"):
            for suffix in ("html", "tex", "docx", "xlsx", "csv", "md"):
                assert f"{lang}/synthetic_mspi_table_{number}.{suffix}" in held
    files = [path for path in folder.rglob("*") if path.is_file() and "replication" not in path.parts]
    assert all(path.name.startswith("synthetic_") for path in files)
    assert all(name.partition("/")[2].startswith("synthetic_mspi_") for name in held)
    zh, en = ((folder / lang / "synthetic_index.html").read_text(encoding="utf-8") for lang in LANGS)
    assert "合成数据" in zh and "SYNTHETIC" in en
    assert "http://" not in zh + en
    bundle = folder / "replication"
    assert {"README.md", "CITATION.bib", "citations_gbt7714.txt"} <= {path.name for path in bundle.iterdir()}
    assert (bundle / "synthetic_mspi_replicate.do").is_file()


def test_no_page_of_a_study_leads_nowhere(demo: Workspace) -> None:
    """Every file a page loads or leads to is in the publication: pages of tables and indicators, archive, charts."""
    report = resolve_current(demo.root) / "report"
    pages = sorted(report.glob("*/*/synthetic_index.html"))
    assert len(pages) == 2 * len(demo.studies())
    for page in pages:
        found = re.findall(r'(?:href|src|data-src)="([^"#]+)(?:#[^"]*)?"', page.read_text(encoding="utf-8"))
        gone = {address for address in found if address != "data:," and not (page.parent / address).is_file()}
        assert not gone, page


def test_what_a_page_can_load_is_small(demo: Workspace) -> None:
    """The heaviest page with every picture and chart, and what all pages share."""
    report = resolve_current(demo.root) / "report"
    shared = sum(path.stat().st_size for path in (report / "assets").iterdir())
    sizes = {
        str(folder.relative_to(report)): shared + sum(path.stat().st_size for path in folder.iterdir())
        for folder in report.glob("*/*")
        if (folder / "synthetic_index.html").is_file()
    }
    assert {name: size for name, size in sizes.items() if size > 3_000_000} == {}


def test_an_export_is_what_was_published(demo: Workspace, tmp_path: Path) -> None:
    held = archives(demo)["mspi"]
    report = resolve_current(demo.root) / "report"
    [path] = exported(report, Export("mspi", "table_2", "xlsx", "en"), tmp_path)
    assert path.read_bytes() == held["en/synthetic_mspi_table_2.xlsx"]
    rows_behind = exported(report, Export("mspi", "table_2", "dta"), tmp_path)
    own = pd.concat([pd.read_stata(path) for path in rows_behind if path.stem.endswith("__estimate")])
    wanted = rows(demo, "from estimate where study = 'mspi' and table_no = 'Table 2'")
    assert len(own) and set(own["estimate"].round(12)) <= set(wanted["estimate"].round(12))


def test_no_text_of_any_figure_leaves_its_canvas_or_lies_on_another(demo: Workspace) -> None:
    pictures = {
        name: content.decode()
        for held in archives(demo).values()
        for name, content in held.items()
        if name[-4:] == ".svg"
    }
    assert len(pictures) > 50
    found = {name: faults(picture) for name, picture in pictures.items()}
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_the_planted_ginis_are_found_again(demo: Workspace) -> None:
    """Whole numbers of beds and people move a Gini by less than 0.0005."""
    planted = json.loads((demo.root / "raw" / "truth.json").read_text(encoding="utf-8"))["gini_by_population"]
    found = rows(demo, "from inequality where study = 'inequality' and basis = 'population'")
    ginis = found.pivot(index="resource", columns="year", values="gini")
    assert {name: [int(year) for year in years] for name, years in planted.items()} == {
        name: list(ginis.columns) for name in ginis.index
    }
    for name, years in planted.items():
        for year, gini in years.items():
            assert ginis.at[name, int(year)] == pytest.approx(gini, abs=0.0005), (name, year)
    assert set(found["n"]) == {31} and set(found["data_kind"]) == {"synthetic"}
    tables = ("inequality", "inequality_measure", "inequality_contribution", "inequality_place", "lorenz")
    judged = rows(demo, f"from check_result where table_name in {tables}")
    assert set(judged["table_name"]) == set(tables) and judged["passed"].all()
    assert judged["check_name"].str.startswith("inequality_").all()


# Ids of terms, methods, comparisons, columns and editions.
IDS = re.compile(
    r"\bcr[13]\b|\bevent_-?\d|average_post|first_post|note_(?:en|zh)|_vs_|versus_|\bt_0|conley_|compiled_|wild_cluster"
)


def printed(demo: Workspace, lang: str) -> dict[str, str]:
    """Tables and captions of figures of all studies in a language, by study and file."""
    return {
        f"{study}/{name.partition('/')[2]}": content.decode().replace("\\_", "_")
        for study, held in archives(demo).items()
        for name, content in held.items()
        if name.startswith(f"{lang}/") and name.endswith((".md", ".txt"))
    }


@pytest.mark.parametrize("lang", LANGS)
def test_print_has_words_in_place_of_ids(demo: Workspace, lang: str) -> None:
    texts = printed(demo, lang)
    assert {name.partition("/")[0] for name in texts} == set(demo.studies())
    assert {name: IDS.findall(text) for name, text in texts.items() if IDS.search(text)} == {}


def test_english_print_has_no_chinese(demo: Workspace) -> None:
    assert {name: CHINESE.findall(text) for name, text in printed(demo, "en").items() if CHINESE.search(text)} == {}


@pytest.mark.parametrize("lang", LANGS)
def test_no_two_tables_or_figures_of_a_study_have_one_title(demo: Workspace, lang: str) -> None:
    titles = Counter((name.partition("/")[0], text.partition("\n")[0]) for name, text in printed(demo, lang).items())
    assert [title for title, times in titles.items() if times > 1] == []


def test_every_test_has_a_name_in_both_languages(demo: Workspace) -> None:
    said = {name: names.test_label(name) for name in rows(demo, "select distinct test from spec_test")["test"]}
    assert [name for name, text in said.items() if not CHINESE.search(text.zh) or CHINESE.search(text.en)] == []
