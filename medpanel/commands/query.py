"""Commands that show what is published: the rows of a query, and where a value comes from.

Belongs here: their options, and what is said when there is nothing to show. What a query may do: medpanel/querying.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from medpanel.commands.application import DataOption, OverwriteOption, app, console, fail, write_rows
from medpanel.program import command
from medpanel.runs.workspace import Workspace


@contextmanager
def _told() -> Iterator[None]:
    """Ends the command with a message if there is no publication, or a query fails."""
    import duckdb

    from medpanel.publishing import PublishError
    from medpanel.publishing.history import HistoryError
    from medpanel.querying import QueryError

    try:
        yield
    except HistoryError as error:
        raise fail(str(error)) from None
    except PublishError as error:
        raise fail(f"{error}; run `{command('demo')}` or `{command('run')}` first / 尚无发布内容") from None
    except (QueryError, duckdb.Error) as error:
        raise fail(str(error)) from None


@app.command()
def query(
    sql: str,
    data: DataOption = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the result as CSV. / 结果写入CSV文件")] = None,
    overwrite: OverwriteOption = False,
    release: Annotated[
        list[str] | None,
        typer.Option(
            "--release",
            metavar="VINTAGE",
            help="Export its figures although they may not be passed on. / 导出该版本中不得转交的数据",
        ),
    ] = None,
    publication: Annotated[
        str | None, typer.Option("--publication", metavar="X", help="A kept one, not the current. / 查询所保留的旧发布")
    ] = None,
) -> None:
    """Answer one SELECT on the published database; it reads nothing else. / 查询已发布的数据库（仅一条 SELECT）。"""
    from medpanel.published import database_of, print_first_rows
    from medpanel.querying import selected

    released = None if csv is None else release or []
    with _told(), selected(database_of(Workspace.at(data), publication), sql, released) as found:
        if csv is None:
            print_first_rows(found.names, found.rows, console)
            return
        write_rows(csv, found.names, found.rows, overwrite)
        for source in found.withheld:
            console.print(
                f"left out, not to be passed on 未导出（不得转交）: {source.en}; --release VINTAGE includes it",
                markup=False, highlight=False, soft_wrap=True,
            )  # fmt: skip


@app.command()
def trace(
    place: Annotated[str, typer.Argument(help="Full or short name, English name or code / 全称、简称、英文名或代码")],
    year: int,
    indicator: Annotated[str, typer.Argument(help="A column of province_year or city_year / 指标")],
    data: DataOption = None,
) -> None:
    """Show which file and cell a published value comes from. / 查看某个数值出自哪个文件、哪个单元格。"""
    from medpanel.published import print_frame, run_query

    with _told():
        frame = run_query(Workspace.at(data), "FROM trace(?, ?, ?)", parameters=(place, year, indicator))
    if frame.empty:
        raise fail(
            f"province_year and city_year have no {indicator} of {place} in {year}; "
            f"names, years and indicators that exist: {command('query', 'FROM v_trace')} "
            f"/ province_year 与 city_year 中没有{place} {year}年的 {indicator}"
        )
    print_frame(frame, console)
