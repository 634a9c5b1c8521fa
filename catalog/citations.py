"""Works a study's output rests on (`citations.yaml`): its paper, the methods, the software.

Belongs here: the works, and which studies cite them. Does not belong here: rendering (medpanel/replication) and
data sources, which sources.yaml declares.
"""

from functools import cache
from typing import Literal

from pydantic import Field

from catalog.base import CATALOG_DIR, Strict, Text, read_yaml, refuse, validate, with_names
from catalog.part_options import known_parts
from catalog.studies import Study

CITATIONS_PATH = CATALOG_DIR / "citations.yaml"
_NEEDED = {"article": ("journal",), "report": ("series",), "preprint": ("arxiv",), "software": (), "dataset": ()}


class Author(Strict):
    """A person (`family`, `given`) or a body (`name`)."""

    family: str | None = None
    given: str | None = None
    name: str | None = None

    def _consistent(self) -> None:
        both_or_neither = (self.family is None) == (self.name is None)
        of_a_body = self.given is not None and self.family is None
        refuse((both_or_neither or of_a_body, "an author is either family and given, or name"))


class Reference(Strict):
    """One work; a field not known for certain is left empty.

    `cite`: always, or the part that makes a study cite it, or `paper`: the study's own paper.
    `distribution`: the installed Python package whose version was used. `accessed`: ISO date.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal["article", "report", "preprint", "software", "dataset"]
    cite: str = "always"
    paper: str | None = None
    authors: tuple[Author, ...] = Field(min_length=1)
    title: str = Field(min_length=1)
    year: int | None = Field(default=None, ge=1900, le=2100)
    journal: str | None = None
    series: str | None = None
    number: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = Field(default=None, pattern=r"^\w+(-\w+)?$")
    doi: str | None = Field(default=None, pattern=r"^10\.\d{4,9}/\S+$")
    arxiv: str | None = Field(default=None, pattern=r"^\d{4}\.\d{4,5}$")
    url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    distribution: str | None = None
    version: str | None = None
    accessed: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    note: Text | None = None

    def _consistent(self) -> None:
        missing = [name for name in _NEEDED[self.kind] if getattr(self, name) is None]
        uncited = self.cite not in ("always", "paper", *known_parts())
        refuse(
            (missing, f"{self.id}: a work of the kind {self.kind} needs {', '.join(missing)}"),
            (uncited, f"{self.id}: cite {self.cite!r} is neither always, paper nor a part"),
            ((self.cite == "paper") != (self.paper is not None), f"{self.id}: `cite: paper` and `paper` go together"),
        )


@cache
def load_references() -> dict[str, Reference]:
    """All works by id, in file order. Raises CatalogError."""
    return validate(dict[str, Reference], with_names(read_yaml(CITATIONS_PATH), "id"), CITATIONS_PATH)


def cited_by(study: Study) -> tuple[Reference, ...]:
    """The works a study cites, in file order: its paper, the software, and the methods of its parts."""
    reasons = {"always", *(options.part() for options in study.parts)}
    return tuple(
        work
        for work in load_references().values()
        if (work.paper == study.paper if work.cite == "paper" else work.cite in reasons)
    )
