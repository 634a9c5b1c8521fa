"""Telling somebody how a run ended, as `notify:` of sources.yaml declares: a command, an e-mail, a webhook.

Belongs here: sending. A hook that fails is said and never fails a run. What is sent: page.py.
"""

from __future__ import annotations

import json
import os
import smtplib
import ssl
import subprocess
import urllib.request
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from catalog.base import CatalogError
from catalog.declarations.notify import Email, Notify, Webhook, is_loopback, load_notify
from medpanel.notices.outcome import Outcome
from medpanel.notices.page import headline, text_of
from medpanel.runs.workspace import Workspace


def tell(workspace: Workspace, outcome: Outcome, always: bool = False) -> list[str]:
    """Call every declared hook if the outcome is one to tell of, or `always`; a line for each that failed."""
    try:
        notify = load_notify(workspace.sources_path)
    except (CatalogError, OSError) as error:
        return [f"notify: {error}"]
    if notify is None or not (always or outcome.outcome in notify.on):
        return []
    calls: dict[str, Callable[[], None]] = {}
    if notify.command:
        calls["command"] = lambda: _command(notify, workspace, outcome)
    if (email := notify.email) is not None:
        calls["email"] = lambda: _email(email, notify.timeout, workspace, outcome)
    if (webhook := notify.webhook) is not None:
        calls["webhook"] = lambda: _webhook(webhook, notify.timeout, workspace, outcome)
    return [fault for name, call in calls.items() if (fault := _tried(name, call))]


def _tried(name: str, call: Callable[[], None]) -> str:
    try:
        call()
    # Whatever a mail server or a program of the user's does, the run it reports is not to suffer.
    except Exception as error:
        return f"{name}: {type(error).__name__}: {error}"
    return ""


def _command(notify: Notify, workspace: Workspace, outcome: Outcome) -> None:
    facts = {
        "MEDPANEL_WORKSPACE": str(workspace.root),
        "MEDPANEL_RUN_ID": outcome.run_id,
        "MEDPANEL_OUTCOME": outcome.outcome,
        "MEDPANEL_TRIGGER": outcome.trigger,
        "MEDPANEL_PUBLISHED": outcome.published,
    }
    done = subprocess.run(
        notify.command,
        input=_both(workspace, outcome).encode(),
        capture_output=True,
        timeout=notify.timeout,
        cwd=workspace.root,
        env=os.environ | facts,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[-500:]
        raise RuntimeError(f"{notify.command[0]} ended with {done.returncode}: {said}")


def _email(email: Email, timeout: float, workspace: Workspace, outcome: Outcome) -> None:
    message = EmailMessage()
    title = headline(outcome)
    message["Subject"] = f"medpanel {workspace.root.name}: {title.en} / {title.zh}"
    message["From"], message["To"] = email.sender, ", ".join(email.to)
    message.set_content(_both(workspace, outcome))
    password = os.environ.get(email.password_env or "")
    if email.password_env and not password:
        raise RuntimeError(f"the environment variable {email.password_env} is not set / 环境变量未设置")
    with smtplib.SMTP(email.host, email.port, timeout=timeout) as server:
        if email.starttls:
            server.starttls(context=ssl.create_default_context())
        if email.user and password:
            server.login(email.user, password)
        server.send_message(message)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirection could lead to a place nobody declared, without encryption."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _webhook(webhook: Webhook, timeout: float, workspace: Workspace, outcome: Outcome) -> None:
    body = {
        "workspace": str(workspace.root),
        "run_id": outcome.run_id,
        "outcome": outcome.outcome,
        "trigger": outcome.trigger,
        "text_en": text_of(workspace, outcome, "en"),
        "text_zh": text_of(workspace, outcome, "zh"),
    }
    content = json.dumps(body, ensure_ascii=False).encode()
    request = urllib.request.Request(webhook.url, content, {"Content-Type": "application/json; charset=utf-8"})
    handlers: list[Any] = [_NoRedirect]
    if is_loopback(urlsplit(webhook.url).hostname or ""):
        handlers.append(urllib.request.ProxyHandler({}))  # no proxy leads to this machine
    with urllib.request.build_opener(*handlers).open(request, timeout=timeout):
        pass


def _both(workspace: Workspace, outcome: Outcome) -> str:
    return "\n---\n\n".join((text_of(workspace, outcome, "en"), text_of(workspace, outcome, "zh")))
