"""The command `medpanel`: the same jobs as the Dagster UI, for people who never open it.

Belongs here: commands and their options. What they do is in the modules they call; only this one starts jobs.
"""

import logging
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from catalog.base import PROJECT_DIR, CatalogError
from medpanel import __version__
from medpanel.commands import add as _add  # noqa: F401  (registers its command)
from medpanel.commands import backup as _backup  # noqa: F401  (registers its commands)
from medpanel.commands import changes as _changes  # noqa: F401  (registers its command)
from medpanel.commands import export as _export  # noqa: F401  (registers its command)
from medpanel.commands import health as _health  # noqa: F401  (registers its command)
from medpanel.commands import notify as _notify  # noqa: F401 (a command)
from medpanel.commands import publications as _publications  # noqa: F401  (registers its commands)
from medpanel.commands import query as _query  # noqa: F401  (registers its commands)
from medpanel.commands import ui as _ui  # noqa: F401
from medpanel.commands import units as _units  # noqa: F401  (registers its command)
from medpanel.commands import watch as _watch  # noqa: F401
from medpanel.commands.application import DataOption, SourcesOption, app, console, errors, fail
from medpanel.commands.preparing import load_pipeline, refuse_stale_files
from medpanel.runs.ownership import ELSEWHERE, own_files
from medpanel.runs.trouble import trouble_of
from medpanel.runs.variables import unknown
from medpanel.runs.workspace import REAL_ROOT, REAL_SOURCES, Workspace, real_data_folder

# The job of everything, as dagster_project/jobs.py names it; importing Dagster takes seconds.
EVERYTHING = "everything"
# What a shell gives a program that Ctrl-C ended.
INTERRUPTED = 130
_STOPPED = "Stopped; what was published before is untouched. / 已停止；原有发布不受影响。"
migrate = typer.Typer(no_args_is_help=True, help="Convert files of an earlier format. / 将旧格式文件改写为新格式。")
app.add_typer(migrate, name="migrate")


def _run(workspace: Workspace, job: str, fresh: bool = False, accept_loss: str = "") -> None:
    refuse_stale_files()
    workspace.sources()
    _require_job(workspace, job)
    load_pipeline(workspace)
    from dagster_project.run import run_job
    from medpanel.summary import print_failure, print_summary

    outcome = run_job(workspace, job, fresh=fresh, accept_loss=accept_loss)
    if outcome.interrupted:
        raise InterruptedByUser
    if not outcome.success:
        print_failure(workspace, errors, outcome.failures, outcome.read, outcome.log)
        raise typer.Exit(1)
    if job == EVERYTHING:
        print_summary(workspace, console, outcome.log)


def _require_job(workspace: Workspace, job: str) -> None:
    """Fail for a job there is none of, with the names of all."""
    jobs = [EVERYTHING, *workspace.studies()]
    if job not in jobs:
        raise fail(f"no job {job!r}; the jobs are / 没有该任务，可用任务: {', '.join(jobs)}")


@app.command()
def demo(seed: Annotated[int, typer.Option(help="Seed of the sample. / 随机种子")] = 20260101) -> None:
    """Make the synthetic sample, run everything on it and publish. / 生成合成样本、运行并发布。"""
    _write_sample(Workspace.at(), seed)
    # What it loses of an earlier sample, it loses by itself.
    _run(Workspace.at(), EVERYTHING, accept_loss="the sample was written anew / 样本已重新生成")


@app.command()
def sample(
    data: DataOption = None,
    seed: Annotated[int, typer.Option(help="Seed of the sample. / 随机种子")] = 20260101,
    survey: Annotated[
        bool, typer.Option("--survey", help="Also 170,000 synthetic survey respondents. / 另生成17万名合成受访者")
    ] = False,
) -> None:
    """Write the synthetic sample input. / 生成合成样本文件。"""
    _write_sample(Workspace.at(data), seed, survey)


