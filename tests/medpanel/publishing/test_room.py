"""Room on the disk: what publications share, how small the database is, and a disk that is full at each step."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from medpanel.publishing import Publication, PublishError, database, links, publish, resolve_current
from medpanel.reuse import linking
from medpanel.runs.warehouse import BLOCK_BYTES, connect, show_lake
from tests.medpanel.publishing.conftest import describe

Later = Callable[[Publication, int], Publication]
FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def small(tmp_path: Path) -> Publication:
    """A publication of a study's report and the run's own tables alone."""
    publication = replace(describe(tmp_path / "data"), studies=(), suites=())
    publication.warehouse.parent.mkdir(parents=True)
    duckdb.connect(str(publication.warehouse)).close()
    return publication


@pytest.fixture
def reported(small: Publication, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The report of that publication: a folder of results with one picture."""
    folder = small.results / "mspi" / "report"
    folder.mkdir(parents=True)
    (folder / "图.png").write_bytes(b"picture")
    monkeypatch.setattr(Publication, "study_files", property(lambda self: [("mspi", "report", folder)]))
    monkeypatch.setattr("medpanel.publishing.tables.refuse_stale", lambda *args: None)
    return folder


def fail(*args: Any, **kwargs: Any) -> Any:
    raise FULL


def duckdb_full(*args: Any, **kwargs: Any) -> Any:
    raise duckdb.IOException('IO Error: Could not write file "run_manifest.parquet": No space left on device')


STEPS = {
    "starting": (Path, "mkdir", fail),
    "manifest": (database, "write", duckdb_full),
    "database": (database, "assemble", duckdb_full),
    "sealing": (os, "fsync", fail),
    "naming": (Path, "rename", fail),
    "linking": (os, "symlink", fail),
    "switching": (Path, "replace", fail),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_full_disk_keeps_the_old_publication_and_says_what_to_free(
    small: Publication, later: Later, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    first, root = publish(small), small.root
    before = sorted(path.name for path in root.iterdir())
    content = (first / "medpanel.duckdb").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(*STEPS[step])
        with pytest.raises(PublishError, match="No space left") as caught:
            publish(later(small, 1))
    assert caught.value.__cause__ is None, "a run shows the root cause alone"
    assert "medpanel prune --keep 1" in str(caught.value) and "磁盘空间不足" in str(caught.value)
    assert resolve_current(root) == first
    assert (root / "medpanel.duckdb").resolve() == first / "medpanel.duckdb", "readers go by this link"
    assert (first / "medpanel.duckdb").read_bytes() == content
    second = publish(later(small, 2))
    assert resolve_current(root) == second
    assert set(first.parent.iterdir()) == {first, second}
    assert sorted(path.name for path in root.iterdir()) == before


def test_a_reader_link_that_cannot_be_made_anew_stays(small: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(small)
    link = small.root / "report"
    link.unlink()
    link.symlink_to("elsewhere")
    with monkeypatch.context() as patch:
        patch.setattr(os, "symlink", fail)
        with pytest.raises(OSError, match="No space left"):
            links.switch(small.root, "any")
    assert str(link.readlink()) == "elsewhere"


def test_another_error_is_not_taken_for_a_full_disk(small: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="Input/output error") as caught:
        publish(small)
    assert not isinstance(caught.value, PublishError)


def test_what_is_the_same_is_shared_with_publications_before(small: Publication, reported: Path, later: Later) -> None:
    first = publish(small)
    (reported / "另.png").write_bytes(b"another")
    second = publish(later(small, 1))
    shared = Path("report", "mspi", "图.png")
    if os.name != "nt":
        assert (first / shared).samefile(second / shared)
        assert (first / "parquet" / "data_dictionary.parquet").samefile(second / "parquet" / "data_dictionary.parquet")
        assert linking.alone([second]) < linking.size([second])
    assert not (first / "medpanel.duckdb").samefile(second / "medpanel.duckdb")
    assert (second / "report" / "mspi" / "另.png").read_bytes() == b"another"
    assert (reported / "图.png").stat().st_nlink == 1, "results are written anew, so they are not sealed here"


def test_the_parent_is_the_publication_that_was_current(
    small: Publication, later: Later, read: Callable[[Path, str], list[tuple[Any, ...]]]
) -> None:
    first, second = publish(small), publish(later(small, 1))
    links.switch(small.root, first.name)
    third = publish(later(small, 2))
    asked = "SELECT parent_publication FROM run_manifest"
    assert [read(folder, asked) for folder in (first, second, third)] == [[("",)], [(first.name,)], [(first.name,)]]


def test_the_database_has_small_blocks_and_old_clients_read_it(small: Publication) -> None:
    folder = publish(small)
    with duckdb.connect(str(folder / "medpanel.duckdb"), read_only=True) as connection:
        asked = "SELECT block_size FROM pragma_database_size() WHERE database_name = current_database()"
        assert connection.execute(asked).fetchall() == [(BLOCK_BYTES,)]
        [(tags,)] = connection.execute("SELECT tags FROM duckdb_databases() WHERE NOT internal").fetchall()
    assert tags["storage_version"].startswith("v1.2.0")
    # At 256 KB a block it would be several times as large.
    assert (folder / "medpanel.duckdb").stat().st_size < 1_000_000


def test_the_working_file_has_small_blocks_too_and_is_made_once(tmp_path: Path) -> None:
    path, lake = tmp_path / "work" / "warehouse.duckdb", tmp_path / "lake"
    lake.mkdir()
    duckdb.sql("SELECT 1 AS a").write_parquet(str(lake / "t.parquet"))
    show_lake(path, lake)
    with connect(path, read_only=False) as connection:
        asked = "SELECT block_size FROM pragma_database_size() WHERE database_name = current_database()"
        assert connection.execute(asked).fetchall() == [(BLOCK_BYTES,)]
        connection.execute("CREATE TABLE kept AS FROM lake.t")
    show_lake(path, lake)
    with connect(path) as connection:
        assert connection.execute("SELECT a FROM kept").fetchall() == [(1,)]
