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
from models_py.figures.show import LANGS
from models_py.panel import province_panel
from models_py.parts.frame import Seen
from models_py.parts.registry import shows_of
from tests.medpanel.report.fabricated import results, seen, squares, study
from tests.models_py.changing import only_parts
from tests.models_py.figures.boxes import faults
from tests.models_py.figures.reading import CHINESE

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
FIGURES = {
    "figure_1",
    "specification_curve",
    "exposure_over_time",
    "inference",
    "event_study",
    "staggered_adoption",
    "staggered_adoption_substitution",
    "influence",
    "twfe_weights",
}
# Charts and their data; the libraries; what draws.
SCRIPTS = ['<script type="application/json" id="charts">', "<script>", "<script>"]


def test_every_table_and_figure_in_every_format(report):
    formats = dict.fromkeys(TABLES, ("html", "tex", "docx", "md"))
    formats |= dict.fromkeys(FIGURES, ("png", "svg", "pdf", "txt")) | {"all_tables": ("tex",)}
    names = {f"{lang}/synthetic_mspi_{stem}.{end}" for stem, ends in formats.items() for lang in LANGS for end in ends}
    names |= {f"synthetic_mspi_{stem}_data.csv" for stem in FIGURES}
    assert set(report) == names | {"synthetic_index.html"}
    marks = {"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF", "docx": b"PK", "html": b"<!DOCTYPE html>"}
    for name, file in report.items():
        content = file.path.read_bytes()
        assert len(content) > 100 and marks.get(file.path.suffix[1:], b"") in content[:300], name
        assert "SYNTHETIC" in file.title_en and "合成数据" in file.title_zh
        assert file.lang == name.rpartition("/")[0]
        assert (file.preview is not None) == (file.path.suffix == ".png")
        assert file.preview is None or 3_000 < len(file.preview) < 300_000


def test_no_text_of_a_figure_leaves_its_canvas_or_lies_on_another(report):
    for name, file in report.items():
        if file.path.suffix == ".svg":
            assert faults(file.path.read_text(encoding="utf-8")) == [], name


def test_english_files_have_no_chinese(report):
    """But for the names a user's map or paper brings: those of the packaged studies bring none."""
    for name, file in report.items():
        if file.lang == "en" and file.path.suffix in (".md", ".html", ".svg", ".txt"):
            found = CHINESE.findall(re.sub("font-family[:=][^;>]*", "", file.path.read_text(encoding="utf-8")))
            assert found == [], (name, found[:9])


def test_no_id_is_printed(report):
    """What tables print are words: no id of a method, term or model."""
    ids = re.compile(r"\bcr[13]\b|wild_cluster|average_post|first_post|event_-?\d|relative_magnitudes| \\\\?\| smooth")
    for name, file in report.items():
        if file.path.suffix == ".md":
            assert not ids.search(file.path.read_text(encoding="utf-8").replace("\\_", "_")), name


def test_a_caption_stands_beside_its_picture(report):
    for lang, title, note in (("zh", "【合成数据】事件研究", "注："), ("en", "[SYNTHETIC] Event study", "Notes: ")):
        head, _, notes = report[f"{lang}/synthetic_mspi_event_study.txt"].path.read_text("utf-8").split("\n")[:3]
        assert head.startswith(title) and notes.startswith(note)
        drawn = report[f"{lang}/synthetic_mspi_event_study.svg"].path.read_text("utf-8")
        assert "<text" in drawn and head not in drawn and note not in drawn


def test_one_language_alone_where_it_is_asked_for(tmp_path):
    few = {"finding": results()["finding"], "smart_exposure": results()["smart_exposure"]}
    made = write_report(seen("real", tables=few), tmp_path, langs=("en",))
    assert {file.lang for file in made} == {"en", ""} and not (tmp_path / "zh").exists()
    page = (tmp_path / "index.html").read_text("utf-8")
    body = re.sub("<script.*?</script>|<style>.*?</style>", "", page, flags=re.DOTALL)
    assert not CHINESE.search(body) and 'type="radio"' not in body and '<html lang="en">' in body


def test_pages_load_nothing(report):
    for file in report.values():
        if file.path.suffix == ".html":
            page = file.path.read_text(encoding="utf-8")
            code = re.findall(r"<script(?: [^>]*)?>", page)
            assert code == (SCRIPTS if file.stem == "index" else [])
            bare = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
            assert not re.search(r"(?:src|href)=\"(?!data:|(?:zh/|en/)?synthetic_mspi_)|@import|url\(", bare), (
                file.path.name
            )
            assert '<meta charset="utf-8">' in bare and ("SYNTHETIC" in bare or "合成数据" in bare)


