"""Which of many `match:` patterns speaks for a path, without asking each of them.

Belongs here: shell patterns against paths. fnmatch makes an expression without backtracking of them, which takes time
in proportion to pattern and path. What an entry says: sources.py.
"""

import fnmatch
import re
import unicodedata
from collections.abc import Sequence

_MARKS = re.compile(r"[*?\[]")


class Patterns:
    """Patterns in their order; each says what it says to the letter, or of a pattern, with / as any other character."""

    def __init__(self, matches: Sequence[str]) -> None:
        self._literal: dict[str, int] = {}
        # What a pattern begins with before its first mark -> those that begin so.
        self._beginning: dict[str, list[tuple[int, str]]] = {}
        self._given: dict[str, int] = {}
        for number, match in enumerate(matches):
            text = unicodedata.normalize("NFC", match)
            self._given.setdefault(match, number)
            self._literal.setdefault(text, number)
            mark = _MARKS.search(text)
            if mark is not None:
                self._beginning.setdefault(text[: mark.start()], []).append((number, text))

    def named(self, match: str) -> int | None:
        """The first of exactly this text."""
        return self._given.get(match)

    def first(self, path: str) -> int | None:
        """The first that speaks for a path; the encoding of accents makes no difference."""
        path = unicodedata.normalize("NFC", path)
        best = self._literal.get(path)
        for length in range(len(path) + 1):
            for number, text in self._beginning.get(path[:length], ()):
                if best is not None and number > best:
                    break
                if fnmatch.fnmatchcase(path, text):
                    best = number
                    break
        return best
