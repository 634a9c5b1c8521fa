"""What the lake was last written from, so that a run with nothing changed leaves it as it stands.

Belongs here: the record beside the lake's files, and whether they are still those it names. What decides how one file
is read: reading_cache.py.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from catalog import Sources
from catalog.declarations.corrections import Correction
from ingestion.build.reading_cache import code_sha256

RECORD = "written.json"


def lake_state(keys: Mapping[str, str], sources: Sources, corrections: Sequence[Correction]) -> str:
    """Changes with the name of every file and its own key, the declaration, the corrections and the code that reads."""
    parts = [*(f"{name} {key}" for name, key in sorted(keys.items())), sources.model_dump_json(), code_sha256()]
    parts += [correction.model_dump_json() for correction in corrections]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def put_on_record(lake: Path, state: str, files: Iterable[Path], summary: Mapping[str, object]) -> None:
    """After the lake is written: from what, its files with their hashes, and what was said of it."""
    hashes = {path.relative_to(lake).as_posix(): _sha256(path) for path in files}
    content = {"state": state, "files": hashes, "summary": summary}
    temporary = lake / f"{RECORD}.tmp"
    temporary.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    temporary.replace(lake / RECORD)


def on_record(lake: Path, state: str) -> dict[str, object] | None:
    """The summary put on record with this state, None where the lake is another or its files are not those written."""
    try:
        content = json.loads((lake / RECORD).read_text(encoding="utf-8"))
        whole = all(_sha256(lake / name) == sha256 for name, sha256 in content["files"].items())
        return dict(content["summary"]) if whole and content["state"] == state else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
