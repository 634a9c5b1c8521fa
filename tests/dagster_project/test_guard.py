"""The guard of the UI by plain requests: only pages of its own, at the address of the session, may ask for anything."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from dagster_project.guard import HEADERS, address, refusal
from tests.dagster_project.served import TOKEN, Served, served

JSON = {"Content-Type": "application/json"}
ENDPOINTS = (
    "/",
    "/runs",
    "/graphql",
    "/server_info",
    "/dagit_info",
    "/logs/a/b.err",
    "/notebook?path=a.ipynb&repoLocName=x",
    "/dagit/notebook",
    "/download_debug/x",
    "/report_asset_materialization/publication",
    "/report_asset_check/publication",
    "/report_asset_observation/publication",
    "/favicon.png",
)


@pytest.fixture(scope="module")
def ui() -> Iterator[Served]:
    with served(behind_guard=True) as made:
        yield made


def ask(ui: Served, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str, http.client.HTTPMessage]:
    """(status, text, headers) of one request; `Host` and the like as given, else as a client sets them."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", ui.port, timeout=120)
    try:
        connection.request(method, path, body.encode() or None, named)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace"), answer.headers
    finally:
        connection.close()


def own(ui: Served, host: str = "127.0.0.1") -> dict[str, str]:
    """What a page of the UI itself sends along."""
    return {"Host": f"{host}:{ui.port}", "Origin": f"http://{host}:{ui.port}", "Content_Type": "application/json"}


def body(ui: Served) -> str:
    return json.dumps({"query": ui.mutation})


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_page_of_the_ui_reads_and_changes(host: str) -> None:
    with served(behind_guard=True) as ui:
        status, text, _ = ask(ui, "GET", f"{ui.start}/", Host=f"{host}:{ui.port}")
        assert status == 200
        assert f'"pathPrefix": "{ui.start}"' in text
        assert ask(ui, "GET", f"{ui.start}/favicon.png")[0] == 200
        assert ask(ui, "POST", f"{ui.start}/graphql", body(ui), **own(ui, host))[0] == 200
        assert not ui.run_is_there


def test_the_address_is_that_of_the_page(ui: Served) -> None:
    assert address(TOKEN, ui.port) == f"http://127.0.0.1:{ui.port}{ui.start}/"


def test_without_the_guard_a_plain_get_of_a_foreign_page_is_obeyed() -> None:
    """What the guard is for; should Dagster cease to do it, these tests say so."""
    with served(behind_guard=False) as bare:
        foreign = {"Host": "evil.test", "Origin": "http://evil.test"}
        assert ask(bare, "GET", f"/graphql?{urlencode({'query': bare.mutation})}", **foreign)[0] == 200
        assert not bare.run_is_there


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "start", ["", "/", "/0" * 16, f"/{TOKEN[:-1]}", f"/{TOKEN}0", f"/{TOKEN.upper()}", f"//{TOKEN}", "/%C3%A9"]
)
def test_nothing_is_reached_without_the_token(ui: Served, method: str, path: str, start: str) -> None:
    status, text, headers = ask(ui, method, f"{start}{path}", **own(ui))
    assert status == 403
    assert "Location" not in headers
    assert TOKEN not in text
    assert method == "HEAD" or ("medpanel ui" in text and "网址" in text)


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("host", ["evil.test:{}", "127.0.0.1", "127.0.0.1.evil.test:{}", "localhost:1", "[::1]:{}", ""])
def test_another_name_of_this_machine_is_refused(ui: Served, path: str, host: str) -> None:
    named = host.format(ui.port)
    status, text, _ = ask(ui, "GET", f"{ui.start}{path}", Host=named)
    assert status in (400, 403)
    assert "version" not in text
    # The whole of a rebound page: its own name in both headers.
    assert ask(ui, "POST", f"{ui.start}{path}", body(ui), Host=named, Origin=f"http://{named}", **JSON)[0] in (400, 403)
    assert ui.run_is_there


