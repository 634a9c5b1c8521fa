"""Messages about input files (`messages/*.yaml`): what is wrong, what was expected, what to do, in both languages.

Belongs here: loading and checking texts, and which layouts refuse with which message. Does not belong here: filling
them in (ingestion/problems.py), and any text.
"""

import string
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field

from catalog.base import CATALOG_DIR, CatalogError, Strict, Text, read_yaml, refuse, validate

MESSAGES_DIR = CATALOG_DIR / "messages"
# What a text may have filled in: the problem's own fields, and the file.
PLACEHOLDERS = frozenset({"found", "expected", "hint", "path"})
# What `layouts` holds for a message of steps every file goes through, whatever its layout.
EVERY = ("*",)


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
    """One message, by its code, in both languages.

    layouts: whose files are refused with it, as names or patterns of names; EVERY for any file, none for a row that
    only points at the problem of its table.
    remark: nothing is refused with it, it is only to be known.
    listed: what is found are names with a comma between them, which Chinese writes as 、; {found:[…]} keeps the comma,
    for a list to paste into YAML.
    phrases: what may be filled in where neither file nor catalog has words for it, by a name the readers use.
    """

    layouts: tuple[str, ...]
    remark: bool = False
    listed: bool = False
    phrases: dict[str, Text] = Field(default_factory=dict)
    en: Wording
    zh: Wording

    def _consistent(self) -> None:
        apart = sorted(self.en.placeholders ^ self.zh.placeholders)
        unknown = sorted(self.en.placeholders - PLACEHOLDERS)
        refuse(
            (apart, f"{{{'}, {'.join(apart)}}} is in one language only"),
            (unknown, f"unknown placeholders {unknown}; known: {', '.join(sorted(PLACEHOLDERS))}"),
        )


@cache
def load_messages(folder: Path = MESSAGES_DIR) -> dict[str, Message]:
    """Every message by its code, file by file; `layouts` at the head of a file is that of its messages without one.

    Raises CatalogError for a text that is empty, placeholders that are unknown or differ between the languages, a
    message of no declared layouts, and a code that stands in two files.
    """
    found: dict[str, Message] = {}
    places: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        data: dict[str, Any] = read_yaml(path)
        default = {"layouts": data.pop("layouts")} if "layouts" in data else {}
        entries = {code: default | entry if isinstance(entry, dict) else entry for code, entry in data.items()}
        for code, message in validate(dict[str, Message], entries, path).items():
            refuse((code in found, f"{path}: the message {code} is in {places.get(code)} too"), error=CatalogError)
            found[code], places[code] = message, path.name
    return found


@cache
def common_codes() -> frozenset[str]:
    """Refusals of the steps every file goes through, whatever its layout, and of all files together."""
    return frozenset(code for code, message in load_messages().items() if message.layouts == EVERY)


@cache
def layout_codes(layout: str) -> frozenset[str]:
    """Refusals declared for a layout, those of every file left out."""
    return frozenset(
        code
        for code, message in load_messages().items()
        if message.layouts != EVERY and any(fnmatchcase(layout, pattern) for pattern in message.layouts)
    )


@cache
def remarks() -> frozenset[str]:
    """Messages that refuse nothing: of a file with no others, everything was loaded."""
    return frozenset(code for code, message in load_messages().items() if message.remark)


@cache
def pointers() -> frozenset[str]:
    """Messages of rows of a refused table: they point at its problem and say nothing of their own."""
    return frozenset(code for code, message in load_messages().items() if not message.layouts)
