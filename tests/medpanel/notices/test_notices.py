"""LAST_RUN.md and the hooks, received on this machine: a webhook, a mail server and a program."""

from __future__ import annotations

import email
import email.policy
import http.server
import json
import re
import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from medpanel.cli import app
from medpanel.notices.hooks import tell
from medpanel.notices.outcome import Outcome, last_outcome, note_outcome
from medpanel.notices.page import write_page
from medpanel.runs.workspace import Workspace

FAILED = Outcome(
    *("0123456789abcdef", "everything", "input_files", "failure", 1.8e9, 1.8e9 + 90),
    causes=("read_files: gdp.csv B7: no number / 不是数", "build_warehouse: later\nconsequence"),
)
SAVE = "import os, pathlib, sys; pathlib.Path('told').write_bytes(sys.stdin.buffer.read()); "
SAVE += (
    "pathlib.Path('facts').write_text(' '.join(os.environ[f'MEDPANEL_{n}'] for n in ('RUN_ID', 'OUTCOME', 'TRIGGER')))"
)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = tmp_path / "数据 a"
    (root / "raw").mkdir(parents=True)
    return Workspace.at(root)


def declare(workspace: Workspace, notify: dict[str, Any]) -> None:
    # JSON is YAML.
    workspace.sources_path.write_text(json.dumps({"notify": notify}), encoding="utf-8")


@contextmanager
def served(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    """A server on this machine for the time of the block; its port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def webhook(received: list[Any], status: int = 200) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    return Handler


def mail_server(received: list[bytes]) -> type[socketserver.StreamRequestHandler]:
    """As little of SMTP as a client needs."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            for line in self.rfile:
                verb = line[:4].upper()
                if verb == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    content = b""
                    while not content.endswith(b"\r\n.\r\n"):
                        content += self.rfile.readline()
                    received.append(content.removesuffix(b".\r\n"))
                self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
                if verb == b"QUIT":
                    return

    return Handler


def test_the_page_says_everything_in_both_languages_and_the_root_cause_first(workspace: Workspace) -> None:
    write_page(workspace, FAILED)
    text = (workspace.root / "LAST_RUN.md").read_text(encoding="utf-8")
    english, chinese = text.split("\n---\n")
    for part, words in {
        english: ("FAILED", "changed input files", "What to do"),
        chinese: ("失败", "输入文件变化", "处理"),
    }.items():
        for word in (*words, "0123456789abcdef", "gdp.csv B7", "medpanel run --data", "medpanel ui --data"):
            assert word in part, word
        assert part.index("read_files") < part.index("build_warehouse")
    assert not re.search(r"[\u4e00-\u9fff]", english.replace("不是数", "").replace("数据", ""))
    assert [path.name for path in workspace.root.iterdir() if path.name != "raw"] == ["LAST_RUN.md"]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"outcome": "success", "published": "20270115T0300Z-real-0123"}, "published 20270115T0300Z-real-0123"),
        ({"outcome": "success", "published": "20270115T0300Z-real-0123"}, "0123/report/index.html"),
        ({"trigger": "test"}, "test message"),
        ({"outcome": "refusal"}, ' --accept-loss "reason"`'),
        ({"mendable": True, "attempt": 1}, "tried again by itself"),
        ({"mendable": True, "attempt": 3}, "Three attempts failed"),
        ({"mendable": True, "trigger": "ui"}, "Mend the cause above"),
        ({"outcome": "cancelled"}, "Run again when ready"),
    ],
)
def test_the_page_says_what_to_do(workspace: Workspace, facts: dict[str, Any], said: str) -> None:
    write_page(workspace, replace(FAILED, **facts))
    assert said in (workspace.root / "LAST_RUN.md").read_text(encoding="utf-8")


def test_the_record_of_the_last_run_is_read_back(workspace: Workspace) -> None:
    assert last_outcome(workspace) is None
    note_outcome(workspace, FAILED)
    assert last_outcome(workspace) == FAILED
    (workspace.work / "last_run.json").write_text('{"run_id": ', encoding="utf-8")
    assert last_outcome(workspace) is None


def test_a_program_gets_the_text_and_the_facts_and_no_shell(workspace: Workspace) -> None:
    declare(workspace, {"command": [sys.executable, "-c", SAVE, "; touch never $(touch never)"]})
    assert tell(workspace, FAILED) == []
    told = (workspace.root / "told").read_text(encoding="utf-8")
    assert "FAILED" in told
    assert "失败" in told
    assert (workspace.root / "facts").read_text(encoding="utf-8") == "0123456789abcdef failure input_files"
    assert not (workspace.root / "never").exists()


