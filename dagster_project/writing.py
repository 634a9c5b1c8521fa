"""What every op does around its work: take the run lock, refuse mixed file readings, reuse a result, keep the record.

Belongs here: passing an op's context to medpanel/runs (the lock, the record) and medpanel/reuse (results an earlier run
made from the same ingredients), and the line an op ends with. Does not belong here: what a result is made from.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from catalog.base import Told
from dagster_project.options import asked_fresh
from dagster_project.telling import tell, teller
from medpanel.reuse import Store
from medpanel.runs import run_lock, run_state
from medpanel.runs.workspace import Workspace

# A run with this tag makes everything anew.
FRESH = "medpanel/fresh"
# The value of this tag is the user's reason to publish although something published before is gone.
ACCEPT_LOSS = "medpanel/accept_loss"
# A run with this tag finds everything as the last complete run left it, and publishes it again.
STANDING = "medpanel/standing"

Context = dg.AssetExecutionContext | dg.AssetCheckExecutionContext


@contextmanager
def writing(context: Context, workspace: Workspace, needs: Iterable[str], makes: Iterable[str]) -> Iterator[str]:
    """Wraps the making of parts: yields the generation they are made from, and records them at the end.

    The lock stays with this process, to the end of its run. Raises RunLockError, and StaleError if one of `needs`
    is from another generation.
    """
    run_lock.hold(workspace.root, teller(context.log))
    generation = run_state.current_generation(workspace)
    run_state.refuse_stale(workspace.results, needs, generation)
    run_state.forget(workspace.results, makes)
    yield generation
    run_state.record(workspace.results, makes, generation)


def needs_and_makes(context: dg.AssetExecutionContext) -> tuple[set[str], set[str]]:
    """Parts an asset op's present selection is computed from, and those it makes."""
    selected = context.selected_asset_keys
    deps = context.assets_def.asset_deps
    needed = {dep for key in selected for dep in deps[key]} - set(selected)
    return {key.to_user_string() for key in needed}, {key.to_user_string() for key in selected}


def store_of(context: Context, workspace: Workspace) -> Store:
    """The kept results of a workspace, as far as the run may use them."""
    fresh = FRESH in context.run.tags or asked_fresh(context.run.run_config)
    return Store(workspace.cache, fresh=fresh)


def filled(context: Context, workspace: Workspace, kind: str, key: str, make: Callable[[Path], None]) -> Path:
    """A folder with the files `make` writes into one, or wrote for an earlier run under the same key."""
    folder = workspace.work / "making" / kind
    if store_of(context, workspace).fill(kind, key, folder, make):
        note_reused(context, workspace)
    return folder


def note_reused(context: Context, workspace: Workspace) -> None:
    """Record that the op's result is an earlier one, since nothing it depends on has changed."""
    run_state.note_reused(workspace, context.run.run_id, context.op_def.name)


def tell_done(context: Context, workspace: Workspace, en: str, zh: str) -> None:
    """The one line a step has on the console; with a word on it where its result is an earlier one."""
    if context.op_def.name in run_state.reused_in(workspace, context.run.run_id):
        en, zh = f"{en}; unchanged, reused", f"{zh}；未变，沿用"
    tell(context.log, Told(en, zh))
