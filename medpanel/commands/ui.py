"""`medpanel ui`: Dagster's web pages on this machine.

Belongs here: its options, and what is said of the address. The pages: dagster_project/ui.py; their guard: guard.py.
"""

import os

import typer

from catalog.base import PROJECT_DIR
from medpanel.commands.application import DataOption, SourcesOption, app, console, errors, fail
from medpanel.commands.preparing import load_pipeline, stopped_by_a_signal
from medpanel.runs.workspace import Workspace

_ABOUT_THE_ADDRESS = (
    "Open it in a browser on this machine. Whoever knows it can start and delete runs, so pass it on to nobody; it "
    "holds until the UI ends. Ctrl-C ends it. / 请在本机浏览器中打开。知道此网址者可启动和删除运行，请勿转告他人；"
    "界面停止后网址失效。按 Ctrl-C 停止。"
)


@app.command()
def ui(
    data: DataOption = None,
    sources: SourcesOption = None,
    port: int = typer.Option(3000, min=0, max=65535, help="0: any that is free. / 端口，0 为任一空闲端口"),
) -> None:
    """Serve the Dagster UI on 127.0.0.1. / 启动 Dagster 界面（仅本机）。"""
    workspace = Workspace.at(data, sources)
    load_pipeline(workspace)
    from dagster_project.home import prepare_dagster_home
    from dagster_project.ui import PortTakenError, serve_ui

    prepare_dagster_home(workspace)
    stop = stopped_by_a_signal()
    os.chdir(PROJECT_DIR)
    try:
        serve_ui(workspace, port, stop, _say, _tell_address)
    except PortTakenError as error:
        raise fail(str(error)) from None


def _say(text: str) -> None:
    errors.print(text, markup=False, highlight=False, soft_wrap=True)


def _tell_address(address: str) -> None:
    # Whole on one line, so that it can be copied.
    typer.echo(f"Dagster UI: {address}")
    console.print(_ABOUT_THE_ADDRESS, markup=False, highlight=False, soft_wrap=True)
