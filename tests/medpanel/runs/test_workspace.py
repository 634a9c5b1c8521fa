"""A workspace's own facts about divisions count wherever something asks whether anything has changed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ingestion.build.lake import input_files
from medpanel.runs import input_state
from medpanel.runs.standing import ingredients
from medpanel.runs.workspace import Workspace
from medpanel.templates import write_template


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    raw = tmp_path / "raw"
    write_template("divisions", raw, None, ())
    (raw / "a.csv").write_text("1", encoding="utf-8")
    entry = {"match": "*.csv", "vintage": "v", "publisher": "p", "licence": "l", "accessed": "2026-01-01"}
    content = {"data_kind": "real", "studies": [], "vintages": ["v"], "divisions": "divisions", "files": [entry]}
    (raw / "sources.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return Workspace.at(tmp_path)


def test_facts_are_no_input_files(workspace: Workspace) -> None:
    sources, root = workspace.sources()
    assert [path.name for path in input_files(root, sources)] == ["a.csv"]


def state(workspace: Workspace) -> tuple[str, ...]:
    """All by which a run or the service tells that something changed."""
    seen = input_state.content_of(workspace, input_state.look_at(workspace), input_state.Read())
    return workspace.config_sha256(), input_state.digest(seen), ingredients(workspace)


def test_a_change_of_the_facts_is_a_change(workspace: Workspace) -> None:
    before = state(workspace)
    assert before == state(workspace)
    path = workspace.root / "raw" / "divisions" / "vintage.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "licence: none\n", encoding="utf-8")
    after = state(workspace)
    assert all(before) and all(one != other for one, other in zip(before, after, strict=True))
