"""`medpanel units`: the systemd units of an office, written into a folder to look at before they are installed.

Belongs here: options and the files. What the units say: medpanel/runs/units.py.
"""

from pathlib import Path
from typing import Annotated

import typer

from medpanel.commands.application import DataOption, SourcesOption, app, console, fail
from medpanel.runs.refreshing import Pace
from medpanel.runs.units import Office, office_units
from medpanel.runs.workspace import Workspace


@app.command()
def units(
    out: Annotated[Path, typer.Option("--out", readable=False, help="Folder to write to. / 输出目录")],
    data: DataOption = None,
    sources: SourcesOption = None,
    user: Annotated[str, typer.Option(help="The user it runs as. / 运行用户")] = Office.user,
    name: Annotated[str, typer.Option(help="What the units are called. / 单元名称")] = Office.name,
    backup_to: Annotated[
        Path | None, typer.Option(readable=False, help="Back up there every night. / 每晚备份到此目录")
    ] = None,
    network: Annotated[
        bool, typer.Option("--network", help="Let it reach other machines, as for e-mail. / 允许访问其他机器，如发邮件")
    ] = False,
) -> None:
    """Write hardened systemd units for a server of the office. / 写出供单位服务器使用的加固 systemd 单元。"""
    try:
        written = office_units(Workspace.at(data, sources), Pace(), Office(name, user, backup_to, network))
    except ValueError as error:
        raise fail(str(error)) from None
    out.mkdir(parents=True, exist_ok=True)
    for file, text in written.items():
        (out / file).write_text(text, encoding="utf-8", newline="\n")
        console.print(str(out / file), markup=False, highlight=False, soft_wrap=True)
    timers = " ".join(file for file in written if file.endswith(".timer"))
    console.print(
        f"Look at them, then, as root / 查看后以 root 运行:\n"
        f"  cp {out}/{name}* /etc/systemd/system/ && systemctl daemon-reload\n"
        f"  systemctl enable --now {name}.service {timers}",
        markup=False, highlight=False, soft_wrap=True,
    )  # fmt: skip
