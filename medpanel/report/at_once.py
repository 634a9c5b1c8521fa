"""Calls made in parallel: this process and helper processes take them from one list, each the next when it is free.

Belongs here: processes and handing out calls. Helpers are spawned, never forked: Dagster's server and Windows allow
nothing else. They end when their connection to this process closes, so never outlive it.
"""

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any


class _HelperDied(Exception):
    """A helper ended before it answered."""


def at_once(calls: Sequence[Callable[[], Any]], processes: int) -> list[Any]:
    """What the calls return, in the order given, in which they are also started. Helpers receive them pickled.

    Raises what a call raises, and then starts no further one. If a helper dies during a call, it is made here.
    """
    # The children of a daemon may have none of their own. An iterator over a list hands out each item once.
    alone = processes < 2 or multiprocessing.current_process().daemon
    waiting, left = enumerate(calls), []
    made: dict[int, Any] = {}

    def work(run: Callable[[Callable[[], Any]], Any]) -> None:
        for place, call in waiting:
            try:
                made[place] = run(call)
            except _HelperDied:
                left.append((place, call))
                return
            except BaseException:
                list(waiting)
                raise

    with ExitStack() as stack:
        helpers = [] if alone else [stack.enter_context(_helper()) for _ in calls[1:processes]]
        threads = stack.enter_context(ThreadPoolExecutor(max(len(helpers), 1)))
        started = [threads.submit(work, helper) for helper in helpers]
        work(lambda call: call())
        for thread in started:
            thread.result()
    made |= {place: call() for place, call in left}
    return [made[place] for place in range(len(calls))]


@contextmanager
def _helper() -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """A process that makes calls, and ends with the context."""
    context = multiprocessing.get_context("spawn")
    line, other = context.Pipe()
    process = context.Process(target=_serve, args=(other,), daemon=True)
    process.start()
    # The end of the line shows that the process has ended, if it alone holds the other end.
    other.close()

    def run(call: Callable[[], Any]) -> Any:
        try:
            line.send(call)
            made, error = line.recv()
        except (EOFError, OSError):
            raise _HelperDied from None
        if error is not None:
            raise error
        return made

    try:
        yield run
    finally:
        line.close()
        process.join(timeout=0.5)
        process.kill()
        process.join()


def _serve(line: Connection) -> None:
    # Ctrl-C reaches the whole group; the first process decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        while True:
            call = line.recv()
            try:
                answer: tuple[Any, Exception | None] = call(), None
            except Exception as error:  # whatever it is, the caller is told
                answer = None, error
            line.send(answer)
