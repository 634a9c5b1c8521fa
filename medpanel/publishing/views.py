"""The views of medpanel.duckdb: what a stored table must not hold because it changes by itself, such as ages.

Belongs here: their SQL, names and descriptions. Does not belong here: tables (catalog/tables.yaml).
"""

from collections.abc import Collection
from dataclasses import dataclass

from catalog.base import Text
from catalog.tables import Column, Table, load_tables


@dataclass(frozen=True)
class View:
    """A view on one published table, without which it is not there either: columns of the table, and its `own`."""

    name: str
    of: str
    text: Text
    kept: tuple[str, ...]
    own: dict[str, Column]
    sql: str

    @property
    def table(self) -> Table:
        """The view as a table is described."""
        base = load_tables()[self.of]
        columns = {**{name: base.columns[name] for name in self.kept}, **self.own}
        return base.model_copy(update={"name": self.name, "en": self.text.en, "zh": self.text.zh, "columns": columns})


VIEWS = (
    View(
        name="v_data_age",
        of="study_window",
        text=Text(
            en="How old the data of each study are today: years since the last one with all inputs complete.",
            zh="各研究数据当前的年龄：距全部输入数据均完整的最近一年的年数。",
        ),
        kept=("study", "declared_last", "last_complete_year", "newest_year", "data_kind"),
        own={
            "age_years": Column(
                type="INTEGER",
                unit="years",
                en="This year, when the query runs, less last_complete_year; NULL without one",
                zh="查询当年减去last_complete_year；无完整年份时为空",
            )
        },
        sql="CAST(year(current_date) - last_complete_year AS INTEGER) AS age_years",
    ),
)


def views_on(tables: Collection[str]) -> list[View]:
    """The views whose table is among those published."""
    return [view for view in VIEWS if view.of in tables]
