"""The queue of an office with a real PostgreSQL: stopped in the middle of a run, it loses nothing published.

The server is the distribution's, run as an unprivileged user on a port of this machine in a folder of its own.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import dagster as dg
import pytest
import sqlalchemy as sa

from benchmarks.kill_harness import Run, current, faults, hashes, unfinished, write_inputs
from catalog.base import PROJECT_DIR, CatalogError
from dagster_project import postgres
from dagster_project.home import prepare_dagster_home
from medpanel.runs.workspace import Workspace
from tests.safety.test_service import DEFINITIONS, SERVICE, started, stop, wait_for

# What a URL, a shell and a settings file read something into.
SECRET = "s3cr%et @/:'$pass"
NOBODY = 65534
SOURCES = """data_kind: synthetic
studies: []
vintages: [v]
files:
  - {match: '*', vintage: v, publisher: p, licence: l, accessed: 2026-01-01}
"""
_SECONDS = 3600.0


@dataclass(frozen=True)
class Server:
    """A running server. `as_user`: keywords that start a program as the user it runs as."""

    programs: Path
    folder: Path
    port: int
    as_user: dict[str, object]

    def address(self, database: str) -> str:
        return f"postgresql://office:{quote(SECRET, safe='')}@127.0.0.1:{self.port}/{database}"

    def control(self, *words: str) -> None:
        # With a log of its own the server keeps no pipe of ours open.
        command = [str(self.programs / "pg_ctl"), "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log")]
        command += words
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, **self.as_user)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder}"
        self.control("-o", options, "start")

    def create(self, database: str) -> str:
        engine = sa.create_engine(postgres.accepted(self.address("postgres")), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {database}"))
        engine.dispose()
        return self.address(database)


@pytest.fixture(scope="module")
def server(postgresql: Path) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="medpanel-postgres-"))
    as_user: dict[str, object] = {}
    if os.geteuid() == 0:
        as_user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        os.chown(folder, NOBODY, NOBODY)
    password = folder / "password"
    password.write_text(SECRET, encoding="utf-8")
    password.chmod(0o444)
    subprocess.run(
        [str(postgresql / "initdb"), "-D", str(folder / "data"), "-U", "office", "-A", "scram-sha-256",
         f"--pwfile={password}", "-E", "UTF8", "--no-sync"],
        cwd=folder, check=True, capture_output=True, **as_user,
    )  # fmt: skip
    password.unlink()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Server(postgresql, folder, port, as_user)
    made.start()
    yield made
    made.control("-m", "immediate", "stop")
    shutil.rmtree(folder)


class Service:
    """`medpanel watch` in a process of its own."""

    def __init__(self, root: Path, log: Path) -> None:
        self.log = log
        with log.open("ab") as stream:
            words = ["watch", "--data", str(root), "--settle", "0", "--retry-after", "0"]
            self.process = subprocess.Popen(
                [sys.executable, "-m", "medpanel", *words],
                cwd=PROJECT_DIR, stdout=stream, stderr=stream, env={**os.environ, "PYTHONUTF8": "1"},
            )  # fmt: skip

    def until(self, reached: object) -> None:
        deadline = time.monotonic() + _SECONDS
        while not reached():  # type: ignore[operator]
            said = self.log.read_text(encoding="utf-8", errors="replace")
            assert self.process.poll() is None and time.monotonic() < deadline, said
            time.sleep(0.02)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=180) == 0, self.log.read_text(encoding="utf-8", errors="replace")


def ended(workspace: Workspace) -> list[str]:
    """How Dagster's runs stand, oldest first, as PostgreSQL has them."""
    prepare_dagster_home(workspace)
    with dg.DagsterInstance.from_config(str(workspace.dagster_home)) as instance:
        return [run.status.value for run in reversed(instance.get_runs())]


def files_with(secret: str, *folders: Path) -> list[Path]:
    wanted = [secret.encode(), quote(secret, safe="").encode()]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in files if any(text in path.read_bytes() for text in wanted)]


