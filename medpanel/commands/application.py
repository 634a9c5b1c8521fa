"""What every module of commands shares: the application, the screens, common options, and how a command fails.

Does not belong here: any command.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Chinese health-policy files to a documented DuckDB warehouse. / 中国卫生政策数据：从原始文件到数据仓库。",
)
console = Console()
errors = Console(stderr=True)

# Whether a path may be read is found out where it is read, and said in both languages.
DataOption = Annotated[Path | None, typer.Option("--data", readable=False, help="Folder for all output. / 数据目录")]
SourcesOption = Annotated[
    Path | None, typer.Option("--sources", readable=False, help="The sources.yaml to use. / 来源声明文件")
]


def fail(message: str) -> typer.Exit:
    """Print what went wrong; raise what is returned."""
    errors.print(message, style="red", markup=False, highlight=False, soft_wrap=True)
    return typer.Exit(1)
