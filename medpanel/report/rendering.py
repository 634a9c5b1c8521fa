"""One table or figure in all its formats, and its place on the page.

Belongs here: the list of formats and their file names. Does not belong here: each format (html_table.py, latex.py,
markdown.py, word.py, charts.py), the page (page.py), writing files (writing.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from catalog.base import Text
from medpanel.office.files import neutralise
from medpanel.report.charts import chart_of, preview
from medpanel.report.html_table import TABLE_STYLE, html_fragment
from medpanel.report.items import Kind
from medpanel.report.latex import latex
from medpanel.report.markdown import markdown
from medpanel.report.page import FigureView, figure_html, links
from medpanel.report.shell import html_page
from medpanel.report.word import docx
from models_py.figures.show import Lang, Picture, said
from models_py.figures.table import GENERATED, ReportTable, marked, paragraph
from models_py.parts.frame import Seen, Show
from models_py.parts.registry import StudyPart


@dataclass(frozen=True)
class File:
    """Content of one file; `lang`: its language, '' for data; `preview`: PNG, of the .png of figures."""

    lang: Literal["zh", "en", ""]
    suffix: str
    content: bytes
    preview: bytes | None = None


@dataclass(frozen=True)
class Rendered:
    """`number`: of a table that has one; `files`: in the order of the page; `fragment`: the part of the page;
    `charts`: specifications by name, which the page draws.
    """

    stem: str
    title: Text
    kind: Kind
    files: Sequence[File]
    fragment: str
    number: str = ""
    charts: Mapping[str, dict[str, Any]] = field(default_factory=dict)


def file_name(seen: Seen, stem: str) -> str:
    """The name of a file without its suffix."""
    return f"{'synthetic_' if seen.synthetic else ''}{seen.study.id}_{stem}"


def rendered(seen: Seen, one: StudyPart, show: Show, langs: Sequence[Lang]) -> list[Rendered]:
    """Everything a show offers, rendered in the languages, with what must stand under everything."""
    return [
        _table(replace(made, notes=(*made.notes, *seen.remarks)), seen, langs)
        if isinstance(made, ReportTable)
        else _figure(made, seen, langs)
        for made in show.make(seen, one.options)
    ]


def _table(table: ReportTable, seen: Seen, langs: Sequence[Lang]) -> Rendered:
    name, files, fragments = file_name(seen, table.stem), [], []
    for lang in langs:
        printed = table.printed(lang)
        fragment = html_fragment(printed)
        contents = {
            "html": html_page(table.heading, fragment, TABLE_STYLE, [lang]).encode(),
            "tex": latex(printed, f"{name}-{lang}".replace("_", "-")).encode(),
            "docx": docx(printed),
            "md": markdown(printed).encode(),
        }
        files += [File(lang, suffix, content) for suffix, content in contents.items()]
        fragments.append(fragment + links(name, lang, list(contents)))
    return Rendered(table.stem, table.heading, "table", files, "".join(fragments), table.number)


def _figure(picture: Picture, seen: Seen, langs: Sequence[Lang]) -> Rendered:
    """A figure in one file of each format a language, its captions and data, its part of the page, its charts."""
    figure, name = picture.figure, file_name(seen, picture.stem)
    title = marked(figure.title, seen.synthetic)
    notes = (*figure.notes, *seen.remarks, *([GENERATED] if seen.synthetic else []))
    charts, files, views = {}, [], []
    for lang in langs:
        chart = charts[f"{picture.stem}_{lang}"] = chart_of(figure, lang)
        contents = {**chart.files(), "txt": f"{said(title, lang)}\n\n{paragraph(notes, lang)}\n".encode()}
        small = preview(contents["png"])
        files += [File(lang, end, content, small if end == "png" else None) for end, content in contents.items()]
        views.append(FigureView(lang, small, said(title, lang), paragraph(notes, lang), list(contents)))
    # The mark at its beginning tells Excel that it is UTF-8.
    data = neutralise(figure.data).to_csv(index=False, lineterminator="\n").encode("utf-8-sig")
    fragment = figure_html(picture.stem, figure, views, name)
    listed = marked(picture.title, seen.synthetic)
    specs = {name: chart.spec for name, chart in charts.items()}
    return Rendered(picture.stem, listed, "figure", [*files, File("", "csv", data)], fragment, "", specs)
