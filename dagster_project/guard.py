"""What stands between a browser and Dagster's web pages: who may ask, and by which kinds of request.

Belongs here: the rules, as an ASGI application around another one. Does not belong here: starting a server (ui.py).

Dagster itself asks nobody who he is and obeys a mutation sent as a plain GET, so that any page open in the same
browser could start runs or wipe what they made. Here a secret of the session is the first part of every address: a page
that does not know it reaches nothing, and a browser never sends it to another port, as it would send a cookie.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dagster_project.pages import Pages

HOST = "127.0.0.1"
_NAMES = (HOST, "localhost")
_JSON = "application/json"
# Nothing is fetched from elsewhere, and no page is shown in the frame of another or tells it its address. Dagster's own
# policy of scripts, which its page carries beside this one, stays in force.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True)
class Refusal:
    """Why a request goes no further: an HTTP status, and the reason in both languages."""

    status: int
    reason: str


_WRONG_HOST = Refusal(403, "this server answers on 127.0.0.1 and localhost only / 本服务只应答 127.0.0.1 与 localhost")
_WRONG_ADDRESS = Refusal(
    403,
    "open the whole address that `medpanel ui` printed when it started; it is another one each time / "
    "请打开 medpanel ui 启动时显示的完整网址，每次启动网址都不同",
)
_WRONG_ORIGIN = Refusal(403, "asked for by a page of another origin / 请求来自其他来源的网页")
_WRONG_METHOD = Refusal(405, "only GET, HEAD and POST are answered / 只接受 GET、HEAD、POST")
_NO_QUERY_BY_GET = Refusal(405, "GraphQL is asked by POST only / GraphQL 只接受 POST")
_WRONG_CONTENT = Refusal(415, f"a request that sends something sends {_JSON} / 提交的内容必须是 {_JSON}")


class Guard:
    """An ASGI application that lets `app` see only requests of its own pages, at paths that begin with the token.

    `pages` answers those for its files; its answers have headers of their own.
    """

    def __init__(self, app: ASGIApp, token: str, port: int, pages: Pages | None = None) -> None:
        self.app, self.token, self.pages = app, token, pages
        self.hosts = tuple(f"{name}{suffix}" for name in _NAMES for suffix in _suffixes(port))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refused request; hand any other on, and add HEADERS to its answer."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif (refused := refusal(scope, self.token, self.hosts)) is None:
            if self.pages is not None and self.pages.has(scope):
                await self.pages(scope, receive, send)
            else:
                await self.app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            # Closed before it was accepted: the browser is told 403.
            await send({"type": "websocket.close", "code": 1008})
        else:
            answer = PlainTextResponse(refused.reason, refused.status)
            await answer(scope, receive, _with_headers(send))


def address(token: str, port: int) -> str:
    """What to open in a browser."""
    return f"http://{HOST}:{port}{prefix(token)}/"


def prefix(token: str) -> str:
    """What every path begins with."""
    return f"/{token}"


def refusal(scope: Scope, token: str, hosts: tuple[str, ...]) -> Refusal | None:
    """Why a request or a websocket is refused; None if it may go on."""
    headers = Headers(scope=scope)
    host, origin = _only(headers, "host"), _only(headers, "origin")
    if host not in hosts:
        return _WRONG_HOST
    if not _has_token(scope["path"], token):
        return _WRONG_ADDRESS
    # A browser names the origin of everything but a plain GET of the page itself.
    reads = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
    if origin != f"http://{host}" and not (reads and "origin" not in headers):
        return _WRONG_ORIGIN
    return _refused_kind(scope, headers) if scope["type"] == "http" else None


def _refused_kind(scope: Scope, headers: Headers) -> Refusal | None:
    method, content = scope["method"], _only(headers, "content-type") or ""
    if method not in ("GET", "HEAD", "POST"):
        return _WRONG_METHOD
    if method != "POST":
        # Wherever it stands: how paths are matched is Dagster's affair.
        return _NO_QUERY_BY_GET if "graphql" in scope["path"] else None
    # The kind itself, not a mention of it: text/plain;application/json is what a foreign page may send unasked.
    return None if content.partition(";")[0].strip().lower() == _JSON else _WRONG_CONTENT


def _suffixes(port: int) -> tuple[str, ...]:
    return (f":{port}", "") if port == 80 else (f":{port}",)


def _only(headers: Headers, name: str) -> str | None:
    """The value of a header that is there once."""
    values = headers.getlist(name)
    return values[0] if len(values) == 1 else None


def _has_token(path: str, token: str) -> bool:
    first = path.removeprefix("/").partition("/")[0]
    return hmac.compare_digest(first.encode(), token.encode())


def _with_headers(send: Send, headers: Mapping[str, str] = HEADERS) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer = MutableHeaders(scope=message)
            for name, value in headers.items():
                # Of two policies a browser keeps both; of any other header the guard's own stands alone.
                if name != "Content-Security-Policy":
                    del answer[name]
                answer.append(name, value)
        await send(message)

    return sending
