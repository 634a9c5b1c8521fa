"""What every module of commands shares: the application, the screens, common options, and how a command fails.

Does not belong here: any command.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from medpanel.terminal import harmless


class Screen(Console):
    """A terminal that is sent no control characters but its own."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Text as it is printed; every string given to `print` passes here."""
        return super().render_str(harmless(text), **options)


app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Chinese health-policy files to a documented DuckDB warehouse. / 中国卫生政策数据：从原始文件到数据仓库。",
)
console = Screen()
errors = Screen(stderr=True)

# Whether a path may be read is found out where it is read, and said in both languages.
DataOption = Annotated[Path | None, typer.Option("--data", readable=False, help="Folder for all output. / 数据目录")]
OverwriteOption = Annotated[
    bool,
    typer.Option("--overwrite", help="Let --csv replace a file; never a link. / 允许 --csv 覆盖已有文件（不含链接）"),
]
SourcesOption = Annotated[
    Path | None, typer.Option("--sources", readable=False, help="The sources.yaml to use. / 来源声明文件")
]


def fail(message: str) -> typer.Exit:
    """Print what went wrong; raise what is returned."""
    errors.print(message, style="red", markup=False, highlight=False, soft_wrap=True)
    return typer.Exit(1)


def write_rows(path: Path, names: Sequence[str], rows: Iterable[Sequence[object]], overwrite: bool) -> None:
    """Write rows as CSV and say how many; ends the command with a message where that cannot be."""
    from medpanel.office.csv_files import CsvPathError, write_csv

    try:
        count = write_csv(path, names, rows, overwrite)
    except CsvPathError as error:
        raise fail(str(error)) from None
    except OSError as error:
        raise fail(f"{path}: cannot be written ({error.strerror}) / 无法写入") from None
    console.print(f"{count} rows in {path} / 已写入{count}行", markup=False, highlight=False, soft_wrap=True)