def test_the_index_shows_everything(report):
    page = report["synthetic_index.html"].path.read_text(encoding="utf-8")
    page = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    for stem in FIGURES | {f"{stem}_{lang}" for stem in TABLES for lang in LANGS}:
        assert f'id="{stem}"' in page, stem
    links = set(re.findall(r'href="([^"]+)"', page))
    assert links == set(report) - {"synthetic_index.html", *(f"{lang}/synthetic_mspi_all_tables.tex" for lang in LANGS)}
    assert page.count("data:image/png;base64,") == 2 * len(FIGURES)
    assert (
        '<span class="zh" lang="zh-CN">发现&lt;一&gt;。</span><span class="en" lang="en">Finding &lt;one&gt;.' in page
    )
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    # One language is shown, by the choice at the top.
    assert page.count('type="radio"') == 2 and page.count(" checked") == 1


def test_word_documents_open_with_title_borders_and_chinese_font(report):
    content = report["zh/synthetic_mspi_table_2.docx"].path.read_bytes()
    document = docx.Document(io.BytesIO(content))
    assert document.paragraphs[0].text.startswith("表2  【合成数据】")
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert cells[1][1:] == ["(1)", "(2)", "(3)"] and cells[2][0] == "智慧城市试点暴露度\n[标准差／单位占比（0至1）]"
    xml = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    assert not re.search(r"</w:tcBorders><w:tcBorders>", xml)
    assert xml.count("<w:rFonts") == xml.count('w:eastAsia="SimSun"')
    assert xml.index("<w:tblCellMar>") < xml.index("<w:tblLook")
    # A4, rows whole, the header repeated, everything but the last row kept with the next.
    page = document.sections[0]
    assert {round(side.cm, 1) for side in (page.page_width, page.page_height)} == {21.0, 29.7}
    rows = len(document.tables[0].rows)
    assert xml.count("<w:cantSplit/>") == rows and xml.count("<w:tblHeader/>") == 2
    assert "keepNext" in xml.split("<w:tr>")[-2] and "keepNext" not in xml.split("<w:tr>")[-1]
    assert 'w:val="decimal"' in xml
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
            assert one.path.read_bytes() == report[f"{one.lang}/{one.path.name}"].path.read_bytes()


def test_real_data_have_no_prefix_and_no_mark(tmp_path):
    few = {name: results()[name] for name in ("summary_statistic", "finding")}
    made = write_report(seen("real", tables=few), tmp_path)
    assert {file.path.name for file in made if file.path.suffix == ".html"} == {
        "index.html",
        "mspi_table_1.html",
        "mspi_findings.html",
    }
    for file in made:
        assert b"SYNTHETIC" not in file.path.read_bytes() and "合成数据".encode() not in file.path.read_bytes()


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
    """Every text of a table or figure in both languages."""
    if hasattr(made, "rows"):
        printed = [made.printed(lang) for lang in LANGS]
        cells = [text for one in printed for row in one.rows for text in (row.label, *row.cells)]
        heads = [text for one in printed for level in one.header for text in level]
        return [*heads, *cells, *(text for one in printed for text in (one.heading, one.remarks))]
    told = [made.figure.title, made.figure.alternative, *made.figure.notes]
    return [made.figure.data.to_csv(), *(text for note in told for text in (note.en, note.zh))]


def test_a_headline_named_like_a_reading_keeps_all_its_evidence():
    """A model called "visit volume": its name ends in a reading's, and nothing may take it for one."""
    own, named = seen(), seen(headline=NAMED)
    pairs = []
    for (one, show), (other, same) in zip(shows_of(own.study), shows_of(named.study), strict=True):
        first, second = (list(s.make(view, o.options)) for s, view, o in ((show, own, one), (same, named, other)))
        assert [made.stem for made in first] == [made.stem for made in second], show.name
        assert show.titled(own.study, one.options) == same.titled(named.study, other.options)
        pairs += zip(first, second, strict=True)
    assert {made.stem for made, _ in pairs} == TABLES | FIGURES
    changed = set()
    for first, second in pairs:
        shown = texts_of(second)
        assert plain(shown) == plain(texts_of(first)), first.stem
        if any(NAMED in " ".join(text.split()) for text in shown):
            changed.add(first.stem)
    # Print says a column's number, not the name, but where a row is of no declared column.
    assert not changed


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
        "from medpanel.report.charts import chart_of\n"
        "from models_py.panel import province_panel\n"
        "from models_py.parts.exposure.figure_heat import exposure_over_time\nimport pandas as pd, sys\n"
        "f = pd.DataFrame({'province_code': [110000, 110000], 'year': [2013, 2014], 'exposure': [0.0, 1.0]})\n"
        "assert chart_of(exposure_over_time(f, province_panel((2013, 2014)), 'real'), 'zh').files()\n"
        "assert 'matplotlib' not in sys.modules\n"
    )
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    kept = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")}
    places = {"HOME": str(home), "USERPROFILE": str(home), "TMPDIR": str(temporary), "TEMP": str(temporary)}
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, env={**kept, **places}, check=True)
    assert list(home.iterdir()) == [] and list(temporary.iterdir()) == []
