"""Reading many files at once, each in a process of its own with bounds on memory and time; what exceeds them, or kills
its process, affects no other file.

Belongs here: handing out files, noticing deaths and excesses, progress. What is read goes through the store
(reading_cache.py), so that the order of reading and the number of processes leave no trace. One process: helper.py; the
bounds: bounds.py.
"""

import os
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Self, TypeVar

from catalog import Registry, Sources
from catalog.base import Told
from ingestion.build.bounds import REST_BYTES, bounds_for
from ingestion.build.helper import Helper, HelperDied
from ingestion.build.reading_cache import keep, take_back
from ingestion.formats.limits import MEMORY
from ingestion.formats.probe import Probe
from ingestion.paths import relative_name
from ingestion.problems import Problem
from ingestion.reading import FileReading, make_file_id, out_of_memory, read_file

T = TypeVar("T")
# A second process takes a moment to start: fewer or smaller files are read sooner without.
FEWEST_FILES = 8
FEWEST_BYTES = 20 * 2**20
# Tables as large as this are read with all cores by their own reader, and alone for the sake of memory.
HEAVY_BYTES = 64 * 2**20
PROGRESS_SECONDS = 2.0
_LOOK_SECONDS = 0.05


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


@dataclass(frozen=True)
class Work:
    """What is done with each file: `make` gets `shared`, which each process receives once, and the task."""

    make: Callable[[Any, Task], Any]
    shared: Any


# Called for each task made, with what `make` returned.
Done = Callable[[Task, Any], None]
# Called at least once a second.
Tick = Callable[[], None]


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worth_a_crew(tasks: Sequence[Task]) -> bool:
    """Whether reading these files with several processes is faster than with one."""
    several = len(tasks) > FEWEST_FILES or (len(tasks) > 1 and sum(task.size for task in tasks) > FEWEST_BYTES)
    return several and cores() > 1


def read_into_store(job: Job, task: Task) -> float:
    """Read one file and keep what it yielded; returns the seconds it took. Raises MemoryError for want of memory."""
    began = time.perf_counter()
    reading = read_file(job.root, task.path, job.sources, job.registry)
    if out_of_memory(reading):
        raise MemoryError
    keep(job.store, task.key, reading)
    return time.perf_counter() - began


def make_at_once(
    work: Work, tasks: Sequence[Task], processes: int, done: Done, tick: Tick
) -> tuple[dict[Task, str], list[Task]]:
    """Do the work with several processes; call `done` for each task made.

    Returns the tasks that failed, with what they exceeded (`memory`, `time`) or `died`, and those left over because no
    process could be started. Raises CrewError for what is no fault of a file.
    """
    # The largest first, so that none is left over when the others are done.
    waiting = sorted(tasks, key=lambda task: (task.size, str(task.path)))
    failed: dict[Task, str] = {}
    # The task each is at; none before it has shown that it can be given work.
    crew: dict[Helper, Task | None] = {_hired(work): None for _ in range(min(processes, len(tasks)))}
    try:
        while crew:
            ready = set(wait([helper.line for helper in crew], timeout=_LOOK_SECONDS))
            tick()
            for helper, task in list(crew.items()):
                cause, made = _heard(helper, task, helper.line in ready)
                if cause is None:
                    continue
                if not cause and task is not None:
                    done(task, made)
                if not cause and waiting and helper.memory() < REST_BYTES:
                    crew[helper] = given = waiting.pop()
                    helper.ask(partial(_made, given), bounds_for(given.size))
                    continue
                del crew[helper]
                helper.stop(at_once=bool(cause))
                if cause and task is not None:
                    failed[task] = cause
                if task is not None and waiting:
                    crew[_hired(work)] = None
    finally:
        for helper in crew:
            helper.stop()
    return failed, sorted(waiting, key=lambda task: task.path)


_work: Work


def _hired(work: Work) -> Helper:
    """A helper that answers as soon as it has received the work."""
    helper = _started()
    helper.ask(partial(_receive, work))
    return helper


def _started() -> Helper:
    try:
        return Helper()
    except (OSError, EOFError) as error:
        raise _no_process(error) from error


def _receive(work: Work) -> None:
    global _work
    _work = work


def _made(task: Task) -> Any:
    return _work.make(_work.shared, task)


def _heard(helper: Helper, task: Task | None, answered: bool) -> tuple[str | None, Any]:
    """What went wrong, empty if nothing did and None while the helper is at work; and what it made.

    Raises CrewError for what is no fault of the file.
    """
    if not answered:
        return helper.exceeded() or None, None
    try:
        return "", helper.answer()
    except HelperDied:
        return "died", None
    except MemoryError:
        return "memory", None
    except Exception as error:  # a full disk, or a fault of ours
        told = "".join(traceback.format_exception_only(error))
        raise CrewError(f"{task.path if task else ''}: {told}") from error


