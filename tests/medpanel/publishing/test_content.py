"""What stands in a publication: tables, types, keys, comments, labels, notes, and the same bytes twice."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from catalog.tables import load_tables
from medpanel.publishing import Publication, publish
from medpanel.publishing.database import SYNTHETIC
from medpanel.publishing.views import VIEWS

Read = Callable[[Path, str], list[tuple[Any, ...]]]
Later = Callable[[Publication, int], Publication]
COMMENTS = (
    "SELECT table_name, comment FROM duckdb_tables() "
    "UNION ALL SELECT table_name, comment FROM duckdb_columns() WHERE NOT internal"
)
# Tables of results that later parts need alone are not published.
TABLES = {name: table for name, table in load_tables().items() if not table.internal}
DESCRIBED = TABLES | {view.name: view.table for view in VIEWS}
CLOCKED = {"run_manifest.parquet", "run_timing.parquet", "publication_change.parquet"}


def test_every_catalogued_table_has_its_columns_and_types(published: Path, read: Read) -> None:
    found = read(
        published,
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal "
        "ORDER BY table_name, column_index",
    )
    expected = [
        (table.name, name, column.type)
        for table in sorted(DESCRIBED.values(), key=lambda t: t.name)
        for name, column in table.columns.items()
    ]
    assert found == expected
    assert {path.stem for path in (published / "parquet").iterdir()} == set(TABLES)


def test_database_and_parquet_hold_the_rows_that_were_given(published: Path, read: Read) -> None:
    for table in TABLES.values():
        order = ", ".join(f'"{name}"' for name in table.key)
        in_database = read(published, f'SELECT * FROM "{table.name}" ORDER BY {order}')
        # No ORDER BY here: the file itself is sorted.
        file = str(published / "parquet" / f"{table.name}.parquet")
        assert in_database == duckdb.execute("SELECT * FROM read_parquet(?)", [file]).fetchall()
    assert read(published, "SELECT province_code, name_zh, lon FROM province ORDER BY 1") == [
        (100001, "name_zh '1' 值", 0.1),
        (100002, "name_zh '2' 值", 0.2),
        (100003, None, None),
        (100004, "name_zh '4' 值", 0.4),
        (100005, "name_zh '5' 值", 0.5),
    ]
    # Beyond the integers a double can hold: no column has been through one.
    assert read(published, "SELECT max(bytes) FROM source_file") == [(2**53 + 5,)]


def test_the_studies_results_are_put_together(published: Path, read: Read) -> None:
    assert read(published, "SELECT study, count(*) FROM estimate GROUP BY ALL ORDER BY 1") == [
        ("expenditure_gdp", 5),
        ("mspi", 5),
    ]


def test_checks_of_a_suite_outside_the_run_are_not_looked_at(
    publication: Publication, read: Read, edit_result: Callable[..., None]
) -> None:
    checks = publication.results / "checks"
    shutil.copyfile(checks / "suite.parquet", checks / "old.parquet")
    edit_result("checks/old.parquet", lambda df: df.assign(check_name="old " + df["check_name"], passed=False))
    assert read(publish(publication), "SELECT count(*) FROM check_result") == [(5,)]


def test_results_of_a_study_outside_the_run_are_not_looked_at(publication: Publication, read: Read) -> None:
    folder = publish(replace(publication, studies=("expenditure_gdp",)))
    assert read(folder, "SELECT DISTINCT study FROM estimate") == [("expenditure_gdp",)]


@pytest.mark.parametrize("kind", ["synthetic", "real"])
def test_labelled_tables_carry_the_kind_of_data(publication: Publication, read: Read, kind: Any) -> None:
    folder = publish(replace(publication, data_kind=kind))
    labelled = [table.name for table in TABLES.values() if table.labelled]
    assert len(labelled) > 5
    for name in labelled:
        if name != "publication_change":  # a first publication differs from none
            assert read(folder, f"SELECT DISTINCT data_kind FROM {name}") == [(kind,)]
    assert read(folder, "SELECT data_kind FROM run_manifest") == [(kind,)]


def test_every_table_and_column_has_a_comment_in_both_languages(published: Path, read: Read) -> None:
    tables = dict(read(published, "SELECT table_name, comment FROM duckdb_tables()"))
    columns = read(published, "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal")
    assert set(tables) == set(TABLES)
    for table_name, text in tables.items():
        table = TABLES[table_name]
        assert f"{table.en} / {table.zh}" in text
        assert f"Key / 主键: {', '.join(table.key)}." in text
        assert table.source in text
    for table_name, name, text in columns:
        table, column = DESCRIBED[table_name], DESCRIBED[table_name].columns[name]
        assert f"{column.en} / {column.zh}" in text
        assert (column.source or table.source) in text
        assert (f" [{column.unit}" in text) == bool(column.unit)


def test_comments_on_generated_data_begin_with_a_warning(published: Path, read: Read) -> None:
    for table_name, text in read(published, COMMENTS):
        assert text.startswith(SYNTHETIC) == DESCRIBED[table_name].labelled


def test_comments_on_real_data_have_no_such_warning(publication: Publication, read: Read) -> None:
    comments = read(publish(replace(publication, data_kind="real")), COMMENTS)
    assert len(comments) > 200
    assert not [text for _, text in comments if "SYNTHETIC" in text]


def test_keys_are_enforced_by_the_file_itself(published: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.duckdb"
    shutil.copyfile(published / "medpanel.duckdb", copy)
    with duckdb.connect(str(copy)) as connection:
        keys = connection.execute(
            "SELECT table_name, constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'"
        ).fetchall()
        declared = {table.name: table.key for table in TABLES.values()}
        assert {name: tuple(columns) for name, columns in keys} == declared
        with pytest.raises(duckdb.ConstraintException, match="Duplicate key"):
            connection.execute("INSERT INTO province_year SELECT * FROM province_year LIMIT 1")
        with pytest.raises(duckdb.ConstraintException, match="NOT NULL"):
            connection.execute("INSERT INTO province_adjacency VALUES (110000, NULL, 'land')")


def test_the_file_has_the_storage_version_older_clients_read(published: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{published / 'medpanel.duckdb'}' AS p (READ_ONLY)")
        rows = connection.execute("SELECT tags FROM duckdb_databases() WHERE database_name = 'p'").fetchall()
    assert rows[0][0]["storage_version"].startswith("v1.2.0")


def test_the_dictionary_lists_exactly_the_published_columns(publication: Publication, read: Read) -> None:
    # One table left out, so that the dictionary cannot be the catalog printed whole.
    for study in publication.studies:
        (publication.results / study / "indicator_score.parquet").unlink()
    folder = publish(publication)
    listed = read(folder, "SELECT table_name, column_name, type FROM data_dictionary ORDER BY ALL")
    columns = read(
        folder,
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY ALL",
    )
    assert listed == columns
    assert read(
        folder,
        "SELECT unit, description_zh, original_headers, key_position FROM data_dictionary "
        "WHERE table_name = 'province_year' AND column_name IN ('gdp', 'year') ORDER BY column_name",
    ) == [("亿元", "地区生产总值", "地区生产总值; 地区生产总值(当年价格); 国内生产总值", None), (None, "年份", None, 2)]
    undescribed = "SELECT column_name FROM data_dictionary WHERE source IS NULL OR description IS NULL"
    assert read(folder, undescribed) == []


def test_the_manifest_is_one_row_in_utc(published: Path, read: Read) -> None:
    before = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    [row] = read(published, "SELECT * FROM run_manifest")
    run_id, started, finished, version, kind, config, inputs, seeds, *_ = row
    assert (run_id, version, kind) == ("0123456789abcdef", "0.1.0", "synthetic")
    assert started == dt.datetime(2026, 1, 2, 3, 4, 5)
    assert dt.timedelta(0) <= before - finished < dt.timedelta(minutes=5)
    assert (config, inputs, seeds) == ("c" * 64, "1" * 64, '{"sample": 1}')
    first, *others = row[-1].split("\n")
    assert first == "a note of the run"
    assert all(line.startswith("publication_change: ") for line in others)
    assert published.name == "20260102T030405Z-synthetic-01234567"


def test_tables_without_rows_are_published_with_their_columns_and_the_reason(
    publication: Publication, read: Read, edit: Callable[[str], None]
) -> None:
    edit("DELETE FROM pilot")
    edit("DROP TABLE smart_exposure")
    for study in publication.studies:
        (publication.results / study / "performance_index.parquet").unlink()
    timings = publication.timings.iloc[:0]
    folder = publish(replace(publication, timings=timings, suites=()))
    empty = {"pilot", "smart_exposure", "check_result", "performance_index", "run_timing"}
    assert {row[0] for row in read(folder, "SELECT table_name FROM duckdb_tables()")} == set(TABLES)
    assert {path.stem for path in (folder / "parquet").iterdir()} == set(TABLES)
    for table in empty:
        assert read(folder, f"SELECT count(*) FROM {table}") == [(0,)]
        described = read(folder, f"DESCRIBE {table}")
        assert [(name, kind) for name, kind, *_ in described] == [
            (name, column.type) for name, column in TABLES[table].columns.items()
        ]
    assert reasons(read, folder) == {
        "pilot": "because no list of pilots was supplied",
        "smart_exposure": "because no study of this run measures exposure",
        "check_result": "no checks were recorded",
        "performance_index": "no study of this run makes it",
        "run_timing": "no file of this run gives any of it",
        "publication_change": "because nothing differs from the publication before, or there is none to compare with",
    }


def reasons(read: Read, folder: Path) -> dict[str, str]:
    """Why the tables without rows have none, in English, as the manifest says."""
    [(notes,)] = read(folder, "SELECT notes FROM run_manifest")
    told = [re.fullmatch(r"(\w+): empty[:,] (.+) / 为空：.+", line) for line in notes.split("\n")]
    return {match[1]: match[2] for match in told if match is not None}


def test_a_workspace_without_studies_is_published_without_their_rows(publication: Publication, read: Read) -> None:
    folder = publish(replace(publication, studies=()))
    assert {row[0] for row in read(folder, "SELECT table_name FROM duckdb_tables()")} == set(TABLES)
    [(figures,)] = read(folder, "SELECT count(*) FROM province_year")
    assert figures > 0
    of_studies = [name for name, table in TABLES.items() if "study" in table.columns]
    assert len(of_studies) > 10
    assert {read(folder, f"SELECT count(*) FROM {name}")[0][0] for name in of_studies} == {0}
    why = {name: reason for name, reason in reasons(read, folder).items() if TABLES[name].origin == "study"}
    assert "sources.yaml declares no study" in why.values()


def test_no_rejected_rows_is_published_as_an_empty_table(
    publication: Publication, read: Read, edit: Callable[[str], None]
) -> None:
    edit("DELETE FROM rejected_row")
    folder = publish(publication)
    assert read(folder, "SELECT count(*) FROM rejected_row") == [(0,)]
    [(notes,)] = read(folder, "SELECT notes FROM run_manifest")
    assert "rejected_row: empty, because nothing was rejected" in notes
    assert "data_kind" in pd.read_parquet(folder / "parquet" / "rejected_row.parquet").columns


def test_a_table_that_may_be_empty_is_published_with_its_reason(
    publication: Publication, read: Read, edit_result: Callable[[str, Callable[[pd.DataFrame], pd.DataFrame]], None]
) -> None:
    for study in publication.studies:
        edit_result(f"{study}/online_doctor.parquet", lambda rows: rows.head(0))
    folder = publish(publication)
    assert read(folder, "SELECT count(*) FROM online_doctor") == [(0,)]
    [(notes,)] = read(folder, "SELECT notes FROM run_manifest")
    assert "online_doctor: empty, because no list of online doctors was supplied / 为空：未提供在线医生名单" in notes


def test_not_a_number_is_published_as_missing(
    publication: Publication, read: Read, edit: Callable[[str], None]
) -> None:
    edit("UPDATE province_year SET gdp = 'nan'::DOUBLE WHERE province_code = 100001")
    folder = publish(publication)
    assert read(folder, "SELECT gdp FROM province_year WHERE province_code = 100001") == [(None,)]


def test_the_same_input_gives_the_same_bytes(publication: Publication, later: Later) -> None:
    first, second = publish(publication), publish(later(publication, 3))
    names = sorted(path.name for path in (first / "parquet").iterdir())
    assert names == sorted(path.name for path in (second / "parquet").iterdir())
    one, two = ({n: (folder / "parquet" / n).read_bytes() for n in names} for folder in (first, second))
    assert "run_manifest.parquet" in {n for n in names if one[n] != two[n]} <= CLOCKED


def test_the_order_of_the_rows_given_does_not_reach_the_bytes(
    publication: Publication, later: Later, edit: Callable[[str], None]
) -> None:
    first = publish(publication)
    edit("CREATE OR REPLACE TABLE observation AS SELECT * FROM observation ORDER BY entity_code, year")
    second = publish(later(publication, 1))
    file = "parquet/observation.parquet"
    assert (first / file).read_bytes() == (second / file).read_bytes()


def test_parquet_says_what_it_is(published: Path) -> None:
    file = published / "parquet" / "estimate.parquet"
    rows = duckdb.execute("SELECT decode(key), decode(value) FROM parquet_kv_metadata(?)", [str(file)]).fetchall()
    table = TABLES["estimate"]
    assert dict(rows) == {"data_kind": "synthetic", "description": f"{table.en} / {table.zh}"}


def test_without_studies_the_rest_is_published(publication: Publication, read: Read) -> None:
    """`studies: []`: figures as ever; the notes say which tables have no rows for want of a study."""
    folder = publish(replace(publication, studies=()))
    assert read(folder, "SELECT count(*) > 0 FROM observation") == [(True,)]
    [(notes,)] = read(folder, "SELECT notes FROM run_manifest")
    assert "smart_exposure: empty, because no study of this run measures exposure" in notes
