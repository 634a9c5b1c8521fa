"""Figures whose licence bars passing them on: which of them a study rests on, and tables without them for exports.

Belongs here: rows of `barred_figure` and what follows from them. Does not belong here: what a licence says
(catalog/declarations/redistribution.py), files of an export.
"""

from collections.abc import Collection, Iterable

import duckdb
import pandas as pd

from catalog import Study, load_registry
from catalog.base import Text
from catalog.panels import load_units
from medpanel.runs.warehouse import literal, quote
from models_py.parts.registry import needs_of, parts_of, shown_inputs, table_of

BARRED = "barred_figure"
# Where the inputs of parts are listed in `barred_figure`, if not under their own name.
_LISTED_AS = {
    "int_province_year_alternative": "province_year",
    "int_figure_long": "observation",
    "int_exposure_variant": "pilot",
    "smart_exposure": "pilot",
    "int_doctor_count": "online_doctor",
    "int_flow_list": "city_pair",
}
# Columns of tables that quote figures: what a row is about, and the figure as it was received.
QUOTING = (
    ("network", "flow"),
    ("indicator", "raw"),
    ("indicator", "value_now"),
    ("indicator", "value_kept"),
    ("column_name", "before"),
)
# Tables with a column for each indicator.
_WIDE = ("province_year", "city_year", "county_year")


def rests_on(study: Study, barred: pd.DataFrame) -> pd.DataFrame:
    """The rows of `barred_figure` a study rests on: its indicators, the facilities, flows and lists its parts read."""
    read = {need for one in parts_of(study) for need in needs_of(study, one)} | set(shown_inputs(study))
    tables = {load_units()[study.panel.unit].figures, *(table_of(study, need) for need in read)} - {None}
    listed = {_LISTED_AS.get(str(table), str(table)) for table in tables}
    by_facility = {indicator.id for indicator in load_registry().reported if not indicator.wide}
    wide = barred["table_name"].isin(_WIDE) & barred["series"].isin(study.indicators)
    long = barred["table_name"].eq("observation") & barred["series"].isin(by_facility)
    other = ~barred["table_name"].isin((*_WIDE, "observation"))
    return barred[barred["table_name"].isin(listed) & (wide | long | other)].reset_index(drop=True)


def without(barred: pd.DataFrame, released: Collection[str]) -> pd.DataFrame:
    """The rows that stay withheld when these vintages are asked for by name."""
    return barred[~barred["vintage"].isin(list(released))].reset_index(drop=True)


def remarks(barred: pd.DataFrame) -> tuple[Text, ...]:
    """What must stand under everything that rests on such figures; nothing without a row."""
    said = told_sources(barred)
    if not said:
        return ()
    zh, en = "、".join(one.zh for one in said), "; ".join(one.en for one in said)
    return (
        Text(
            zh=f"所依据的部分数据，其许可不允许转交他人：{zh}。",
            en=f"Rests on figures whose licence bars passing them on: {en}.",
        ),
    )


def told_sources(barred: pd.DataFrame) -> tuple[Text, ...]:
    """Each source once: publisher, edition, licence."""
    named = barred[["publisher", "vintage", "licence"]].drop_duplicates().itertuples(index=False, name=None)
    return tuple(
        Text(
            zh=f"{publisher}（版本 {vintage}，许可：{licence}）",
            en=f"{publisher} (edition {vintage}, licence: {licence})",
        )
        for publisher, vintage, licence in named
    )


def column_marks(connection: duckdb.DuckDBPyConnection, barred: str) -> dict[tuple[str, str], str]:
    """What data_dictionary says of the columns of barred indicators, by table and column. `barred`: a relation."""
    said = "publisher || ': ' || licence"
    rows = connection.execute(
        f"SELECT table_name, series, string_agg(DISTINCT {said}, '; ' ORDER BY {said}) FROM {barred} GROUP BY ALL"
    ).fetchall()
    return {(table, name): f"; redistribution barred 不得转交: {source}" for table, name, source in rows}


def withhold(connection: duckdb.DuckDBPyConnection, released: Collection[str] = ()) -> tuple[Text, ...]:
    """Put views without barred figures before the published tables, for this connection alone; the sources withheld.

    A column of a barred indicator is empty; a row of a barred file, or that quotes a barred figure, is left out.
    `released`: vintages asked for by name.
    """
    tables = connection.execute(
        "SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns() "
        "WHERE schema_name = 'main' AND NOT internal AND database_name = current_database() GROUP BY ALL"
    ).fetchall()
    if BARRED not in {name for name, _ in tables}:
        return ()
    barred = without(connection.table(BARRED).df(), released)
    [(database,)] = connection.execute("SELECT current_database()").fetchall()
    for name, columns in tables if len(barred) else ():
        kept = _kept(str(name), columns, barred)
        if kept:
            source = f"{quote(str(database))}.main.{quote(str(name))}"
            connection.execute(f"CREATE TEMP VIEW {quote(str(name))} AS SELECT {kept.format(source=source)}")
    return told_sources(barred)


def _kept(table: str, columns: Collection[str], barred: pd.DataFrame) -> str | None:
    """What a query on `{source}` keeps of a table; None for a table that can hold no barred figure."""
    if table in (BARRED, "source_file"):
        return None
    indicators, files = (
        _listed(barred["series"]),
        f"redistribution = 'barred' AND vintage IN ({_listed(barred['vintage'])})",
    )
    if table in _WIDE:
        gone = barred.loc[barred["table_name"] == table, "series"].unique()
        empty = ", ".join(f"NULL AS {quote(name)}" for name in gone if name in columns)
        return f"* REPLACE ({empty}) FROM {{source}}" if empty else None
    for key in ("file_id", "path"):
        if key in columns:
            named = f"SELECT {key} FROM source_file WHERE {files}"
            return f"* FROM {{source}} WHERE {key} IS NULL OR {key} NOT IN ({named})"
    for key, beside in QUOTING:
        if {key, beside} <= set(columns):
            return f"* FROM {{source}} WHERE {key} IS NULL OR {key} NOT IN ({indicators})"
    return None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(literal(name) for name in dict.fromkeys(names))
