"""Messages about input files (`messages/*.yaml`): what is wrong, what was expected, what to do, in both languages.

Belongs here: loading and checking texts. Does not belong here: filling them in (ingestion/problems.py), and any text.
"""

from __future__ import annotations

import string
from functools import cache
from pathlib import Path

from pydantic import Field, model_validator

from catalog.base import CATALOG_DIR, CatalogError, Strict, read_yaml, validate

MESSAGES_DIR = CATALOG_DIR / "messages"
# What a text may have filled in: the problem's own fields, and the file.
PLACEHOLDERS = frozenset({"found", "expected", "hint", "path"})


class Wording(Strict):
    """A message in one language; {found}, {expected}, {hint} and {path} are filled in."""

    what: str = Field(min_length=1)
    expected: str = Field(min_length=1)
    fix: str = Field(min_length=1)

    @property
    def placeholders(self) -> frozenset[str]:
        """Names in braces."""
        texts = (self.what, self.expected, self.fix)
        return frozenset(name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name is not None)


class Message(Strict):
    """One message, by its code, in both languages."""

    en: Wording
    zh: Wording

    @model_validator(mode="after")
    def _alike(self) -> Message:
        if self.en.placeholders != self.zh.placeholders:
            apart = sorted(self.en.placeholders ^ self.zh.placeholders)
            raise ValueError(f"{{{'}, {'.join(apart)}}} stands in one language only")
        unknown = sorted(self.en.placeholders - PLACEHOLDERS)
        if unknown:
            raise ValueError(f"unknown placeholders {unknown}; known: {', '.join(sorted(PLACEHOLDERS))}")
        return self


class _Messages(Strict):
    messages: dict[str, Message]


@cache
def load_messages(folder: Path = MESSAGES_DIR) -> dict[str, Message]:
    """Every message by its code, file by file.

    Raises CatalogError for a text that is empty, placeholders that are unknown or differ between the languages, and a
    code that stands in two files.
    """
    found: dict[str, Message] = {}
    places: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        for code, message in validate(_Messages, {"messages": read_yaml(path)}, path).messages.items():
            if code in found:
                raise CatalogError(f"{path}: the message {code} stands in {places[code]} too")
            found[code], places[code] = message, path.name
    return found
