"""Everything that can be wrong with an input file, in both languages.

Belongs here: building messages; the wording stands in wording_*.py. Finding the problem is each reader's work.
Every message names the place, what was found, what was expected and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.wording_cells import CELLS
from ingestion.wording_files import FILES
from ingestion.wording_headers import HEADERS

_WORDING = FILES | HEADERS | CELLS


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
        return ", ".join(parts)

    def _fill(self, template: str, path: str) -> str:
        fields = {"found": self.found, "expected": self.expected, "hint": self.hint, "path": path}
        return template.format(**fields)

    def english(self, path: str) -> str:
        """The whole message in English."""
        what, _, expected, _, fix, _ = (self._fill(text, path) for text in _WORDING[self.code])
        found = f"; found {self.found!r}" if self.found else ""
        return f"{self._place(path, 'sheet', 'cell', 'row')}: {what}{found}; expected {expected}; to do: {fix}"

    def chinese(self, path: str) -> str:
        """The whole message in Chinese."""
        _, what, _, expected, _, fix = (self._fill(text, path) for text in _WORDING[self.code])
        found = f"；发现“{self.found}”" if self.found else ""
        return f"{self._place(path, '工作表', '单元格', '行')}：{what}{found}；应为{expected}；处理：{fix}"


class Refusal(Exception):
    """A file or table is refused whole, for the problems given (at least one)."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.code for problem in problems))
        self.problems = problems
