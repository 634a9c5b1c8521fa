"""Reads files in a process of its own and says what that took: refusals must hold within 1 GiB and in time.

Run as a program: one request a line in (JSON), one answer a line out. Every file is read in a fresh child, so that the
memory of one is not counted to the next.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GIB = 2**30
# A reader that lost its bounds is stopped by the system before it takes the computer with it.
ADDRESS_SPACE = 4 * GIB
SECONDS = 60


@dataclass(frozen=True)
class Outcome:
    """What became of a file: codes of its problems, its messages, values loaded, peak memory in bytes, seconds."""

    codes: list[str]
    reasons: list[str]
    loaded: int
    peak: int
    seconds: float


class Reader:
    """The process that reads."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def read(self, path: Path, **keys: Any) -> Outcome:
        """Read a file as declared by `keys`. Raises AssertionError when the reading process died."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"path": str(path), "keys": keys}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "died" not in answer, answer
        return Outcome(**answer)


@contextmanager
def reader() -> Iterator[Reader]:
    """A reading process for the length of a block."""
    command = [sys.executable, "-m", "tests.ingestion.hostile.bounded"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Reader(process)
        assert process.stdin
        process.stdin.close()


def _read(request: dict[str, Any]) -> dict[str, Any]:
    from catalog import load_registry
    from ingestion import read_file
    from tests.ingestion.conftest import declared, with_groups

    path = Path(request["path"])
    began = time.monotonic()
    reading = read_file(
        path.parent, path, declared(**with_groups(path.name, path.read_bytes(), request["keys"])), load_registry()
    )
    codes = sorted({record["code"] for record in reading.rejected_row})
    reasons = [record["reason"] for record in reading.rejected_row[:3]]
    # In kilobytes on Linux, in bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {
        "codes": codes,
        "reasons": reasons,
        "loaded": len(reading.observation),
        "peak": peak,
        "seconds": time.monotonic() - began,
    }


def _answer(request: dict[str, Any]) -> str:
    """The answer of a child that reads the file, or how it died."""
    out, into = os.pipe()
    child = os.fork()
    if not child:
        os.close(out)
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        try:
            text = json.dumps(_read(request))
        except BaseException as error:
            text = json.dumps({"died": f"{type(error).__name__}: {error}"})
        os.write(into, text.encode())
        os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as stream:
        text = stream.read().decode()
    _, status = os.waitpid(child, 0)
    return text or json.dumps({"died": f"status {status}"})


if __name__ == "__main__":
    import catalog
    import tests.ingestion.conftest  # noqa: F401

    catalog.load_registry()
    for line in sys.stdin:
        print(_answer(json.loads(line)), flush=True)
