"""One run at a time in a workspace: a lock the operating system holds on work/run.lock and releases when a run dies.

Belongs here: taking, waiting for and releasing that lock, and saying who holds it.
Does not belong here: what a run does, and what a killed one leaves behind (run_state.py, publishing/folders.py).

The lock belongs to the process: asking for it again in the same process and workspace succeeds at once.
Readers of a publication need no lock.
"""

import datetime as dt
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from catalog.base import Told

WAIT_VARIABLE = "MEDPANEL_LOCK_WAIT"
WAIT_SECONDS = 1800.0
SAY_SECONDS = 10.0
_POLL_SECONDS = 0.2
# Windows lets nobody read a locked byte, so the one that is locked lies far behind what is written.
_LOCKED_BYTE = 1 << 30
_held: dict[Path, int] = {}
_guard = threading.Lock()


class RunLockError(RuntimeError):
    """The workspace stayed locked by another run; the message says which and what to do."""


def lock_path(root: Path) -> Path:
    """The lock file of the workspace `root`. It remains when nobody holds it."""
    return root.resolve() / "work" / "run.lock"


def hold(root: Path, say: Callable[[str], None]) -> bool:
    """Take the workspace's lock for this process; False when this process has it already.

    While another run has it: waits, tells `say` every ten seconds for which run, and gives up after MEDPANEL_LOCK_WAIT
    seconds (default 1800). Raises RunLockError then, and if that variable is not a number of seconds.
    """
    path = lock_path(root)
    with _guard:
        if path in _held:
            return False
        limit = _wait_seconds()
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _wait(handle, path, limit, say)
            _sign(handle)
        except BaseException:
            os.close(handle)
            raise
        _held[path] = handle
        return True


def release(root: Path) -> None:
    """Release the lock; nothing happens if this process does not have it."""
    with _guard:
        handle = _held.pop(lock_path(root), None)
        if handle is not None:
            os.close(handle)


def under_way(root: Path) -> tuple[str, str] | None:
    """The run that has the workspace's lock, in English and Chinese; None if nobody has it."""
    return held_by(lock_path(root))


def held_by(path: Path) -> tuple[str, str] | None:
    """Who has the lock of a file, in English and Chinese; None if nobody has."""
    if path in _held:
        return holder(path)
    if not path.is_file():
        return None
    handle = os.open(path, os.O_RDWR)
    try:
        return None if _try(handle) else holder(path)
    finally:
        os.close(handle)


@contextmanager
def held(root: Path, say: Callable[[str], None]) -> Iterator[None]:
    """The lock for the duration of a with block; an outer holder in this process keeps it. Raises as `hold`."""
    taken = hold(root, say)
    try:
        yield
    finally:
        if taken:
            release(root)


@contextmanager
def held_if_free(root: Path) -> Iterator[bool]:
    """Whether this process has the lock for the duration of a with block: nothing is waited for."""
    path = lock_path(root)
    with _guard:
        mine, handle = path in _held, None
        if not mine and (handle := take(path)) is not None:
            _held[path] = handle
    try:
        yield mine or handle is not None
    finally:
        if handle is not None:
            release(root)


def take(path: Path) -> int | None:
    """Lock and sign a file; None if somebody else has it. It is locked until the handle is closed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if not _try(handle):
        os.close(handle)
        return None
    _sign(handle)
    return handle


def _wait_seconds() -> float:
    text = os.environ.get(WAIT_VARIABLE) or str(WAIT_SECONDS)
    with suppress(ValueError):
        seconds = float(text)
        if 0 <= seconds < float("inf"):
            return seconds
    raise RunLockError(f"{WAIT_VARIABLE} is {text!r}, expected a number of seconds / 应为秒数")


def _wait(handle: int, path: Path, limit: float, say: Callable[[str], None]) -> None:
    began = time.monotonic()
    next_word = began + 1.0  # a run that is just ending is not worth a line
    while not _try(handle):
        now = time.monotonic()
        english, chinese = holder(path)
        root = path.parent.parent
        if now - began >= limit:
            raise RunLockError(
                f"{english} is writing to {root}; waited {now - began:.0f} s for it. Let it finish or stop it, then "
                f"run again ({WAIT_VARIABLE} sets how many seconds to wait). / {chinese}正在写入{root}，"
                f"已等待{now - began:.0f}秒。请等它结束或将其停止后重新运行（{WAIT_VARIABLE}可设置等待秒数）。"
            )
        if now >= next_word:
            say(Told(f"waiting for {english}", f"等待{chinese}"))
            next_word = now + SAY_SECONDS
        time.sleep(min(_POLL_SECONDS, limit))


def _try(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _sign(handle: int) -> None:
    """Record in the lock file who holds it and since when."""
    now = dt.datetime.now(dt.UTC).astimezone().isoformat(timespec="seconds")
    os.ftruncate(handle, 0)
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, json.dumps({"pid": os.getpid(), "since": now}).encode())


def holder(path: Path) -> tuple[str, str]:
    """Who holds a lock, in English and Chinese."""
    try:
        signed = json.loads(path.read_text(encoding="utf-8"))
        pid, since = int(signed["pid"]), str(signed["since"])
    except (OSError, ValueError, KeyError, TypeError):
        return "another run", "另一个运行"
    return f"another run (process {pid}, started {since})", f"另一个运行（进程{pid}，开始于{since}）"
