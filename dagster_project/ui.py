"""Dagster's web pages, for `medpanel ui`: served in this process on 127.0.0.1, behind the guard.

Belongs here: the socket, the server, the daemon beside it. What the guard lets through: guard.py.
"""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dagster as dg
import uvicorn
from dagster._core.workspace.context import IWorkspaceProcessContext, WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster_webserver.app import create_app_from_workspace_process_context
from starlette.types import ASGIApp

from catalog.base import PROJECT_DIR
from dagster_project.daemon import Say, ServiceError, running_daemon, take_service
from dagster_project.guard import HOST, Guard, address, prefix
from dagster_project.pages import Pages, folders
from dagster_project.reporting import attend
from medpanel.runs.workspace import Workspace

_LOOK_SECONDS = 2.0
# What is under way when the server ends, such as a page that follows a run, gets so long to end.
_END_SECONDS = 3
# How often a page asks for news, as in Dagster's own command.
_POLL_MILLISECONDS = 2000


class PortTakenError(RuntimeError):
    """Another program listens on the port."""


def serve_ui(workspace: Workspace, port: int, stop: threading.Event, say: Say, opened: Callable[[str], None]) -> None:
    """Serve the pages until `stop` is set, with a daemon unless a service is running; `opened` is told the address.

    Port 0 takes any that is free. Raises PortTakenError.
    """
    with ExitStack() as stack:
        listener = stack.enter_context(_listening(port))
        instance = stack.enter_context(dg.DagsterInstance.get())
        attend(instance, workspace, say)
        context, daemon_lives = stack.enter_context(_pages(workspace, instance, say))
        token, port = secrets.token_hex(16), listener.getsockname()[1]
        thread = stack.enter_context(serving(guarded(context, token, port, workspace.root), listener))
        opened(address(token, port))
        while not stop.wait(_LOOK_SECONDS):
            daemon_lives()
            if not thread.is_alive():
                raise RuntimeError("the web server ended by itself / 网页服务意外结束")


def guarded(context: IWorkspaceProcessContext, token: str, port: int, root: Path) -> ASGIApp:
    """Dagster's pages and the report of the workspace `root`, at addresses that begin with the token."""
    app = create_app_from_workspace_process_context(context, prefix(token), _POLL_MILLISECONDS)
    return Guard(app, token, port, Pages(folders(root), prefix(token)))


@contextmanager
def serving(app: ASGIApp, listener: socket.socket) -> Iterator[threading.Thread]:
    """A web server in a thread of its own. It writes no log of requests: their addresses hold the token."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_END_SECONDS,
        )
    )
    thread = threading.Thread(target=server.run, args=([listener],), name="web pages", daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        yield thread
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    try:
        listener = socket.create_server((HOST, port))
    except OSError as error:
        raise PortTakenError(
            f"port {port} of {HOST} cannot be used ({error.strerror}); choose another, for example --port {port + 1} / "
            f"端口{port}无法使用，请用 --port 另选"
        ) from None
    with listener:
        yield listener


@contextmanager
def _pages(
    workspace: Workspace, instance: dg.DagsterInstance, say: Say
) -> Iterator[tuple[IWorkspaceProcessContext, Callable[[], None]]]:
    """What the pages show, and a look whether the daemon lives: that of this process, unless a service has its own."""
    try:
        handle = take_service(workspace)
    except ServiceError:
        say("a service is running: the UI uses its daemon / 服务正在运行，界面使用其后台进程")
        target = WorkspaceFileTarget([str(PROJECT_DIR / "workspace.yaml")])
        with WorkspaceProcessContext(instance, target, code_server_log_level="error") as context:
            yield context, lambda: None
        return
    try:
        with running_daemon(instance) as controller:
            yield controller._workspace_process_context, controller.check_daemon_threads
    finally:
        os.close(handle)
