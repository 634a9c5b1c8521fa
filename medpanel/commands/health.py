"""`medpanel health`: whether the workspace is well, one line a fact, and an exit code for a monitor.

Belongs here: options, the lines, the page. What is well: medpanel/health.
"""

import datetime as dt
import os
from typing import Annotated

import typer

from medpanel.commands.application import DataOption, SourcesOption, app, console, fail
from medpanel.runs.workspace import Workspace

_MARKS = {"good": "ok  ", "note": "note", "bad": "BAD "}


@app.command()
def health(
    data: DataOption = None,
    sources: SourcesOption = None,
    without_service: Annotated[
        bool, typer.Option("--without-service", help="None is expected to run. / 不要求服务在运行")
    ] = False,
) -> None:
    """Say whether all is well; ends with 1 if not, and writes health.html. / 健康检查，异常时退出码为1。"""
    from medpanel.health import facts_of, write_page

    workspace, now = Workspace.at(data, sources), dt.datetime.now(dt.UTC)
    if not workspace.root.is_dir():
        raise fail(f"{workspace.root}: no such folder / 目录不存在")
    os.environ.update(workspace.to_environment())
    from dagster_project.queue import queue_of

    facts = facts_of(workspace, queue_of(workspace), now, not without_service)
    write_page(workspace, facts, now)
    for fact in facts:
        line = f"{_MARKS[fact.state]}  {fact.name.en} / {fact.name.zh}: {fact.said.en} / {fact.said.zh}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if any(fact.state == "bad" for fact in facts):
        raise typer.Exit(1)
