"""Writing the site of a finished publication.

Belongs here: which pages there are, and what lies beside them. Does not belong here: what pages say.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from medpanel.report.places import CHOOSER, page_file
from medpanel.report.shell import CODE, NAME, assets, templates
from medpanel.site import changed, indicators, methods, overview, provenance, quality, tables
from medpanel.site.pages import Page, Site
from medpanel.site.published import Published, opened
from models_py.figures.show import LANGS, Lang

if TYPE_CHECKING:
    from medpanel.changes.summary import Summary


def write_site(
    database: Path,
    report: Path,
    studies: Sequence[Study],
    changes: Summary | Text,
    langs: Sequence[Lang] = LANGS,
) -> list[Path]:
    """Write the pages of the finished `database` into `report`, where the folders of studies are already; the pages.

    `studies`: those of the run; `changes`: what changed since the last publication, or why nothing is compared. The
    same results make the same bytes, but for the overview, provenance, changes and assets/publication.js, which name
    the run.
    """
    with opened(database, studies) as data:
        pages = all_pages(data, changes)
        site = Site(langs, data.synthetic, _with_page(report, studies, langs, data.synthetic), {p.name for p in pages})
        for page in pages:
            site.write(page, report)
        told = {"version": str(data.manifest["version"]), "run": str(data.manifest["run_id"])}
    (report / "assets").mkdir(exist_ok=True)
    for name, text in assets(told).items():
        (report / "assets" / name).write_text(text, encoding="utf-8", newline="\n")
    (report / CHOOSER).write_text(chooser(langs, site.synthetic), encoding="utf-8", newline="\n")
    return [report / lang / page_file(page.name, site.synthetic) for page in pages for lang in langs]


def all_pages(data: Published, changes: Summary | Text) -> list[Page]:
    """Every page, before its language is chosen."""
    return [
        overview.page(data),
        *tables.pages(data),
        *indicators.pages(data),
        quality.page(data),
        provenance.page(data),
        methods.page(data),
        changed.page(changes, str(data.manifest["accepted_loss"] or "")),
    ]


def _with_page(report: Path, studies: Sequence[Study], langs: Sequence[Lang], synthetic: bool) -> set[str]:
    """Studies whose page is there in every language."""
    file = page_file("index", synthetic)
    return {one.id for one in studies if all((report / one.id / lang / file).is_file() for lang in langs)}


def chooser(langs: Sequence[Lang], synthetic: bool) -> str:
    """The page that leads to the reader's language."""
    to = {lang: f"{lang}/{page_file('index', synthetic)}" for lang in langs}
    found = templates(Path(__file__).parent / "templates").get_template("chooser.html.j2")
    return found.render(to=to, code=CODE, name=NAME, synthetic=synthetic, first=langs[0])