def _write_sample(workspace: Workspace, seed: int, survey: bool = False) -> None:
    from medpanel.sample import write_sample
    from medpanel.sample.survey import SURVEY_FILE, write_survey

    raw = workspace.root / "raw"
    declared = raw / "sources.yaml"
    if declared.exists() and "data_kind: synthetic" not in declared.read_text(encoding="utf-8"):
        raise fail(f"{raw} contains files that are not part of the sample; choose another folder with --data")
    console.print("Writing the synthetic sample … / 正在生成合成样本……")
    paths = write_sample(raw, seed)
    # A survey file written before stays declared.
    if survey or (raw / SURVEY_FILE).exists():
        paths.append(write_survey(raw, seed))
    console.print(f"{len(paths)} synthetic files in {raw} (seed {seed}) / 合成样本文件")


@app.command()
def run(
    data: DataOption = None,
    sources: SourcesOption = None,
    job: Annotated[str, typer.Option(help="everything, or one study. / 全部任务或某项研究")] = EVERYTHING,
    fresh: Annotated[bool, typer.Option("--fresh", help="Reuse nothing from earlier runs. / 不沿用以往结果")] = False,
    accept_loss: Annotated[
        str,
        typer.Option(
            "--accept-loss",
            metavar="REASON",
            help="Publish although something published before is gone. / 接受内容减少并发布，须写明理由",
        ),
    ] = "",
) -> None:
    """Run a job on your own files and publish. / 用您的文件运行并发布。"""
    _run(Workspace.at(data, sources), job, fresh, accept_loss)


@app.command()
def real() -> None:
    """Run on the real files of MEDPANEL_REAL_DATA, into data/real. / 用真实文件运行，发布到 data/real。"""
    folder = real_data_folder()
    if not folder.is_dir():
        console.print(
            f"No real input: {folder} does not exist. Set MEDPANEL_REAL_DATA to the folder of the real files. "
            "Nothing was done. / 未找到真实数据目录，请设置 MEDPANEL_REAL_DATA；未做任何操作。"
        )
        return
    _run(Workspace.at(REAL_ROOT, REAL_SOURCES), EVERYTHING)


@app.command()
def inspect(
    path: Annotated[Path, typer.Argument(readable=False)],
    sources: SourcesOption = None,
    full: Annotated[bool, typer.Option("--full", help="Details of every file of a folder. / 显示全部文件详情")] = False,
) -> None:
    """Say what a file is, what would load and what would be refused. / 检查文件：版式、可载入内容与问题。"""
    from medpanel.inspection.inspecting import inspect as inspect_files

    if not path.exists():
        raise fail(f"{path}: no such file or folder / 文件或目录不存在")
    if not inspect_files(path, sources, console, full):
        raise typer.Exit(1)


