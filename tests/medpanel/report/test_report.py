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
from catalog.parts import performance_index, products
from medpanel.report.items import item_of, items_of
from medpanel.report.writing import ReportError, write_report
from models_py.panel import province_panel
from models_py.parts.frame import Seen
from models_py.parts.registry import shows_of
from tests.medpanel.report.fabricated import results, seen, squares, study
from tests.models_py.changing import only_parts

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
    "event_study_estimates",
    "staggered_adoption_estimates",
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
    marks = {"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF", "docx": b"PK", "html": b"<!DOCTYPE html>"}
    for file in report.values():
        content = file.path.read_bytes()
        assert len(content) > 100 and marks.get(file.path.suffix[1:], b"") in content[:300], file.path.name
        assert "SYNTHETIC" in file.title_en and "合成数据" in file.title_zh
        assert (file.preview is not None) == (file.path.suffix == ".png")
        assert file.preview is None or 5_000 < len(file.preview) < 300_000


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
    """The second time by two processes."""
    few = {name: results()[name] for name in ("estimate", "model_fit", "summary_statistic")}
    few["estimate"] = few["estimate"][few["estimate"]["table_no"] == "Table 3"]
    few["model_fit"] = few["model_fit"][few["model_fit"]["table_no"] == "Table 3"]
    first = write_report(seen(tables=few), tmp_path / "a")
    second = write_report(seen(tables=few), tmp_path / "b", processes=2)
    assert [file.path.name for file in first] == [file.path.name for file in second] and len(first) > 10
    for one, other in zip(first, second, strict=True):
        assert one.path.read_bytes() == other.path.read_bytes(), one.path.name
        if one.kind == "table" and one.stem == "table_3":
            assert one.path.read_bytes() == report[one.path.name].path.read_bytes()


def test_real_data_have_no_prefix_and_no_mark(tmp_path):
    few = {name: results()[name] for name in ("summary_statistic", "finding")}
    made = write_report(seen("real", tables=few), tmp_path)
    assert {file.path.name for file in made if file.path.suffix == ".html"} == {
        "index.html",
        "mspi_table_1.html",
        "mspi_findings.html",
    }
    for file in made:
        assert b"SYNTHETIC" not in file.path.read_bytes()


def test_a_study_without_results_has_a_page_alone(tmp_path):
    other = load_studies()["expenditure_gdp"].until(2024)
    made = write_report(Seen(other, province_panel(other.years), {}, "synthetic"), tmp_path)
    assert [file.path.name for file in made] == ["synthetic_index.html"]


def test_a_study_of_an_index_alone_has_a_page(tmp_path):
    """No regression, no exposure: nothing that reads their options may be asked."""
    alone = only_parts(load_studies()["mspi"], performance_index.Options)
    rows = pd.DataFrame({"study": ["mspi"], "year": [2013], "mspi": [0.1]})
    [page] = write_report(Seen(alone, province_panel(alone.years), {"performance_index": rows}, "real"), tmp_path)
    assert page.path.name == "index.html" and alone.title.zh in page.path.read_text(encoding="utf-8")


def test_the_map_is_drawn_where_polygons_are_given():
    own = seen("real", tables={"smart_exposure": results()["smart_exposure"]})
    given = Seen(own.study, own.panel, own.tables, "real", squares())

    def stems(view):
        return [made.stem for one, show in shows_of(view.study) for made in show.make(view, one.options)]

    assert stems(own) == ["figure_1", "exposure_over_time"]
    assert stems(given) == ["figure_1", "figure_1_map", "exposure_over_time"]


def test_every_file_belongs_to_an_item_known_from_the_study_file(report):
    items = items_of(study())
    assert len({item.name for item in items}) == len(items)
    found = {file.stem: item_of(file.stem, items) for file in report.values()}
    assert {stem for stem, item in found.items() if item is None} == {"index", "all_tables"}
    assert {item.name for item in found.values() if item} == {item.name for item in items} - {
        "table_3_inference",
        "table_4_inference",
        "table_5_inference",
        "table_4a",
        "table_4a_inference",
        "published_comparison",
    }
    assert all(item.kind == file.kind for file in report.values() if (item := found[file.stem]))


NAMED = "visit volume"


def plain(texts):
    """Texts with the two names of the headline's model made one; where lines of a drawing break is left open."""
    return ["".join(text.split()).replace("".join(NAMED.split()), "(2)") for text in texts]


def texts_of(made):
    """Every text of a table or chart; of a drawing, whose lines are texts of their own, all in one."""
    if hasattr(made, "rows"):
        cells = [text for row in made.rows for text in (row.label, *row.cells)]
        notes = [text for note in (made.title, *made.notes) for text in (note.en, note.zh)]
        return [*(text for level in made.header for text in level), *cells, *notes]
    if hasattr(made.figure, "data"):
        told = [made.figure.title, made.figure.alternative, *made.figure.notes]
        return [made.figure.data.to_csv(), *(text for note in told for text in (note.en, note.zh))]
    from matplotlib.text import Text as Writing

    return [" ".join(item.get_text() for item in made.figure.findobj(Writing))]


def test_a_headline_named_like_a_reading_keeps_all_its_evidence():
    """A model called "visit volume": its name ends in a reading's, and nothing may take it for one."""
    own, named = seen(), seen(headline=NAMED)
    pairs = []
    for (one, show), (other, same) in zip(shows_of(own.study), shows_of(named.study), strict=True):
        first, second = (list(s.make(view, o.options)) for s, view, o in ((show, own, one), (same, named, other)))
        assert [made.stem for made in first] == [made.stem for made in second], show.name
        assert show.titled(own.study, one.options) == same.titled(named.study, other.options)
        pairs += zip(first, second, strict=True)
    assert {made.stem for made, _ in pairs} == TABLES | DRAWINGS | CHARTS
    changed = set()
    for first, second in pairs:
        shown = texts_of(second)
        assert plain(shown) == plain(texts_of(first)), first.stem
        if any(NAMED in " ".join(text.split()) for text in shown):
            changed.add(first.stem)
    # The name is said wherever the model is, and as it is declared.
    assert changed >= {
        "table_2",
        "table_2_readings",
        "table_2_versions",
        "table_2_inference",
        "design_evidence_table_2",
        "event_study_estimates",
        "staggered_adoption_estimates",
        "inference",
        "event_study",
        "influence",
        "twfe_weights",
    }


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
            lambda r: {"finding": pd.concat([r["finding"], r["finding"].assign(study="expenditure_gdp")])},
            "finding has rows that are not mspi",
        ),
    ],
)
def test_refusals(tmp_path, kind, change, message):
    with pytest.raises(ReportError, match=message):
        write_report(seen(kind, tables=change(results())), tmp_path / "new")


def test_two_shows_of_one_name_are_refused(tmp_path):
    """Products under a number that differs from a regression table's in its capital alone."""
    own = study()
    renamed = own.with_options(own.options(products.Options).model_copy(update={"table_no": "table 2"}))
    moved = results()["estimate"].replace({"table_no": {"Table 4b": "table 2"}})
    with pytest.raises(ReportError, match="two shows would be called table_2;"):
        write_report(Seen(renamed, seen().panel, {**results(), "estimate": moved}, "real"), tmp_path / "new")


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
