"""Reading many files at once in separate processes; a process that dies affects no other file.

Belongs here: how to read, handing out files, noticing deaths, progress. What is read goes through the
store (reading_cache.py), so that the order of reading and the number of processes leave no trace. One process:
helper.py.
"""

import multiprocessing
import os
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path

from catalog import Registry, Sources
from catalog.base import Told
from ingestion.build.helper import Helper, HelperDied
from ingestion.build.reading_cache import keep, take_back
from ingestion.paths import relative_name
from ingestion.problems import Problem
from ingestion.reading import FileReading, make_file_id, read_file

# Starting a process takes a second or two: fewer or smaller files are read sooner without.
FEWEST_FILES = 8
FEWEST_BYTES = 20 * 2**20
# Tables as large as this are read with all cores by their own reader, and alone for the sake of memory.
HEAVY_BYTES = 64 * 2**20
PROGRESS_SECONDS = 2.0


class CrewError(RuntimeError):
    """Reading failed for a reason unrelated to any file: a full disk, or a fault of the program."""


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
    """Whether reading these files in parallel is faster than one after another."""
    several = len(tasks) > FEWEST_FILES or (len(tasks) > 1 and sum(task.size for task in tasks) > FEWEST_BYTES)
    # The children of such a process may have none of their own.
    return several and cores() > 1 and not multiprocessing.current_process().daemon


def read_into_store(job: Job, task: Task) -> tuple[float, FileReading]:
    """Read one file and keep what it yielded; returns the seconds it took, and the result."""
    began = time.perf_counter()
    reading = read_file(job.root, task.path, job.sources, job.registry)
    keep(job.store, task.key, reading)
    return time.perf_counter() - began, reading


def read_at_once(
    job: Job, tasks: Sequence[Task], processes: int, done: Callable[[Task, float], None], tick: Callable[[], None]
) -> tuple[list[Task], list[Task]]:
    """Read files with several processes.

    Returns, in path order, the files whose process died, and those left over because no process could be started.
    `done` is called for each file read, with its seconds, and `tick` at least once a second. Raises CrewError.
    """
    # The largest first, so that none is left over when the others are done.
    waiting = sorted(tasks, key=lambda task: (task.size, str(task.path)))
    died: list[Task] = []
    # The file each is reading; none before it has shown that it can be given work.
    crew: dict[Helper, Task | None] = {_hired(job): None for _ in range(min(processes, len(tasks)))}
    try:
        while crew:
            ready = set(wait([helper.line for helper in crew], timeout=1))
            tick()
            for helper, task in [(helper, task) for helper, task in crew.items() if helper.line in ready]:
                seconds = _answer(helper, task)
                if seconds is not None and task is not None:
                    done(task, seconds)
                if seconds is not None and waiting:
                    crew[helper] = given = waiting.pop()
                    helper.ask(partial(_seconds_to_read, job, given))
                    continue
                del crew[helper]
                helper.stop()
                if seconds is None and task is not None:
                    died.append(task)
                    crew |= {_hired(job): None} if waiting else {}
    finally:
        for helper in crew:
            helper.stop()
    return sorted(died, key=lambda task: task.path), sorted(waiting, key=lambda task: task.path)


def _hired(job: Job) -> Helper:
    """A helper that answers 0 as soon as it has received the job."""
    helper = Helper()
    helper.ask(partial(_ready, job))
    return helper


def _ready(job: Job) -> float:
    return 0.0


def _seconds_to_read(job: Job, task: Task) -> float:
    return read_into_store(job, task)[0]


def _answer(helper: Helper, task: Task | None) -> float | None:
    """Seconds the file took; None if the helper is dead. Raises CrewError for what is no fault of the file."""
    try:
        return float(helper.answer())
    except HelperDied:
        return None
    except Exception as error:  # a full disk, or a fault of ours
        told = "".join(traceback.format_exception_only(error))
        raise CrewError(f"{task.path if task else ''}: {told}") from error


class Progress:
    """Counts files and says every two seconds how many are done and how fast."""

    def __init__(self, files: int, say: Callable[[str], None]) -> None:
        self._files, self.say = files, say
        self._done = 0
        self._began = self._spoke = time.monotonic()

    def one_more(self) -> None:
        """Count a file."""
        self._done += 1
        self.tick()

    def tick(self) -> None:
        """Report progress when it is due."""
        now = time.monotonic()
        if now - self._spoke >= PROGRESS_SECONDS:
            self._spoke = now
            rate = self._done / (now - self._began)
            self.say(
                Told(
                    f"{self._done} of {self._files} files read, {rate:.1f} a second",
                    f"{self._files}个文件中已读{self._done}个，每秒{rate:.1f}个",
                )
            )


def read_tasks(
    job: Job, tasks: Sequence[Task], progress: Progress, processes: int | None
) -> Iterator[tuple[Task, float, FileReading]]:
    """Each task with its seconds and what its file yielded, in no particular order. Raises CrewError.

    A file during which the reading process dies is read once more, alone; when that dies too the file is refused.
    """
    wanted = processes if processes is not None else cores() if worth_a_crew(tasks) else 1
    light = [task for task in tasks if task.size <= HEAVY_BYTES]
    if wanted > 1 and len(light) > 1:
        found: dict[Task, tuple[float, FileReading]] = {}

        def done(task: Task, taken: float) -> None:
            # Taken back at once, while the others are still reading.
            reading = take_back(job.store, task.key, make_file_id(relative_name(task.path, job.root)), fresh=True)
            if reading is None:
                raise CrewError(f"{task.path}: what was read is not in {job.store}; is the disk full?")
            found[task] = taken, reading
            progress.one_more()

        died, left = read_at_once(job, light, wanted, done, progress.tick)
        if left:
            progress.say(
                Told(
                    f"no reading processes can be started here; reading {len(left)} files one after another",
                    f"无法启动读取进程，逐个读取{len(left)}个文件",
                )
            )
        for task in list(died):
            name = relative_name(task.path, job.root)
            progress.say(
                Told(
                    f"{name}: the process that read it died; reading it again, alone", f"{name}：读取进程中止，单独重读"
                )
            )
            if read_at_once(job, [task], 1, done, progress.tick) == ([], []):
                died.remove(task)
        yield from ((task, taken, reading) for task, (taken, reading) in found.items())
        for task in died:
            yield task, 0.0, read_file(job.root, task.path, job.sources, job.registry, Problem("reader_died"))
            progress.one_more()
        finished = {*found, *died}
        tasks = [task for task in tasks if task not in finished]
    for task in tasks:
        yield task, *read_into_store(job, task)
        progress.one_more()