@app.command()
def template(
    kind: Annotated[
        str,
        typer.Argument(
            help="pilots, cities, keywords, mapping or divisions / 试点名单、城市数据、关键词、映射、区划变更"
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder to write to. / 输出目录")] = Path(),
    year: Annotated[int | None, typer.Option(help="Year of the divisions and figures. / 年份")] = None,
    indicator: Annotated[list[str] | None, typer.Option(help="Only these city indicators. / 仅这些城市指标")] = None,
    sources: SourcesOption = None,
) -> None:
    """Write a template that can be read back, mostly in Excel. / 生成可回读的模板（多为Excel）。"""
    from catalog import load_sources
    from ingestion.places import using
    from medpanel.templates import write_template

    try:
        # Divisions are those of the facts a declaration names.
        with using(load_sources(sources)[0].divisions if sources else None):
            path, entry = write_template(kind, out, year, indicator or [])
    except (ValueError, FileExistsError) as error:
        raise fail(str(error)) from None
    console.print(f"{path}\n\nEntry for sources.yaml / sources.yaml 条目:", markup=False, highlight=False)
    console.print("\n".join(f"  {line}" for line in entry), markup=False, highlight=False, soft_wrap=True)


@app.command()
def scenario(
    name: Annotated[str, typer.Argument(help="The scenario, for example triage / 情景名称")],
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=NUMBER", help="Change an assumption. / 更改某项假设")
    ] = None,
    study: Annotated[str | None, typer.Option(help="The study, if several have it. / 所属研究")] = None,
    data: DataOption = None,
) -> None:
    """Answer a scenario under other assumptions; nothing is stored. / 按所设假设推演情景，不保存结果。"""
    from medpanel.what_if import answered, show

    try:
        tables = answered(Workspace.at(data), name, study, values or [])
    except ValueError as error:
        raise fail(str(error)) from None
    show(tables, console)


@app.command()
def cache(
    data: DataOption = None,
    clear: Annotated[bool, typer.Option("--clear", help="Delete all kept results. / 清除全部保留结果")] = False,
) -> None:
    """Show the results kept from earlier runs, and their size. / 查看或清除以往运行保留的结果。"""
    from medpanel.reuse import Store
    from medpanel.reuse.showing import show_cache
    from medpanel.runs import run_lock

    workspace = Workspace.at(data)
    store = Store(workspace.cache)
    if clear:
        with run_lock.held(workspace.root, lambda text: errors.print(text, markup=False)):
            store.clear()
            shutil.rmtree(workspace.files_read, ignore_errors=True)
    show_cache(store, workspace.files_read, console)


@app.command()
def generate(check: Annotated[bool, typer.Option("--check", help="Only compare. / 仅比较")] = False) -> None:
    """Regenerate the dbt files and the guide to input files. / 重新生成dbt文件与输入文件指南。"""
    from medpanel.guide.generate import generated_documents, generated_files, stale_files, write_generated

    files = generated_files() | generated_documents()
    if not check:
        write_generated(files)
    elif stale := stale_files(files):
        names = "\n".join(path.relative_to(PROJECT_DIR).as_posix() for path in stale)
        raise fail(f"out of date, run `medpanel generate`: / 已过期，请运行 medpanel generate：\n{names}")
    console.print("generated files agree with the catalog and the readers / 生成文件与目录、读取程序一致")


@app.command()
def manifest() -> None:
    """Make the dbt manifest that Dagster loads. / 生成 Dagster 载入所需的 dbt manifest。"""
    from medpanel.runs.dbt_project import ensure_manifest

    console.print(str(ensure_manifest()))


@migrate.command("study")
def migrate_study(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="A study file in the format used before parts. / 旧格式研究文件")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; printed if not given. / 输出文件，缺省则打印")
    ] = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Overwrite FILE. / 覆盖原文件")] = False,
) -> None:
    """Convert a study file to a header and a list of parts; the study stays the same. / 改写研究文件，研究内容不变。"""
    from medpanel.migrate import migrated_study

    if in_place and out is not None:
        raise fail("use either --in-place or --out, not both / 二者只能选一")
    if out is not None and out.exists():
        raise fail(f"{out} exists and is not overwritten; choose another --out / 文件已存在，未覆盖")
    made = migrated_study(path)
    target = path if in_place else out
    if target is None:
        typer.echo(made.text, nl=False)
    else:
        target.write_text(made.text, encoding="utf-8", newline="\n")
        errors.print(f"{target}", markup=False, highlight=False, soft_wrap=True)
    remarks = [f"{remark.en} / {remark.zh}" for remark in made.remarks]
    lost = [f"comment left out / 未保留的注释: {comment}" for comment in made.lost]
    for line in (*remarks, *lost):
        errors.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command()
def version() -> None:
    """Print the version. / 显示版本。"""
    console.print(__version__)


def _print_version(wanted: bool) -> None:
    if wanted:
        console.print(__version__)
        raise typer.Exit


@app.callback()
def common(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version. / 显示版本。"),
    ] = False,
) -> None:
    """Options of the program itself."""
    if context.invoked_subcommand not in ELSEWHERE:
        own_files()
    for line in unknown(os.environ):
        errors.print(line, style="yellow", markup=False, highlight=False, soft_wrap=True)


class InterruptedByUser(BaseException):
    """Ctrl-C. Not a KeyboardInterrupt, which typer would call an abortion and end with 1."""


def _interrupt(*_: object) -> None:
    raise InterruptedByUser


def main() -> None:
    """Entry point; an invalid catalog or declaration, and what the machine refuses, give a message, not a traceback."""
    # A record that cannot be written for want of room must not print one either.
    logging.raiseExceptions = False
    # A GBK console on Windows must not stop a run over a character it cannot show.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    # Where it is ignored, as by a shell that starts something in the background, it stays so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    try:
        app()
    except InterruptedByUser:
        errors.print(_STOPPED, markup=False, highlight=False, soft_wrap=True)
        sys.exit(INTERRUPTED)
    except CatalogError as error:
        errors.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    except Exception as error:
        told = trouble_of(error)
        if told is None:
            raise
        errors.print(told, style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
