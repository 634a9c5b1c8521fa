"""One short text for everything a result is made from: frames, options, names, hashes of code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def fingerprint(**ingredients: Any) -> str:
    """SHA-256 over named ingredients: frames, pydantic models, dataclasses that declare their content, plain values.

    Raises TypeError for anything without definite content, so that nothing is silently left out.
    """
    digest = hashlib.sha256()
    for name, value in sorted(ingredients.items()):
        digest.update(f"{name} {_content(value)}\n".encode())
    return digest.hexdigest()


def frame_sha256(frame: pd.DataFrame) -> str:
    """Hash of a frame's columns, types, index and values, in their order."""
    import pyarrow as pa

    table = pa.Table.from_pandas(frame, preserve_index=True).combine_chunks()
    digest = hashlib.sha256(str(table.schema).encode())
    with pa.ipc.new_stream(_Sink(digest), table.schema) as stream:
        stream.write_table(table)
    return digest.hexdigest()


def files_sha256(paths: Iterable[Path], root: Path | None = None) -> str:
    """Hash of files, by content and name, or by their path below `root`."""
    digest = hashlib.sha256()
    for path in paths:
        name = path.name if root is None else path.relative_to(root).as_posix()
        with path.open("rb") as file:
            digest.update(f"{name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()


class _Sink:
    """A file to write to that hashes what is written."""

    closed = False

    def __init__(self, digest: Any) -> None:
        self._digest = digest

    def write(self, content: Any) -> int:
        self._digest.update(content)
        return len(content)

    def flush(self) -> None: ...

    def close(self) -> None: ...


def _content(value: Any) -> str:
    if hasattr(value, "model_dump_json"):
        return f"{type(value).__qualname__} {value.model_dump_json()}"
    if hasattr(value, "iloc"):
        return frame_sha256(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key!r}: {_content(one)}" for key, one in sorted(value.items())) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_content(one) for one in value) + "]"
    if value is None or isinstance(value, str | int | float | bool):
        return json.dumps(value)
    raise TypeError(f"{type(value).__name__} has no content to take a fingerprint of")
