"""A study's report: every table and figure its parts show, as files, and a page that shows them all.

Belongs here: refusals, and writing. Does not belong here: tables and figures in their formats (rendering.py) and
the look of the page (page.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from catalog.base import Text, refuse, repeated
from medpanel.report.at_once import at_once
from medpanel.report.items import ALL_TABLES, ReportError
from medpanel.report.kept_items import KeptItems, render_watched
from medpanel.report.latex import document
from medpanel.report.page import index_page, libraries, scripts
from medpanel.report.rendering import Rendered, file_name
from medpanel.reuse import Store
from models_py.figures.show import LANGS, Lang
from models_py.figures.table import marked
from models_py.parts.frame import Seen
from models_py.parts.registry import shows_of
from models_py.windows import WINDOW, in_words

# Shows that one process draws as fast alone.
FEW = 3


@dataclass(frozen=True)
class ReportFile:
    """One file written. `stem`: what it shows, the same for all its formats and languages; `lang`: its language, '' for
    data and the page; `preview`: PNG, of the .png of figures.
    """

    path: Path
    stem: str
    title_en: str
    title_zh: str
    kind: Literal["table", "figure", "page"]
    lang: Literal["zh", "en", ""] = ""
    preview: bytes | None = None


def write_report(
    seen: Seen,
    folder: Path,
    *,
    langs: Sequence[Lang] = LANGS,
    findings: Sequence[Text] = (),
    processes: int = 1,
    store: Store | None = None,
) -> list[ReportFile]:
    """Write all tables and figures of a study into `folder` (made if absent) and an index page; the files in order.

    `seen`: published rows of the study by table; a show without rows makes no file. `langs`: the languages, each with
    a folder of its own. Files are called <language>/<study>_<what>.<format>, with `synthetic_` before the study on
    synthetic data; the page is index.html, synthetic_index.html there. `findings`: paragraphs at the start of the page.
    `processes`: how many draw in parallel. `store`: what earlier runs drew, for reuse. Same input, same bytes.

    Raises ReportError for a data_kind other than real and synthetic, rows of another data_kind or study and two shows
    of one name; FigureError as the figures do.
    """
    refuse(
        (
            seen.data_kind not in ("real", "synthetic"),
            f"data_kind must be real or synthetic, found {seen.data_kind!r}",
        ),
        # Nothing generated may be printed as real, nor another study's rows under this one's title.
        *(
            (column in rows.columns and set(rows[column]) - {own}, f"{name} has rows that are not {own}")
            for column, own in (("data_kind", seen.data_kind), ("study", seen.study.id))
            for name, rows in seen.tables.items()
        ),
        error=ReportError,
    )
    shown, code = _drawn(seen, processes, None if store is None else KeptItems(store, seen, langs), langs)
    twice = ", ".join(repeated(one.stem for one in shown))
    refuse(
        (twice, f"two shows would be called {twice}; rename a table_no or model of {seen.study.id}"), error=ReportError
    )
    for lang in langs:
        (folder / lang).mkdir(parents=True, exist_ok=True)
    tables, figures = ([one for one in shown if one.kind == kind] for kind in ("table", "figure"))
    files = [file for one in tables for file in _written(one, seen, folder)]
    files += [_all_tables(seen, folder, tables, lang) for lang in langs if tables]
    files += [file for one in figures for file in _written(one, seen, folder)]
    charts = {name: spec for one in figures for name, spec in one.charts.items()}
    pictures = [one.fragment for one in figures] + ([scripts(charts, code)] if charts else [])
    title = marked(seen.study.title, seen.synthetic)
    years = [text for row in seen.rows(WINDOW).to_dict("records") for text in in_words(row)]
    first = [*years, *seen.remarks]
    text = index_page(title, seen.data_kind, findings, pictures, [one.fragment for one in tables], first, langs)
    name = f"{'synthetic_' if seen.synthetic else ''}index.html"
    return [_file(folder / name, text, "index", title, "page"), *files]


def _drawn(seen: Seen, processes: int, kept: KeptItems | None, langs: Sequence[Lang]) -> tuple[list[Rendered], str]:
    """Everything shown, in the order of the study's shows, and the libraries that draw charts on the page."""
    shows = [show for _, show in shows_of(seen.study)]
    taken = {place: kept.take(place) if kept else None for place in range(len(shows))}
    # Figures take longest: begun first, none is left over when the others are done.
    order = sorted((place for place in taken if taken[place] is None), key=lambda place: shows[place].kind != "figure")
    calls = [partial(render_watched, seen, place, langs) for place in order]
    # A helper takes seconds to start: with little to draw none is worth its while.
    made = at_once(calls, processes if len(calls) > FEW else 1)
    for place, (items, read) in zip(order, made, strict=True):
        taken[place] = items
        if kept:
            kept.keep(place, items, read)
    shown = [one for items in taken.values() for one in items or []]
    if not any(one.charts for one in shown):
        return shown, ""
    return shown, kept.libraries() if kept else libraries()


def _written(one: Rendered, seen: Seen, folder: Path) -> list[ReportFile]:
    """One file of each format; the preview goes with the picture."""
    made, name = [], file_name(seen, one.stem)
    for file in one.files:
        path = folder / file.lang / f"{name}.{file.suffix}" if file.lang else folder / f"{name}_data.{file.suffix}"
        path.write_bytes(file.content)
        made.append(ReportFile(path, one.stem, one.title.en, one.title.zh, one.kind, file.lang, file.preview))
    return made


def _all_tables(seen: Seen, folder: Path, tables: Sequence[Rendered], lang: Lang) -> ReportFile:
    """A LaTeX document of all tables in a language, to be compiled in their folder."""
    text = document([(f"{file_name(seen, table.stem)}.tex", table.number) for table in tables], lang)
    of_study = seen.study.title
    title = marked(Text(zh=f"{of_study.zh}：全部表格", en=f"{of_study.en}: all tables"), seen.synthetic)
    return _file(folder / lang / f"{file_name(seen, ALL_TABLES)}.tex", text, ALL_TABLES, title, "table", lang)


def _file(
    path: Path,
    text: str,
    stem: str,
    title: Text,
    kind: Literal["table", "page"],
    lang: Literal["zh", "en", ""] = "",
) -> ReportFile:
    path.write_text(text, encoding="utf-8", newline="\n")
    return ReportFile(path, stem, title.en, title.zh, kind, lang)
