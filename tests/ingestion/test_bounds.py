"""Bounds on memory and time of one file: whatever exceeds them is stopped and named, and the others are made."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from ingestion.build import bounds
from ingestion.build.bounds import Bounds, bounds_for
from ingestion.build.helper import Helper
from ingestion.build.worker_pool import Task, Work, excess, make_at_once, make_bounded
from ingestion.formats.limits import MEMORY_BYTES
from ingestion.problems import Problem

MIB = 2**20


def take_slowly() -> None:
    """Touches memory piece by piece, as Python objects do."""
    kept = []
    while True:
        kept.append(bytes(range(256)) * 4096)


def take_at_once() -> None:
    np.ones(3 * MEMORY_BYTES, np.uint8)


def take_in_c() -> None:
    """An allocation no Python code sees fail: the address handed back is used unchecked."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    ctypes.memset(libc.malloc(3 * MEMORY_BYTES), 1, 3 * MEMORY_BYTES)


def work_for_ever() -> None:
    while True:
        pass


def wait_for_ever() -> None:
    time.sleep(3600)


def die() -> None:
    os._exit(3)


HOGS: dict[str, tuple[Callable[[], None], str]] = {
    "slowly": (take_slowly, "beyond_bounds"),
    "at once": (take_at_once, "beyond_bounds"),
    "works": (work_for_ever, "beyond_bounds"),
    "waits": (wait_for_ever, "beyond_bounds"),
    "dies": (die, "reader_died"),
}
if sys.platform == "linux":  # elsewhere no system limits what the libraries of a process may take
    HOGS["in C"] = take_in_c, "reader_died"


def make(shared: str, task: Task) -> str:
    """What is done with each task: a hog's work, or an answer."""
    if task.path.name in HOGS:
        HOGS[task.path.name][0]()
    return f"{shared} {task.path.name}"


def made(names: list[str], processes: int) -> tuple[dict[str, Any], dict[str, Problem]]:
    answers: dict[str, Any] = {}
    tasks = [Task(Path(name), "", 1) for name in names]

    def done(task: Task, answer: Any) -> None:
        answers[task.path.name] = answer

    failed = make_bounded(Work(make, "made"), tasks, processes, done)
    return answers, {task.path.name: problem for task, problem in failed.items()}


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds of two seconds of work and four by the clock."""
    monkeypatch.setattr(bounds, "SECONDS", 2.0)
    monkeypatch.setattr(bounds, "WALL_TIMES", 2)


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("hog", HOGS)
def test_what_exceeds_its_bounds_is_stopped_and_named(short: None, hog: str, processes: int) -> None:
    began = time.monotonic()
    answers, failed = made(["a", hog, "z"], processes)
    assert answers == {"a": "made a", "z": "made z"}
    assert failed.keys() == {hog}
    assert failed[hog].code == HOGS[hog][1]
    assert time.monotonic() - began < 60


def test_every_excess_is_told_in_both_languages(short: None) -> None:
    for cause, words in (("memory", ("1 GiB", "超过 1 GiB 内存")), ("time", ("2 seconds", "超过 2 秒"))):
        problem = excess(cause, 1)
        assert words[0] in problem.english("a.rda") and words[1] in problem.chinese("a.rda")
    assert "died" in excess("died", 1).english("a.rda")


def test_the_process_never_occupies_more_than_the_bound() -> None:
    """Looked at as fast as possible while a hog is at work."""
    helper, most = Helper(), 0
    try:
        watched = psutil.Process(helper._process.pid)
        helper.ask(take_slowly, bounds_for(1))
        while not helper.line.poll() and not helper.exceeded():
            most = max(most, watched.memory_info().rss)
    finally:
        helper.stop(at_once=True)
    assert MEMORY_BYTES / 2 < most < MEMORY_BYTES + 64 * MIB


def test_a_larger_file_may_take_longer_but_no_more_memory() -> None:
    small, large = bounds_for(0), bounds_for(2 * 2**30)
    assert large.memory == small.memory == MEMORY_BYTES
    assert large.cpu_seconds > 10 * small.cpu_seconds
    assert small.wall_seconds > small.cpu_seconds


def fill(size: int) -> int:
    """Fills the process with memory that it keeps."""
    global _kept
    _kept = b"a" * size
    return os.getpid()


_kept = b""


def keep_full(shared: None, task: Task) -> int:
    return fill(500 * MIB)


def test_a_process_left_full_gives_way_to_a_new_one() -> None:
    """Otherwise the next file would find less room, and be refused for what another one took."""
    pids: list[int] = []
    tasks = [Task(Path(str(number)), "", 1) for number in range(3)]
    failed, left = make_at_once(Work(keep_full, None), tasks, 1, lambda _, pid: pids.append(pid), lambda: None)
    assert not failed and not left
    assert len(set(pids)) == 3


def test_one_process_reads_many_files() -> None:
    pids: list[int] = []
    tasks = [Task(Path(str(number)), "", 1) for number in range(20)]
    make_at_once(Work(pid_of, None), tasks, 1, lambda _, pid: pids.append(pid), lambda: None)
    assert len(pids) == 20 and len(set(pids)) == 1


def pid_of(shared: None, task: Task) -> int:
    return os.getpid()


def test_a_helper_without_bounds_is_never_stopped() -> None:
    helper = Helper()
    try:
        helper.ask(os.getpid)
        assert helper.exceeded() == ""
        assert helper.answer() == helper._process.pid
        helper.ask(wait_for_ever, Bounds(MEMORY_BYTES, 60, 0))
        assert helper.exceeded() == "time"
    finally:
        helper.stop(at_once=True)
