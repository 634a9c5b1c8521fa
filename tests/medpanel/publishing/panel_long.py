"""Holding v_panel_long against the wide tables it is made of."""

from __future__ import annotations

import duckdb


def same_as_wide(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Assert that the view has each cell of a wide table once, and nothing else; how many figures there are."""
    level = table.removesuffix("_year")
    code = "province_code" if level == "province" else "city_code"
    view = f"SELECT entity_code, year, indicator, value FROM v_panel_long WHERE entity_level = '{level}'"
    names = [name for name, *_ in connection.execute(f"DESCRIBE {table}").fetchall()]
    cells = {
        (row[names.index(code)], row[names.index("year")], name): row[place]
        for row in connection.execute(f"FROM {table}").fetchall()
        for place, name in enumerate(names)
        if name not in (code, "year", "data_kind")
    }
    found = connection.execute(view).fetchall()
    assert len(found) == len(cells)
    assert {(entity, year, name): value for entity, year, name, value in found} == cells
    return len(found)
