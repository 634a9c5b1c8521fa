"""What has been published and kept: status, the list, opening one, going back to one, removing old ones.

Belongs here: options and what is shown. Does not belong here: the work (medpanel/publishing), and what a run has
changed (`medpanel diff`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medpanel.commands.application import DataOption, SourcesOption, app, console, errors, fail
from medpanel.program import command
from medpanel.report.places import first_pages, written
from medpanel.runs.trouble import trouble_of
from medpanel.runs.workspace import Workspace

if TYPE_CHECKING:
    from medpanel.publishing.history import Kept

KEEP = 5
Wanted = Annotated[
    str,
    typer.Argument(
        metavar="X", help="An id or the head of one, current, or previous / 编号、其开头、current 或 previous"
    ),
]


@app.command()
def status(data: DataOption = None, sources: SourcesOption = None) -> None:
    """Say what is current, whether it is up to date, what runs, what takes room. / 查看当前发布、运行与占用空间。"""
    from medpanel.publishing import PublishError
    from medpanel.publishing.state import state_of

    try:
        for label, text in state_of(Workspace.at(data, sources)):
            console.print(f"{label}: {text}", markup=False, highlight=False, soft_wrap=True)
    except PublishError as error:
        raise fail(str(error)) from None


@app.command()
def publications(data: DataOption = None) -> None:
    """List the publications kept, oldest first, an arrow before the current one. / 列出保留的发布，箭头为当前发布。"""
    import pandas as pd

    from medpanel.published import print_frame
    from medpanel.publishing import PublishError
    from medpanel.publishing.history import kept

    root = Workspace.at(data).root
    try:
        found = kept(root)
    except PublishError as error:
        raise fail(str(error)) from None
    if not found:
        console.print(f"{root}: nothing has been published yet / 尚无发布", markup=False, soft_wrap=True)
        return
    print_frame(pd.DataFrame([_row(one) for one in found]), console)
    for one in found:
        for line in _remarks(one):
            console.print(f"{one.name}: {line}", markup=False, highlight=False, soft_wrap=True)


def _row(one: "Kept") -> dict[str, str]:
    return {
        "Publication / 发布": f"{'→ ' if one.current else ''}{one.name}",
        "Finished, UTC / 完成": one.said("finished_at"),
        "Kind / 类型": one.said("data_kind"),
        "By / 运行人": one.said("person"),
        "Trigger / 触发": one.said("trigger"),
        "Parent / 上一发布": one.said("parent_publication"),
        "Failed checks / 未通过": "damaged / 损坏" if one.problem else f"{one.failed} / {one.checks}",
        "MB": f"{one.size / 1e6:.1f}",
        "MB alone / 独占": f"{one.alone / 1e6:.1f}",
    }


def _remarks(one: "Kept") -> Iterator[str]:
    if one.problem:
        yield f"damaged / 已损坏: {one.problem}"
    if reason := one.said("accepted_loss"):
        yield f"loss accepted / 接受内容减少: {reason}"


@app.command("open")
def open_publication(
    wanted: Wanted = "current",
    data: DataOption = None,
    browser: Annotated[bool, typer.Option("--browser", help="Open its report. / 打开报告")] = False,
) -> None:
    """Say where a publication's database and report are; with --browser, open the report. / 打开一个发布。"""
    one, root = _found(data, wanted), Workspace.at(data).root
    if one.problem:
        errors.print(f"damaged / 已损坏: {one.problem}", style="red", markup=False, soft_wrap=True)
    report = one.folder / "report"
    pages = first_pages(report)
    ask = command("query", "--data", str(root), "--publication", one.name, "from source_file")
    lines = [
        ("Database / 数据库", one.database),
        *(("Report / 报告", page) for page in pages),
        *(("What changed / 变化说明", page) for page in written(report, "changes")),
        ("Query / 查询", ask),
    ]
    for label, text in lines:
        console.print(f"{label}: {text}", markup=False, highlight=False, soft_wrap=True)
    if browser:
        typer.launch(str(pages[0] if len(pages) == 1 else report))


@app.command()
def rollback(
    wanted: Wanted,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept. / 理由，将予记录")],
    data: DataOption = None,
) -> None:
    """Make an older publication current again. / 恢复较早的发布为当前发布。"""
    from medpanel.publishing import PublishError, history
    from medpanel.runs import run_lock

    root = Workspace.at(data).root
    try:
        with run_lock.held(root, lambda text: errors.print(text, markup=False)):
            one = history.rollback(root, wanted, reason)
    except (PublishError, run_lock.RunLockError) as error:
        raise fail(str(error)) from None
    console.print(
        f"{one.name} is current. The input files are as they were: the next run, also one that schedule or sensor "
        "starts, publishes what is in them and makes that current again. Mend the files first. / 已恢复为当前发布。"
        "输入文件未变：下次运行（包括定时与监测触发者）将按现有文件重新发布并取代它，请先更正文件。",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def prune(
    data: DataOption = None,
    keep: Annotated[int, typer.Option(min=1, help="How many of the newest stay. / 保留最新几个")] = KEEP,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask. / 不询问")] = False,
) -> None:
    """Remove all but the newest publications; the current one stays. / 清理旧发布，当前发布保留。"""
    from medpanel.publishing import PublishError, folders
    from medpanel.reuse import linking
    from medpanel.runs import run_lock

    root = Workspace.at(data).root
    try:
        with run_lock.held(root, lambda text: errors.print(text, markup=False)):
            doomed = folders.beyond(root, keep)
            for folder in doomed:
                line = f"{folder.name}  {linking.size([folder]) / 1e6:.1f} MB"
                console.print(line, markup=False, highlight=False, soft_wrap=True)
            if doomed and not yes:
                freed = f"{linking.alone(doomed) / 1e6:.1f} MB"
                typer.confirm(f"Remove these {len(doomed)}, freeing {freed}? / 删除上述发布？", abort=True)
            gone = folders.prune(root, keep)
    except (PublishError, run_lock.RunLockError) as error:
        raise fail(str(error)) from None
    except OSError as error:
        raise fail(trouble_of(error) or str(error)) from None
    console.print(f"{len(gone)} publications removed / 已删除{len(gone)}个发布", highlight=False)


def _found(data: Path | None, wanted: str) -> "Kept":
    from medpanel.publishing import PublishError
    from medpanel.publishing.history import find

    try:
        return find(Workspace.at(data).root, wanted)
    except PublishError as error:
        raise fail(str(error)) from None
