"""A process that makes calls for this one, for whoever works in parallel.

Belongs here: starting, asking and ending one helper. Helpers are spawned, never forked: Dagster's server and Windows
allow nothing else. They end when their connection to this process closes, so never outlive it.
"""

import multiprocessing
import signal
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any


class HelperDied(Exception):
    """A helper ended before it answered."""


class Helper:
    """One process and `line`, the connection to it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.line, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other,), daemon=True)
        self._process.start()
        # The end of the line shows that the process has ended, if it alone holds the other end.
        other.close()

    def ask(self, call: Callable[[], Any]) -> None:
        """Have a call made, which the helper receives pickled."""
        # A process that has died meanwhile is noticed when its answer is due.
        with suppress(OSError):
            self.line.send(call)

    def answer(self) -> Any:
        """What the call returned, once it has. Raises what it raised, and HelperDied."""
        try:
            made, error = self.line.recv()
        except (EOFError, OSError):
            raise HelperDied from None
        if error is not None:
            raise error
        return made

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self.line.close()
        self._process.join(timeout=0.5)
        self._process.kill()
        self._process.join()


def _serve(line: Connection) -> None:
    # Ctrl-C reaches the whole group; the first process decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        while True:
            call = line.recv()
            try:
                answer: tuple[Any, Exception | None] = call(), None
            except Exception as error:  # whatever it is, the caller is told, and where it came from
                error.add_note(traceback.format_exc())
                answer = None, error
            line.send(answer)
