"""Reading many files at once in separate processes; a process that dies affects no other file.

Belongs here: how to read, processes, handing out files, noticing deaths, progress. What is read goes through the
store (reading_cache.py), so that the order of reading and the number of processes leave no trace. Processes are
spawned, never forked: Dagster's server and Windows allow nothing else.
"""

import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

from catalog import Registry, Sources
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
    crew = [_Member(job) for _ in range(min(processes, len(tasks)))]
    try:
        while crew:
            ready = set(wait([member.line for member in crew], timeout=1))
            tick()
            for member in [member for member in crew if member.line in ready]:
                task, seconds = member.task, member.answer()
                if seconds is not None and task is not None:
                    done(task, seconds)
                if seconds is not None and waiting:
                    member.give(waiting.pop())
                    continue
                crew.remove(member)
                member.stop()
                if seconds is None and task is not None:
                    died.append(task)
                    crew += [_Member(job)] if waiting else []
    finally:
        for member in crew:
            member.stop()
    return sorted(died, key=lambda task: task.path), sorted(waiting, key=lambda task: task.path)


class _Member:
    """One process and the connection to it; `task` is the file it is reading, None before its first."""

    def __init__(self, job: Job) -> None:
        context = multiprocessing.get_context("spawn")
        self.line, other = context.Pipe()
        self.task: Task | None = None
        self._process = context.Process(target=_serve, args=(other, job), daemon=True)
        self._process.start()
        # The end of the line shows that the process has ended, if it alone holds the other end.
        other.close()

    def answer(self) -> float | None:
        """Seconds the current file took (0 once, when the process has started), or None if the process is dead."""
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
    """The main loop of a reading process; it ends with its connection, and so with the process that started it."""
    # Ctrl-C reaches the whole group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        line.send(0.0)
        while True:
            task: Task = line.recv()
            try:
                line.send(read_into_store(job, task)[0])
            except Exception:  # a full disk, or a fault of ours: the parent says which file it was
                line.send(traceback.format_exc())
    except (EOFError, OSError):
        return


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
            self.say(f"{self._done} of {self._files} files read, {rate:.1f} a second")


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
            progress.say(f"no reading processes can be started here; reading {len(left)} files one after another")
        for task in list(died):
            name = relative_name(task.path, job.root)
            progress.say(f"{name}: the process that read it died; reading it again, alone")
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
