"""Many files read at once, each by a process of its own kind; a process that dies takes no other file with it.

Belongs here: processes, handing out files, noticing deaths. What is read is kept in the store (reading_cache.py), where
the caller takes it from: the order of reading, and how many read, leave no trace. Processes are spawned, never forked:
Dagster's server and Windows allow nothing else.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

from catalog import Registry, Sources
from ingestion.build.reading_cache import keep
from ingestion.reading import read_file

# Starting a process takes a second or two: fewer or smaller files are read sooner without.
FEWEST_FILES = 8
FEWEST_BYTES = 20 * 2**20
# Tables as large as this are read with all cores by their own reader, and alone for the sake of memory.
HEAVY_BYTES = 64 * 2**20


class CrewError(RuntimeError):
    """Reading failed for a reason that lies in no file: a full disk, or a fault of the program."""


@dataclass(frozen=True)
class Job:
    """What every reading process needs: the input folder, its declaration, the registry, the folder of the store."""

    root: Path
    sources: Sources
    registry: Registry
    store: Path


@dataclass(frozen=True)
class Task:
    """One file to read: its path, its key in the store, its bytes."""

    path: Path
    key: str
    size: int


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worth_a_crew(tasks: Sequence[Task]) -> bool:
    """Whether reading these files at once is sooner done than one after another."""
    several = len(tasks) > FEWEST_FILES or (len(tasks) > 1 and sum(task.size for task in tasks) > FEWEST_BYTES)
    # The children of such a process may have none of their own.
    return several and cores() > 1 and not multiprocessing.current_process().daemon


def read_into_store(job: Job, task: Task) -> float:
    """Read one file and keep what it yielded; returns the seconds that took."""
    began = time.perf_counter()
    keep(job.store, task.key, read_file(job.root, task.path, job.sources, job.registry))
    return time.perf_counter() - began


def read_at_once(
    job: Job, tasks: Sequence[Task], processes: int, done: Callable[[Task, float], None], tick: Callable[[], None]
) -> tuple[list[Task], list[Task]]:
    """Read files with several processes.

    Returns, in path order, the files during which the process died, and those left because no process can be started.
    `done` is called for each file read, with its seconds, and `tick` at least once a second. Raises CrewError.
    """
    # The largest first, so that none is left over when the others are done.
    waiting = sorted(tasks, key=lambda task: (task.size, str(task.path)))
    died: list[Task] = []
    crew = [_Member(job) for _ in range(min(processes, len(tasks)))]
    try:
        while crew:
            ready = set(wait([member.line for member in crew], timeout=1))
            tick()
            for member in [member for member in crew if member.line in ready]:
                task, seconds = member.task, member.answer()
                if seconds is None:
                    crew.remove(member)
                    member.stop()
                    if task is not None:
                        died.append(task)
                        if waiting:
                            crew.append(_Member(job))
                    continue
                if task is not None:
                    done(task, seconds)
                if waiting:
                    member.give(waiting.pop())
                else:
                    crew.remove(member)
                    member.stop()
    finally:
        for member in crew:
            member.stop()
    return sorted(died, key=lambda task: task.path), sorted(waiting, key=lambda task: task.path)


class _Member:
    """One process and the line to it; `task` is the file it has in hand, None before its first."""

    def __init__(self, job: Job) -> None:
        context = multiprocessing.get_context("spawn")
        self.line, other = context.Pipe()
        self.task: Task | None = None
        self._process = context.Process(target=_serve, args=(other, job), daemon=True)
        self._process.start()
        # The end of the line shows that the process has ended, if it alone holds the other end.
        other.close()

    def answer(self) -> float | None:
        """Seconds the file in hand took (0 once, when the process has started), or None when the process is dead."""
        try:
            answer = self.line.recv()
        except (EOFError, OSError):
            return None
        if isinstance(answer, str):
            raise CrewError(f"{self.task.path if self.task else ''}: {answer}")
        return float(answer)

    def give(self, task: Task) -> None:
        self.task = task
        # A process that has died meanwhile is noticed when its answer is due.
        with suppress(OSError):
            self.line.send(task)

    def stop(self) -> None:
        self.line.close()
        self._process.join(timeout=0.5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()


def _serve(line: Connection, job: Job) -> None:
    """The life of a reading process; it ends with the line, which also ends with the process that started it."""
    # Ctrl-C reaches the whole group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        line.send(0.0)
        while True:
            task: Task = line.recv()
            try:
                line.send(read_into_store(job, task))
            except Exception:  # a full disk, or a fault of ours: the parent says which file it was
                line.send(traceback.format_exc())
    except (EOFError, OSError):
        return
