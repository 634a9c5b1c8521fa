"""The second layer: dbt models, seeds and tests. The SQL is in dbt/; test outcomes are kept for check_result."""

import logging
import shutil
from collections.abc import Collection, Iterator, Mapping
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

import dagster as dg
import dagster_dbt

from catalog import load_tables
from catalog.base import Told
from dagster_project.groups import DERIVED, REFERENCE, STAGED, TABLES
from dagster_project.metadata import PREVIEW_ROWS, SEVERITY, table_metadata
from dagster_project.telling import tell
from dagster_project.writing import needs_and_makes, note_reused, store_of, tell_done, writing
from medpanel.reuse import files_sha256, fingerprint, versions
from medpanel.runs import run_state
from medpanel.runs.dbt_project import asserted, build, project_sha256, require_manifest
from medpanel.runs.warehouse import connect, quote, show_lake
from medpanel.runs.workspace import Workspace

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

# Outcomes of dbt's tests, as a part on record.
TESTS = "checks/dbt"
_GROUPS = {"seeds": REFERENCE, "staging": STAGED, "intermediate": DERIVED, "marts": TABLES}


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

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: dagster_dbt.DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        spec, test = (
            super().get_asset_check_spec(asset_spec, manifest, unique_id, project),
            manifest["nodes"][unique_id],
        )
        kind = (test.get("test_metadata") or {}).get("name", "")
        text = asserted(test["description"], kind, test.get("column_name") or "").text
        return spec and spec._replace(description=text)


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
    """The whole warehouse with the outcomes of its tests: newly built, or as built before."""
    import pandas as pd

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
        note_reused(context, workspace)
        tests = pd.read_parquet(outcomes)
        _tell_tests(context, workspace, tests)
        yield from _as_built(context, workspace, tests)
    else:
        yield from _build(context, workspace, keep_others=False)
        store.keep("warehouse", key, [outcomes, workspace.warehouse])
    run_state.note_warehouse(workspace, key)


def _build(context: dg.AssetExecutionContext, workspace: Workspace, keep_others: bool) -> Iterator[Any]:
    tell(context.log, Told("dbt builds and tests the warehouse", "dbt 正在构建并检验数据仓库"), logging.DEBUG)
    log = workspace.dbt_target / "dbt.log"
    built = build(log, _selection(context))
    _tell_tests(context, workspace, built.tests)
    _keep_outcomes(workspace, built.tests, keep_others)
    yield from _as_built(context, workspace, built.tests, built.tables)
    if not built.success:
        raise RuntimeError(f"dbt build failed; see its output in {log}")


def _tell_tests(context: dg.AssetExecutionContext, workspace: Workspace, tests: "pd.DataFrame") -> None:
    """One line on all tests; each that did not pass stands in the file and the UI."""
    passed, count = int(tests["passed"].sum()), len(tests)
    for row in tests[~tests["passed"]].to_dict("records"):
        tell(context.log, f"{row['table_name']} {row['check_name']}: {row['observed']}", logging.DEBUG)
    tell_done(context, workspace, f"{passed} of {count} dbt tests passed", f"{count}项 dbt 检验中{passed}项通过")


def _selection(context: dg.AssetExecutionContext) -> list[str]:
    """The selection in dbt's own terms; nothing for the whole project."""
    if context.selected_asset_keys == set(context.assets_def.node_keys_by_output_name.values()):
        return []
    tables = [key.path[-1] for key in context.selected_asset_keys]
    checks = [check.name for check in context.selected_asset_check_keys]
    return ["--select", *sorted(tables + checks), "--indirect-selection", "empty"]


def _keep_outcomes(workspace: Workspace, outcomes: "pd.DataFrame", keep_others: bool) -> None:
    import pandas as pd

    path = workspace.results / f"{TESTS}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    if keep_others and path.exists():
        before = pd.read_parquet(path)
        others = before[~before["check_name"].isin(outcomes["check_name"])]
        outcomes = pd.concat([others, outcomes]).sort_values(["table_name", "check_name"], ignore_index=True)
    outcomes.to_parquet(path, index=False)


def _as_built(
    context: dg.AssetExecutionContext,
    workspace: Workspace,
    outcomes: "pd.DataFrame",
    tables: Collection[str] | None = None,
) -> Iterator[Any]:
    """The events reported to Dagster about tables (by default all selected ones) and tests."""
    deps = context.assets_def.asset_deps
    # Dagster wants every table after those it is made from.
    ordered = TopologicalSorter({key: deps[key] for key in sorted(context.selected_asset_keys)}).static_order()
    keys = [key for key in ordered if key in context.selected_asset_keys and (tables is None or key.path[-1] in tables)]
    with connect(workspace.warehouse) as connection:
        previews = [_preview(connection, key.path[-1]) for key in keys]
    kind = {"data_kind": workspace.sources()[0].data_kind}
    for key, preview in zip(keys, previews, strict=True):
        yield dg.MaterializeResult(key, metadata={**preview, **kind})
    rows = outcomes.set_index("check_name")
    for check in sorted(context.selected_asset_check_keys):
        # A test of several tables is no check in Dagster.
        if check.name in rows.index:
            row = rows.loc[check.name]
            yield dg.AssetCheckResult(
                asset_key=check.asset_key,
                check_name=check.name,
                passed=bool(row["passed"]),
                severity=SEVERITY[row["severity"]],
                metadata={"observed": row["observed"]},
            )


def _preview(connection: "duckdb.DuckDBPyConnection", name: str) -> dict[str, Any]:
    """Row count and first rows of a table, as metadata."""
    table = f"main.{quote(name)}"
    rows = connection.execute(f"select count(*) from {table}").fetchall()[0][0]
    frame = connection.execute(f"select * from {table} limit {PREVIEW_ROWS}").df()
    return table_metadata(frame, name if name in load_tables() else None, rows)
