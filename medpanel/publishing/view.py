"""A view of medpanel.duckdb as it is declared: its name, texts, columns and SQL.

Belongs here: the form of a declaration. Does not belong here: any view (views.py, renamed.py), creating them
(database.py).
"""

from dataclasses import dataclass

from catalog.base import Text
from catalog.tables import Column, Table, load_tables


@dataclass(frozen=True)
class View:
    """A view on published tables, without which it is not there either; it is described as the first of them is.

    `columns`, as `sql` gives them: that of a table, as table.column, or its own. `macro`: name, parameters and a
    condition on the view's rows.
    """

    name: str
    of: tuple[str, ...]
    text: Text
    columns: dict[str, str | Column]
    sql: str
    key: tuple[str, ...] = ()
    macro: tuple[str, str, str] | None = None

    @property
    def table(self) -> Table:
        """The view as a table is described."""
        base = load_tables()[self.of[0]]
        columns = {name: _described(column) for name, column in self.columns.items()}
        texts = {"name": self.name, "en": self.text.en, "zh": self.text.zh, "columns": columns}
        return base.model_copy(update=texts | {"key": self.key or base.key})


def _described(column: str | Column) -> Column:
    if isinstance(column, Column):
        return column
    table, name = column.split(".")
    return load_tables()[table].columns[name]
