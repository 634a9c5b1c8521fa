"""Reading what is new, one after another or at once, with a word on how far it is.

Belongs here: which way to read, retrying after a death, progress. The processes: worker_pool.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from ingestion.build.reading_cache import keep, take_back
from ingestion.build.worker_pool import HEAVY_BYTES, CrewError, Job, Task, cores, read_at_once, worth_a_crew
from ingestion.paths import relative_name
from ingestion.problems import Problem, Refusal
from ingestion.reading import FileReading, make_file_id, read_file

_SECONDS = 2.0


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
        """Say how far it is, when the time has come."""
        now = time.monotonic()
        if now - self._spoke >= _SECONDS:
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
            refusal = Refusal(Problem("reader_died"))
            yield task, 0.0, read_file(job.root, task.path, job.sources, job.registry, refusal)
            progress.one_more()
        finished = {*found, *died}
        tasks = [task for task in tasks if task not in finished]
    for task in tasks:
        began = time.perf_counter()
        reading = read_file(job.root, task.path, job.sources, job.registry)
        keep(job.store, task.key, reading)
        yield task, time.perf_counter() - began, reading
        progress.one_more()
