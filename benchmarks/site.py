"""What the report site costs, from a workspace that has run: building it, its heaviest page, opening the database.

Run as a module: python -m benchmarks.site [WORKSPACE]. Writes docs/evidence/site.md. Pages are written to a folder of
its own; the workspace is only read. Its last run should have made everything (medpanel run --fresh): the steps that
draw the studies' pages are counted as run_timing has them.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.chromium import DRAW, chromium
from catalog.base import PROJECT_DIR, Text
from medpanel import __version__
from medpanel.publishing import resolve_current
from medpanel.runs.warehouse import literal, quote
from medpanel.runs.workspace import Workspace
from medpanel.site.building import write_site
from models_py.figures.show import LANGS

REPORT = PROJECT_DIR / "docs" / "evidence" / "site.md"
MOST_BUILDING, MOST_OPENING, MOST_BYTES, LONGEST_TASK = 0.3, 1.2, 3_000_000, 200
# A busy machine makes tasks longer, never shorter.
TRIES = 3
FIRST_QUERY = "SELECT count(*), max(estimate) FROM estimate"
ROUNDS = 41
_PAGE = """\
# The report site 报告网站

Written by `python -m benchmarks.site` from a workspace that has run ({kind}). 由 `python -m benchmarks.site` 生成。

| what 项目 | found 实测 | most allowed 上限 |
|---|---|---|
| building, one language, against the whole run 构建（每种语言）与全程之比 | {building:.3f} | {most_building} |
| seconds: pages and files of studies / site / whole run 秒 | {studies:.1f} / {site:.1f} / {run:.1f} | |
| pages in one language 每种语言页数 | {pages} | |
| the heaviest page with all it may load, kB 最重页面 | {heaviest:.0f} ({name}) | {most_bytes:.0f} |
| longest task of a study's page in a browser, ms 研究页面最长任务 | {task:.0f} ({slowest}) | {longest_task} |
| open and first query, against a bare DuckDB file 打开并首次查询，与裸库之比 | {opening:.2f} | {most_opening} |
| milliseconds: published file / bare file, medians of {rounds} 毫秒 | {published:.1f} / {bare:.1f} | |

{verdict}

Steps of the last run that reused an earlier result 沿用的步骤: {reused}. medpanel {version}, {date}, {cores} cores 核,
load before 测量前负载 {load:.2f}.
"""


@dataclass(frozen=True)
class Found:
    """Seconds of the last run, of its steps that draw the studies, of the site written anew; bytes of its pages."""

    kind: str
    run: float
    studies: float
    reused: int
    site: float
    weights: dict[str, int]
    tasks: dict[str, float]
    published: float
    bare: float

    @property
    def building(self) -> float:
        """Building in one language, against the whole run."""
        return (self.studies + self.site) / len(LANGS) / self.run

    @property
    def opening(self) -> float:
        """Opening and the first query, against a bare file."""
        return self.published / self.bare

    @property
    def met(self) -> bool:
        """Whether all limits are kept."""
        within = self.building <= MOST_BUILDING and self.opening <= MOST_OPENING
        return within and max(self.weights.values()) < MOST_BYTES and max(self.tasks.values()) <= LONGEST_TASK


def measure(workspace: Workspace, folder: Path) -> Found:
    """Everything, with `folder` for what is written."""
    current = resolve_current(workspace.root)
    database = current / "medpanel.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        [(kind, run, names)] = connection.execute(
            "SELECT data_kind, date_diff('millisecond', started_at, finished_at) / 1000, "
            "(SELECT list(DISTINCT study) FROM study_window) FROM run_manifest"
        ).fetchall()
        [(studies, reused)] = connection.execute(
            "SELECT coalesce(sum(seconds) FILTER (ends_with(step, '__report')), 0), count(*) FILTER (reused) "
            "FROM run_timing WHERE NOT starts_with(step, 'read:')"
        ).fetchall()
    known = workspace.known_studies()
    began = time.perf_counter()
    write_site(database, folder, [known[name] for name in sorted(names)], Text(en="-", zh="-"))
    site = time.perf_counter() - began
    weights = {page: size for report in (folder, current / "report") for page, size in weights_of(report).items()}
    tasks = longest_tasks(current / "report", folder / "profile")
    return Found(kind, run, studies, reused, site, weights, tasks, *opening(database, folder / "bare.duckdb"))


def longest_tasks(report: Path, profile: Path) -> dict[str, float]:
    """Milliseconds of the longest task on each study's page, while all its charts are drawn; the best of some tries."""
    found: dict[str, float] = {}
    with chromium(profile) as tab:
        for page in sorted(report.glob("*/*/*index.html")):
            for _ in range(TRIES):
                tab.open(page)
                taken = float(tab.ask(f"(async () => {{{DRAW} return window.longestTask(); }})()"))
                name = page.relative_to(report).as_posix()
                found[name] = min(taken, found.get(name, taken))
                if found[name] <= LONGEST_TASK:
                    break
    return found


