"""Jobs, and what starts them by itself: a new year, changed input files.

The jobs: `everything`, from files to publication, and one per study, up to its results without publishing. What starts
by itself runs `everything`, and is off until switched on in the UI.
"""

import hashlib
from typing import Any

import dagster as dg

from catalog.base import CatalogError
from medpanel.runs.workspace import Workspace

EVERYTHING = "everything"
PUBLICATION = "publication"
TIMEZONE = "Asia/Shanghai"
# Health yearbooks and the bureau's annual data are out by the end of the year; mid-January finds them corrected.
YEARLY = "0 3 15 1 *"
SENSOR_SECONDS = 300


def build_jobs(studies: tuple[str, ...]) -> list[Any]:
    """The job `everything`, and one job for each study."""
    return [
        dg.define_asset_job(
            EVERYTHING,
            selection=dg.AssetSelection.all(),
            description="Read, build, run every study, publish. / 读取文件、建库、运行全部研究并发布。",
        ),
        *(
            dg.define_asset_job(
                study,
                # Files are read all or none: no study may see a lake that is half of this run and half of another.
                selection=dg.AssetSelection.groups(study).upstream().required_multi_asset_neighbors(),
                description=f"Everything the study {study} needs, without publishing. / 运行该研究，不发布。",
            )
            for study in studies
        ),
    ]


def yearly_schedule() -> Any:
    """The yearly refresh; its run key is the year, so that it runs once a year."""

    @dg.schedule(
        name="yearly_refresh",
        job_name=EVERYTHING,
        cron_schedule=YEARLY,
        execution_timezone=TIMEZONE,
        description="Everything once a year, 15 January 03:00 Beijing time. / 每年1月15日3时（北京时间）全量更新。",
    )
    def yearly_refresh(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        year = str(context.scheduled_execution_time.year)
        return dg.RunRequest(run_key=year, tags={"refresh_year": year})

    return yearly_refresh


def files_state(workspace: Workspace) -> str:
    """Hash over path, size and time of every input file and of sources.yaml: changes when any of them does.

    Superseded downloads, of which a run itself makes more, are left out. Raises CatalogError when there is no valid
    sources.yaml.
    """
    from ingestion.build.lake import input_files

    sources, root = workspace.sources()
    superseded = {root / path for path, row in sources.downloads.readable.items() if row.state != "current"}
    paths = [path for path in input_files(root, sources) if path not in superseded]
    paths.append(workspace.sources_path)
    if sources.corrections is not None:
        paths.append(workspace.sources_path.parent / sources.corrections)
    if sources.divisions is not None and sources.divisions.own is not None:
        paths += sorted(sources.divisions.own.iterdir())
    digest = hashlib.sha256()
    for path in paths:
        stat = path.lstat()  # also of links that lead nowhere, which are refused when they are read
        digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def input_sensor(workspace: Workspace) -> Any:
    """Starts a run when input files are new, changed or gone. The first look is the state it compares with."""

    @dg.sensor(
        name="input_files",
        job_name=EVERYTHING,
        minimum_interval_seconds=SENSOR_SECONDS,
        description="Starts a run when input files change. / 输入文件变化时运行。",
    )
    def input_files_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        try:
            state = files_state(workspace)
        except CatalogError as error:
            return dg.SkipReason(str(error))
        if context.cursor is None:
            return dg.SensorResult(cursor=state, skip_reason="first look at the input files / 首次查看输入文件")
        if context.cursor == state:
            return dg.SkipReason("the input files have not changed / 输入文件未变")
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=state)], cursor=state)

    return input_files_sensor
