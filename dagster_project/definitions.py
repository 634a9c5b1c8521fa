"""The code location Dagster loads (workspace.yaml). Assembly is in build.py."""

import dagster as dg

from dagster_project.build import build_defs
from medpanel.runs.workspace import Workspace


@dg.definitions
def medpanel() -> dg.Definitions:
    """Definitions for the workspace named by the environment."""
    return build_defs(Workspace.from_environment())
