"""Every published table of two publications compared on its key: rows added, rows gone, cells changed. Exact.

Belongs here: which tables and columns are compared, and by what key. Does not belong here: why something changed
(reasons.py), what of it matters (summary.py), and what is lost (losses.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.tables import Table, load_tables
from medpanel.changes.both import EARLIER, LATER, Both
from medpanel.runs.warehouse import literal, quote

if TYPE_CHECKING:
    import pandas as pd

TABLE = "publication_change"
# What the clock says, what lists the tables, names of another time, and this very table.
NOT_COMPARED = frozenset({"run_manifest", "run_timing", "data_dictionary", "label", "model_name_before", TABLE})
# Rows listed of a table; the rest is counted.
LISTED = 10_000
# A figure is compared whichever file it stands in; a file by its path.
_KEYS = {"observation": ("entity_level", "entity_code", "year", "indicator"), "source_file": ("path",)}
_COLUMNS = {"observation": ("value", "vintage", "status")}
_ROWS = {"observation": " WHERE chosen"}
# Where something stands in a file; data_kind is the same in publications that are compared.
_PROVENANCE = frozenset({"file_id", "row", "data_kind"})
# Within one scope a year that has no row in the earlier publication is a new year.
_SCOPES = {"observation": ("entity_level", "indicator")}
COLUMNS = ("table_name", "key", "column_name", "difference", "before", "after", "before_number", "after_number", "why")


@dataclass(frozen=True)
class TableChange:
    """One table. `revised`: rows on both sides of which a cell differs, `cells` such cells.

    `rows`: what differs, with COLUMNS; `why` is `year` for a row of a year that is new, `edition` or `data` for a
    figure, else empty. `left_out`: what differs besides, if the list was cut.
    """

    table: str
    added: int
    gone: int
    revised: int
    cells: int
    rows: pd.DataFrame
    left_out: int = 0


def compare(both: Both, same: frozenset[str] = frozenset(), limit: int | None = LISTED) -> list[TableChange]:
    """The tables that differ, in the order of the catalog. `same`: tables known to be equal."""
    compared = (
        _compared(both, table, limit)
        for table in load_tables().values()
        if table.name not in NOT_COMPARED | same and any(both.columns(side, table.name) for side in (EARLIER, LATER))
    )
    return [one for one in compared if len(one.rows)]


def _compared(both: Both, table: Table, limit: int | None) -> TableChange:
    key = _KEYS.get(table.name, table.key)
    absent = [side for side in (EARLIER, LATER) if not both.have(table.name, *key, sides=(side,))]
    if absent:
        return _as_a_whole(both, table.name, absent)
    both.connection.execute(f"CREATE OR REPLACE TEMP TABLE difference AS {_difference(both, table, key)}")
    counted = {
        str(kind): (int(rows), int(cells))
        for kind, rows, cells in both.rows(
            "SELECT difference, count(DISTINCT key), count(*) FROM difference GROUP BY difference"
        )
    }
    added, gone, changed = (counted.get(kind, (0, 0)) for kind in ("added", "gone", "changed"))
    rows = both.frame(
        f"SELECT {', '.join(map(quote, COLUMNS))} FROM difference ORDER BY difference = 'added', difference = 'gone', "
        f"key, place{'' if limit is None else f' LIMIT {limit}'}"
    )
    left_out = added[0] + gone[0] + changed[1] - len(rows)
    return TableChange(table.name, added[0], gone[0], *changed, rows, left_out)


def _difference(both: Both, table: Table, key: tuple[str, ...]) -> str:
    """A row for each row that is on one side only, and for each cell that differs in a row of both."""
    columns = [
        name
        for name in _COLUMNS.get(table.name, tuple(table.columns))
        if name not in {*key, *_PROVENANCE} and all(name in both.columns(side, table.name) for side in (EARLIER, LATER))
    ]
    cells = ", ".join(_cell(table, name, place) for place, name in enumerate(columns, start=1))
    one, other = (
        f"(SELECT *, true AS there FROM {side}.{quote(table.name)}{_ROWS.get(table.name, '')})"
        for side in (EARLIER, LATER)
    )
    keyed = ", ".join(f"{literal(name)}: coalesce(e.{quote(name)}, l.{quote(name)})" for name in key)
    joined = " AND ".join(f"e.{quote(name)} = l.{quote(name)}" for name in key)
    lone = (
        f"{{'place': 0, 'column_name': '', 'difference': CASE WHEN e.there THEN 'gone' ELSE 'added' END, "
        f"'before': NULL::VARCHAR, 'after': NULL::VARCHAR, 'before_number': NULL::DOUBLE, "
        f"'after_number': NULL::DOUBLE, 'why': {_why_added(both, table, key)}}}"
    )
    both_sides = f"list_filter([{cells}], cell -> cell IS NOT NULL)" if cells else "[]"
    return (
        f"SELECT {literal(table.name)} AS table_name, key, unnest(cell) FROM "
        f"(SELECT to_json({{{keyed}}})::VARCHAR AS key, "
        f"unnest(CASE WHEN e.there AND l.there THEN {both_sides} ELSE [{lone}] END) AS cell "
        f"FROM {one} e FULL JOIN {other} l ON {joined})"
    )


def _cell(table: Table, name: str, place: int) -> str:
    one, other = f"e.{quote(name)}", f"l.{quote(name)}"
    number = table.columns[name].type in ("INTEGER", "BIGINT", "DOUBLE")
    sides = [f"TRY_CAST({side} AS DOUBLE)" if number else "NULL::DOUBLE" for side in (one, other)]
    why = "CASE WHEN e.vintage IS DISTINCT FROM l.vintage THEN 'edition' ELSE 'data' END"
    return (
        f"CASE WHEN {one}::VARCHAR IS DISTINCT FROM {other}::VARCHAR THEN {{'place': {place}, 'column_name': "
        f"{literal(name)}, 'difference': 'changed', 'before': {one}::VARCHAR, 'after': {other}::VARCHAR, "
        f"'before_number': {sides[0]}, 'after_number': {sides[1]}, "
        f"'why': {why if table.name == 'observation' else literal('')}}} END"
    )


def _why_added(both: Both, table: Table, key: tuple[str, ...]) -> str:
    """`year` for a row of a year its scope did not have, `data` for another figure."""
    other = literal("data" if table.name == "observation" else "")
    if "year" not in key:
        return other
    scope = [*_SCOPES.get(table.name, ("study",) if "study" in key else ()), "year"]
    asked = ", ".join(f"l.{quote(name)}" for name in scope)
    known = f"SELECT {', '.join(map(quote, scope))} FROM {EARLIER}.{quote(table.name)}{_ROWS.get(table.name, '')}"
    return f"CASE WHEN e.there IS NULL AND ({asked}) NOT IN ({known}) THEN 'year' ELSE {other} END"


def _as_a_whole(both: Both, table: str, absent: list[str]) -> TableChange:
    """A table one side does not have, or has under another key: one row with its number of rows."""
    import pandas as pd

    rows = [
        None if not both.columns(side, table) else int(both.rows(f"SELECT count(*) FROM {side}.{quote(table)}")[0][0])
        for side in (EARLIER, LATER)
    ]
    kind = "changed" if None not in rows else "gone" if absent == [LATER] else "added"
    counts = [None if one is None else f"{one} rows" for one in rows]
    row = (table, "", "", kind, *counts, *rows, "")
    return TableChange(
        table, rows[1] or 0 if kind == "added" else 0, rows[0] or 0 if kind == "gone" else 0, 0, 0,
        pd.DataFrame([row], columns=list(COLUMNS)),
    )  # fmt: skip
