"""The gate before the switch: a loss stops the publication, an accepted one is on record, what changed is published."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medpanel.changes.summary import Summary
from medpanel.publishing import Publication, links, publish, resolve_current
from medpanel.publishing.against import against_current
from medpanel.publishing.gate import LossError
from medpanel.publishing.inputs import PublishError
from medpanel.publishing.publication import REFUSED
from tests.medpanel.publishing.conftest import describe

Edit = Callable[[str], None]
Later = Callable[[Publication, int], Publication]
Read = Callable[[Path, str], list[tuple[Any, ...]]]


def test_a_loss_stops_the_publication_until_it_is_accepted(
    publication: Publication, later: Later, edit: Edit, read: Read
) -> None:
    edit("UPDATE observation SET status = 'reported', chosen = true, file_id = 'f', entity_level = 'province'")
    edit("UPDATE source_file SET file_id = 'f', status = 'loaded' WHERE rows_read = 100005")
    first = publish(replace(publication, run=replace(publication.run, accepted_loss="of no loss")))
    assert read(first, "SELECT accepted_loss FROM run_manifest") == [("",)]
    assert "the first publication here" in read(first, "SELECT notes FROM run_manifest")[0][0]
    edit("DELETE FROM observation WHERE entity_code = 100002")
    edit("UPDATE observation SET value = 7 WHERE entity_code = 100001")
    second = later(publication, 1)
    with pytest.raises(LossError, match="1 figure gone: indicator '2' 值 100002"):
        publish(second)
    assert resolve_current(publication.root) == first
    assert [path.name for path in first.parent.iterdir()] == [first.name]
    assert "1 figure gone" in (publication.root / REFUSED).read_text(encoding="utf-8")
    now = publish(replace(second, run=replace(second.run, accepted_loss="withdrawn 撤回")))
    [(kept, notes)] = read(now, "SELECT accepted_loss, notes FROM run_manifest")
    assert kept.startswith("withdrawn 撤回\n1. ")
    assert "1 figure gone" in kept
    assert "1 figures revised, 0 new, 0 headlines moved" in notes
    assert not (publication.root / REFUSED).exists()
    changes = read(
        now, "SELECT key->>'entity_code', column_name, difference, reason FROM publication_change ORDER BY 1, 2"
    )
    assert ("100001", "value", "changed", "data") in changes
    assert ("100002", "", "gone", "data") in changes
    assert read(now, "SELECT DISTINCT publication, data_kind FROM publication_change") == [(now.name, "synthetic")]


def test_other_random_numbers_are_not_compared(published: Path) -> None:
    again = describe(published.parents[1])
    manifest = {"data_kind": "synthetic", "seeds": '{"sample": 2}'}
    found = against_current(again, published / "parquet", manifest)
    assert "its kind of data or its random seeds are others" in found.note
    assert found.rows.empty


def test_an_unchanged_publication_differs_in_nothing(published: Path) -> None:
    again = describe(published.parents[1])
    manifest = {"data_kind": "synthetic", "seeds": '{"sample": 1}'}
    found = against_current(again, published / "parquet", manifest)
    assert found.rows.empty
    assert isinstance(found.changes, Summary)
    assert [text.en for text in found.changes.sentences()] == ["Nothing differs between the two publications."]


@pytest.mark.parametrize("table", ["observation", "run_manifest"])
def test_a_damaged_publication_is_not_taken_for_none(tmp_path: Path, published: Path, table: str) -> None:
    root = tmp_path / "data"
    shutil.copytree(published.parents[1] / "publications", root / "publications")
    links.switch(root, published.name)
    path = root / "publications" / published.name / "parquet" / f"{table}.parquet"
    path.parent.chmod(0o755)
    path.unlink()
    if table == "observation":
        path.write_bytes(b"PAR1 cut off")
    again, manifest = describe(root), {"data_kind": "synthetic", "seeds": '{"sample": 1}'}
    with pytest.raises(PublishError, match=f"(?s)cannot be read.*{table}.*medpanel rollback previous"):
        against_current(again, published / "parquet", manifest)
    accepted = replace(again, run=replace(again.run, accepted_loss="disk failed"))
    found = against_current(accepted, published / "parquet", manifest)
    assert found.accepted.startswith("disk failed\nnot compared: ")
    shutil.rmtree(path.parent)
    path.parent.parent.chmod(0o755)
    path.parent.parent.rename(tmp_path / "removed")
    assert "is not there any more" in against_current(again, published / "parquet", manifest).note
