"""Links from the UI to the pages of the published report and to the project's documents (served by pages.py).

Belongs here: where the page of a study, a table or the checks lies, and the metadata that lead there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import dagster as dg

from catalog import load_tables
from catalog.base import PROJECT_DIR
from medpanel.runs.workspace import Workspace

# What the paths of both begin with.
REPORT, DOCS = "@report", "@docs"
Lang = Literal["zh", "en"]
Links = dict[str, dg.UrlMetadataValue]
PAGE: dict[Lang, str] = {"zh": "报告页面", "en": "Report page"}
DOCUMENT: dict[Lang, str] = {"zh": "文档", "en": "Document"}


@dataclass(frozen=True)
class Site:
    """The pages of a workspace's report: their languages, and whether their names say `synthetic`."""

    langs: tuple[Lang, ...]
    synthetic: bool

    @classmethod
    def of(cls, workspace: Workspace) -> "Site":
        """As the workspace declares."""
        sources = workspace.sources()[0]
        langs: tuple[Lang, ...] = ("zh", "en") if sources.language is None else (sources.language,)
        return cls(langs, sources.data_kind == "synthetic")

    def page(self, name: str) -> Links:
        """Links to a page by its name, such as `quality` or `table/estimate`, one for each language."""
        return {PAGE[lang]: _link(f"{REPORT}/{lang}/{self._file(name)}") for lang in self.langs}

    def study(self, study: str) -> Links:
        """Links to the page of a study."""
        return {PAGE[lang]: _link(f"{REPORT}/{study}/{lang}/{self._file('index')}") for lang in self.langs}

    def documents(self, study: str) -> Links:
        """Links to the documents of a study, as far as the project has any."""
        paths = {lang: f"{lang}/studies/{study}.md" for lang in self.langs}
        there = {lang: path for lang, path in paths.items() if (PROJECT_DIR / "docs" / path).is_file()}
        return {DOCUMENT[lang]: _link(f"{DOCS}/{path}") for lang, path in there.items()}

    def _file(self, name: str) -> str:
        folder, slash, stem = name.rpartition("/")
        return f"{folder}{slash}{'synthetic_' if self.synthetic else ''}{stem}.html"


def linked(site: Site, studies: Iterable[str]) -> dict[str, Links]:
    """Links of assets by the first part of their key: to the pages of each study and published table."""
    of_studies = {study: {**site.study(study), **site.documents(study)} for study in studies}
    return {name: site.page(f"table/{name}") for name in load_tables()} | of_studies


def _link(address: str) -> dg.UrlMetadataValue:
    # Not as Markdown: of a check the UI would show that only when asked to.
    return dg.MetadataValue.url(address)
