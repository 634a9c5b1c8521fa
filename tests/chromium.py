"""The browser of the tests of pages: they are skipped, saying so, where there is no Chromium to be driven."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks import chromium as browser


@contextmanager
def chromium(profile: Path) -> Iterator[browser.Tab]:
    """A tab of a browser of its own."""
    try:
        with browser.chromium(profile) as tab:
            yield tab
    except browser.Absent as error:
        pytest.skip(str(error))
