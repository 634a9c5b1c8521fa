"""`make audit` against a stand-in for OSV: what is found, nothing found, and not reached are told apart."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

import bootstrap
from benchmarks.advisories import Package, UnknownError, advisories, main, pinned_packages

BAD = {"pip": ["PYSEC-2", "GHSA-1"]}


class Osv:
    """A server that knows BAD, or answers `says` instead."""

    def __init__(self) -> None:
        self.asked: list[dict[str, object]] = []
        self.says: bytes | None = None
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked = body["queries"]
                self.send_response(outer.status)
                self.end_headers()
                self.wfile.write(outer.answer() if outer.says is None else outer.says)

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/v1/querybatch"

    def answer(self) -> bytes:
        names = [query["package"]["name"] for query in self.asked]  # type: ignore[index]
        known = [{"vulns": [{"id": one} for one in BAD[name]]} if name in BAD else {} for name in names]
        return json.dumps({"results": known}).encode()


@pytest.fixture
def osv() -> Iterator[Osv]:
    made = Osv()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def test_every_pinned_package_is_asked_for_with_its_version(osv: Osv) -> None:
    packages = pinned_packages(bootstrap.PROJECT / "requirements-dev.txt")
    lines = (bootstrap.PROJECT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()
    assert len(packages) == sum("==" in line and not line.startswith((" ", "#")) for line in lines) > 100
    assert {"dagster", "duckdb", "pip", "pytest"} <= {one.name for one in packages}
    advisories(packages, osv.address)
    assert osv.asked == [
        {"package": {"name": one.name, "ecosystem": "PyPI"}, "version": one.version} for one in packages
    ]


def test_a_marker_or_hash_is_no_part_of_a_version(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(
        "a.b-c==1.0rc1 ; python_version < '3.13' \\\n    --hash=sha256:aa\n    # via d==2\n", encoding="utf-8"
    )
    assert pinned_packages(path) == [Package("a.b-c", "1.0rc1")]


def test_what_is_known_is_listed_and_ends_with_1(osv: Osv, capsys: pytest.CaptureFixture[str]) -> None:
    assert main({"MEDPANEL_ADVISORIES": osv.address}) == 1
    told = capsys.readouterr().out
    assert "pip 26" in told and "https://osv.dev/GHSA-1, https://osv.dev/PYSEC-2" in told
    assert "1 of " in told and "已知漏洞" in told


def test_nothing_known_ends_with_0(
    osv: Osv, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(BAD, "pip")
    assert main({"MEDPANEL_ADVISORIES": osv.address}) == 0
    assert capsys.readouterr().out.startswith("0 of ")


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (200, b"<html>blocked by the firewall</html>"),
        (200, b"{}"),
        (200, b'{"results": []}'),
        (200, b'{"results": null}'),
        (200, b'{"results": [7]}'),
        (200, b"[]"),
        (503, b""),
        (404, b'{"results": []}'),
    ],
)
def test_an_answer_that_is_none_is_not_taken_for_nothing_known(
    osv: Osv, capsys: pytest.CaptureFixture[str], status: int, says: bytes
) -> None:
    osv.status, osv.says = status, says
    assert main({"MEDPANEL_ADVISORIES": osv.address}) == 3
    told = capsys.readouterr().out
    assert "cannot be reached" in told and "无法访问" in told and osv.address in told


def test_a_list_that_is_not_there_is_said_and_ends_with_3(osv: Osv) -> None:
    address = "http://127.0.0.1:9/v1/querybatch"
    assert main({"MEDPANEL_ADVISORIES": address}) == 3
    with pytest.raises(UnknownError, match="127"):
        advisories([Package("pip", "1")], address)


def test_no_other_target_asks() -> None:
    asking = [name for name, target in bootstrap.TARGETS.items() if "benchmarks.advisories" in str(target.commands)]
    assert asking == ["audit"]