@pytest.mark.parametrize(
    "origin",
    ["http://evil.test", "null", "http://127.0.0.1:1", "http://localhost:{}", "https://127.0.0.1:{}", "", None],
)
@pytest.mark.parametrize("path", ["/graphql", "/report_asset_materialization/publication"])
def test_another_origin_is_refused(ui: Served, origin: str | None, path: str) -> None:
    headers = own(ui)
    del headers["Origin"]
    if origin is not None:
        headers["Origin"] = origin.format(ui.port)
    assert ask(ui, "POST", f"{ui.start}{path}", body(ui), **headers)[0] == 403
    assert ui.run_is_there


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
@pytest.mark.parametrize("path", ["/graphql", "/graphql/", "//graphql", "/graphql%0a", "/x/../graphql", "/%67raphql"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_nothing_is_changed_by_get(ui: Served, method: str, path: str, accept: str) -> None:
    query = urlencode({"query": ui.mutation})
    assert ask(ui, method, f"{ui.start}{path}?{query}", Accept=accept)[0] == 405
    assert ui.run_is_there


@pytest.mark.parametrize(
    "content",
    [
        "text/plain",
        "text/plain;application/json",
        "application/graphql",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json",
        "application/json-patch+json",
        "",
        None,
    ],
)
@pytest.mark.parametrize("path", ["/graphql", "/report_asset_materialization/publication"])
def test_nothing_but_json_is_taken(ui: Served, content: str | None, path: str) -> None:
    headers = own(ui)
    del headers["Content_Type"]
    if content is not None:
        headers["Content_Type"] = content
    query = urlencode({"query": ui.mutation})
    assert ask(ui, "POST", f"{ui.start}{path}?{query}", body(ui), **headers)[0] == 415
    assert ui.run_is_there


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused_and_no_preflight_is_granted(ui: Served, method: str) -> None:
    status, _, headers = ask(ui, method, f"{ui.start}/graphql", **own(ui))
    assert status == 405
    assert not [name for name in headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("name", ["host", "origin", "content-type"])
def test_a_header_sent_twice_is_refused(name: str) -> None:
    once = {"host": "127.0.0.1:1", "origin": "http://127.0.0.1:1", "content-type": "application/json"}
    headers = [(key.encode(), value.encode()) for key, value in once.items()]
    scope = {"type": "http", "method": "POST", "path": f"/{TOKEN}/graphql", "headers": headers}
    assert refusal(scope, TOKEN, ("127.0.0.1:1",)) is None
    scope["headers"] = [*headers, (name.encode(), once[name].encode())]
    assert refusal(scope, TOKEN, ("127.0.0.1:1",)) is not None


def websocket(ui: Served, start: str, **headers: str) -> str:
    """What the server answers to the first message."""
    with connect(
        f"ws://127.0.0.1:{ui.port}{start}/graphql",
        subprotocols=["graphql-ws"],  # type: ignore[list-item]
        additional_headers=headers,
        proxy=None,
    ) as opened:
        opened.send(json.dumps({"type": "connection_init"}))
        return str(opened.recv(timeout=60))


def test_a_websocket_is_opened_by_the_ui_alone(ui: Served) -> None:
    ours = f"http://127.0.0.1:{ui.port}"
    assert "connection_ack" in websocket(ui, ui.start, Origin=ours)
    refused = [("", {"Origin": ours}), (ui.start, {}), (ui.start, {"Origin": "http://evil.test"})]
    for start, headers in refused:
        with pytest.raises(InvalidStatus) as caught:
            websocket(ui, start, **headers)
        assert caught.value.response.status_code == 403
    with served(behind_guard=False) as bare:
        assert "connection_ack" in websocket(bare, "", Origin="http://evil.test")


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/server_info", 200), ("/logs/a/b.err", 404), ("/graphql", 405)]
)
def test_every_answer_says_what_browsers_may_do_with_it(ui: Served, path: str, status: int) -> None:
    answered, _, headers = ask(ui, "GET", f"{ui.start}{path}")
    assert answered == status
    for name, value in HEADERS.items():
        assert (headers.get_all(name) or [])[-1] == value
        assert name == "Content-Security-Policy" or len(headers.get_all(name) or []) == 1
    assert "access-control-allow-origin" not in headers
    if path == "/":
        # Dagster's own policy of scripts stays in force beside it.
        assert "nonce-" in (headers.get_all("Content-Security-Policy") or [])[0]
