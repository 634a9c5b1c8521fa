"""Declared regular expressions against texts, for at most a second or two each.

Belongs here: every use of a pattern somebody declared. An expression such as (a+)+b looks harmless and takes years on
sixty letters: Python's engine tries every way, but lets a signal interrupt it. Where no signal can be set (Windows,
another thread) the bounds of the reading process hold (ingestion/build/bounds.py).
"""

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ingestion.problems import Problem, Refusal

# Of work, so that other programs do not count.
MATCH_SECONDS = 2.0


def fullmatch(pattern: str, text: str) -> re.Match[str] | None:
    """As re.fullmatch. Raises Refusal naming a pattern that takes too long."""
    with _in_time(pattern):
        return re.fullmatch(pattern, text)


def search(pattern: str, text: str) -> re.Match[str] | None:
    """As re.search. Raises Refusal naming a pattern that takes too long."""
    with _in_time(pattern):
        return re.search(pattern, text)


@contextmanager
def _in_time(pattern: str) -> Iterator[None]:
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: Any) -> None:
        raise Refusal(Problem("slow_pattern", pattern[:200]))

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, MATCH_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