def weights_of(report: Path) -> dict[str, int]:
    """Bytes of every page with style, scripts, and, for the page of a study, its figures and the drawing library."""
    assets = {path.name: path.stat().st_size for path in (report / "assets").glob("*")}
    shared = sum(size for name, size in assets.items() if name != "vega.js")
    found = {}
    for page in report.rglob("*.html"):
        beside = [path for path in page.parent.iterdir() if path.suffix in (".svg", ".png", ".js")]
        own = sum(path.stat().st_size for path in beside) + (assets.get("vega.js", 0) if beside else 0)
        if "replication" not in page.parts:
            found[page.relative_to(report).as_posix()] = page.stat().st_size + shared + own
    return found


def opening(database: Path, bare: Path) -> tuple[float, float]:
    """Milliseconds to open the published file and ask, and a bare file of the same tables; in turns, medians."""
    with duckdb.connect(str(bare)) as connection:
        connection.execute(f"ATTACH {literal(str(database))} AS published (READ_ONLY)")
        tables = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'published'"
        for (name,) in connection.execute(tables).fetchall():
            connection.execute(f"CREATE TABLE {quote(name)} AS FROM published.{quote(name)}")
    times: dict[Path, list[float]] = {database: [], bare: []}
    for _ in range(ROUNDS):
        for path, taken in times.items():
            taken.append(timed(lambda path=path: ask(path)))  # type: ignore[misc]
    return statistics.median(times[database]), statistics.median(times[bare])


def ask(path: Path) -> None:
    """Open a file and ask the first question."""
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute(FIRST_QUERY).fetchall()


def timed(work: Callable[[], None]) -> float:
    """Milliseconds of a call."""
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def page(found: Found, load: float) -> str:
    """The evidence as Markdown."""
    name = max(found.weights, key=lambda one: found.weights[one])
    return _PAGE.format(
        kind="SYNTHETIC" if found.kind == "synthetic" else "real data",
        building=found.building,
        most_building=MOST_BUILDING,
        studies=found.studies,
        site=found.site,
        run=found.run,
        pages=len(found.weights) // len(LANGS),
        heaviest=found.weights[name] / 1000,
        name=name,
        most_bytes=MOST_BYTES / 1000,
        opening=found.opening,
        most_opening=MOST_OPENING,
        task=max(found.tasks.values()),
        slowest=max(found.tasks, key=lambda one: found.tasks[one]),
        longest_task=LONGEST_TASK,
        rounds=ROUNDS,
        published=found.published,
        bare=found.bare,
        verdict="Met. 达到。" if found.met else "NOT met. 未达到。",
        reused=found.reused,
        version=__version__,
        date=dt.date.today(),
        cores=os.cpu_count(),
        load=load,
    )


def main() -> None:
    """Measure and write the page. Ends with status 1 if a limit is not kept."""
    load = os.getloadavg()[0]
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Workspace.at(root), Path(folder))
    text = page(found, load)
    REPORT.write_text(text, encoding="utf-8", newline="\n")
    print(text)
    sys.exit(not found.met)


if __name__ == "__main__":
    main()
