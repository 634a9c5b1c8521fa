"""The code location Dagster loads (workspace.yaml), and the definitions of one workspace put together.

Assets, checks and jobs are defined in their own modules.
"""

import logging
import os

import dagster as dg

from catalog.base import CatalogError
from dagster_project.assets.files import lake_assets
from dagster_project.assets.publication import publication_asset
from dagster_project.assets.studies import study_assets
from dagster_project.assets.study_files import file_assets
from dagster_project.assets.warehouse import warehouse_assets
from dagster_project.assets.windows import window_asset
from dagster_project.checks import suite_as_checks, suites_of
from dagster_project.console_log import story_logger
from dagster_project.data_age import data_age_check
from dagster_project.failures import explained
from dagster_project.jobs import build_jobs, yearly_schedule
from dagster_project.labels import labels
from dagster_project.service import input_sensor, report_sensor, without_declaration
from medpanel.runs.ownership import own_files
from medpanel.runs.workspace import Workspace


@dg.definitions
def medpanel() -> dg.Definitions:
    """Definitions for the workspace named by the environment."""
    # Also where Dagster is started by itself: the processes of runs are started from the one that loads this.
    own_files()
    workspace = Workspace.from_environment()
    try:
        return build_defs(workspace)
    except CatalogError as error:
        # The sensors must live to say so, and to notice when it is mended.
        return without_declaration(workspace, str(error))


def build_defs(workspace: Workspace) -> dg.Definitions:
    """All assets, checks and jobs of a workspace: of its declared studies, or of every study until it has any input."""
    os.environ.update(workspace.to_environment())
    # pyfixest configures the root logger when it is imported, unless somebody has: other libraries would chatter.
    if not logging.getLogger().handlers:
        logging.getLogger().addHandler(logging.NullHandler())
    studies = workspace.studies()
    suites = suites_of(list(studies.values()))
    assets: list[dg.AssetsDefinition | dg.AssetSpec] = [
        lake_assets(workspace),
        warehouse_assets(workspace),
        *(window_asset(workspace, study) for study in studies.values()),
        *(asset for study in studies.values() for asset in study_assets(workspace, study, explained)),
        *(asset for study in studies.values() for asset in file_assets(workspace, study)),
        publication_asset(workspace, tuple(studies), ("dbt", *(suite.name for suite in suites))),
    ]
    return dg.Definitions(
        assets=dg.map_asset_specs(labels(workspace, studies), assets),
        asset_checks=[*(suite_as_checks(workspace, suite) for suite in suites), data_age_check(workspace)],
        jobs=build_jobs(studies.values()),
        schedules=[yearly_schedule()],
        sensors=[input_sensor(workspace, tuple(studies)), report_sensor(workspace)],
        # One process: the multiprocess executor imports everything again for every step.
        executor=dg.in_process_executor,
        loggers={"console": story_logger},
    )
