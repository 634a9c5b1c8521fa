"""What the UI says of the definitions: both languages everywhere, groups in order, owners, links, typed options."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from pydantic import ValidationError

from catalog.base import PROJECT_DIR, CatalogError
from dagster_project.definitions import build_defs
from dagster_project.groups import HOLDS
from dagster_project.links import DOCUMENT, PAGE
from dagster_project.options import Publishing, Reading, asked_fresh
from medpanel.runs.workspace import Workspace
from tests.dagster_project.test_definitions import defs  # noqa: F401  (a fixture)

CHINESE, ENGLISH = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]{2}")
SOURCES = """data_kind: synthetic
studies: [mspi]
vintages: [v]
{more}
files:
  - {{match: "*.csv", vintage: v, publisher: invented, licence: CC0-1.0, accessed: 2026-01-01}}
"""


def declared(root: Path, more: str = "") -> Workspace:
    """A workspace with a declaration."""
    workspace = Workspace.at(root)
    workspace.sources_path.parent.mkdir(parents=True)
    workspace.sources_path.write_text(SOURCES.format(more=more), encoding="utf-8")
    return workspace


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory, defs: dg.Definitions) -> Any:  # noqa: F811
    """The assets of a workspace with one study and two owners, its tables and figures in Chinese alone."""
    owners = "owners: [someone@example.org, 'team:统计组']\nlanguage: zh"
    return build_defs(declared(tmp_path_factory.mktemp("labels"), owners)).resolve_asset_graph()


def test_everything_is_described_in_both_languages(defs: dg.Definitions) -> None:  # noqa: F811
    graph = defs.resolve_asset_graph()
    described = {node.key.to_user_string(): node.description for node in graph.asset_nodes}
    described |= {str(key): graph.get(key).description for key in graph.asset_check_keys}
    kinds = {"job": defs.jobs, "schedule": defs.schedules, "sensor": defs.sensors}
    described |= {f"{kind} {one.name}": one.description for kind, found in kinds.items() for one in found or ()}
    assert len(described) > 1000
    wanting = {name for name, text in described.items() if not (text and CHINESE.search(text) and ENGLISH.search(text))}
    assert sorted(wanting) == []


def test_groups_are_in_the_order_of_the_work_and_each_is_explained(defs: dg.Definitions) -> None:  # noqa: F811
    graph = defs.resolve_asset_graph()
    groups = {str(node.group_name) for node in graph.asset_nodes}
    named = {re.sub(r"^6_study_.*?(_report)?$", r"6_study_<id>\1", group) for group in groups}
    assert named == set(HOLDS) and list(HOLDS) == sorted(HOLDS)
    [everything] = [job for job in defs.jobs or () if job.name == "everything"]
    assert all(f"`{name}`" in str(everything.description) for name in HOLDS)
    # What is made from what is never of an earlier group; tables by place need derived ones and derived ones them.
    order = {node.key: str(node.group_name)[0] for node in graph.asset_nodes}
    for node in graph.asset_nodes:
        for parent in node.parent_keys:
            assert order[parent] <= order[node.key] or {order[parent], order[node.key]} <= set("345"), (
                parent,
                node.key,
            )


def test_assets_have_owners_tags_and_links_of_the_declared_language(graph: Any) -> None:
    index = graph.get(dg.AssetKey(["mspi", "performance_index"]))
    assert index.owners == ["someone@example.org", "team:统计组"]
    assert {"data_kind": "synthetic", "study": "mspi", "paper": "MSPI_paper"}.items() <= index.tags.items()
    assert index.tags["part"] == "performance_index"
    assert index.metadata[PAGE["zh"]].value == "@report/mspi/zh/synthetic_index.html"
    assert PAGE["en"] not in index.metadata
    assert index.metadata[DOCUMENT["zh"]].value == "@docs/zh/studies/mspi.md" and DOCUMENT["en"] not in index.metadata
    assert (PROJECT_DIR / "docs" / "zh" / "studies" / "mspi.md").is_file()
    table = graph.get(dg.AssetKey("province_year"))
    assert table.metadata[PAGE["zh"]].value == "@report/zh/table/synthetic_province_year.html"
    assert {node.key for node in graph.asset_nodes if not node.owners} == set()


def test_without_owners_there_are_none(defs: dg.Definitions) -> None:  # noqa: F811
    assert not any(node.owners for node in defs.resolve_asset_graph().asset_nodes)


@pytest.mark.parametrize("wrong", ["somebody", "team:", "a@b", "a@b.org, c@d.org"])
def test_what_is_no_owner_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(CatalogError) as caught:
        declared(tmp_path, f"owners: ['{wrong}']").sources()
    assert "sources.yaml" in str(caught.value) and "owners" in str(caught.value)
    assert "team:NAME" in str(caught.value) and "team:名称" in str(caught.value)


def configured(graph_job: dg.JobDefinition, ops: dict[str, Any]) -> bool:
    return bool(dg.validate_run_config(graph_job, {"ops": ops}))


def test_the_launchpad_offers_options_and_refuses_what_is_none(defs: dg.Definitions) -> None:  # noqa: F811
    job = defs.resolve_job_def("everything")
    assert configured(job, {"read_files": {"config": {"fresh": True}}})
    assert configured(job, {"publication": {"config": {"accept_loss": "the list was withdrawn"}}})
    for wrong in (
        {"read_files": {"config": {"frehs": True}}},
        {"read_files": {"config": {"fresh": "yes"}}},
        {"publication": {"config": {"accept_los": "x"}}},
        {"publication": {"config": {"accept_loss": True}}},
        {"publicaton": {"config": {}}},
    ):
        with pytest.raises(dg.DagsterInvalidConfigError):
            configured(job, wrong)


def test_options_are_described_and_a_blank_is_no_reason() -> None:
    for kind in (Reading, Publishing):
        for field in kind.model_fields.values():
            assert CHINESE.search(field.description or "") and ENGLISH.search(field.description or "")
    assert Publishing(accept_loss=" withdrawn ").accept_loss == "withdrawn"
    with pytest.raises(ValidationError, match="不是理由"):
        Publishing(accept_loss=" ")


@pytest.mark.parametrize(
    ("config", "fresh"),
    [
        ({"ops": {"read_files": {"config": {"fresh": True}}}}, True),
        ({"ops": {"read_files": {"config": {"fresh": False}}}}, False),
        ({"ops": {"publication": {"config": {}}}}, False),
        ({}, False),
        (None, False),
    ],
)
def test_a_run_told_to_be_fresh_reuses_nothing_in_any_step(config: Any, fresh: bool) -> None:
    assert asked_fresh(config) == fresh
