"""The last layer: the publication analysts open. It is written by medpanel/publishing/."""

import datetime as dt
import json
from typing import TYPE_CHECKING

import dagster as dg

from catalog import load_tables
from catalog.base import CatalogError
from dagster_project.assets.study_files import folders_of, languages_of
from dagster_project.groups import PUBLISHED
from dagster_project.jobs import PUBLICATION
from dagster_project.options import Publishing
from dagster_project.tags import trigger_of
from dagster_project.tidying import tidy
from dagster_project.writing import ACCEPT_LOSS, STANDING, store_of, tell_done, writing
from medpanel import __version__
from medpanel.downloads.recording import mark_published
from medpanel.reuse import whole_code
from medpanel.runs import provenance, run_state, standing
from medpanel.runs.workspace import Workspace
from models_py.parts.registry import results_of
from models_py.windows import WINDOW

if TYPE_CHECKING:
    import pandas as pd


def publication_asset(workspace: Workspace, studies: tuple[str, ...], suites: tuple[str, ...]) -> dg.AssetsDefinition:
    """The published database and Parquet files, after everything they contain and every suite they rest on."""
    deps = [dg.AssetKey(name) for name, table in load_tables().items() if table.origin == "dbt"]
    declared = [workspace.studies()[study] for study in studies]
    results = [f"{study.id}/{name}" for study in declared for names in results_of(study).values() for name in names]
    results += [f"{study.id}/{name}" for study in declared for name in (*folders_of(study), WINDOW)]
    deps += [dg.AssetKey.from_user_string(result) for result in results]

    @dg.asset(
        name=PUBLICATION,
        group_name=PUBLISHED,
        deps=deps,
        kinds={"duckdb", "parquet"},
        description="The read-only database and Parquet files, replaced as a whole. / 只读数据库与Parquet，整体切换。",
    )
    def publication(context: dg.AssetExecutionContext, config: Publishing) -> dg.MaterializeResult:
        from medpanel.publishing import Publication, RunInfo, publish

        sources, _ = workspace.sources()
        started = context.instance.get_run_record_by_id(context.run.run_id)
        began = started.start_time if started is not None else None
        with writing(context, workspace, needs=results, makes=()) as generation:
            lake = json.loads(workspace.lake_summary.read_text(encoding="utf-8"))
            folder = publish(
                Publication(
                    root=workspace.root,
                    data_kind=sources.data_kind,
                    warehouse=workspace.warehouse,
                    results=workspace.results,
                    generation=generation,
                    studies=studies,
                    known=workspace.known_studies(),
                    suites=suites,
                    run=RunInfo(
                        run_id=context.run.run_id,
                        started_at=dt.datetime.fromtimestamp(began, dt.UTC) if began else dt.datetime.now(dt.UTC),
                        version=__version__,
                        config_sha256=workspace.config_sha256(),
                        inputs_sha256=lake["inputs_sha256"],
                        seeds=sources.seeds,
                        accepted_loss=config.accept_loss or context.run.tags.get(ACCEPT_LOSS, ""),
                        again=workspace.again,
                        host=provenance.host(),
                        person=provenance.person(),
                        code_commit=provenance.code_commit(),
                        code_sha256=whole_code(),
                        trigger=trigger_of(context.run.tags),
                    ),
                    timings=_timings(context, workspace, lake["timings"]),
                    warehouse_key=run_state.warehouse_key(workspace),
                    store=store_of(context, workspace),
                    lake=workspace.lake,
                    langs=languages_of(workspace),
                )
            )
        try:
            mark_published(workspace)
        except (OSError, CatalogError) as error:
            # The publication stands; the next one marks its files.
            context.log.warning(
                f"published, but the register of downloads is not up to date / 已发布，但登记未更新: {error}"
            )
        tidy(context, workspace, sources)
        tell_done(context, workspace, f"published {folder.name}", f"已发布 {folder.name}")
        return dg.MaterializeResult(
            metadata={
                "folder": dg.MetadataValue.path(str(folder)),
                "database_bytes": (folder / "medpanel.duckdb").stat().st_size,
                "data_kind": sources.data_kind,
                "tables": len(list((folder / "parquet").glob("*.parquet"))),
            }
        )

    return publication


def _timings(
    context: dg.AssetExecutionContext, workspace: Workspace, files: list[tuple[str, float, bool]]
) -> "pd.DataFrame":
    """Seconds of every finished step of this run, then of every file read; whether each was reused."""
    import pandas as pd

    if STANDING in context.run.tags:
        steps = [(step, 0.0, True) for step in standing.complete_steps(workspace)]
        files = [(path, 0.0, True) for path, _, _ in files]
    else:
        stats = context.instance.get_run_step_stats(context.run.run_id)
        reused = run_state.reused_in(workspace, context.run.run_id)
        steps = [
            (stat.step_key, stat.end_time - stat.start_time, stat.step_key in reused)
            for stat in stats
            if stat.end_time and stat.start_time
        ]
    rows = sorted(steps) + [(f"read:{path}", seconds, again) for path, seconds, again in files]
    return pd.DataFrame(rows, columns=["step", "seconds", "reused"])
