"""A study's report and replication bundle in a publication, and its tables in several parts."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pandas as pd
import pytest

from medpanel.publishing import publish
from medpanel.publishing.inputs import Publication, PublishError
from medpanel.runs import run_state


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


def test_without_any_the_folder_is_empty(publication: Publication) -> None:
    assert list((publish(publication) / "report").iterdir()) == []


def test_a_study_without_regressions_has_a_report_alone(publication: Publication) -> None:
    write(publication, "report")
    folder = publish(publication) / "report"
    assert [path.relative_to(folder).as_posix() for path in folder.rglob("*")] == ["mspi", "mspi/report.html"]


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
