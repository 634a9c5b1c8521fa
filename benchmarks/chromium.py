"""A headless Chromium that opens pages and answers questions about them, driven by its own protocol over a pipe.

Used by the tests of pages and by benchmarks/site.py. Nothing listens on a port.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
)
PATIENCE = 120.0
# Installed before a page's own scripts run: what kept it busy for longer than 50 ms.
_TASKS = (
    "(() => { "
    "window.longTasks = []; const noted = (list) => list.forEach((one) => window.longTasks.push(one.duration)); "
    "const watch = new PerformanceObserver((list) => noted(list.getEntries())); "
    "watch.observe({type: 'longtask', buffered: true}); "
    "window.longestTask = () => { noted(watch.takeRecords()); return Math.max(0, ...window.longTasks); }; })();"
)
# Part of an asynchronous function on a page: draws every chart that needs no press, by scrolling to it.
DRAW = """
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  for (const place of document.querySelectorAll("[data-chart]:not([data-press])")) {
    place.scrollIntoView();
    for (let i = 0; i < 600 && place.dataset.drawn !== "yes"; i += 1) { await wait(50); }
    if (place.dataset.drawn !== "yes") { return {undrawn: place.dataset.chart}; }
  }
"""
# The browser reads commands from 3 and answers on 4.
_START = (
    "import fcntl, os, sys; own = [fcntl.fcntl(int(one), fcntl.F_DUPFD, 10) for one in sys.argv[1:3]]; "
    "[os.dup2(one, at) for one, at in zip(own, (3, 4))]; os.execv(sys.argv[3], sys.argv[3:])"
)


class Absent(RuntimeError):
    """There is no browser to be driven; the message says what to install."""


class Moved(RuntimeError):
    """The page that was asked has given way to another."""


@dataclass
class Visit:
    """What a page did while it was open."""

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Tab:
    """One tab of the browser."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back, self._buffer, self._number, self._session = to, back, b"", 0, ""
        self.visit = Visit()
        self._loaded = 0
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        self._call("Page.addScriptToEvaluateOnNewDocument", source=_TASKS)
        self._call("Emulation.setFocusEmulationEnabled", enabled=True)

    def size(self, width: int, height: int) -> None:
        """Show pages at this size."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def scripts(self, allowed: bool) -> None:
        """Let pages run scripts, or not."""
        self._call("Emulation.setScriptExecutionDisabled", value=not allowed)

    def open(self, page: Path) -> Visit:
        """Open a page and wait until everything it loads at first is there; what it did."""
        self.visit, before = Visit(), self._loaded
        self._call("Page.navigate", url=page.resolve().as_uri())
        deadline = time.monotonic() + PATIENCE
        while self._loaded == before:
            assert time.monotonic() < deadline, f"{page} never finished loading"
            self._event(self._receive())
        return self.visit

    def ask(self, expression: str) -> Any:
        """The value of an expression on the page; a promise is waited for."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, expression: str) -> Any:
        """The value of an expression once it is true, also of a page that is only coming up."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                found = self.ask(expression)
            except Moved:
                found = None
            if found:
                return found
            assert time.monotonic() < deadline, expression
            time.sleep(0.1)

    def press(self, key: str, code: int) -> None:
        """Press and release a key, as a reader does."""
        text = {"text": "\r"} if key == "Enter" else {}
        for kind, more in (("keyDown", text), ("keyUp", {})):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **more)

    def _call(self, method: str, **options: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": options}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                if "navigated or closed" in str(answer.get("error")):
                    raise Moved(method)
                assert "error" not in answer, answer
                return dict(answer["result"])
            self._event(answer)

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            piece = os.read(self._back, 1 << 20)
            assert piece, "the browser ended"
            self._buffer += piece
        message, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(message))

    def _event(self, event: dict[str, Any]) -> None:
        method, told = event.get("method", ""), event.get("params", {})
        if method == "Page.loadEventFired":
            self._loaded += 1
        elif method == "Network.requestWillBeSent":
            self.visit.requests.append(told["request"]["url"])
        elif method == "Network.loadingFailed" and not told.get("canceled"):
            self.visit.errors.append(told["errorText"])
        elif method == "Runtime.exceptionThrown":
            self.visit.errors.append(told["exceptionDetails"]["text"])
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning", "assert"):
            self.visit.errors.append(str(told["args"]))
        elif method == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.visit.errors.append(told["entry"]["text"])


@contextmanager
def chromium(profile: Path) -> Iterator[Tab]:
    """A tab of a browser of its own. Raises Absent where there is no Chromium, or none to be driven by a pipe."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None or sys.platform == "win32":
        raise Absent("no Chromium or Chrome on PATH, or none to be driven by a pipe; apt-get install chromium")
    # Root has no sandbox.
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    (read_by_it, to), (back, written_by_it) = os.pipe(), os.pipe()
    command = [found, *OPTIONS, "--remote-debugging-pipe", *root, f"--user-data-dir={profile}", "about:blank"]
    start = [sys.executable, "-c", _START, str(read_by_it), str(written_by_it), *command]
    process = subprocess.Popen(
        start, pass_fds=(read_by_it, written_by_it), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(read_by_it)
    os.close(written_by_it)
    try:
        yield Tab(to, back)
    finally:
        for one in [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]:
            one.kill()
        process.wait()
        os.close(to)
        os.close(back)
