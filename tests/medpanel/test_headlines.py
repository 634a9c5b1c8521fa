"""The lines a study's parts have in the summary of a run, where a table without rows is not published."""

import duckdb

from catalog.studies import load_studies
from medpanel.summary import _headlines


def test_a_part_whose_tables_are_not_published_has_a_line_all_the_same():
    with duckdb.connect() as connection:
        lines = _headlines(connection, load_studies()["imbalance"], "real")
    assert lines == ["imbalance: no figures by type of facility are in these data (real)"]
