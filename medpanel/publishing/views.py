"""The views of medpanel.duckdb: what a stored table must not hold because it changes by itself, such as ages.

Belongs here: their names, SQL and descriptions. Does not belong here: tables (catalog/tables.yaml).
"""

from dataclasses import dataclass

from catalog.base import Text


@dataclass(frozen=True)
class View:
    """A view on one published table; it is there where the table is."""

    name: str
    table: str
    sql: str
    text: Text


VIEWS = (
    View(
        "v_data_age",
        "study_window",
        "SELECT study, first_year, last_year, declared_last, last_complete_year, newest_year, "
        "CAST(year(current_date) - last_complete_year AS INTEGER) AS age_years "
        "FROM study_window ORDER BY study",
        Text(
            en="How old the data of each study are today: years since the last one for which all its inputs are complete.",
            zh="各研究数据当前的年龄：距全部输入数据均完整的最近一年的年数。",
        ),
    ),
)