def _no_process(error: object = "") -> CrewError:
    because = f" ({error})" if str(error) else ""
    return CrewError(
        Told(
            "no process that reads files can be started, and files are read in no other way; close other programs, or "
            f"raise the number of processes allowed (ulimit -u), and run again{because}",
            "无法启动读取文件的进程，而文件只在独立进程中读取；"
            f"请关闭其他程序或提高进程数上限（ulimit -u）后重试{because}",
        )
    )


def _silent(*_: object) -> None:
    """Tells nobody."""


def make_bounded(
    work: Work,
    tasks: Sequence[Task],
    processes: int,
    done: Done,
    tick: Tick = _silent,
    say: Callable[[Task], None] = _silent,
) -> dict[Task, Problem]:
    """Do the work within bounds; call `done` for each task made. The others, with why they were not.

    A task during which the process dies or runs out of memory is made once more, alone in a new process, after `say`:
    others may have taken the memory. Raises CrewError.
    """
    failed, left = make_at_once(work, tasks, processes, done, tick)
    for task in [task for task, cause in failed.items() if cause != "time"]:
        say(task)
        again, more = make_at_once(work, [task], 1, done, tick)
        left += more
        del failed[task]
        failed |= again
    if left:
        raise _no_process()
    return {task: excess(cause, task.size) for task, cause in failed.items()}


def excess(cause: str, size: int) -> Problem:
    """That reading a file of this size was stopped, or that its process died of it."""
    if cause == "died":
        return Problem("reader_died")
    return Problem("beyond_bounds", cause, hint=MEMORY if cause == "memory" else f"{bounds_for(size).cpu_seconds:.0f}")


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
    """Each task with its seconds and what its file yielded, in no particular order. Raises CrewError."""
    found: dict[Task, tuple[float, FileReading]] = {}

    def done(task: Task, taken: float) -> None:
        # Taken back at once, while the others are still reading.
        reading = take_back(job.store, task.key, make_file_id(relative_name(task.path, job.root)), fresh=True)
        if reading is None:
            raise CrewError(f"{task.path}: what was read is not in {job.store}; is the disk full?")
        found[task] = taken, reading
        progress.one_more()

    def say(task: Task) -> None:
        name = relative_name(task.path, job.root)
        progress.say(
            Told(f"{name}: the process that read it died; reading it again, alone", f"{name}：读取进程中止，单独重读")
        )

    light = [task for task in tasks if task.size <= HEAVY_BYTES]
    heavy = [task for task in tasks if task.size > HEAVY_BYTES]
    many = processes if processes is not None else cores() if worth_a_crew(light) else 1
    for group, wanted in ((light, many), (heavy, 1)):
        stopped = make_bounded(Work(read_into_store, job), group, wanted, done, progress.tick, say) if group else {}
        yield from ((task, taken, reading) for task, (taken, reading) in found.items())
        found.clear()
        for task, problem in stopped.items():
            yield task, 0.0, read_file(job.root, task.path, job.sources, job.registry, problem)
            progress.one_more()


class Reader:
    """One process that reads for this one, file by file, for whoever must see one reading before asking for the next.

    Used as a context manager.
    """

    def __init__(self) -> None:
        self._helper: Helper | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        if self._helper is not None:
            self._helper.stop(at_once=True)
            self._helper = None

    def make(self, call: Callable[[], T], size: int) -> T | Problem:
        """What a call that reads a file of this size returns; or why it was stopped. Raises what it raises."""
        if self._helper is not None and self._helper.memory() > REST_BYTES:
            self._end()
        helper = self._helper = self._helper or _started()
        helper.ask(call, bounds_for(size))
        cause = ""
        while not cause and not helper.line.poll(_LOOK_SECONDS):
            cause = helper.exceeded()
        try:
            if not cause:
                made: T = helper.answer()
                return made
        except (HelperDied, MemoryError) as error:
            cause = "memory" if isinstance(error, MemoryError) else "died"
        self._end()
        return excess(cause, size)

    def read(self, root: Path, path: Path, sources: Sources, registry: Registry) -> FileReading:
        """As read_file."""
        found = self.make(partial(read_file, root, path, sources, registry), Probe(path, root).size)
        return read_file(root, path, sources, registry, found) if isinstance(found, Problem) else found
