"""A study's report: every table and figure its parts show, as files, and a page that shows them all.

Belongs here: file names and writing. Does not belong here: what tables, figures and the page (page.py) look like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from catalog import Study
from catalog.base import Text
from medpanel.office.spreadsheet_safety import neutralise
from medpanel.report.charts import chart_of
from medpanel.report.charts import preview as chart_preview
from medpanel.report.formats import PACKAGES, html_fragment, html_page, latex, markdown
from medpanel.report.images import keep_home_clean, png, preview, svg
from medpanel.report.items import ALL_TABLES, ReportError
from medpanel.report.live import downloads, figure_html, scripts
from medpanel.report.page import embedded, index_page, links, marked
from medpanel.report.word import docx
from models_py.figures.picture import Picture
from models_py.figures.show import LANGS, Figure, Lang
from models_py.figures.table import ReportTable
from models_py.parts.frame import Seen
from models_py.parts.registry import shows_of

Kind = Literal["table", "figure", "page"]


@dataclass(frozen=True)
class ReportFile:
    """One file written. `stem`: what it shows, the same for all its formats (a chart's ends with its language);
    `preview`: PNG, of the .png of figures.
    """

    path: Path
    stem: str
    title_en: str
    title_zh: str
    kind: Kind
    preview: bytes | None = None


@dataclass
class _Report:
    """What is written so far: the files, and the parts of the page."""

    seen: Seen
    folder: Path
    files: list[ReportFile] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    charts: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        return "synthetic_" if self.seen.synthetic else ""

    def name(self, stem: str) -> str:
        return f"{self.prefix}{self.seen.study.id}_{stem}"

    def write(self, stem: str, title: Text, kind: Kind, contents: dict[str, bytes], small: bytes | None = None) -> None:
        """One file of each format; the preview goes with the picture."""
        for suffix, content in contents.items():
            path = self.folder / f"{self.name(stem)}.{suffix}"
            path.write_bytes(content)
            seen = small if suffix == "png" else None
            self.files.append(ReportFile(path, stem, title.en, title.zh, kind, seen))


def write_report(seen: Seen, folder: Path, *, findings: Sequence[Text] = ()) -> list[ReportFile]:
    """Write all tables and figures of a study into `folder` (made if absent) and an index page; the files in order.

    `seen`: published rows of the study by table; a show that has no rows makes no file. Files are called
    <study>_<what>.<format>, with `synthetic_` before it on synthetic data; the page is index.html, synthetic_index.html
    there. `findings`: paragraphs the page begins with. Same input, same bytes.

    Raises ReportError for a data_kind other than real and synthetic, rows of another data_kind or study and two shows
    of one name; FigureError as the figures do.
    """
    if seen.data_kind not in ("real", "synthetic"):
        raise ReportError(f"data_kind must be real or synthetic, found {seen.data_kind!r}")
    _refuse_others(seen)
    keep_home_clean()
    folder.mkdir(parents=True, exist_ok=True)
    report, study = _Report(seen, folder), seen.study
    shown = [made for one, show in shows_of(study) for made in show.make(seen, one.options)]
    _refuse_twice(study, [made.stem for made in shown])
    tables = [made for made in shown if isinstance(made, ReportTable)]
    for table in tables:
        _table(report, table)
    if tables:
        report.files.append(_all_tables(folder, report.prefix, study, [report.name(table.stem) for table in tables]))
    for picture in shown:
        if isinstance(picture, Picture):
            _picture(report, picture)
    if report.charts:
        report.pictures.append(scripts(report.charts))
    page = folder / f"{report.prefix}index.html"
    title = marked(study.title, seen.data_kind)
    text = index_page(title, seen.data_kind, findings, report.pictures, report.tables)
    page.write_text(text, encoding="utf-8", newline="\n")
    return [ReportFile(page, "index", title.en, title.zh, "page"), *report.files]


def _refuse_others(seen: Seen) -> None:
    """Nothing generated may be printed as real, nor another study's rows under this one's title."""
    for column, own in (("data_kind", seen.data_kind), ("study", seen.study.id)):
        for name, rows in seen.tables.items():
            if column in rows.columns and set(rows[column]) - {own}:
                raise ReportError(f"{name} has rows that are not {own}")


def _refuse_twice(study: Study, stems: list[str]) -> None:
    twice = sorted({stem for stem in stems if stems.count(stem) > 1})
    if twice:
        raise ReportError(f"two shows would be called {', '.join(twice)}; rename a table_no or model of {study.id}")


def _table(report: _Report, table: ReportTable) -> None:
    fragment, name = html_fragment(table), report.name(table.stem)
    contents = {
        "html": html_page(table.heading, fragment).encode(),
        "tex": latex(table, name.replace("_", "-")).encode(),
        "docx": docx(table),
        "md": markdown(table).encode(),
    }
    report.write(table.stem, table.heading, "table", contents)
    report.tables.append(fragment + links(name, contents))


def _picture(report: _Report, picture: Picture) -> None:
    title = marked(picture.title, report.seen.data_kind)
    if isinstance(picture.figure, Figure):
        _chart(report, picture.stem, title, picture.figure)
        return
    contents = {"png": png(picture.figure), "svg": svg(picture.figure)}
    report.write(picture.stem, title, "figure", contents, preview(picture.figure))
    report.pictures.append(embedded(picture.stem, title, contents["png"]) + links(report.name(picture.stem), contents))


def _chart(report: _Report, stem: str, title: Text, figure: Figure) -> None:
    """A figure in one file of each format a language, its data, its part of the page, its charts by name."""
    pictures: dict[Lang, bytes] = {}
    contents: dict[str, bytes] = {}
    for lang in LANGS:
        chart = chart_of(figure, lang)
        contents = chart.files()
        pictures[lang], report.charts[f"{stem}_{lang}"] = chart_preview(contents["png"]), chart.spec
        report.write(f"{stem}_{lang}", title, "figure", contents, pictures[lang])
    # The mark at its beginning tells Excel that it is UTF-8.
    data = neutralise(figure.data).to_csv(index=False, lineterminator="\n").encode("utf-8-sig")
    report.write(f"{stem}_data", title, "figure", {"csv": data})
    name = f"{report.name(stem)}_data.csv"
    fragment = figure_html(stem, figure, pictures, name) + downloads(report.name(stem), list(contents), name)
    report.pictures.append(fragment)


def _all_tables(folder: Path, prefix: str, study: Study, names: Sequence[str]) -> ReportFile:
    """A LaTeX document of all tables, to be compiled where they lie."""
    inputs = "\n".join(rf"\input{{{name}.tex}}\clearpage" for name in names)
    packages = ",".join(PACKAGES)
    text = (
        "% XeLaTeX, UTF-8\n\\documentclass[UTF8]{ctexart}\n"
        f"\\usepackage{{{packages}}}\n\\usepackage[a3paper,landscape,margin=2cm]{{geometry}}\n"
        f"\\begin{{document}}\n{inputs}\n\\end{{document}}\n"
    )
    path = folder / f"{prefix}{study.id}_{ALL_TABLES}.tex"
    path.write_text(text, encoding="utf-8", newline="\n")
    title = marked(
        Text(zh=f"{study.title.zh}：全部表格", en=f"{study.title.en}: all tables"), prefix.rstrip("_") or "real"
    )
    return ReportFile(path, ALL_TABLES, title.en, title.zh, "table")
