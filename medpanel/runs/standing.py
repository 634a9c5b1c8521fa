"""Whether everything a run would make is already there, left by the last complete run from the same ingredients.

Belongs here: that one question and the record that answers it. Reusing single results: medpanel/reuse.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from catalog.base import CatalogError
from medpanel.reuse import files_sha256, fingerprint, whole_code
from medpanel.runs.workspace import Workspace

RECORD = "complete.json"


def ingredients(workspace: Workspace) -> str:
    """Fingerprint of everything a run reads: input files, declarations, studies, code, libraries.

    Taken before a run begins: a file replaced while it is under way must count as changed for the next.
    Empty if something cannot be read, which the run itself then reports; nothing stands on that.
    """
    try:
        return _ingredients(workspace)
    except (OSError, CatalogError):
        return ""


def _ingredients(workspace: Workspace) -> str:
    from ingestion.build.lake import input_files
    from medpanel.downloads.recording import prospect

    # The register as the run will find it: what this run records is no change for the next.
    sources, root, _ = prospect(workspace)
    files = input_files(root, sources)
    # A pipe would be waited for, and is refused by its name.
    plain = [path for path in files if path.is_file()]
    return fingerprint(
        config=workspace.config_sha256(),
        studies={name: study.content for name, study in workspace.studies().items()},
        code=whole_code(),
        files=files_sha256(plain, root),
        downloads=sources.downloads.facts(),
        others=[path.relative_to(root).as_posix() for path in files if path not in plain],
    )


def note_complete(workspace: Workspace, made_from: str, steps: Iterable[str]) -> None:
    """Record that a run of everything ended well: its ingredients, its steps, and the files it left.

    Nothing is recorded without ingredients, nor if a file changed while it was read: the next run reads it again.
    """
    from ingestion.build.reading_cache import RECORD as SETTLED

    if not made_from or not (workspace.lake / SETTLED).is_file():
        return
    record = {"made_from": made_from, "made": _made(workspace), "steps": sorted(steps)}
    path = workspace.work / RECORD
    path.with_suffix(".tmp").write_text(json.dumps(record), encoding="utf-8")
    path.with_suffix(".tmp").replace(path)


def stands(workspace: Workspace, made_from: str) -> bool:
    """Whether a run from these ingredients would make what the last complete run left, and all of it is still there."""
    try:
        record = _recorded(workspace)
        return made_from != "" and record["made_from"] == made_from and record["made"] == _made(workspace)
    except (OSError, KeyError, ValueError):
        return False


def complete_steps(workspace: Workspace) -> list[str]:
    """Steps of the last complete run."""
    return list(_recorded(workspace)["steps"])


def _recorded(workspace: Workspace) -> dict[str, Any]:
    return dict(json.loads((workspace.work / RECORD).read_text(encoding="utf-8")))


def _made(workspace: Workspace) -> str:
    """Hash of everything a publication is made from."""
    folders = (workspace.lake, workspace.results)
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if _is_result(path, workspace)]
    return files_sha256([*files, workspace.warehouse], workspace.root)


def _is_result(path: Path, workspace: Workspace) -> bool:
    return path.is_file() and workspace.files_read not in path.parents
