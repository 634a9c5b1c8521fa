"""`medpanel watch`: a service that runs by itself when input files change, once a year, and after failures.

Belongs here: its options, signals and the texts to install it. The service: dagster_project/daemon.py and service.py.
"""

import datetime as dt
import os
import time
from typing import Annotated, Any

import typer

from catalog.base import PROJECT_DIR
from medpanel.commands.application import DataOption, SourcesOption, app, console, errors, fail
from medpanel.commands.preparing import load_pipeline, refuse_stale_files, stopped_by_a_signal
from medpanel.runs import run_lock
from medpanel.runs.refreshing import Pace, Start, Wait, decide, last_tick
from medpanel.runs.units import crontab_line, how_to_install, systemd_unit
from medpanel.runs.workspace import Workspace

# Files that go on changing for so many settling times are left to the next look.
_PATIENCE = 20


@app.command()
def watch(
    data: DataOption = None,
    sources: SourcesOption = None,
    once: Annotated[
        bool, typer.Option("--once", help="Look once, run if there is reason to, end. / 查看一次，需要时运行，然后结束")
    ] = False,
    off: Annotated[
        bool, typer.Option("--off", help="Switch schedule and sensor off. / 关闭年度计划与文件监视")
    ] = False,
    install: Annotated[
        bool,
        typer.Option("--install", "--print-unit", help="Print a systemd unit and a crontab line. / 打印安装文本"),
    ] = False,
    settle: Annotated[
        float, typer.Option(min=0, help="Seconds files must lie still before they are read. / 文件静置秒数")
    ] = Pace.settle,
    retry_after: Annotated[
        float, typer.Option(min=0, help="Seconds before a failed run is tried again. / 失败后重试间隔秒数")
    ] = Pace.retry,
) -> None:
    """Run by itself: changed files, every January, failed runs again. / 自动运行：文件变化、每年一月、失败重试。"""
    workspace, pace = Workspace.at(data, sources), Pace(settle, retry_after)
    if install:
        _print_units(workspace, pace)
        return
    refuse_stale_files()
    load_pipeline(workspace)
    from dagster_project.home import prepare_dagster_home

    prepare_dagster_home(workspace)
    if off:
        _switch_off()
    elif once:
        _once(workspace, pace)
    else:
        _serve(workspace, pace)


def _print_units(workspace: Workspace, pace: Pace) -> None:
    for text in (how_to_install(), systemd_unit(workspace, pace), crontab_line(workspace, pace)):
        typer.echo(text)


def _switch_off() -> None:
    import dagster as dg

    from dagster_project.daemon import switch_off

    with dg.DagsterInstance.get() as instance:
        names = ", ".join(switch_off(instance)) or "nothing was on / 均未开启"
    console.print(f"off / 已关闭: {names}", markup=False)


def _serve(workspace: Workspace, pace: Pace) -> None:
    os.environ.update(pace.to_environment())
    from dagster_project.daemon import ServiceError, serve, take_service

    try:
        handle = take_service(workspace)
    except ServiceError as error:
        raise fail(str(error)) from None
    stop = stopped_by_a_signal()
    _say(f"watching {workspace.sources_path.parent}; Ctrl-C stops it / 正在监视，按 Ctrl-C 停止")
    os.chdir(PROJECT_DIR)
    try:
        serve(workspace, stop, _say)
    finally:
        os.close(handle)
    _say("stopped / 已停止")


def _once(workspace: Workspace, pace: Pace) -> None:
    from dagster_project.run import run_job
    from dagster_project.service import start_tags
    from medpanel.summary import print_failure

    with run_lock.held(workspace.root, _say):
        decision = _look(workspace, pace)
        if not isinstance(decision, Start):
            _say(decision)
            return
        outcome = run_job(workspace, tags=start_tags(decision))
    if not outcome.success:
        print_failure(workspace, errors, outcome.failures, outcome.read, outcome.log)
        raise typer.Exit(1)
    _say(f"run {outcome.run_id} succeeded / 运行成功")


def _look(workspace: Workspace, pace: Pace) -> Start | str:
    """A run to start, or why there is none; waits while files settle."""
    import dagster as dg

    from dagster_project.reporting import attend, report_declaration
    from dagster_project.service import begun_since

    with dg.DagsterInstance.get() as instance:
        attend(instance, workspace, _say)
        decision = _settled(workspace, pace)
        if isinstance(decision, Start):
            return decision
        if decision.wrong and workspace.sources_path.exists():
            report_declaration(workspace, decision.wrong, _say)
            raise fail(decision.why)
        due = last_tick(time.time())
        if decision.unchanged and not begun_since(instance, due):
            return Start("missed", decision.unchanged)
    return decision.why


def _settled(workspace: Workspace, pace: Pace) -> Start | Wait:
    """The decision once the files lie still, or after long patience."""
    decision, seen = decide(workspace, pace, None, time.time())
    for _ in range(_PATIENCE):
        if isinstance(decision, Start) or decision.seconds is None or decision.seconds > pace.settle:
            break
        _say(decision.why)
        time.sleep(decision.seconds + 0.01)
        decision, seen = decide(workspace, pace, seen, time.time())
    return decision


def _say(text: Any) -> None:
    now = dt.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S")
    errors.print(f"{now} {text}", markup=False, highlight=False, soft_wrap=True)
