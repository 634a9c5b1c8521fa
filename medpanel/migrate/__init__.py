"""Converting files of an earlier format: `medpanel migrate`.

Belongs here: reading the old format, saying what is lost. Does not belong here: today's format (catalog/).
"""

from dataclasses import dataclass
from pathlib import Path

import yaml

from catalog import Study
from catalog.base import Text, read_yaml, validate
from medpanel.migrate.study_data import Data, migrated_data, remarks_on
from medpanel.migrate.study_text import comments_of, dumped, rewritten

__all__ = ["Migrated", "migrated_study"]


@dataclass(frozen=True)
class Migrated:
    """A converted study file, the comments that found no place in it, and what else its author should know."""

    text: str
    lost: tuple[str, ...]
    remarks: tuple[Text, ...]


def migrated_study(path: Path) -> Migrated:
    """A study file from before parts in today's format. The study it describes is the same.

    Raises CatalogError for a file that is not in the old format, and for one that would not load as a study.
    """
    old = read_yaml(path)
    data = migrated_data(old, path)
    before = path.read_text(encoding="utf-8-sig")
    text = _written(before, old, data)
    validate(Study, yaml.safe_load(text), path)
    kept = set(comments_of(text))
    lost = tuple(comment for comment in comments_of(before) if comment not in kept)
    return Migrated(text, lost, remarks_on(old))


def _written(before: str, old: Data, data: Data) -> str:
    """The new file from the old one's lines, if the result says what the data say; otherwise from the data."""
    try:
        text = rewritten(before, old)
        if text is not None and yaml.safe_load(text) == data:
            return text
    except (yaml.YAMLError, IndexError):
        # A key over two lines, `? years`, has nothing beside it.
        pass
    return dumped(before, data)
