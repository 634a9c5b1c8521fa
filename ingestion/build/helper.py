"""A process that makes calls for this one: in parallel, and within bounds that only a process of its own can have.

Belongs here: starting, asking, watching and ending one helper. What the bounds are: bounds.py. Dagster's server must
not be forked, and Windows cannot fork: where the system allows it a helper is forked from a server process which has
loaded the readers once and does nothing else, elsewhere it is spawned. Helpers end when their connection to this
process closes, so never outlive it.
"""

import multiprocessing
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

import psutil

from ingestion.build.bounds import Bounds, hold

_FORKSERVER = "forkserver"
_METHOD = _FORKSERVER if _FORKSERVER in multiprocessing.get_all_start_methods() else "spawn"
# Loading the readers takes seconds: the server does it once, not every helper.
_LOADED = ["ingestion.build.worker_pool"]


class HelperDied(Exception):
    """A helper ended before it answered."""


class Helper:
    """One process and `line`, the connection to it."""

    def __init__(self) -> None:
        context: Any = multiprocessing.get_context(_METHOD)
        if _METHOD == _FORKSERVER:
            context.set_forkserver_preload(_LOADED)
        self.line, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other,), daemon=True)
        self._process.start()
        # The end of the line shows that the process has ended, if it alone holds the other end.
        other.close()
        self._seen = psutil.Process(self._process.pid)
        self._bounds: Bounds | None = None
        self._began = self._spent = 0.0

    def ask(self, call: Callable[[], Any], bounds: Bounds | None = None) -> None:
        """Have a call made, which the helper receives pickled; `exceeded` tells whether it keeps within `bounds`."""
        self._bounds, self._began, self._spent = bounds, time.monotonic(), self._cpu()
        # A process that has died meanwhile is noticed when its answer is due.
        with suppress(OSError):
            self.line.send((call, bounds))

    def answer(self) -> Any:
        """What the call returned, once it has. Raises what it raised, and HelperDied."""
        try:
            made, error = self.line.recv()
        except (EOFError, OSError):
            raise HelperDied from None
        if error is not None:
            raise error
        return made

    def exceeded(self) -> str:
        """`memory` or `time`, if the call under way takes more than its bounds allow; empty otherwise."""
        if self._bounds is None:
            return ""
        if self.memory() > self._bounds.memory:
            return "memory"
        late = time.monotonic() - self._began > self._bounds.wall_seconds
        return "time" if late or self._cpu() - self._spent > self._bounds.cpu_seconds else ""

    def memory(self) -> int:
        """Bytes of memory it holds; 0 once it has ended."""
        with suppress(psutil.Error):
            return int(self._seen.memory_info().rss)
        return 0

    def _cpu(self) -> float:
        with suppress(psutil.Error):
            times = self._seen.cpu_times()
            return float(times.user + times.system)
        return 0.0

    def stop(self, at_once: bool = False) -> None:
        """End the process, whatever it is doing; `at_once`: without time to end by itself."""
        self.line.close()
        if not at_once:
            self._process.join(timeout=0.5)
        self._process.kill()
        self._process.join()


def _serve(line: Connection) -> None:
    # Ctrl-C reaches the whole group; the first process decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        while True:
            call, bounds = line.recv()
            try:
                if bounds is not None:
                    hold(bounds)
                answer: tuple[Any, Exception | None] = call(), None
            except Exception as error:  # whatever it is, the caller is told, and where it came from
                error.add_note(traceback.format_exc())
                answer = None, error
            line.send(answer)
