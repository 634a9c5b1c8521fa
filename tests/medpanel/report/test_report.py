"""A report as files: names, formats, the page, same bytes twice, what is refused."""

import html
import io
import os
import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import docx
import pandas as pd
import pytest

from catalog import load_studies, load_tables
from catalog.parts import performance_index, products
from medpanel.report import findings
from medpanel.report.items import item_of, items_of
from medpanel.report.writing import ReportError, write_report
from models_py.figures.show import LANGS
from models_py.panel import province_panel
from models_py.parts.frame import Seen
from models_py.parts.registry import shows_of
from tests.medpanel.report.fabricated import results, seen, squares, study
from tests.medpanel.report.unpacked import unpacked
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
TABLE_FORMATS = ("html", "tex", "docx", "xlsx", "csv", "md")
MARKS = {"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF", "docx": b"PK", "xlsx": b"PK", "html": b"<!DOCTYPE html>"}
PAGES = {f"{lang}/synthetic_index.html" for lang in LANGS}


def test_every_table_and_figure_in_every_format(report):
    formats = dict.fromkeys(TABLES, TABLE_FORMATS)
    formats |= dict.fromkeys(FIGURES, ("png", "svg", "pdf", "txt")) | {"all_tables": ("tex",)}
    names = {f"{lang}/synthetic_mspi_{stem}.{end}" for stem, ends in formats.items() for lang in LANGS for end in ends}
    names |= {f"data/synthetic_mspi_{stem}.csv" for stem in FIGURES}
    archived = {name: made for name, made in report.items() if made.file.archived}
    data = {name for name in archived if name.endswith(".dta")}
    assert set(archived) == names | data
    # Every table has its rows, those of several tables of the database each.
    assert {name.removeprefix("data/synthetic_mspi_").partition(".")[0].partition("__")[0] for name in data} == TABLES
    for name, made in report.items():
        content, suffix = made.path.read_bytes(), made.path.suffix[1:]
        assert len(content) > 100 and MARKS.get(suffix, b"") in content[:300], name
        assert "SYNTHETIC" in made.file.title_en and "合成数据" in made.file.title_zh
        assert made.file.lang == {"data": "", "": ""}.get(folder := name.rpartition("/")[0], folder)
        assert (made.file.preview is not None) == (made.file.archived and suffix in ("png", "md"))
        if suffix == "md":
            assert made.file.preview == content
        elif made.file.preview is not None:
            assert 3_000 < len(made.file.preview) < 300_000


def test_beside_a_page_lie_the_picture_and_the_chart_of_each_figure(report):
    beside = {name for name, made in report.items() if not made.file.archived}
    shared = {name for name in beside if "synthetic_data_" in name}
    own = {f"{lang}/synthetic_{stem}.js" for lang in LANGS for stem in FIGURES}
    pictures = {f"{lang}/synthetic_{stem}" for lang in LANGS for stem in FIGURES}
    assert {name.rpartition(".")[0] for name in beside if name.endswith((".svg", ".png"))} == pictures
    assert beside - shared == PAGES | own | {"synthetic_mspi_files.zip"} | {
        name for name in beside if name.endswith((".svg", ".png"))
    }


def test_no_text_of_a_figure_leaves_its_canvas_or_lies_on_another(report):
    for name, made in report.items():
        if made.path.suffix == ".svg":
            assert faults(made.path.read_text(encoding="utf-8")) == [], name


def test_english_files_have_no_chinese(report):
    """But for the names a user's map or paper brings: those of the packaged studies bring none."""
    for name, made in report.items():
        if made.file.lang == "en" and made.path.suffix in (".md", ".html", ".svg", ".txt", ".csv"):
            bare = re.sub('<a class="language".*?</a>', "", made.path.read_text(encoding="utf-8"))
            found = CHINESE.findall(re.sub("font-family[:=][^;>]*", "", bare))
            assert found == [], (name, found[:9])


def test_no_id_is_printed(report):
    """What tables print are words: no id of a method, term or model."""
    ids = re.compile(r"\bcr[13]\b|wild_cluster|average_post|first_post|event_-?\d|relative_magnitudes| \\\\?\| smooth")
    for name, made in report.items():
        if made.path.suffix == ".md":
            assert not ids.search(made.path.read_text(encoding="utf-8").replace("\\_", "_")), name


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
    page = (tmp_path / "en" / "index.html").read_text("utf-8")
    assert not CHINESE.search(page) and '<html lang="en">' in page and "hreflang" not in page


