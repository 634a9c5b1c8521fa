"""Everything that can be wrong with an input file, in both languages.

Belongs here: building messages; their texts are in catalog/messages. Finding the problem is up to each reader.
Every message names the place, what was found, what was expected and what to do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from catalog.messages import Wording, load_messages
from ingestion.paths import visible

# The longest text a message quotes; a list of thousands of places helps nobody.
_QUOTED = 2_000


# How a whole message reads: the words for sheet, cell and row, what was found, and all of it.
_FORMS = {
    "en": ("sheet", "cell", "row", "; found {!r}", "{}: {}{}; expected {}; to do: {}"),
    "zh": ("工作表", "单元格", "行", "；发现“{}”", "{}：{}{}；应为{}；处理：{}"),
}


class _Value(str):
    """A text filled into a message. `{expected: (nearest: …)}` says what is in brackets only where there is a text."""

    __slots__ = ()

    def __format__(self, around: str) -> str:
        return around.replace("…", self) if around and self else str(self)


class _Names(_Value):
    """Names with a comma between them, as Chinese prose lists them; as they are where something is put around them."""

    __slots__ = ()

    def __format__(self, around: str) -> str:
        return super().__format__(around) if around else self.replace(", ", "、")


@dataclass(frozen=True)
class Problem:
    """One problem at one place. `cell` is empty when the whole row is meant, `row` 0 for the whole file.

    found, expected, hint: as the file or the catalog has them, or the name of a phrase of the message, which may hold
    {hint}; what is said in words stands in catalog/messages.
    """

    code: str
    found: str = ""
    expected: str = ""
    hint: str = ""
    sheet: str = ""
    row: int = 0
    cell: str = ""

    def english(self, path: str) -> str:
        """The whole message in English."""
        return self._told(path, "en")

    def chinese(self, path: str) -> str:
        """The whole message in Chinese."""
        return self._told(path, "zh")

    def _told(self, path: str, language: Literal["en", "zh"]) -> str:
        message = load_messages()[self.code]
        *words, found_form, form = _FORMS[language]
        wording: Wording = getattr(message, language)
        values = {"path": _Value(path)}
        for name in ("found", "expected", "hint"):
            phrase = message.phrases.get(getattr(self, name))
            text = getattr(phrase, language).format(hint=self.hint) if phrase else getattr(self, name)
            kind = _Names if name == "found" and message.listed and language == "zh" else _Value
            values[name] = kind(text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…")
        what, expected, fix = (visible(t.format(**values)) for t in (wording.what, wording.expected, wording.fix))
        found = found_form.format(str(values["found"]) if language == "en" else visible(f"{values['found']}"))
        return form.format(self._place(path, *words), what, found if self.found else "", expected, fix)

    def _place(self, path: str, sheet_word: str, cell_word: str, row_word: str) -> str:
        spot = (cell_word, self.cell) if self.cell else (row_word, self.row)
        parts = [f"{word} {name}" for word, name in ((sheet_word, self.sheet), spot) if name]
        return visible(", ".join([path, *parts]))


class Refusal(Exception):
    """A whole file or table is refused, for the problems given (at least one)."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.code for problem in problems))
        self.problems = problems


def refuse_for(problems: Iterable[Problem]) -> None:
    """Raise Refusal for the problems found, if there are any."""
    if found := tuple(problems):
        raise Refusal(*found)


def require(holds: object, cause: Problem | Exception) -> None:
    """Raise the cause, a problem as Refusal, unless the condition holds."""
    if not holds:
        raise Refusal(cause) if isinstance(cause, Problem) else cause
