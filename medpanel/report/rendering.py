"""One table or figure in all its formats, and its place on the page.

Belongs here: the list of formats and their file names. Does not belong here: each format (html_table.py, latex.py,
markdown.py, word.py, excel.py, tidy.py, charts.py), the page (page.py), writing files (writing.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from catalog.base import Text
from medpanel.office.files import neutralise
from medpanel.report.archive import DATA, archive_name
from medpanel.report.charts import chart_of, preview
from medpanel.report.excel import xlsx
from medpanel.report.html_table import TABLE_STYLE, html_fragment
from medpanel.report.items import Kind
from medpanel.report.latex import latex
from medpanel.report.markdown import markdown
from medpanel.report.page import Place, figure_place, picture_suffix, table_place
from medpanel.report.shell import html_page
from medpanel.report.tidy import CSV_ENCODING, Underlying, csv_of, dta, published_tables, underlying
from medpanel.report.word import docx
from models_py.figures.show import Lang, Picture, said
from models_py.figures.table import GENERATED, ReportTable, marked, paragraph
from models_py.parts.frame import Seen, Show
from models_py.parts.registry import StudyPart


@dataclass(frozen=True)
class File:
    """A file of the archive. `lang`: its language, '' for data; `name`: without folder; `preview`: what shows it
    elsewhere, of the .png of figures a small PNG, of the .md of tables its own text.
    """

    lang: Literal["zh", "en", ""]
    name: str
    content: bytes
    preview: bytes | None = None

    @property
    def path(self) -> str:
        """Its name in the archive."""
        return f"{self.lang or DATA}/{self.name}"


@dataclass(frozen=True)
class Rendered:
    """`number`: of a table that has one; `files`: those of the archive; `headings`, `places`: what stands on the page
    of each language; `pictures`: what the page shows of a figure, by language SVG or PNG; `charts`: its specifications.
    """

    stem: str
    title: Text
    kind: Kind
    files: Sequence[File]
    headings: Mapping[Lang, str]
    places: Mapping[Lang, str]
    number: str = ""
    pictures: Mapping[Lang, tuple[str, bytes]] = field(default_factory=dict)
    charts: Mapping[Lang, dict[str, Any]] = field(default_factory=dict)


def prefix_of(seen: Seen) -> str:
    """What the names of a study's files begin with."""
    return f"{'synthetic_' if seen.synthetic else ''}{seen.study.id}"


def file_name(seen: Seen, stem: str) -> str:
    """The name of a file without its suffix."""
    return f"{prefix_of(seen)}_{stem}"


def place_of(seen: Seen, lang: Lang) -> Place:
    """Where the items of a study stand in one language."""
    return Place(lang, seen.synthetic, archive_name(prefix_of(seen)))


def rendered(seen: Seen, one: StudyPart, show: Show, langs: Sequence[Lang]) -> list[Rendered]:
    """Everything a show offers, rendered in the languages, with what must stand under everything.

    `seen.tables` must note what is read of them (kept_items.Watched).
    """
    made = list(show.make(seen, one.options))
    read = set(getattr(seen.tables, "read", seen.tables))
    tables = _own_first(one, list(published_tables(read)))
    return [
        _table(
            replace(item, notes=(*item.notes, *seen.remarks)), seen, langs, tables, underlying(seen, item.stem, read)
        )
        if isinstance(item, ReportTable)
        else _figure(item, seen, langs, tables)
        for item in made
    ]


def _own_first(one: StudyPart, tables: list[str]) -> list[str]:
    return sorted(tables, key=lambda name: (name not in one.part.makes, name))


def _table(
    table: ReportTable, seen: Seen, langs: Sequence[Lang], tables: Sequence[str], behind: Sequence[Underlying]
) -> Rendered:
    name = file_name(seen, table.stem)
    files: list[File] = []
    headings, places = {}, {}
    # One table of the database behind a printed one needs no name of its own.
    own = {rows.table.name: name if len(behind) == 1 else f"{name}__{rows.table.name}" for rows in behind}
    data = [File("", f"{own[rows.table.name]}.dta", dta(rows, table.heading, table.remarks)) for rows in behind]
    for lang in langs:
        printed = table.printed(lang)
        text = markdown(printed).encode()
        contents = {
            "html": html_page(table.heading, html_fragment(printed), TABLE_STYLE, [lang]).encode(),
            "tex": latex(printed, f"{name}-{lang}".replace("_", "-")).encode(),
            "docx": docx(printed),
            "xlsx": xlsx(printed),
            "csv": csv_of(printed),
            "md": text,
        }
        files += [File(lang, f"{name}.{end}", made, text if end == "md" else None) for end, made in contents.items()]
        listed = f"{lang}/{name}.{{{','.join(contents)}}}"
        listed += "".join(f", {DATA}/{file.name}" for file in data)
        headings[lang] = printed.heading
        places[lang] = table_place(printed, place_of(seen, lang), tables, seen.study.indicators, listed)
    return Rendered(table.stem, table.heading, "table", [*files, *data], headings, places, table.number)


def _figure(picture: Picture, seen: Seen, langs: Sequence[Lang], tables: Sequence[str]) -> Rendered:
    """A figure in one file of each format a language, its captions and data, its part of the page, its charts."""
    figure, name = picture.figure, file_name(seen, picture.stem)
    title = marked(figure.title, seen.synthetic)
    notes = (*figure.notes, *seen.remarks, *([GENERATED] if seen.synthetic else []))
    data = File("", f"{name}.csv", _csv(figure.data))
    charts, files, pictures, headings, places = {}, [], {}, {}, {}
    for lang in langs:
        chart = chart_of(figure, lang)
        charts[lang] = chart.spec
        contents = {**chart.files(), "txt": f"{said(title, lang)}\n\n{paragraph(notes, lang)}\n".encode()}
        small = preview(contents["png"])
        files += [File(lang, f"{name}.{end}", made, small if end == "png" else None) for end, made in contents.items()]
        suffix = picture_suffix(chart.svg)
        pictures[lang] = (suffix, small if suffix == "png" else contents["svg"])
        listed = f"{lang}/{name}.{{{','.join(contents)}}}, {DATA}/{data.name}"
        headings[lang] = said(title, lang)
        places[lang] = figure_place(picture.stem, figure, chart.svg, notes, place_of(seen, lang), tables, listed)
    shown = marked(picture.title, seen.synthetic)
    return Rendered(picture.stem, shown, "figure", [*files, data], headings, places, "", pictures, charts)


def _csv(data: Any) -> bytes:
    content: str = neutralise(data).to_csv(index=False, lineterminator="\n")
    return content.encode(CSV_ENCODING)
