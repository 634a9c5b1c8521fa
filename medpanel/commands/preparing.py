"""What every command does before it loads the pipeline, in this process or in Dagster's; signals that end a service."""

import os
import signal
import threading

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


def stopped_by_a_signal() -> threading.Event:
    """What Ctrl-C, SIGTERM and their like set from now on, also where a shell had Ctrl-C ignored."""
    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: stop.set())
    return stop
