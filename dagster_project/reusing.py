"""Reusing a result an earlier run made from the same ingredients, or making it: the same for every op.

Belongs here: passing an op's context to medpanel/reuse. Does not belong here: what a result is made from.
"""

from collections.abc import Callable
from pathlib import Path

import dagster as dg

from medpanel.reuse import Store
from medpanel.runs import run_state
from medpanel.runs.workspace import Workspace

# A run with this tag makes everything anew.
FRESH = "medpanel/fresh"
# A run with this tag finds everything as the last complete run left it, and publishes it again.
STANDING = "medpanel/standing"

Context = dg.AssetExecutionContext | dg.AssetCheckExecutionContext


def store_of(context: Context, workspace: Workspace) -> Store:
    """The kept results of a workspace, as far as the run may use them."""
    return Store(workspace.cache, fresh=FRESH in context.run.tags)


def filled(context: Context, workspace: Workspace, kind: str, key: str, make: Callable[[Path], None]) -> Path:
    """A folder with the files `make` writes into one, or wrote for an earlier run under the same key."""
    folder = workspace.work / "making" / kind
    if store_of(context, workspace).fill(kind, key, folder, make):
        say_reused(context, workspace)
    return folder


def say_reused(context: Context, workspace: Workspace) -> None:
    """Log and record that the op's result is an earlier one."""
    context.log.info("nothing it depends on has changed: result reused / 所依赖内容均未变，沿用已有结果")
    run_state.note_reused(workspace, context.run.run_id, context.op_def.name)
