"""The first layer: input files to the lake. The reading itself is ingestion/.

Definitions are loaded again and again by Dagster's processes, so nothing heavy is imported before an op runs.
"""

from collections.abc import Iterator

import dagster as dg

from catalog.lake import shown_tables
from dagster_project.metadata import table_metadata
from medpanel.runs import run_lock, run_state
from medpanel.runs.workspace import Workspace

LAKE_TABLES = {name: table.text for name, table in shown_tables().items()}


def lake_assets(workspace: Workspace) -> dg.AssetsDefinition:
    """One op that reads every file and yields the lake tables; those of persons (lake/private) are no assets."""

    @dg.multi_asset(
        name="read_files",
        group_name="lake",
        specs=[
            dg.AssetSpec(["lake", name], description=what, kinds={"python", "parquet"}, skippable=False)
            for name, what in LAKE_TABLES.items()
        ],
    )
    def read_files(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        import pandas as pd

        from ingestion import build_lake

        run_lock.hold(workspace.root, context.log.info)
        config_sha256 = run_state.begin_reading(workspace)
        sources, root = workspace.sources()
        summary = build_lake(root, sources, workspace.lake, context.log.info, corrections=workspace.corrections())
        parts = [f"lake/{name}" for name in LAKE_TABLES]
        run_state.record_reading(workspace, config_sha256, summary.inputs_sha256, summary.timings, parts)
        for name in LAKE_TABLES:
            frame = pd.read_parquet(workspace.lake / f"{name}.parquet")
            extra: dict[str, str] = {"data_kind": sources.data_kind}
            if name == "source_file":
                extra["files_reused"] = f"{summary.reused} of {len(summary.timings)}"
            yield dg.MaterializeResult(["lake", name], metadata=table_metadata(frame) | extra)

    return read_files
