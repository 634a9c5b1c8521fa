"""Exceptions that say which key is wrong and why, and the known word that a misspelt one is nearest to.

Belongs here: what checks of declarations and studies raise. Does not belong here: wording and finding the line
(key_faults.py).
"""

import difflib
from collections.abc import Iterable
from itertools import takewhile
from typing import Any, Self

from pydantic import ValidationError

Loc = tuple[str | int, ...]
_LISTED = 20


class AtKey(ValueError):
    """What is wrong with a key below the one that is checked; `at`: which."""

    def __init__(self, message: str, at: Loc) -> None:
        self.at = at
        super().__init__(message)

    def __str__(self) -> str:
        place = ".".join(map(str, self.at))
        return f"{place}: {self.args[0]}" if place else str(self.args[0])

    def below(self, *around: str | int) -> Self:
        """Itself, seen from further up."""
        self.at = (*around, *self.at)
        return self


class Unknown(AtKey):
    """A name that is none of those known. `kind`: of what, a word of key_faults.yaml."""

    def __init__(self, kind: str, found: str, known: Iterable[str], at: Loc = ()) -> None:
        self.kind, self.found, self.known = kind, found, tuple(known)
        super().__init__(f"unknown {kind} {found!r}; known: {self.listed}", at)

    @property
    def listed(self) -> str:
        """The known names; of very many those most like it."""
        if len(self.known) <= _LISTED:
            return ", ".join(self.known)
        return ", ".join([*difflib.get_close_matches(self.found, self.known, n=10, cutoff=0.3), "…"])


class Broken(AtKey):
    """A rule between keys that is not kept, in both languages."""

    def __init__(self, en: str, zh: str, at: Loc = ()) -> None:
        self.text = {"en": en, "zh": zh}
        super().__init__(f"{en} / {zh}", at)


class OfPart(ValueError):
    """What is wrong below a key whose model only that key decides."""

    def __init__(self, name: str, kind: Any, error: ValidationError) -> None:
        self.name, self.kind, self.error = name, kind, error
        super().__init__(name)


def nearest(word: str, known: Iterable[str]) -> str:
    """The one of the known words that a misspelt one is most like, of several the one that begins alike; '' where
    none is.
    """
    by_case, written = {name.casefold(): name for name in known}, word.casefold()

    def likeness(name: str) -> tuple[float, int]:
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(name, written, strict=False))
        return difflib.SequenceMatcher(None, name, written).ratio(), len(list(alike))

    found = difflib.get_close_matches(written, list(by_case), n=10, cutoff=0.5)
    return by_case[max(found, key=likeness)] if found else ""
