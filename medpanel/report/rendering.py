"""One table or figure in all its formats, and its place on the page.

Belongs here: the list of formats and their file names. Does not belong here: each format (formats.py, word.py,
charts.py, images.py, page.py), writing files (writing.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.base import Text
from medpanel.office.files import neutralise
from medpanel.report.charts import chart_of, few_colours, preview
from medpanel.report.formats import html_fragment, latex, markdown
from medpanel.report.images import png, svg
from medpanel.report.items import Kind
from medpanel.report.page import downloads, embedded, figure_html, links
from medpanel.report.shell import html_page
from medpanel.report.word import docx
from models_py.figures.show import LANGS, Figure, Lang, Picture
from models_py.figures.table import ReportTable, marked
from models_py.parts.frame import Seen, Show
from models_py.parts.registry import StudyPart


@dataclass(frozen=True)
class Rendered:
    """`files`: content by suffix, by the stem of a file (a chart's ends with its language); `previews`: PNG, of figures
    by that stem; `fragment`: the part of the page; `charts`: specifications by name, which the page draws.
    """

    stem: str
    title: Text
    kind: Kind
    files: Mapping[str, Mapping[str, bytes]]
    fragment: str
    previews: Mapping[str, bytes] = field(default_factory=dict)
    charts: Mapping[str, dict[str, Any]] = field(default_factory=dict)


def file_name(seen: Seen, stem: str) -> str:
    """The name of a file without its suffix."""
    return f"{'synthetic_' if seen.synthetic else ''}{seen.study.id}_{stem}"


def rendered(seen: Seen, one: StudyPart, show: Show) -> list[Rendered]:
    """Everything a show offers, rendered."""
    return [
        _table(made, seen) if isinstance(made, ReportTable) else _picture(made, seen)
        for made in show.make(seen, one.options)
    ]


def _table(table: ReportTable, seen: Seen) -> Rendered:
    fragment, name = html_fragment(table), file_name(seen, table.stem)
    contents = {
        "html": html_page(table.heading, fragment).encode(),
        "tex": latex(table, name.replace("_", "-")).encode(),
        "docx": docx(table),
        "md": markdown(table).encode(),
    }
    return Rendered(table.stem, table.heading, "table", {table.stem: contents}, fragment + links(name, contents))


def _picture(picture: Picture, seen: Seen) -> Rendered:
    title, stem = marked(picture.title, seen.synthetic), picture.stem
    if isinstance(picture.figure, Figure):
        return _chart(stem, title, picture.figure, file_name(seen, stem))
    contents = {"png": png(picture.figure), "svg": svg(picture.figure)}
    fragment = embedded(stem, title, few_colours(contents["png"])) + links(file_name(seen, stem), contents)
    return Rendered(stem, title, "figure", {stem: contents}, fragment, {stem: preview(contents["png"])})


def _chart(stem: str, title: Text, figure: Figure, name: str) -> Rendered:
    """A figure in one file of each format a language, its data, its part of the page, its charts by name."""
    made = {lang: chart_of(figure, lang) for lang in LANGS}
    files = {f"{stem}_{lang}": chart.files() for lang, chart in made.items()}
    pictures: dict[Lang, bytes] = {lang: preview(files[f"{stem}_{lang}"]["png"]) for lang in LANGS}
    # The mark at its beginning tells Excel that it is UTF-8.
    data = neutralise(figure.data).to_csv(index=False, lineterminator="\n").encode("utf-8-sig")
    suffixes = list(files[f"{stem}_{LANGS[0]}"])
    fragment = figure_html(stem, figure, pictures, f"{name}_data.csv") + downloads(name, suffixes, f"{name}_data.csv")
    return Rendered(
        stem,
        title,
        "figure",
        {**files, f"{stem}_data": {"csv": data}},
        fragment,
        {f"{stem}_{lang}": picture for lang, picture in pictures.items()},
        {f"{stem}_{lang}": chart.spec for lang, chart in made.items()},
    )
