"""A process that reads hostile files, shared by the tests of this folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.ingestion.hostile.bounded import Reader, reader


@pytest.fixture(scope="package")
def bounded() -> Iterator[Reader]:
    """Reads files and measures it."""
    if sys.platform == "win32":
        pytest.skip("memory is measured with fork and setrlimit, which Windows has not")
    with reader() as process:
        yield process
