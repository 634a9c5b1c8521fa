"""A disk that fills up while a publication is written: a clear message, and the last publication stays.

The limit on the size of a file (RLIMIT_FSIZE) makes the system itself refuse the bytes, in any container and without
any privilege: everything that is written is smaller than it, except the published database.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable

import pytest

from benchmarks.kill_harness import current, faults, finished, hashes, unfinished
from catalog.base import PROJECT_DIR
from medpanel.runs.workspace import Workspace
from tests.safety.conftest import materialise

PUBLISH = """
import json, sys
from pathlib import Path
from medpanel.runs.workspace import Workspace
from tests.safety.conftest import materialise
print(json.dumps(materialise(Workspace.at(Path(sys.argv[1])), "publication")))
"""


def publish_within(limit: Callable[[], int], workspace: Workspace) -> list[str]:
    """Materialise the publication in a process whose files may not grow beyond `limit()` bytes."""

    def restrict() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit(), limit()))

    done = subprocess.run(
        [sys.executable, "-c", PUBLISH, str(workspace.root)],
        cwd=PROJECT_DIR,
        preexec_fn=restrict,
        capture_output=True,
        text=True,
        check=True,
    )
    messages: list[str] = json.loads(done.stdout.splitlines()[-1])
    return messages


@pytest.mark.parametrize("what", ["database", "parquet"])
def test_a_full_disk_while_publishing_loses_nothing(workspace: Workspace, what: str) -> None:
    root = workspace.root
    first = current(root)
    before = hashes(first)
    sizes = {path.name: path.stat().st_size for path in first.rglob("*") if path.is_file()}
    limit = sizes["medpanel.duckdb"] // 2 if what == "database" else sizes["observation.parquet"] // 2
    [message] = publish_within(lambda: limit, workspace)
    assert "File too large" in message and "medpanel prune --keep 1" in message
    assert ("medpanel.duckdb" if what == "database" else ".parquet") in message
    assert current(root) == first
    assert finished(root) == [first]
    assert unfinished(root) == []
    assert hashes(first) == before
    assert faults(first) == []
    # With room again, what was computed is published without computing it again.
    assert materialise(workspace, "publication") == []
    assert current(root) != first
    assert faults(current(root)) == []
    assert hashes(first) == before
