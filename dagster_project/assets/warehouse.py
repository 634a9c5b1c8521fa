"""The second layer: dbt models, seeds and tests. The SQL is dbt/; outcomes of its tests are kept for check_result."""

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg
import dagster_dbt

from catalog import load_tables
from dagster_project.metadata import PREVIEW_ROWS, SEVERITY, table_metadata
from dagster_project.reusing import say_reused, store_of
from dagster_project.writing import needs_and_makes, writing
from medpanel.reuse import files_sha256, fingerprint, versions
from medpanel.runs import run_lock, run_state
from medpanel.runs.dbt_project import DBT_DIR, dbt_executable, project_sha256, require_manifest, test_results
from medpanel.runs.warehouse import connect, quote, show_lake
from medpanel.runs.workspace import Workspace

# Outcomes of dbt's tests, as a part on record.
TESTS = "checks/dbt"
_GROUPS = {"seeds": "reference", "staging": "staging", "intermediate": "intermediate", "marts": "warehouse"}


class _Translator(dagster_dbt.DagsterDbtTranslator):
    """Asset keys are table names, as analysts know them; groups are the layers."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return dg.AssetKey(dbt_resource_props["name"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        if dbt_resource_props["resource_type"] == "seed":
            return _GROUPS["seeds"]
        return _GROUPS[dbt_resource_props["fqn"][1]]


def warehouse_assets(workspace: Workspace) -> dg.AssetsDefinition:
    """All dbt nodes as one op: dbt builds and tests them in its own order."""
    translator = _Translator(dagster_dbt.DagsterDbtTranslatorSettings(enable_asset_checks=True))

    @dagster_dbt.dbt_assets(manifest=require_manifest(), name="build_warehouse", dagster_dbt_translator=translator)
    def build_warehouse(context: dg.AssetExecutionContext) -> Iterator[Any]:
        needs, makes = needs_and_makes(context)
        # A selection renews the outcomes of its own tests; the others must be on record for these tables.
        whole = context.selected_asset_keys == build_warehouse.keys
        with writing(context, workspace, needs, makes) as generation:
            on_record = run_state.recorded(workspace.results).get(TESTS) == generation
            run_state.forget(workspace.results, [TESTS])
            run_state.note_warehouse(workspace, None)
            if whole:
                yield from _build_or_take(context, workspace)
            else:
                yield from _build(context, workspace, keep_others=on_record)
            if whole or on_record:
                run_state.record(workspace.results, [TESTS], generation)

    return build_warehouse


def warehouse_key(workspace: Workspace) -> str:
    """Fingerprint of everything the warehouse is built from: the lake, the dbt project, the libraries."""
    return fingerprint(
        lake=files_sha256(sorted(workspace.lake.glob("*.parquet"))),
        project=project_sha256(),
        libraries=versions(["dbt", "duckdb"]),
    )


def _build_or_take(context: dg.AssetExecutionContext, workspace: Workspace) -> Iterator[Any]:
    """All of the warehouse, with the outcomes of its tests: built, or as it was built before."""
    store, key = store_of(context, workspace), warehouse_key(workspace)
    kept = workspace.work / "making" / "warehouse"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    outcomes = workspace.results / f"{TESTS}.parquet"
    if store.take("warehouse", key, kept):
        outcomes.parent.mkdir(parents=True, exist_ok=True)
        (kept / outcomes.name).replace(outcomes)
        (kept / workspace.warehouse.name).replace(workspace.warehouse)
        show_lake(workspace.warehouse, workspace.lake)
        say_reused(context, workspace)
        yield from _as_built(context, workspace, outcomes)
    else:
        yield from _build(context, workspace, keep_others=False)
        store.keep("warehouse", key, [outcomes, workspace.warehouse])
    run_state.note_warehouse(workspace, key)


def _as_built(context: dg.AssetExecutionContext, workspace: Workspace, outcomes: Path) -> Iterator[Any]:
    """What Dagster is told of tables and tests taken as they were."""
    import pandas as pd

    deps, selected = context.assets_def.asset_deps, context.selected_asset_keys
    for key in TopologicalSorter({key: deps[key] & selected for key in sorted(selected)}).static_order():
        yield dg.MaterializeResult(key, metadata=_preview(workspace, key.path[-1]))
    rows = pd.read_parquet(outcomes).set_index("check_name")
    for check in sorted(context.selected_asset_check_keys):
        # A test of several tables is an observation in Dagster, not a check.
        if check.name in rows.index:
            row = rows.loc[check.name]
            yield dg.AssetCheckResult(
                asset_key=check.asset_key,
                check_name=check.name,
                passed=bool(row["passed"]),
                severity=SEVERITY[row["severity"]],
                metadata={"observed": row["observed"]},
            )


def _build(context: dg.AssetExecutionContext, workspace: Workspace, keep_others: bool) -> Iterator[Any]:
    dbt = dagster_dbt.DbtCliResource(
        project_dir=str(DBT_DIR), profiles_dir=str(DBT_DIR), dbt_executable=dbt_executable()
    )
    context.log.info("dbt builds and tests the warehouse")
    workspace.dbt_target.mkdir(parents=True, exist_ok=True)
    (workspace.dbt_target / "run_results.json").unlink(missing_ok=True)
    # dbt outlives a killed run by some seconds and goes on writing, so the lock must outlive it too.
    with run_lock.shared_with_children(workspace.root):
        invocation = dbt.cli(
            ["build", "--exclude-resource-type", "unit_test"],
            context=context,
            target_path=workspace.dbt_target,
            raise_on_error=False,
        )
    # The file has one owner at a time: previews can be read only after dbt has let go of it.
    # A line for each of dbt's nodes would bury the run's story, so those lines go to a file.
    console = workspace.dbt_target / "console.log"
    with console.open("w", encoding="utf-8") as stream, contextlib.redirect_stdout(stream):
        events = list(invocation.stream())
    if (workspace.dbt_target / "run_results.json").exists():
        _keep_outcomes(context, workspace, keep_others)
    for event in events:
        yield _with_preview(event, workspace)
    if not invocation.is_successful():
        raise RuntimeError(f"dbt build failed; its own words are in {console}")


def _keep_outcomes(context: dg.AssetExecutionContext, workspace: Workspace, keep_others: bool) -> None:
    import pandas as pd

    outcomes = test_results(workspace.dbt_target)
    context.log.info(f"{int(outcomes['passed'].sum())} of {len(outcomes)} dbt tests passed")
    for row in outcomes[~outcomes["passed"]].to_dict("records"):
        context.log.warning(f"{row['table_name']} {row['check_name']}: {row['observed']}")
    path = workspace.results / f"{TESTS}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    if keep_others and path.exists():
        before = pd.read_parquet(path)
        others = before[~before["check_name"].isin(outcomes["check_name"])]
        outcomes = pd.concat([others, outcomes]).sort_values(["table_name", "check_name"], ignore_index=True)
    outcomes.to_parquet(path, index=False)


def _with_preview(event: Any, workspace: Workspace) -> Any:
    """The event of a materialised dbt node with row count and preview; any other event unchanged."""
    if not isinstance(event, dg.Output):
        return event
    return event.with_metadata({**(event.metadata or {}), **_preview(workspace, event.output_name)})


def _preview(workspace: Workspace, name: str) -> dict[str, Any]:
    with connect(workspace.warehouse) as connection:
        table = f"main.{quote(name)}"
        rows = connection.execute(f"select count(*) from {table}").fetchall()[0][0]
        frame = connection.execute(f"select * from {table} limit {PREVIEW_ROWS}").df()
    published = name if name in load_tables() else None
    return {**table_metadata(frame, published, rows), "data_kind": workspace.sources()[0].data_kind}
