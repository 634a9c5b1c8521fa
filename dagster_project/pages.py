"""The published report and the project's documents at addresses of the UI, so that its pages can link to them.

Belongs here: answering a request for such a file, and what its pages may do in a browser. Does not belong here: who may
ask (guard.py), and the links themselves (links.py).

A link does not know where it stands: a page of the UI has no fixed depth, and the address of the session begins with a
secret. So a link is relative, and whatever stands before @report or @docs in an address is dropped by a redirect.

The pages show what users' files say. They run in a sandbox, as if of an origin of their own: a script in one could ask
nothing of the UI beside it.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from catalog.base import PROJECT_DIR
from dagster_project.links import DOCS, REPORT

HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "sandbox allow-scripts allow-modals allow-downloads allow-popups allow-popups-to-escape-sandbox; "
        "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    # A sandboxed page is of no origin: under `same-origin` a browser would refuse it, and keep its scripts from it.
    "Cross-Origin-Opener-Policy": "unsafe-none",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# Types that systems know differently or not at all, and browsers show only by the right one.
_TYPES = {".js": "text/javascript; charset=utf-8", ".md": "text/plain; charset=utf-8"}
_MISSING = "there is no such page in what is published now / 当前发布中没有该页面"
_READ_ONLY = "pages are only read: GET and HEAD / 页面只读，仅接受 GET、HEAD"

# The folder served under a name, asked for at each request: a publication is replaced as a whole.
Folder = Callable[[], Path | None]


class Pages:
    """Answers requests for files below `folders`, each under its name; `start` is what every path begins with."""

    def __init__(self, folders: Mapping[str, Folder], start: str) -> None:
        self.folders, self.start = folders, start
        names = "|".join(map(re.escape, folders))
        self._asked = re.compile(rf"{re.escape(start)}(/.*)?/({names})/(.*)", re.DOTALL)

    def has(self, scope: Scope) -> bool:
        """Whether a request is for one of the folders."""
        return scope["type"] == "http" and self._asked.fullmatch(scope["path"]) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the file, or with the reason why not."""
        answer = await self._answer(scope)
        answer.headers.update(HEADERS)
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        found = self._asked.fullmatch(scope["path"])
        if found is None:
            return PlainTextResponse(_MISSING, 404)
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse(_READ_ONLY, 405)
        if found[1]:
            return RedirectResponse(f"{self.start}/{found[2]}/{found[3]}")
        folder = self.folders[found[2]]()
        try:
            answer = await _file(folder, found[3], scope) if folder is not None else None
        except (HTTPException, ValueError):  # no such file, or no name of a file
            answer = None
        if answer is None:
            return PlainTextResponse(_MISSING, 404)
        if kind := _TYPES.get(Path(found[3]).suffix):
            answer.headers["Content-Type"] = kind
        return answer


async def _file(folder: Path, path: str, scope: Scope) -> Response:
    """A file below the folder, wherever links within the path lead; nothing else. Raises HTTPException."""
    files = StaticFiles(directory=folder, html=True, check_dir=False)
    asked = {**scope, "path": f"/{path}", "root_path": ""}
    return await files.get_response(files.get_path(asked), asked)


def folders(root: Path) -> dict[str, Folder]:
    """What is served of the workspace `root`: the current report, and the project's documents."""

    def report() -> Path | None:
        from medpanel.publishing.links import current_name

        name = current_name(root)
        return None if name is None else root / "publications" / name / "report"

    return {REPORT: report, DOCS: lambda: PROJECT_DIR / "docs"}
