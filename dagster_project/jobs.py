"""Jobs, and the yearly schedule.

The jobs: `everything`, from files to publication, and one per study, up to its results without publishing. What starts
by itself runs `everything`, and is off until switched on (`medpanel watch`, or in the UI); see also service.py.
"""

from collections.abc import Collection
from typing import Any

import dagster as dg

from catalog import Study
from dagster_project.groups import legend, report_group, results_group
from dagster_project.metadata import as_text
from medpanel.runs.refreshing import TIMEZONE, YEARLY

EVERYTHING = "everything"
PUBLICATION = "publication"
SCHEDULE = "yearly_refresh"
# The console shows what console_log.py makes of a run, rather than every event.
SHORT_LOG: dict[str, Any] = {"loggers": {"console": {}}}


def build_jobs(studies: Collection[Study]) -> list[Any]:
    """The job `everything`, and one job for each study."""
    return [
        dg.define_asset_job(
            EVERYTHING,
            selection=dg.AssetSelection.all(),
            description="Read, build, run every study, publish. / 读取文件、建库、运行全部研究并发布。\n\n"
            f"Groups of assets, in the order of the work / 资产分组，按工作次序:\n\n{legend()}",
        ),
        *(
            dg.define_asset_job(
                study.id,
                # Files are read all or none: no study may see a lake that is half of this run and half of another.
                selection=dg.AssetSelection.groups(results_group(study.id), report_group(study.id))
                .upstream()
                .required_multi_asset_neighbors(),
                description=as_text(f"{study.title.en}: this study alone, without publishing. / ")
                + as_text(f"{study.title.zh}：仅运行该研究，不发布。"),
            )
            for study in studies
        ),
    ]


def yearly_schedule() -> Any:
    """The yearly refresh; its run key is the year, so that it runs once a year."""

    @dg.schedule(
        name=SCHEDULE,
        job_name=EVERYTHING,
        cron_schedule=YEARLY,
        execution_timezone=TIMEZONE,
        description="Everything once a year, 15 January 03:00 Beijing time. / 每年1月15日3时（北京时间）全量更新。",
    )
    def yearly_refresh(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        year = str(context.scheduled_execution_time.year)
        return dg.RunRequest(run_key=year, run_config=SHORT_LOG, tags={"refresh_year": year})

    return yearly_refresh
