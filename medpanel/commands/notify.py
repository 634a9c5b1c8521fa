"""`medpanel notify`: whether the hooks of sources.yaml reach anybody."""

import time
from typing import Annotated

import typer

from medpanel.commands.application import DataOption, SourcesOption, app, console, fail
from medpanel.runs.workspace import Workspace


@app.command()
def notify(
    data: DataOption = None,
    sources: SourcesOption = None,
    test: Annotated[bool, typer.Option("--test", help="Send a test message now. / 立即发送测试消息")] = False,
) -> None:
    """Show who is told how runs end; send a test message. / 查看运行结果通知对象，可发送测试消息。"""
    from catalog.declarations.notify import load_notify
    from medpanel.notices.hooks import tell
    from medpanel.notices.outcome import Outcome

    workspace = Workspace.at(data, sources)
    declared = load_notify(workspace.sources_path)
    if declared is None:
        raise fail(
            f"{workspace.sources_path}: no `notify:` declared; see docs/en/refresh.md / "
            "未声明 notify，写法见 docs/zh/refresh.md"
        )
    hooks = [name for name in ("command", "email", "webhook") if getattr(declared, name)]
    console.print(f"{', '.join(hooks)}: {', '.join(declared.on)}", markup=False)
    if not test:
        return
    now = time.time()
    cause = "this is a test, nothing failed / 这是测试消息，并无失败"
    if untold := tell(workspace, Outcome("", "everything", "test", "failure", now, now, (cause,)), always=True):
        raise fail("\n".join(untold))
    console.print("sent / 已发送")
