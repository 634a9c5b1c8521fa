"""`medpanel add`: files put on record as newer downloads. What it does: medpanel/downloads/adding.py."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from catalog.base import Text
from medpanel.commands.application import DataOption, SourcesOption, app, console, errors, fail
from medpanel.runs.workspace import Workspace


@app.command()
def add(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Files as downloaded. / 下载的文件")],
    newer_than: Annotated[
        str | None, typer.Option("--newer-than", metavar="FILE", help="The file they replace. / 所取代的文件")
    ] = None,
    entry: Annotated[
        str | None, typer.Option("--entry", metavar="MATCH", help="Its entry in sources.yaml. / 所属条目")
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="The unit of the figures. / 数值单位")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="HEADER=INDICATOR", help="What a header means. / 表头所指指标"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Answer yes to every question. / 对所有问题回答“是”")] = False,
    who: Annotated[str, typer.Option("--who", metavar="NAME", help="Who received them. / 接收人")] = "",
    data: DataOption = None,
    sources: SourcesOption = None,
) -> None:
    """Add downloaded files: copied, recognised, recorded as newer than what they revise. / 添加新下载的文件并登记。"""
    from medpanel.downloads.adding import AddError, Adding, Wishes
    from medpanel.runs import run_lock

    def say(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    def confirm(question: Text) -> bool:
        if yes or sys.stdin.isatty():
            say(question.text)
            return yes or typer.confirm("", default=False)
        raise AddError(
            f"{question.en} Nobody can be asked here: add --yes, or --newer-than, --entry, --unit, --column. / "
            f"{question.zh}此处无法询问：请加 --yes，或用 --newer-than、--entry、--unit、--column 指明。"
        )

    meant = dict(text.partition("=")[::2] for text in column or [])
    if not all(meant.values()):
        raise fail("--column needs HEADER=INDICATOR / 应为 表头=指标")
    workspace = Workspace.at(data, sources)
    wishes = Wishes(newer_than, entry, unit, meant, who)
    try:
        with run_lock.held(workspace.root, lambda text: errors.print(text, markup=False)):
            failed = Adding(workspace, wishes, confirm, say).all(files)
    except (AddError, run_lock.RunLockError) as error:
        raise fail(str(error)) from None
    if failed:
        raise fail("\n".join(failed))
