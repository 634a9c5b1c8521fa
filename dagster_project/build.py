"""Puts the definitions together for one workspace. Assets, checks and jobs are defined in their own modules."""

import os

import dagster as dg

from dagster_project.assets.files import lake_assets
from dagster_project.assets.publication import publication_asset
from dagster_project.assets.studies import study_assets
from dagster_project.assets.warehouse import warehouse_assets
from dagster_project.checks import performance_index_checks, province_year_checks
from dagster_project.jobs import build_jobs
from dagster_project.story import story_logger
from medpanel.workspace import Workspace


def build_defs(workspace: Workspace) -> dg.Definitions:
    """All assets, checks and jobs of a workspace: its declared studies, or every study before it has any input."""
    os.environ.update(workspace.to_environment())
    studies = workspace.studies()
    # Before there is input there is nothing to label.
    tags = {"data_kind": workspace.sources()[0].data_kind} if workspace.sources_path.exists() else {}
    assets = [
        lake_assets(workspace),
        warehouse_assets(workspace),
        *(asset for study in studies.values() for asset in study_assets(workspace, study)),
        publication_asset(workspace, tuple(studies)),
    ]
    return dg.Definitions(
        assets=dg.map_asset_specs(lambda spec: spec.merge_attributes(tags=tags), assets),
        asset_checks=[
            province_year_checks(workspace),
            *(performance_index_checks(workspace, study) for study in studies.values() if study.index is not None),
        ],
        jobs=build_jobs(tuple(studies)),
        # One process: the multiprocess executor imports everything again for every step.
        executor=dg.in_process_executor,
        loggers={"console": story_logger},
    )
