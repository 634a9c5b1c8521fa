"""The command that shows what changed from one publication to another."""

from pathlib import Path
from typing import Annotated

import typer

from medpanel.commands.application import DataOption, OverwriteOption, app, console, fail, write_rows
from medpanel.runs.workspace import Workspace


@app.command()
def diff(
    earlier: Annotated[
        str, typer.Argument(metavar="A", help="id, its head, current or previous / 较早的发布")
    ] = "previous",
    later: Annotated[str, typer.Argument(metavar="B", help="The same / 较晚的发布")] = "current",
    data: DataOption = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write every difference as CSV. / 全部差异写入CSV")] = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Say what changed from publication A to publication B, and why. / 说明两次发布之间的变化及原因。"""
    from medpanel.diff import differing, find, show
    from medpanel.publishing import PublishError

    workspace = Workspace.at(data)
    root, known = workspace.root, workspace.known_studies()
    try:
        found, rows = differing(find(root, earlier), find(root, later), csv is not None, known)
    except PublishError as error:
        raise fail(str(error)) from None
    show(found, console)
    if csv is not None:
        cells = rows.astype(object).where(rows.notna(), None)
        write_rows(csv, list(rows.columns), cells.itertuples(index=False), overwrite)
