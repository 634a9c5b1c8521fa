"""What a study's report can show, known before anything is computed: one item for each asset of the report.

Belongs here: names and titles of the items, and which item a file belongs to. Does not belong here: the files.
"""

from dataclasses import dataclass
from typing import Literal

from catalog import Study
from catalog.base import Text, refuse
from models_py.parts.frame import Show
from models_py.parts.registry import StudyPart, shows_of

Kind = Literal["table", "figure"]
# What the report itself writes under a study's name.
ALL_TABLES = "all_tables"


class ReportError(ValueError):
    """No report can be made of what a study shows; the message says why."""


@dataclass(frozen=True)
class Item:
    """A table or figure in all its formats and variants; the stems of its files begin with `name`.

    `shown_by`: the part that shows it, and how.
    """

    name: str
    kind: Kind
    title: Text
    shown_by: tuple[StudyPart, Show]


def items_of(study: Study) -> tuple[Item, ...]:
    """The tables and figures of a study, in the order of its report. An item without data has no files.

    Raises ReportError for two items of one name, as one would be lost, and for a number that gives no file name.
    """
    found = [
        Item(name, show.kind, title, (one, show))
        for one, show in shows_of(study)
        for name, title in show.titled(study, one.options)
    ]
    names = [item.name for item in found]
    for item in found:
        titles = " and ".join(dict.fromkeys(other.title.en for other in found if other.name == item.name))
        refuse(
            (not item.name, f"{study.id}: no file can be named after {item.title.en!r}; call it Table 1 or the like"),
            (
                item.name == ALL_TABLES or names.count(item.name) > 1,
                f"{study.id}: two files of the report would be called {item.name} ({titles}); give tables numbers that "
                "differ in letters and digits, and a part that cannot be shown twice once",
            ),
            error=ReportError,
        )
    return tuple(found)


def item_of(stem: str, items: tuple[Item, ...]) -> Item | None:
    """The item a file's stem belongs to: the longest name it begins with."""
    begun = (item for item in items if f"{stem}_".startswith(f"{item.name}_"))
    return max(begun, key=lambda item: len(item.name), default=None)
