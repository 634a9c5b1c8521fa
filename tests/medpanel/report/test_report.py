"""A report as files: names, formats, the page, same bytes twice, what is refused."""

import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import docx
import pandas as pd
import pytest

from catalog import load_studies
from medpanel.report.figures import event_counts, figures
from medpanel.report.images import PREVIEW_LIMIT
from medpanel.report.writing import ReportError, write_report
from tests.medpanel.report.fabricated import provinces, results, squares, study

PROJECT = Path(__file__).resolve().parents[3]
TABLES = {
    "table_1",
    "table_2",
    "table_2_readings",
    "table_2_versions",
    "table_2_inference",
    "table_3",
    "table_3_readings",
    "table_4",
    "table_4_readings",
    "table_4b",
    "table_5",
    "table_5_readings",
    "event_study",
    "staggered_adoption",
    "design_evidence_table_2",
    "design_evidence_specification_curve",
    "specification_choice",
    "findings",
}
DRAWINGS = {
    "exposure_over_time",
    "inference",
    "event_study",
    "staggered_adoption",
    "staggered_adoption_substitution",
    "influence",
    "twfe_weights",
}
CHARTS = {"figure_1", "specification_curve"}
# Charts and their data; the libraries; what draws.
SCRIPTS = ['<script type="application/json" id="charts">', "<script>", "<script>"]


def test_every_table_and_figure_in_every_format(report):
    names = {f"synthetic_mspi_{stem}.{suffix}" for stem in TABLES for suffix in ("html", "tex", "docx", "md")}
    names |= {f"synthetic_mspi_{stem}.{suffix}" for stem in DRAWINGS for suffix in ("png", "svg")}
    for stem in CHARTS:
        names |= {f"synthetic_mspi_{stem}_{lang}.{suffix}" for lang in ("zh", "en") for suffix in ("png", "svg", "pdf")}
        names.add(f"synthetic_mspi_{stem}_data.csv")
    assert set(report) == names | {"synthetic_index.html", "synthetic_mspi_all_tables.tex"}
    for file in report.values():
        assert file.path.stat().st_size > 0
        assert "SYNTHETIC" in file.title_en and "合成数据" in file.title_zh
        assert (file.preview is not None) == (file.path.suffix == ".png")
        assert file.preview is None or 5_000 < len(file.preview) < PREVIEW_LIMIT


def test_pages_load_nothing(report):
    for file in report.values():
        if file.path.suffix == ".html":
            page = file.path.read_text(encoding="utf-8")
            code = re.findall(r"<script(?: [^>]*)?>", page)
            assert code == (SCRIPTS if file.stem == "index" else [])
            bare = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
            assert not re.search(r"(?:src|href)=\"(?!data:|synthetic_mspi_)|@import|url\(", bare), file.path.name
            assert '<meta charset="utf-8">' in bare and "SYNTHETIC" in bare


def test_the_index_shows_everything(report):
    page = report["synthetic_index.html"].path.read_text(encoding="utf-8")
    for stem in TABLES | DRAWINGS | CHARTS:
        assert f'id="{stem}"' in page, stem
    page = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    links = set(re.findall(r'href="([^"]+)"', page))
    assert links == set(report) - {"synthetic_index.html", "synthetic_mspi_all_tables.tex"}
    assert page.count("data:image/png;base64,") == len(DRAWINGS) + 2 * len(CHARTS)
    assert "发现&lt;一&gt;。<br>Finding &lt;one&gt;." in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len({i for i in ids if i.startswith("t_")}) == len(TABLES)


def test_vector_figures_carry_their_text_as_outlines(report):
    drawn = report["synthetic_mspi_event_study.svg"].path.read_text(encoding="utf-8")
    assert "<text" not in drawn and "<path" in drawn


def test_word_documents_open_with_title_borders_and_chinese_font(report):
    content = report["synthetic_mspi_table_2.docx"].path.read_bytes()
    document = docx.Document(io.BytesIO(content))
    assert document.paragraphs[0].text.startswith("【合成数据 SYNTHETIC】表2")
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert cells[1][1:] == ["(1)", "(2)", "(3)"] and cells[2][0] == "智慧城市试点暴露度\nSmart-city exposure"
    xml = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    assert not re.search(r"</w:tcBorders><w:tcBorders>", xml)
    assert xml.count("<w:rFonts") == xml.count('w:eastAsia="SimSun"')
    assert xml.index("<w:tblCellMar>") < xml.index("<w:tblLook")
    assert document.core_properties.author == "medpanel" and document.core_properties.comments.startswith("SYNTHETIC")
    assert len(content) < 200_000


