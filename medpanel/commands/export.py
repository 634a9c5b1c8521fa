"""The command that takes tables and figures of a study out of a publication, in a format of one's choice."""

from pathlib import Path
from typing import Annotated

import typer

from medpanel.commands.application import DataOption, app, console, fail
from medpanel.runs.workspace import Workspace


@app.command()
def export(
    study: str,
    to: Annotated[str, typer.Option("--to", metavar="FORMAT", help="tex docx xlsx csv dta md html svg pdf png / 格式")],
    item: Annotated[
        str,
        typer.Argument(metavar="[TABLE_OR_FIGURE]", help="For example table_2; all if left out / 表或图，省略则为全部"),
    ] = "",
    lang: Annotated[str, typer.Option("--lang", help="zh or en; both if left out / 语言，省略则为全部")] = "",
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder to write to. / 写入的文件夹")] = None,
    publication: Annotated[
        str, typer.Option("--publication", metavar="X", help="A kept one, not the current. / 取自所保留的旧发布")
    ] = "current",
    force: Annotated[bool, typer.Option("--force", help="Overwrite files, never a link. / 覆盖已有文件")] = False,
    data: DataOption = None,
) -> None:
    """Write published tables and figures of a study as files for a paper. / 导出研究的图表，供论文使用。"""
    from medpanel.exporting import Export, ExportError, exported
    from medpanel.publishing import PublishError
    from medpanel.publishing.history import find

    try:
        report = find(Workspace.at(data).root, publication).folder / "report"
        paths = exported(report, Export(study, item, to, lang), out or Path(), force)
    except (ExportError, PublishError) as error:
        raise fail(str(error)) from None
    except OSError as error:
        raise fail(f"{error.filename}: cannot be written ({error.strerror}) / 无法写入") from None
    for path in paths:
        console.print(str(path), markup=False, highlight=False, soft_wrap=True)
    console.print(f"{len(paths)} files written / 已写入{len(paths)}个文件", highlight=False)
