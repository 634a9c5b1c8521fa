"""The lines a study's parts have in the summary of a run, also where the tables they rest on have no row."""

import duckdb

from catalog.studies import load_studies
from catalog.tables import load_tables
from medpanel.runs.warehouse import quote
from medpanel.summary import _headlines


def test_a_part_whose_tables_have_no_row_has_a_line_all_the_same():
    with duckdb.connect() as connection:
        for name, table in load_tables().items():
            columns = ", ".join(f"{quote(column)} {spec.type}" for column, spec in table.columns.items())
            connection.execute(f"CREATE TABLE {quote(name)} ({columns})")
        lines = _headlines(connection, load_studies()["imbalance"], "real")
    assert lines == ["imbalance: no figures by type of facility are in these data (real)"]
