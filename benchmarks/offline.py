"""`make offline`: sample, real files and UI where no address can be reached; writes docs/evidence/offline.md.

Everything runs in a network namespace of its own that has the loopback device and no route. The kernel counts whatever
looks for one there (a name looked up, a connection, a datagram, of any program and library), so that an attempt is
seen even if whoever made it took the refusal for granted. Linux only. Ends with 0 if nothing was tried, 1 if something
was or a step failed, 3 where such a namespace cannot be made.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

from medpanel import __version__
from medpanel.runs.workspace import REAL_SOURCES, real_data_folder

PROJECT = Path(__file__).resolve().parent.parent
REPORT = PROJECT / "docs" / "evidence" / "offline.md"
IMPOSSIBLE = 3
# What looks for a way out, by either protocol, and what asks a name server of this machine that is not there.
_COUNTED = ("Ip:OutNoRoutes", "Ip6OutNoRoutes", "Udp:NoPorts", "Udp6NoPorts")
# Reserved for documentation: no machine has it.
_ELSEWHERE = ("192.0.2.1", 80)
_SET_FLAGS, _UP = 0x8914, 0x1
_HEAD = """\
# Nothing is sent anywhere 不向外发送任何内容

Written by `make offline`. Each step ran in a network namespace without a route; counted is what the kernel saw looking
for one: connections, datagrams and names looked up, of any program. A connection tried on purpose shows that it counts.
由 `make offline` 生成。各步骤在没有任何路由的网络命名空间中运行；计数为内核所见的对外尝试（连接、数据报、域名查询），
不论由哪个程序发出。先故意尝试一次，以证明计数有效。

| | |
|---|---|
| medpanel | {version} |
| Python, kernel 内核 | {python}, {kernel} |

| step 步骤 | seconds 用时（秒） | tries to get out 对外尝试 |
| --- | --- | --- |
{rows}
"""


@dataclass(frozen=True)
class Step:
    """What ran, how long it took, and how often something in it looked for a way out."""

    name: str
    seconds: float
    tries: int


def attempts() -> int:
    """How often anything in this network namespace has looked for a route there is none of."""
    counters: dict[str, int] = {}
    lines = Path("/proc/net/snmp").read_text().splitlines()
    for names, values in zip(lines[::2], lines[1::2], strict=True):
        family, *keys = names.split()
        counters |= {f"{family}{key}": int(value) for key, value in zip(keys, values.split()[1:], strict=True)}
    for line in Path("/proc/net/snmp6").read_text().splitlines():
        key, value = line.split()
        counters[key] = int(value)
    return sum(counters[name] for name in _COUNTED)


def measured(name: str, work: Callable[[], object]) -> Step:
    """Do something and count."""
    before, began = attempts(), time.monotonic()
    work()
    step = Step(name, time.monotonic() - began, attempts() - before)
    print(f"{step.seconds:6.0f} s  {step.tries} tries to get out  {name}", flush=True)
    return step


def isolated(command: list[str]) -> list[str] | None:
    """The command as it runs in a network namespace of its own; None where none can be made."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return None
    start = [unshare, "--user", "--map-root-user", "--net", "--"]
    return [*start, *command] if subprocess.run([*start, "true"], capture_output=True).returncode == 0 else None


def loopback_up() -> None:
    """Switch the loopback device of a new namespace on."""
    import fcntl

    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))


def try_to_get_out() -> None:
    """One attempt, which has to fail."""
    try:
        socket.create_connection(_ELSEWHERE, 5)
    except OSError:
        return
    raise RuntimeError(f"{_ELSEWHERE} was reached: this is no namespace without routes")


def medpanel(*words: str) -> None:
    """A command of the project, to its end. Raises CalledProcessError."""
    subprocess.run([sys.executable, "-m", "medpanel", *words], cwd=PROJECT, check=True)


@contextmanager
def ui(data: Path) -> Iterator[str]:
    """The UI on a workspace; the address it prints."""
    command = [sys.executable, "-m", "medpanel", "ui", "--data", str(data), "--port", "0"]
    served = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        assert served.stdout is not None
        yield next(line.split()[-1] for line in served.stdout if line.startswith("Dagster UI: "))
    finally:
        served.send_signal(signal.SIGTERM)
        served.wait(60)


def use_the_ui(data: Path) -> None:
    """Start the UI, read its page, ask for its runs, and leave it alone for a while."""
    with ui(data) as address:
        with urlopen(address) as page:
            assert b"Dagster" in page.read()
        query = json.dumps({"query": "{ runsOrError { ... on Runs { results { id } } } }"}).encode()
        headers = {"Content-Type": "application/json", "Origin": "/".join(address.split("/")[:3])}
        with urlopen(Request(f"{address}graphql", query, headers)) as answer:
            assert json.load(answer)["data"]["runsOrError"]["results"]
        # Longer than the daemon's rounds.
        time.sleep(75)


def steps(folder: Path) -> list[Step]:
    """Everything, one after the other; the first is the attempt that shows that attempts are counted."""
    sample, real = folder / "sample", folder / "real"
    done = [measured("a connection tried on purpose 故意尝试连接", try_to_get_out)]
    done.append(measured("`medpanel sample` and `medpanel run`", lambda: _run_the_sample(sample)))
    if real_data_folder().is_dir():
        words = ("run", "--data", str(real), "--sources", str(REAL_SOURCES))
        done.append(measured("`medpanel run` on the real files 真实文件", lambda: medpanel(*words)))
    done.append(measured("`medpanel query`, `trace`", lambda: _look(sample)))
    done.append(measured("`medpanel ui`, its page and its daemon", lambda: use_the_ui(sample)))
    return done


def _run_the_sample(data: Path) -> None:
    medpanel("sample", "--data", str(data))
    medpanel("run", "--data", str(data))


def _look(data: Path) -> None:
    medpanel("query", "from run_manifest", "--data", str(data))
    medpanel("trace", "北京市", "2020", "gdp", "--data", str(data))


def fault(done: list[Step]) -> str | None:
    """What is wrong with the outcome, or None."""
    if not done or done[0].tries == 0:
        return "attempts are not counted here, so nothing is known"
    tried = [step.name for step in done[1:] if step.tries]
    return f"something tried to get out: {', '.join(tried)}" if tried else None


def report(done: list[Step]) -> str:
    """The page for docs/evidence."""
    rows = "\n".join(f"| {step.name} | {step.seconds:.0f} | {step.tries} |" for step in done)
    return _HEAD.format(version=__version__, python=platform.python_version(), kernel=platform.release(), rows=rows)


def main(words: list[str] | None = None) -> int:
    """Make the namespace and run in it; the exit code says how it ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    if not parser.parse_args(words).inside:
        command = isolated([sys.executable, "-m", "benchmarks.offline", "--inside"])
        if command is None:
            print("no network namespace can be made here (Linux with unshare) / 此系统无法建立网络命名空间")
            return IMPOSSIBLE
        return subprocess.run(command, cwd=PROJECT).returncode
    loopback_up()
    with tempfile.TemporaryDirectory() as folder:
        done = steps(Path(folder))
    if wrong := fault(done):
        print(wrong)
        return 1
    REPORT.write_text(report(done), encoding="utf-8", newline="\n")
    print(f"{os.path.relpath(REPORT)}: nothing tried to get out / 没有任何对外尝试")
    return 0


if __name__ == "__main__":
    sys.exit(main())