class Addresses(HTMLParser):
    """Everything a page loads or leads to, the ids on it, and what is told to those who cannot see."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.labels: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids += [found["id"]] if "id" in found else []
        if tag == "a":
            self.links.append(found["href"])
        else:
            self.loads += [found[name] for name in ("src", "href", "data-src") if name in found]
        if found.get("role") == "img":
            self.labels.append(found["aria-label"])


ASSETS = {"../../assets/" + name for name in ("site.css", "study.css", "site.js", "publication.js")}


@pytest.mark.parametrize("lang", LANGS)
def test_a_page_loads_its_own_files_and_leads_to_pages_of_its_language(report, lang):
    found = Addresses(report[f"{lang}/synthetic_index.html"].path.read_text(encoding="utf-8"))
    beside = {
        name.partition("/")[2] for name in report if name.startswith(f"{lang}/") and not report[name].file.archived
    }
    charts = {name for name in beside if "synthetic_data_" not in name} - {"synthetic_index.html"}
    assert set(found.loads) == charts | ASSETS | {"data:,"}
    other = "en" if lang == "zh" else "zh"
    allowed = {"../synthetic_mspi_files.zip", "../replication/README.md", f"../{other}/synthetic_index.html"}
    own = rf"\.\./\.\./{lang}/(table/|indicator/)?synthetic_\w+\.html(#studies)?"
    for link in found.links:
        inside = link.startswith("#") and link[1:] in {*found.ids, "main"}
        assert inside or link in allowed or re.fullmatch(own, link), link
    named = {link.rpartition("synthetic_")[2][:-5] for link in found.links if "/table/" in link}
    assert named and named <= set(load_tables())
    assert {link.rpartition("synthetic_")[2][:-5] for link in found.links if "/indicator/" in link} == set(
        study().indicators
    )
    assert len(found.ids) == len(set(found.ids)) and len(found.labels) == len(FIGURES) and all(found.labels)


def test_files_of_the_archive_load_nothing(report):
    for name, made in report.items():
        if made.file.archived and made.path.suffix == ".html":
            page = made.path.read_text(encoding="utf-8")
            assert "<script" not in page and not re.search(r"(?:src|href)=|@import|url\(", page), name
            assert '<meta charset="utf-8">' in page and ("SYNTHETIC" in page or "合成数据" in page)


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_shows_everything_once_in_the_order_of_the_parts(report, lang):
    page = report[f"{lang}/synthetic_index.html"].path.read_text(encoding="utf-8")
    # Findings are cards: their table is in the archive, and no text stands there twice.
    for stem in (FIGURES | TABLES) - {"findings"}:
        assert page.count(f'id="{stem}"') == 1 and page.count(f'href="#{stem}"') == 1, stem
    assert 'id="findings"' in page and page.count('class="card"') == 2
    assert page.count({"zh": "为2/7", "en": "=2/7"}[lang]) == 2
    assert page.index('id="finding_f_m2"') < page.index('id="finding_f_m10"') < page.index('id="part_regressions"')
    parts = [f"part_{one.key}" for one, _ in shows_of(study())]
    there = re.findall(r'<h2 id="(part_\w+)"', page)
    assert there == [part for part in dict.fromkeys(parts) if part in there]
    assert set(parts) - set(there) == {"part_comparison", "part_mspi_findings"}
    caption = report[f"{lang}/synthetic_mspi_event_study.txt"].path.read_text("utf-8").split("\n")[2]
    assert html.escape(caption) in page


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ("clusters; Table 2, column (2)", "95% interval")), ("zh", ("个聚类；表2，列(2)", "95%区间"))],
)
def test_the_headline_stands_on_top_with_its_interval(report, lang, words):
    page = report[f"{lang}/synthetic_index.html"].path.read_text(encoding="utf-8")
    rows = results()["estimate"]
    named = {
        "table_no": "Table 2",
        "model": "(2)",
        "reading": "volume",
        "sample": "all",
        "term": "exposure",
        "method": "cr1",
    }
    for name, value in named.items():
        rows = rows[rows[name] == value]
    [row] = rows.to_dict("records")
    [sentence] = [text for text in re.findall(r'<p class="key">(.*?)</p>', page) if words[0] in text]
    assert words[1] in sentence
    for name in ("estimate", "ci_low", "ci_high"):
        assert f"{row[name]:.3f}".replace("-", "−") in sentence
    assert page.index(sentence) < page.index("<h2")


def test_what_does_not_hold_is_said_on_top():
    rows = results()["finding"]
    assert findings.contradicted(rows, "en") == "" and findings.contradicted(rows.iloc[:0], "en") == ""
    odd = rows.assign(
        verdict=["does not hold", "holds"], title_en="A <b>", observed="None found. It is 0.5 of 7. More."
    )
    said = findings.contradicted(odd, "en")
    assert 'href="#finding_f_m10"' in said and "A &lt;b&gt;" in said and "F-M2" not in said
    cards = findings.cards(odd, "en")
    assert (
        cards.count('<span class="badge bad">does not hold</span>') == 1
        and cards.count('<span class="badge good">') == 1
    )
    assert "<p>None found. It is 0.5 of 7. More.</p>" in cards
    long = findings.cards(odd.assign(observed="It is 0.5 of 7. " * 40, observed_zh="为7个中的0.5。" * 40), "en")
    shown = re.findall(r"</span></p>\n<p>(.*?)</p>", long)[0]
    # As many whole sentences as fit, and everything under it.
    assert 200 < len(shown) <= 280 and shown.endswith("of 7.") and f"<dd>{('It is 0.5 of 7. ' * 40).strip()}" in long
    cut = findings.cards(odd.assign(observed_zh="为7个中的5个，" * 40), "zh")
    shown = re.findall(r"</span></p>\n<p>(.*?)</p>", cut)[0]
    assert len(shown) <= 141 and shown.endswith("5个…")
    with pytest.raises(KeyError, match="maybe"):
        findings.cards(rows.assign(verdict="maybe"), "en")


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
    write_report(seen(tables=few), tmp_path / "a")
    made = unpacked(tmp_path / "b", write_report(seen(tables=few), tmp_path / "b", processes=2))
    first, second = (
        {path.relative_to(tmp_path / name).as_posix(): path.read_bytes() for path in (tmp_path / name).rglob("*.*")}
        for name in ("a", "b")
    )
    assert first == second and "synthetic_mspi_files.zip" in first and len(first) == 3
    own = [name for name, one in made.items() if one.file.archived and one.file.stem == "table_3"]
    assert len(own) == 2 * len(TABLE_FORMATS) + 2
    for name in own:
        if not name.endswith(".dta"):
            assert made[name].path.read_bytes() == report[name].path.read_bytes(), name


def test_the_archive_says_neither_when_nor_where_it_was_made(report):
    with zipfile.ZipFile(report["synthetic_mspi_files.zip"].path) as archive:
        entries = archive.infolist()
    names = [entry.filename for entry in entries]
    assert names == sorted(names) and {name.partition("/")[0] for name in names} == {"zh", "en", "data"}
    assert {(entry.date_time, entry.create_system, entry.external_attr) for entry in entries} == {
        ((2026, 1, 1, 0, 0, 0), 3, 0o644 << 16)
    }


def test_real_data_have_no_prefix_and_no_mark(tmp_path):
    few = {name: results()[name] for name in ("summary_statistic", "finding")}
    folder = tmp_path / "report"
    made = unpacked(folder, write_report(seen("real", tables=few), folder))
    assert {name for name in made if name.endswith(".html")} == {
        f"{lang}/{name}.html" for lang in LANGS for name in ("index", "mspi_table_1", "mspi_findings")
    }
    for name, one in made.items():
        content = one.path.read_bytes()
        assert b"SYNTHETIC" not in content and "合成数据".encode() not in content, name
        assert "synthetic" not in name


def test_a_study_without_results_has_pages_alone(tmp_path):
    other = load_studies()["expenditure_gdp"].until(2024)
    made = write_report(Seen(other, province_panel(other.years), {}, "synthetic"), tmp_path)
    assert {file.name for file in made} == PAGES
    for name in PAGES:
        page = (tmp_path / name).read_text(encoding="utf-8")
        assert "_files.zip" not in page and 'id="contents"' not in page and "31" in page


def test_a_study_of_an_index_alone_has_pages(tmp_path):
    """No regression, no exposure: nothing that reads their options may be asked."""
    alone = only_parts(load_studies()["mspi"], performance_index.Options)
    rows = pd.DataFrame({"study": ["mspi"], "year": [2013], "mspi": [0.1]})
    made = write_report(Seen(alone, province_panel(alone.years), {"performance_index": rows}, "real"), tmp_path)
    assert [file.name for file in made] == ["zh/index.html", "en/index.html"]
    assert alone.title.zh in (tmp_path / "zh" / "index.html").read_text(encoding="utf-8")


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
    found = {made.file.stem: item_of(made.file.stem, items) for made in report.values()}
    assert {stem for stem, item in found.items() if item is None} == {"index", "files", "all_tables"}
    assert {item.name for item in found.values() if item} == {item.name for item in items} - {
        "table_3_inference",
        "table_4_inference",
        "table_5_inference",
        "table_4a",
        "table_4a_inference",
        "published_comparison",
    }
    assert all(item.kind == made.file.kind for made in report.values() if (item := found[made.file.stem]))


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
