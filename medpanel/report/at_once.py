"""Calls made in parallel: this process and helper processes take them from one list, each the next when it is free.

Belongs here: handing out calls. The processes are ingestion/build/helper.py.
"""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

from ingestion.build.helper import Helper, HelperDied


def at_once(calls: Sequence[Callable[[], Any]], processes: int) -> list[Any]:
    """What the calls return, in the order given, in which they are also started. Helpers receive them pickled.

    Raises what a call raises, and then starts no further one. If a helper dies during a call, it is made here.
    """
    # The children of a daemon may have none of their own. An iterator over a list hands out each item once.
    alone = processes < 2 or multiprocessing.current_process().daemon
    waiting, left = enumerate(calls), []
    made: dict[int, Any] = {}

    def work(helper: Helper | None) -> None:
        for place, call in waiting:
            try:
                if helper is not None:
                    helper.ask(call)
                made[place] = call() if helper is None else helper.answer()
            except HelperDied:
                left.append((place, call))
                return
            except BaseException:
                list(waiting)
                raise

    with ExitStack() as stack:
        helpers = [] if alone else [Helper() for _ in calls[1:processes]]
        for helper in helpers:
            stack.callback(helper.stop)
        threads = stack.enter_context(ThreadPoolExecutor(max(len(helpers), 1)))
        started = [threads.submit(work, helper) for helper in helpers]
        work(None)
        for thread in started:
            thread.result()
    made |= {place: call() for place, call in left}
    return [made[place] for place in range(len(calls))]
