"""`medpanel backup` and `medpanel restore`: the whole workspace to another disk, and back.

Belongs here: options and what is said. Copying and comparing: medpanel/backup.
"""

import os
from pathlib import Path
from typing import Annotated

import typer

from medpanel.commands.application import DataOption, SourcesOption, app, console, errors, fail
from medpanel.runs import run_lock
from medpanel.runs.workspace import Workspace

ToOption = Annotated[Path, typer.Option("--to", readable=False, help="Folder of backups. / 备份目录")]


@app.command()
def backup(
    to: ToOption,
    data: DataOption = None,
    sources: SourcesOption = None,
    keep: Annotated[int, typer.Option(min=0, help="Keep the newest N; 0: all. / 保留最新几份，0 为全部")] = 0,
) -> None:
    """Back the workspace up, also while a run writes. / 备份工作区，运行期间亦可。"""
    from medpanel.backup import BackupError, take
    from medpanel.backup.taking import forget
    from medpanel.notices.backups import note_backup

    workspace = Workspace.at(data, sources)
    try:
        taken = take(workspace.root, to, lambda line: errors.print(str(line), markup=False, soft_wrap=True))
        gone = forget(to.resolve(), keep) if keep else []
    except (BackupError, run_lock.RunLockError) as error:
        raise fail(str(error)) from None
    note_backup(workspace, taken.folder, taken.record.taken_at)
    size = sum(entry.size for entry in taken.record.files)
    _say(
        f"{taken.folder}: {len(taken.record.files)} files, {size / 1e6:.1f} MB, of which {taken.copied / 1e6:.1f} MB "
        f"copied and the rest shared with earlier backups / "
        f"已备份，其中新复制{taken.copied / 1e6:.1f} MB，其余与以往共用"
    )
    for name in taken.other:
        _say(
            f"{name}: another workspace, not in this backup; medpanel backup --data {workspace.root / name} / "
            "另一工作区，未包含"
        )
    _say_outside(workspace)
    if gone:
        _say(f"{len(gone)} older backups removed / 已删除较早备份")


def _say_outside(workspace: Workspace) -> None:
    """Name what a run needs and this backup has not."""
    outside = [path for path in (workspace.sources_path, _inputs(workspace)) if path and not _is_in(path, workspace)]
    for path in outside:
        _say(f"{path}: outside the workspace, not in this backup; copy it yourself / 不在工作区内，未包含，请自行备份")
    if os.environ.get("MEDPANEL_DAGSTER_POSTGRES"):
        _say(
            "Dagster's records are in PostgreSQL, not in this backup: see pg_dump in docs/en/office.md / "
            "Dagster 记录在 PostgreSQL 中，未包含：见 docs/zh/office.md 中的 pg_dump"
        )


def _inputs(workspace: Workspace) -> Path | None:
    from catalog.base import CatalogError

    try:
        return workspace.sources()[1]
    except CatalogError:
        return None


def _is_in(path: Path, workspace: Workspace) -> bool:
    return path.is_relative_to(workspace.root)


@app.command()
def restore(
    source: Annotated[
        Path,
        typer.Argument(metavar="FROM", readable=False, help="A backup, or a folder of them. / 一份备份或备份目录"),
    ],
    to: Annotated[
        Path | None, typer.Option("--to", readable=False, help="A new or empty folder. / 新目录或空目录")
    ] = None,
    only_check: Annotated[
        bool, typer.Option("--check", help="Compare every file, write nothing. / 仅逐一校验，不写入")
    ] = False,
) -> None:
    """Bring a backup back into an empty folder, every file checked. / 将备份恢复到空目录，逐一校验。"""
    from medpanel.backup import BackupError
    from medpanel.backup import check as compare
    from medpanel.backup import restore as bring_back

    if only_check == (to is not None):
        raise fail("give either --to FOLDER or --check / 请指定 --to 目录或 --check，二者择一")
    try:
        record = compare(source) if to is None else bring_back(source, to)
    except BackupError as error:
        raise fail(str(error)) from None
    _say(
        f"{len(record.files)} files agree with their SHA-256; taken {record.taken_at} from {record.workspace}, current "
        f"publication {record.current or 'none'} / 全部文件校验一致，备份时间、来源与当前发布如上"
    )
    if to is not None:
        _say(f"restored to {to}; look with `medpanel status --data {to}` / 已恢复，可用该命令查看")


def _say(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
