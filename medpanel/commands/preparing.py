"""What every command does before it loads the pipeline, in this process or in Dagster's."""

import os

from catalog.base import PROJECT_DIR
from medpanel.commands.application import console, fail
from medpanel.runs.workspace import Workspace


def refuse_stale_files() -> None:
    """Fail if generated files are older than the catalog."""
    from medpanel.guide.generate import stale_files

    if stale := stale_files():
        names = ", ".join(path.relative_to(PROJECT_DIR).as_posix() for path in stale)
        raise fail(
            f"the catalog changed: run `medpanel generate` to update {names} / 目录已更改，请先运行 medpanel generate"
        )


def load_pipeline(workspace: Workspace) -> None:
    """The environment, Dagster's folder and dbt's manifest; Dagster itself is imported after it."""
    from medpanel.runs.dbt_project import ensure_manifest

    console.print("Loading the pipeline … / 正在载入流程……")
    workspace.work.mkdir(parents=True, exist_ok=True)
    os.environ.update(workspace.to_environment())
    ensure_manifest()