def test_same_bytes_twice(report, tmp_path):
    few = {name: results()[name] for name in ("estimate", "model_fit", "summary_statistic")}
    few["estimate"] = few["estimate"][few["estimate"]["table_no"] == "Table 3"]
    few["model_fit"] = few["model_fit"][few["model_fit"]["table_no"] == "Table 3"]
    first = write_report(few, study(), "synthetic", tmp_path / "a")
    second = write_report(few, study(), "synthetic", tmp_path / "b")
    assert [file.path.name for file in first] == [file.path.name for file in second] and len(first) > 10
    for one, other in zip(first, second, strict=True):
        assert one.path.read_bytes() == other.path.read_bytes(), one.path.name
        if one.kind == "table" and one.stem == "table_3":
            assert one.path.read_bytes() == report[one.path.name].path.read_bytes()


def test_real_data_have_no_prefix_and_no_mark(tmp_path):
    few = {name: results()[name] for name in ("summary_statistic", "finding")}
    made = write_report(few, study(), "real", tmp_path)
    assert {file.path.name for file in made if file.path.suffix == ".html"} == {
        "index.html",
        "mspi_table_1.html",
        "mspi_findings.html",
    }
    for file in made:
        assert b"SYNTHETIC" not in file.path.read_bytes()


def test_a_study_without_results_has_a_page_alone(tmp_path):
    made = write_report(results(), load_studies()["expenditure_gdp"], "synthetic", tmp_path)
    assert [file.path.name for file in made] == ["synthetic_index.html"]


def test_the_map_is_drawn_where_polygons_are_given():
    only = {"smart_exposure": results()["smart_exposure"]}
    stems = [p.stem for p in figures(only, study(), "real", provinces(), squares())]
    assert stems == ["figure_1", "figure_1_map", "exposure_over_time"]


def test_provinces_seen_around_first_exposure():
    frame = results()["smart_exposure"]
    counts = event_counts({"smart_exposure": frame}, study())
    inside = frame[frame["year"].between(2013, 2024)].set_index(["province_code", "year"])["exposure"]
    seen: dict[int, set[int]] = {}
    for code in {c for c, _ in inside.index}:
        years = [y for y in range(2013, 2025) if inside[code, y] > 0]
        if years and years[0] > 2013:
            for year in range(2013, 2025):
                seen.setdefault(max(-3, min(5, year - years[0])), set()).add(code)
    assert counts == {k: len(codes) for k, codes in seen.items()}


def twice(rows: pd.DataFrame) -> pd.DataFrame:
    """A second table whose name makes the same file name."""
    return pd.concat([rows, rows.assign(table_no="table 1")])


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("Synthetic", lambda r: r, "data_kind must be"),
        (
            "real",
            lambda r: {"finding": r["finding"].assign(data_kind="synthetic")},
            "finding has rows that are not real",
        ),
        (
            "real",
            lambda r: {
                "summary_statistic": pd.concat(
                    [r["summary_statistic"], r["summary_statistic"].assign(table_no="table 1")]
                )
            },
            "two tables would be called table_1",
        ),
    ],
)
def test_refusals(tmp_path, kind, change, message):
    with pytest.raises(ReportError, match=message):
        write_report(change(results()), study(), kind, tmp_path / "new")


def test_nothing_is_written_into_the_home(tmp_path):
    """A process of its own, with a home of its own: drawing leaves it empty, and no folder behind."""
    code = (
        "from medpanel.report.images import keep_home_clean, png\nkeep_home_clean()\n"
        "from models_py.parts.exposure.figure_heat import exposure_over_time\nimport pandas as pd\n"
        "f = pd.DataFrame({'province_code': [110000, 110000], 'year': [2013, 2014], 'exposure': [0.0, 1.0]})\n"
        "assert png(exposure_over_time(f, 'real'))\n"
    )
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    kept = {k: v for k, v in os.environ.items() if k != "MPLCONFIGDIR" and not k.startswith("XDG_")}
    places = {"HOME": str(home), "USERPROFILE": str(home), "TMPDIR": str(temporary), "TEMP": str(temporary)}
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, env={**kept, **places}, check=True)
    assert list(home.iterdir()) == [] and list(temporary.iterdir()) == []
