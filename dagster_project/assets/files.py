"""The first layer: input files to the lake. Reading itself is done by ingestion/.

Dagster's processes load the definitions again and again, so nothing heavy is imported before an op runs.
"""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from catalog.base import Told
from catalog.lake import IN_USE, shown_tables
from dagster_project.groups import FILES
from dagster_project.jobs import EVERYTHING
from dagster_project.metadata import PREVIEW_ROWS, table_metadata
from dagster_project.options import READING, Reading
from dagster_project.telling import tell, teller
from dagster_project.writing import note_reused, store_of, tell_done
from medpanel.downloads.recording import record
from medpanel.runs import input_state, run_lock, run_state
from medpanel.runs.files_read import NothingLoadedError, files_told, nothing_loaded
from medpanel.runs.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

SHOWN_REMARKS = 3
LAKE_TABLES = {name: table.text for name, table in shown_tables().items()}


def lake_assets(workspace: Workspace) -> dg.AssetsDefinition:
    """One op that reads every file and yields the lake tables; tables about persons (lake/private) are not assets."""

    @dg.multi_asset(
        name=READING,
        group_name=FILES,
        specs=[
            dg.AssetSpec(["lake", name], description=what, kinds={"python", "parquet"}, skippable=False)
            for name, what in LAKE_TABLES.items()
        ],
    )
    def read_files(context: dg.AssetExecutionContext, config: Reading) -> Iterator[dg.MaterializeResult]:
        from ingestion import build_lake

        run_lock.hold(workspace.root, teller(context.log))
        if context.run.job_name == EVERYTHING:  # what only a study has read is still to be published
            input_state.note(workspace, context.run.run_id)
        config_sha256 = run_state.begin_reading(workspace)
        said: list[str] = []

        def say(line: str) -> None:
            said.append(line)
            tell(context.log, line, logging.DEBUG)

        sources, root = record(workspace, say)
        if context.run.job_name == EVERYTHING:
            input_state.note_kept(workspace)
        fresh, corrections = store_of(context, workspace).fresh, workspace.corrections()
        summary = build_lake(
            root,
            sources,
            workspace.lake,
            say,
            corrections=corrections,
            fresh=fresh,
            studies=workspace.studies().values(),
            progress=teller(context.log),
        )
        if not summary.files:
            note_reused(context, workspace)
        parts = [f"lake/{name}" for name in LAKE_TABLES]
        run_state.record_reading(workspace, config_sha256, summary.inputs_sha256, summary.timings, parts)
        files = _files(workspace)
        told = files_told(files)
        tell_done(context, workspace, told.en, told.zh)
        _remark(context, said)
        if not files["status"].isin(IN_USE).any():
            raise NothingLoadedError(nothing_loaded(files).text)
        for name in LAKE_TABLES:
            frame, rows = _head(workspace.lake / f"{name}.parquet")
            extra: dict[str, str] = {"data_kind": sources.data_kind}
            if name == "source_file":
                extra["files_reused"] = f"{summary.reused} of {len(summary.timings)}"
            yield dg.MaterializeResult(["lake", name], metadata=table_metadata(frame, rows=rows) | extra)

    return read_files


def _files(workspace: Workspace) -> "pd.DataFrame":
    import pandas as pd

    return pd.read_parquet(workspace.lake / "source_file.parquet")


def _remark(context: dg.AssetExecutionContext, said: Sequence[str]) -> None:
    """The first of the remarks on the console, and how many more stand in the file."""
    for line in said[:SHOWN_REMARKS]:
        tell(context.log, line)
    rest = len(said) - SHOWN_REMARKS
    if rest > 0:
        tell(context.log, Told(f"and {rest} more remarks, see the log file", f"另有{rest}条提示，见日志文件"))


def _head(path: Path) -> "tuple[pd.DataFrame, int]":
    """The first rows of a Parquet file, and its number of rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        first = next(file.iter_batches(PREVIEW_ROWS), None)
        frame = file.schema_arrow.empty_table() if first is None else pa.Table.from_batches([first])
        return frame.to_pandas(), file.metadata.num_rows
