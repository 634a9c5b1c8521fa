"""What a study's report can show, known before anything is computed: one item for each asset of the report.

Belongs here: names and titles of the items, and which item a file belongs to. Does not belong here: the files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from catalog import Study
from catalog.base import Text
from models_py.parts.registry import shows_of

Kind = Literal["table", "figure"]


@dataclass(frozen=True)
class Item:
    """A table or figure in all its formats and readings; `name` begins the stems of its files."""

    name: str
    kind: Kind
    title: Text


def items_of(study: Study) -> tuple[Item, ...]:
    """The tables and figures of a study, in the order of its report. An item without data has no files."""
    found = [
        Item(name, show.kind, title) for one, show in shows_of(study) for name, title in show.titled(study, one.options)
    ]
    return tuple({item.name: item for item in found}.values())


def item_of(stem: str, items: tuple[Item, ...]) -> Item | None:
    """The item a file's stem belongs to: the longest name it begins with."""
    found = [item for item in items if stem == item.name or stem.startswith(f"{item.name}_")]
    return max(found, key=lambda item: len(item.name), default=None)
