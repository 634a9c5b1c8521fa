"""Links from the UI to the pages of the published report and to the project's documents (served by pages.py).

Belongs here: where the page of a study, a table or the checks lies, and the Markdown that leads there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import dagster as dg

from catalog import load_tables
from catalog.base import PROJECT_DIR
from medpanel.runs.workspace import Workspace

# What the paths of both begin with.
REPORT, DOCS = "@report", "@docs"
PAGE, DOCUMENT = "Report page 报告页面", "Document 文档"
Lang = Literal["zh", "en"]
_NAMES = {"zh": "中文", "en": "English"}


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

    def page(self, name: str) -> dg.MarkdownMetadataValue:
        """Links to a page by its name, such as `quality` or `table/estimate`."""
        return self._links({lang: f"{lang}/{self._file(name)}" for lang in self.langs})

    def study(self, study: str) -> dg.MarkdownMetadataValue:
        """Links to the page of a study."""
        return self._links({lang: f"{study}/{lang}/{self._file('index')}" for lang in self.langs})

    def _file(self, name: str) -> str:
        folder, slash, stem = name.rpartition("/")
        return f"{folder}{slash}{'synthetic_' if self.synthetic else ''}{stem}.html"

    def _links(self, paths: dict[Lang, str]) -> dg.MarkdownMetadataValue:
        return dg.MetadataValue.md(" · ".join(f"[{_NAMES[lang]}]({REPORT}/{path})" for lang, path in paths.items()))


def linked(site: Site, studies: Iterable[str]) -> dict[str, Any]:
    """Metadata of assets by the first part of their key: the pages of each study and published table."""
    of_studies = {study: {PAGE: site.study(study), **_document(study)} for study in studies}
    return {name: {PAGE: site.page(f"table/{name}")} for name in load_tables()} | of_studies


def _document(study: str) -> dict[str, dg.MarkdownMetadataValue]:
    """The document of a study, where the project has one."""
    docs = PROJECT_DIR / "docs"
    found = [path.relative_to(docs).as_posix() for path in sorted(docs.glob(f"**/studies/{study}.md"))]
    return {DOCUMENT: dg.MetadataValue.md(" · ".join(f"[{path}]({DOCS}/{path})" for path in found))} if found else {}