def test_a_webhook_is_called_on_this_machine(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    received: list[Any] = []
    with served(webhook(received)) as port:
        declare(workspace, {"webhook": {"url": f"http://127.0.0.1:{port}/hook"}})
        assert tell(workspace, FAILED) == []
    [body] = received
    assert set(body) == {"workspace", "run_id", "outcome", "trigger", "text_en", "text_zh"}
    assert (body["outcome"], body["trigger"], body["workspace"]) == ("failure", "input_files", str(workspace.root))
    assert "FAILED" in body["text_en"]
    assert "失败" in body["text_zh"]


@pytest.mark.parametrize("status", [302, 500])
def test_a_webhook_that_refuses_or_leads_elsewhere_has_failed(workspace: Workspace, status: int) -> None:
    received: list[Any] = []
    with served(webhook(received, status)) as port:
        declare(workspace, {"webhook": {"url": f"http://localhost:{port}"}})
        [fault] = tell(workspace, FAILED)
    assert f"HTTP Error {status}" in fault
    assert len(received) == 1


def test_an_email_is_sent(workspace: Workspace) -> None:
    received: list[bytes] = []
    with served(mail_server(received)) as port:
        server = {"host": "127.0.0.1", "port": port, "from": "a@b.cn", "to": ["c@d.cn", "e@f.cn"], "starttls": False}
        declare(workspace, {"email": server})
        assert tell(workspace, FAILED) == []
    message = email.message_from_bytes(received[0], policy=email.policy.default)
    assert (message["From"], message["To"]) == ("a@b.cn", "c@d.cn, e@f.cn")
    assert "FAILED / 失败" in message["Subject"]
    assert "不是数" in message.get_content()


@pytest.mark.parametrize(
    ("notify", "said"),
    [
        ({"command": [sys.executable, "-c", "import sys; sys.exit('no paper')"]}, "ended with 1: no paper"),
        ({"command": ["no such program"]}, "FileNotFoundError"),
        ({"command": [sys.executable, "-c", "import time; time.sleep(60)"], "timeout": 0.2}, "TimeoutExpired"),
        ({"webhook": {"url": "http://127.0.0.1:1/"}}, "Connection refused"),
        ({"email": {"host": "127.0.0.1", "port": 1, "from": "a@b", "to": ["c@d"]}}, "Connection refused"),
        (
            {"email": {"host": "h", "from": "a@b", "to": ["c@d"], "user": "u", "password_env": "MEDPANEL_NOT_SET"}},
            "MEDPANEL_NOT_SET is not set",
        ),
        ({"webhook": {"url": "http://example.org/"}}, "neither https nor http on this machine"),
    ],
)
def test_a_hook_that_fails_is_said_and_raises_nothing(workspace: Workspace, notify: dict[str, Any], said: str) -> None:
    declare(workspace, notify)
    [fault] = tell(workspace, FAILED)
    assert said in fault
    write_page(workspace, FAILED, [fault])
    assert (workspace.root / "LAST_RUN.md").read_text(encoding="utf-8").count(said) == 2


def test_one_hook_that_fails_does_not_keep_the_others(workspace: Workspace) -> None:
    received: list[Any] = []
    with served(webhook(received)) as port:
        declare(workspace, {"command": ["no such program"], "webhook": {"url": f"http://127.0.0.1:{port}"}})
        assert len(tell(workspace, FAILED)) == 1
    assert len(received) == 1


@pytest.mark.parametrize(
    ("on", "told"),
    [
        (None, ["failure", "refusal"]),
        (["success"], ["success"]),
        (["failure", "refusal", "success"], ["success", "failure", "refusal"]),
    ],
)
def test_only_the_occasions_asked_for_are_told(workspace: Workspace, on: list[str] | None, told: list[str]) -> None:
    declare(workspace, {"command": ["no such program"], **({"on": on} if on else {})})
    endings = ("success", "failure", "refusal", "cancelled")
    assert [one for one in endings if tell(workspace, replace(FAILED, outcome=one))] == told


def test_nobody_is_told_where_nobody_is_declared(workspace: Workspace) -> None:
    assert tell(workspace, FAILED) == []
    workspace.sources_path.write_text("data_kind: real\n", encoding="utf-8")
    assert tell(workspace, FAILED) == []


def test_the_command_sends_a_test(workspace: Workspace) -> None:
    words = ["notify", "--test", "--data", str(workspace.root)]
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 1
    assert "no `notify:` declared" in refused.output
    declare(workspace, {"command": [sys.executable, "-c", SAVE], "on": ["success"]})
    assert CliRunner().invoke(app, words[:1] + words[2:]).exit_code == 0
    assert not (workspace.root / "told").exists()
    assert CliRunner().invoke(app, words).exit_code == 0
    assert "this is a test" in (workspace.root / "told").read_text(encoding="utf-8")
    declare(workspace, {"command": ["no such program"]})
    assert CliRunner().invoke(app, words).exit_code == 1
