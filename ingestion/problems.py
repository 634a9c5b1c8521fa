"""Everything that can be wrong with an input file, in both languages.

Belongs here: building messages; their texts stand in catalog/messages. Finding the problem is each reader's work.
Every message names the place, what was found, what was expected and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.messages import Wording, load_messages
from ingestion.paths import visible

# The longest text a message quotes; a list of thousands of places helps nobody.
_QUOTED = 2_000


def _cut(text: str) -> str:
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


@dataclass(frozen=True)
class Problem:
    """One problem at one place. `cell` is empty when the whole row is meant, `row` 0 for the whole file."""

    code: str
    found: str = ""
    expected: str = ""
    hint: str = ""
    sheet: str = ""
    row: int = 0
    cell: str = ""

    def _place(self, path: str, sheet_word: str, cell_word: str, row_word: str) -> str:
        parts = [path]
        if self.sheet:
            parts.append(f"{sheet_word} {self.sheet}")
        if self.cell:
            parts.append(f"{cell_word} {self.cell}")
        elif self.row:
            parts.append(f"{row_word} {self.row}")
        return visible(", ".join(parts))

    def _fill(self, template: str, path: str) -> str:
        fields = {"found": _cut(self.found), "expected": _cut(self.expected), "hint": _cut(self.hint), "path": path}
        return visible(template.format(**fields))

    def _texts(self, wording: Wording, path: str) -> tuple[str, str, str]:
        """What is wrong, what was expected, what to do."""
        return self._fill(wording.what, path), self._fill(wording.expected, path), self._fill(wording.fix, path)

    def english(self, path: str) -> str:
        """The whole message in English."""
        what, expected, fix = self._texts(load_messages()[self.code].en, path)
        found = f"; found {_cut(self.found)!r}" if self.found else ""
        return f"{self._place(path, 'sheet', 'cell', 'row')}: {what}{found}; expected {expected}; to do: {fix}"

    def chinese(self, path: str) -> str:
        """The whole message in Chinese."""
        what, expected, fix = self._texts(load_messages()[self.code].zh, path)
        found = f"；发现“{visible(_cut(self.found))}”" if self.found else ""
        return f"{self._place(path, '工作表', '单元格', '行')}：{what}{found}；应为{expected}；处理：{fix}"


class Refusal(Exception):
    """A file or table is refused whole, for the problems given (at least one)."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.code for problem in problems))
        self.problems = problems
