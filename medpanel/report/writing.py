"""A study's report: every table and figure its parts show, in one archive, and a page a language that shows them all.

Belongs here: refusals, and writing. Does not belong here: tables and figures in their formats (rendering.py) and
the look of the page (page.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from catalog import load_registry
from catalog.base import Text, refuse, repeated
from catalog.panels import load_units
from medpanel.report import findings
from medpanel.report.archive import archive_name, zipped
from medpanel.report.at_once import at_once
from medpanel.report.items import ALL_TABLES, ReportError
from medpanel.report.kept_items import KeptItems, render_watched
from medpanel.report.latex import document
from medpanel.report.page import ROOT, WORDS, Place, Section, Shown, Top, chart_files, study_body
from medpanel.report.rendering import File, Rendered, file_name, place_of, prefix_of
from medpanel.report.shell import Frame, page_file, site_page
from medpanel.reuse import Store
from models_py.figures.show import LANGS, Lang, said
from models_py.figures.table import marked, unmarked
from models_py.parts.findings import STEM
from models_py.parts.frame import Seen
from models_py.parts.registry import StudyPart, parts_of, replicated_of, shows_of
from models_py.windows import WINDOW, in_words

# Shows that one process draws as fast alone.
FEW = 3


@dataclass(frozen=True)
class ReportFile:
    """One file of a report. `name`: within its folder, or within the archive if it is `archived`; `stem`: what it
    shows, the same for all its formats and languages; `lang`: its language, '' for data and the archive; `preview`: PNG
    of the .png of figures, text of the .md of tables.
    """

    name: str
    stem: str
    title_en: str
    title_zh: str
    kind: Literal["table", "figure", "page", "archive"]
    lang: Literal["zh", "en", ""] = ""
    archived: bool = False
    preview: bytes | None = None


def write_report(
    seen: Seen, folder: Path, *, langs: Sequence[Lang] = LANGS, processes: int = 1, store: Store | None = None
) -> list[ReportFile]:
    """Write the page of a study and the archive of its tables and figures into `folder` (made if absent); the files.

    `seen`: published rows of the study by table; a show without rows makes no file. `langs`: the languages, each with
    a folder of its own: <language>/index.html, and beside it the picture and the chart of each figure. Names begin with
    `synthetic_` on synthetic data. The archive is <study>_files.zip; a study that shows nothing has none.
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
    shown = _drawn(seen, processes, None if store is None else KeptItems(store, seen, langs), langs)
    every = [one for _, items in shown for one in items]
    twice = ", ".join(repeated(one.stem for one in every))
    refuse(
        (twice, f"two shows would be called {twice}; rename a table_no or model of {seen.study.id}"), error=ReportError
    )
    folder.mkdir(parents=True, exist_ok=True)
    archived = _archived(seen, every, langs)
    files = [_archive(seen, folder, [file for _, file in archived])] if archived else []
    for lang in langs:
        files += _page(seen, folder, shown, lang, langs, len(archived))
    for one, file in archived:
        title = one.title if one is not None else _all_title(seen)
        kind: Literal["table", "figure"] = "table" if one is None else one.kind
        stem = ALL_TABLES if one is None else one.stem
        files.append(ReportFile(file.path, stem, title.en, title.zh, kind, file.lang, True, file.preview))
    return files


def _drawn(
    seen: Seen, processes: int, kept: KeptItems | None, langs: Sequence[Lang]
) -> list[tuple[StudyPart, list[Rendered]]]:
    """Everything shown, show by show in the order of the study, each with the part that shows it."""
    shows = list(shows_of(seen.study))
    taken = {place: kept.take(place) if kept else None for place in range(len(shows))}
    # Figures take longest: begun first, none is left over when the others are done.
    order = sorted((place for place in taken if taken[place] is None), key=lambda at: shows[at][1].kind != "figure")
    calls = [partial(render_watched, seen, place, langs) for place in order]
    # A helper takes seconds to start: with little to draw none is worth its while.
    made = at_once(calls, processes if len(calls) > FEW else 1)
    for place, (items, read) in zip(order, made, strict=True):
        taken[place] = items
        if kept:
            kept.keep(place, items, read)
    return [(one, taken[place] or []) for place, (one, _) in enumerate(shows)]


def _archived(seen: Seen, items: Sequence[Rendered], langs: Sequence[Lang]) -> list[tuple[Rendered | None, File]]:
    """What the archive holds, each file with what it shows; of all tables together a document a language."""
    files: list[tuple[Rendered | None, File]] = [(one, file) for one in items for file in one.files]
    tables = [one for one in items if one.kind == "table"]
    for lang in langs if tables else ():
        text = document([(f"{file_name(seen, one.stem)}.tex", one.number) for one in tables], lang)
        files.append((None, File(lang, f"{file_name(seen, ALL_TABLES)}.tex", text.encode())))
    return files


