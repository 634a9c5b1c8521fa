"""Lists whose columns are fields, each under any of several names: their header, and values that are not valid.

Belongs here: what the lists of pilots and of doctors share. Which fields they have: their own modules.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from ingestion.readers.base import Problem, Sheet, refuse_for
from ingestion.vocabulary.headers import squeeze


class FieldError(ValueError):
    """An invalid field: its name, what was expected, and what was found if that may be repeated."""

    def __init__(self, field: str, expected: str, found: str = "") -> None:
        super().__init__(field)
        self.field, self.expected, self.found = field, expected, found


@dataclass(frozen=True)
class Fields:
    """The fields of a kind of list.

    aliases    field -> its other names; messages show the first of them
    required   the fields no list may lack
    """

    aliases: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return {squeeze(name).lower(): field for field, names in self.aliases.items() for name in (field, *names)}

    def of(self, header: str) -> str | None:
        """The field printed under this header, or None."""
        return self._by_name.get(squeeze(header).lower())

    def told(self, names: Iterable[str]) -> str:
        """The fields as messages name them."""
        return ", ".join(f"{name} ({self.aliases[name][0]})" for name in names)

    def columns(
        self, sheet: Sheet, wrong: Callable[[int, str, int | None], Problem | None], missing: Problem
    ) -> dict[str, int]:
        """Field -> column, from 1. Raises Refusal.

        wrong: what is wrong with a column, by its header, that is no field or repeats that of another column.
        missing: the problem of required fields without a column, but for their names.
        """
        columns: dict[str, int] = {}
        problems: list[Problem | None] = []
        for column, header in enumerate(sheet.rows[0], start=1):
            field = self.of(header) or ""
            if not field or field in columns:
                problems.append(wrong(column, header, columns.get(field)))
            else:
                columns[field] = column
        absent = self.told(name for name in self.required if name not in columns)
        problems += [replace(missing, expected=f"also {absent}")] if absent else []
        refuse_for(filter(None, problems))
        return columns

    def texts(self, sheet: Sheet, row: int, columns: Mapping[str, int]) -> dict[str, str]:
        """Field -> what a row holds of it; empty for a field that has no column, and for a declared missing mark."""
        return {name: sheet.kept(*sheet.anchor(row, columns[name])) if name in columns else "" for name in self.aliases}

    def holds_data(self, sheet: Sheet, row: int, columns: Mapping[str, int]) -> bool:
        """Whether a filled row may be an entry of the list, rather than an advert, a note or the header once more."""
        filled = [text for text in sheet.rows[row - 1] if text]
        if len(filled) < 2 or all(self.of(text) for text in filled):
            return False
        return any(sheet.cell(row, columns[name]) for name in self.required)