@pytest.fixture
def workspace(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    root = tmp_path / "数据 office" / "data"
    write_inputs(root, seed=0)
    database = f"medpanel{abs(hash(tmp_path)) % 10**8}"
    monkeypatch.setenv(postgres.VARIABLE, server.create(database))
    return Workspace.at(root)


def test_the_queue_is_restarted_while_a_run_publishes_and_then_the_server(
    workspace: Workspace, server: Server, tmp_path: Path
) -> None:
    root, log = workspace.root, tmp_path / "watch.log"
    first = Run(root, tmp_path / "first.log")
    assert first.finish(_SECONDS) == 0, first.output
    before = current(root)
    kept = hashes(before)
    assert not (root / "dagster" / "history").exists(), "no event is kept in files"

    write_inputs(root, seed=1)
    service = Service(root, log)
    service.until(lambda: unfinished(root))
    service.stop()
    assert current(root) == before and hashes(before) == kept
    assert ended(workspace) == ["SUCCESS", "FAILURE"]

    service = Service(root, log)
    service.until(lambda: current(root) != before)
    after = current(root)
    assert faults(after) == [] and hashes(before) == kept and unfinished(root) == []
    service.until(lambda: ended(workspace) == ["SUCCESS", "FAILURE", "SUCCESS"])

    # The server goes away in the middle of a run and comes back: what is published stays, and is followed.
    write_inputs(root, seed=2)
    service.until(lambda: len(ended(workspace)) == 4)
    server.control("-m", "fast", "restart")
    service.until(lambda: current(root) != after)
    newest = current(root)
    assert faults(newest) == [] and faults(after) == [] and hashes(before) == kept
    service.stop()
    assert files_with(SECRET, root, tmp_path) == []
    assert "2" in (root / "LAST_RUN.md").read_text(encoding="utf-8")


def test_the_queue_makes_a_run_again_that_it_was_stopped_in_and_outlives_the_server(
    workspace: Workspace, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same with a job of one step, in a minute."""
    slow, log = workspace.root / "slow", tmp_path / "said.log"
    (tmp_path / "toy.py").write_text(DEFINITIONS, encoding="utf-8")
    (tmp_path / "workspace.yaml").write_text("load_from:\n  - python_file: toy.py\n", encoding="utf-8")
    for name, value in {**workspace.to_environment(), "PYTHONUTF8": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT_DIR), prepend=os.pathsep)
    prepare_dagster_home(workspace)
    workspace.root.joinpath("raw", "sources.yaml").write_text(SOURCES, encoding="utf-8")
    slow.touch()
    service = started(SERVICE, tmp_path)
    wait_for(service, (workspace.work / "inputs_read.json").exists)
    said = stop(service)
    assert ended(workspace) == ["FAILURE"]

    service = started(SERVICE, tmp_path)
    wait_for(service, lambda: ended(workspace) == ["FAILURE", "STARTED"])
    # The server goes away in the middle of the next attempt, and comes back.
    server.control("-m", "fast", "restart")
    slow.unlink()
    wait_for(service, lambda: ended(workspace)[-1] == "SUCCESS")
    said += stop(service)
    log.write_text(said, encoding="utf-8")
    assert files_with(SECRET, workspace.root, tmp_path) == []


def test_a_database_keeps_the_records_of_one_workspace(workspace: Workspace, tmp_path: Path) -> None:
    prepare_dagster_home(workspace)
    prepare_dagster_home(workspace)
    with pytest.raises(CatalogError, match="another workspace") as refused:
        prepare_dagster_home(Workspace.at(tmp_path / "other"))
    assert SECRET not in str(refused.value)
    # Moved, or brought back from a backup, it is the same workspace.
    moved = workspace.root.rename(tmp_path / "moved")
    prepare_dagster_home(Workspace.at(moved))


def test_a_server_that_is_not_there_and_a_wrong_password_are_said(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"postgresql://office:{quote(SECRET, safe='')}@127.0.0.1:{taken.getsockname()[1]}/medpanel"
        wrong = server.address("postgres").replace(quote(SECRET, safe=""), "wrong-one")
        for address, said in ((nobody, "Connection refused"), (wrong, "password authentication failed")):
            monkeypatch.setenv(postgres.VARIABLE, address)
            with pytest.raises(CatalogError, match=said) as refused:
                prepare_dagster_home(Workspace.at(tmp_path))
            assert SECRET not in str(refused.value) and "wrong-one" not in str(refused.value)
            assert "已发布的内容不受影响" in str(refused.value)