def _all_title(seen: Seen) -> Text:
    title = seen.study.title
    return marked(Text(zh=f"{title.zh}：全部表格", en=f"{title.en}: all tables"), seen.synthetic)


def _archive(seen: Seen, folder: Path, files: Sequence[File]) -> ReportFile:
    name = archive_name(prefix_of(seen))
    (folder / name).write_bytes(zipped({file.path: file.content for file in files}))
    title = marked(seen.study.title, seen.synthetic)
    return ReportFile(name, "files", title.en, title.zh, "archive")


def _page(
    seen: Seen,
    folder: Path,
    shown: Sequence[tuple[StudyPart, list[Rendered]]],
    lang: Lang,
    langs: Sequence[Lang],
    archived: int,
) -> list[ReportFile]:
    """The page in one language, and the pictures and charts beside it."""
    place, title = place_of(seen, lang), seen.study.title
    file = page_file("index", seen.synthetic)
    twin = next((f"../{other}/{file}" for other in langs if other != lang), None)
    frame = Frame(lang, ROOT, seen.synthetic, twin, "studies")
    body = study_body(place, _top(seen, place, archived), _sections(shown, lang, _carded(seen)))
    head = f'<link rel="stylesheet" href="{ROOT}/assets/study.css">'
    contents: dict[str, bytes] = {file: site_page(said(title, lang), body, frame, head=head).encode()}
    figures = [one for _, items in shown for one in items if one.kind == "figure"]
    contents |= {place.beside(one.stem, one.pictures[lang][0]): one.pictures[lang][1] for one in figures}
    charts = chart_files({one.stem: one.charts[lang] for one in figures}, place)
    contents |= {name: text.encode() for name, text in charts.items()}
    (folder / lang).mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / lang / name).write_bytes(content)
    told = marked(title, seen.synthetic)
    return [ReportFile(f"{lang}/{name}", "index", told.en, told.zh, "page", lang) for name in contents]


def _carded(seen: Seen) -> bool:
    """Whether findings stand on the page as cards, so that their table does not."""
    return len(seen.rows("finding")) > 0


def _sections(shown: Sequence[tuple[StudyPart, list[Rendered]]], lang: Lang, carded: bool) -> list[Section]:
    """What each part shows, parts in the order of the study; a part that shows nothing has no section."""
    by_part: dict[str, tuple[StudyPart, list[Shown]]] = {}
    for one, items in shown:
        own = [
            Shown(item.stem, item.headings[lang], unmarked(item.headings[lang], lang), item.places[lang])
            for item in items
        ]
        by_part.setdefault(one.key, (one, []))[1].extend(item for item in own if not (carded and item.stem == STEM))
    return [
        Section(f"part_{key}", _heading(one, lang), said(one.part.summary, lang), items)
        for key, (one, items) in by_part.items()
        if items
    ]


def _heading(one: StudyPart, lang: Lang) -> str:
    """What the part is, from the beginning of its summary; with its own name if the study has it twice."""
    text = said(one.part.summary, lang)
    for end in (":", ";") if lang == "en" else ("：", "；"):
        text = text.partition(end)[0]
    return f"{text} ({one.options.name})" if one.options.name else text


def _top(seen: Seen, place: Place, archived: int) -> Top:
    lang, rows = place.lang, seen.rows("finding")
    return Top(
        _facts(seen, place, archived),
        _sentences(seen, lang),
        findings.contradicted(rows, lang),
        findings.cards(rows, lang),
    )


def _sentences(seen: Seen, lang: Lang) -> list[str]:
    """What the parts say of their main result."""
    return [
        said(text, lang)
        for one in parts_of(seen.study)
        if one.part.says is not None
        for text in one.part.says(seen, one.options)
    ]


def _facts(seen: Seen, place: Place, archived: int) -> list[tuple[str, str]]:
    """What was computed on what: entities, years, variables; where the files are."""
    lang, labels = place.lang, load_registry().indicators
    many = said(load_units()[seen.study.panel.unit].many, lang)
    count = len(seen.panel.entities)
    years = [said(text, lang) for row in seen.rows(WINDOW).to_dict("records") for text in in_words(row)]
    years = years or ["–".join(dict.fromkeys(map(str, seen.study.years)))]
    told = [*years, *(said(text, lang) for text in seen.remarks)]
    names = {name: said(labels[name].label, lang) for name in seen.study.indicators if name in labels}
    variables = place.linked("indicator", names)
    held = f'<a href="../{place.archive}">{place.archive}</a>: {archived}{place.say("archive")}'
    replicated = f'<a href="../replication/README.md">README.md</a>: {place.say("replicate")}'
    every = [
        ("studied", f"{count} {many}" if lang == "en" else f"{count}个{many}"),
        ("years", ("" if lang == "zh" else " ").join(told)),
        ("variables", variables),
        ("files", held if archived else ""),
        ("replication", replicated if replicated_of(seen.study) else ""),
    ]
    return [(said(WORDS[name], lang), text) for name, text in every if text]
