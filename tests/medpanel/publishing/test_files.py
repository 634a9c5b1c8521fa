"""A study's report and replication bundle in a publication, and its tables in several parts."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from catalog import load_tables
from medpanel.publishing import publish
from medpanel.publishing.inputs import Publication, PublishError
from medpanel.runs import run_state
from tests.medpanel.publishing.conftest import create, frame


def write(publication: Publication, name: str, *, recorded: bool = True) -> None:
    folder = publication.results / "mspi" / name
    folder.mkdir()
    (folder / f"{name}.html").write_text("合成 synthetic", encoding="utf-8")
    if recorded:
        run_state.record(publication.results, [f"mspi/{name}"], publication.generation)


def test_reports_and_bundles_are_published_read_only(publication: Publication) -> None:
    write(publication, "report")
    write(publication, "replication")
    folder = publish(publication)
    names = sorted(path.relative_to(folder).as_posix() for path in (folder / "report").rglob("*.html"))
    assert names == ["report/mspi/replication/replication.html", "report/mspi/report.html"]
    assert all((folder / name).stat().st_mode & 0o777 == 0o444 for name in names)
    assert (publication.root / "report" / "mspi" / "report.html").read_text(encoding="utf-8") == "合成 synthetic"


def test_a_study_without_regressions_has_a_report_alone(publication: Publication) -> None:
    write(publication, "report")
    folder = publish(publication) / "report"
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    assert found == ["mspi", "mspi/report.html"]


def test_a_report_of_another_reading_is_refused(publication: Publication) -> None:
    write(publication, "report", recorded=False)
    with pytest.raises(PublishError, match="mspi/report"):
        publish(publication)


def test_a_report_of_a_study_outside_the_run_is_not_looked_at(publication: Publication) -> None:
    write(publication, "report", recorded=False)
    assert publish(replace(publication, studies=("expenditure_gdp",))).is_dir()


def test_the_parts_of_a_table_are_published_together(publication: Publication) -> None:
    folder = publication.results / "mspi"
    main = pd.read_parquet(folder / "estimate.parquet")
    main.assign(method="cr3").to_parquet(folder / "estimate__few_clusters.parquet", index=False)
    run_state.record(publication.results, ["mspi/estimate__few_clusters"], publication.generation)
    published = pd.read_parquet(publish(publication) / "parquet" / "estimate.parquet")
    own = published[published["study"] == "mspi"]
    assert len(own) == 2 * len(main)
    assert "cr3" in set(own["method"])


def test_a_part_of_another_reading_is_refused(publication: Publication) -> None:
    folder = publication.results / "mspi"
    shutil.copy(folder / "estimate.parquet", folder / "estimate__few_clusters.parquet")
    with pytest.raises(PublishError, match="mspi/estimate__few_clusters"):
        publish(publication)


def test_parts_that_repeat_a_row_are_refused(publication: Publication) -> None:
    folder = publication.results / "mspi"
    shutil.copy(folder / "estimate.parquet", folder / "estimate__few_clusters.parquet")
    run_state.record(publication.results, ["mspi/estimate__few_clusters"], publication.generation)
    with pytest.raises(PublishError, match="estimate: the key"):
        publish(publication)


def test_exposure_of_an_open_study_ends_with_its_years(publication: Publication) -> None:
    """The warehouse reaches further than the year the study was settled on; one of declared years is left alone."""
    table, window = load_tables()["smart_exposure"], load_tables()["study_window"]
    both = pd.concat([frame(table, study) for study in publication.studies], ignore_index=True)
    both["year"] = [2020, 2021, 2022, 2023, 2024] * 2
    with duckdb.connect(str(publication.warehouse)) as connection:
        create(connection, table, both)
    settled = frame(window, "expenditure_gdp").assign(last_year=pd.array([2022], dtype="Int32"))
    settled.to_parquet(publication.results / "expenditure_gdp" / "study_window.parquet", index=False)
    published = pd.read_parquet(publish(publication) / "parquet" / "smart_exposure.parquet")
    assert dict(published.groupby("study")["year"].max()) == {"expenditure_gdp": 2022, "mspi": 2024}
    assert len(published) == 3 + 5


def test_an_open_study_without_its_years_is_refused(publication: Publication) -> None:
    (publication.results / "expenditure_gdp" / "study_window.parquet").unlink()
    with pytest.raises(PublishError, match="the last year of expenditure_gdp is not settled"):
        publish(publication)


def test_the_age_of_data_is_counted_on_the_day_of_the_question(publication: Publication, tmp_path: Path) -> None:
    """In any copy of the file, under any name; nothing stored knows the day."""
    complete = dt.date.today().year - 3
    for study in publication.studies:
        rows = frame(load_tables()["study_window"], study).assign(
            last_complete_year=pd.array([complete], dtype="Int32")
        )
        rows.to_parquet(publication.results / study / "study_window.parquet", index=False)
    copy = tmp_path / "under another name.duckdb"
    shutil.copy(publish(publication) / "medpanel.duckdb", copy)
    with duckdb.connect(str(copy), read_only=True) as connection:
        assert connection.execute("select study, age_years from v_data_age").fetchall() == [
            ("expenditure_gdp", 3),
            ("mspi", 3),
        ]
        [(comment,)] = connection.execute(
            "select comment from duckdb_views() where view_name = 'v_data_age'"
        ).fetchall()
        assert "年龄" in comment and "How old" in comment
        connection.execute("select 1").fetchall()
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{copy}' as other (read_only)")
        assert len(connection.execute("from other.v_data_age").fetchall()) == 2
