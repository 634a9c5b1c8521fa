"""What every writing op does around its work: take the run lock, refuse mixed file readings, keep the record.

Belongs here: translating an op's context into parts. The lock is medpanel/runs/run_lock.py, the record run_state.py.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import dagster as dg

from medpanel.runs import run_lock, run_state
from medpanel.runs.workspace import Workspace


@contextmanager
def writing(
    context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext,
    workspace: Workspace,
    needs: Iterable[str],
    makes: Iterable[str],
) -> Iterator[str]:
    """Wraps the making of parts: yields the generation they are made from, and records them at the end.

    The lock stays with this process, to the end of its run. Raises RunLockError, and StaleError if one of `needs`
    is from another generation.
    """
    run_lock.hold(workspace.root, context.log.info)
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
