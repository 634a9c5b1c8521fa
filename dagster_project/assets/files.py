"""The first layer: input files to the lake. Reading itself is done by ingestion/.

Dagster's processes load the definitions again and again, so nothing heavy is imported before an op runs.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from catalog.lake import shown_tables
from dagster_project.jobs import EVERYTHING
from dagster_project.metadata import PREVIEW_ROWS, table_metadata
from dagster_project.writing import say_reused, store_of
from medpanel.downloads.recording import record
from medpanel.runs import input_state, run_lock, run_state
from medpanel.runs.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

LAKE_TABLES = {name: table.text for name, table in shown_tables().items()}


def lake_assets(workspace: Workspace) -> dg.AssetsDefinition:
    """One op that reads every file and yields the lake tables; tables about persons (lake/private) are not assets."""

    @dg.multi_asset(
        name="read_files",
        group_name="lake",
        specs=[
            dg.AssetSpec(["lake", name], description=what, kinds={"python", "parquet"}, skippable=False)
            for name, what in LAKE_TABLES.items()
        ],
    )
    def read_files(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        from ingestion import build_lake

        run_lock.hold(workspace.root, context.log.info)
        if context.run.job_name == EVERYTHING:  # what only a study has read is still to be published
            input_state.note(workspace, context.run.run_id)
        config_sha256 = run_state.begin_reading(workspace)
        sources, root = record(workspace, context.log.info)
        if context.run.job_name == EVERYTHING:
            input_state.note_kept(workspace)
        fresh, corrections = store_of(context, workspace).fresh, workspace.corrections()
        studies = workspace.studies().values()
        summary = build_lake(
            root, sources, workspace.lake, context.log.info, corrections=corrections, fresh=fresh, studies=studies
        )
        if not summary.files:
            say_reused(context, workspace)
        parts = [f"lake/{name}" for name in LAKE_TABLES]
        run_state.record_reading(workspace, config_sha256, summary.inputs_sha256, summary.timings, parts)
        for name in LAKE_TABLES:
            frame, rows = _head(workspace.lake / f"{name}.parquet")
            extra: dict[str, str] = {"data_kind": sources.data_kind}
            if name == "source_file":
                extra["files_reused"] = f"{summary.reused} of {len(summary.timings)}"
            yield dg.MaterializeResult(["lake", name], metadata=table_metadata(frame, rows=rows) | extra)

    return read_files


def _head(path: Path) -> "tuple[pd.DataFrame, int]":
    """The first rows of a Parquet file, and its number of rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        first = next(file.iter_batches(PREVIEW_ROWS), None)
        frame = file.schema_arrow.empty_table() if first is None else pa.Table.from_batches([first])
        return frame.to_pandas(), file.metadata.num_rows
