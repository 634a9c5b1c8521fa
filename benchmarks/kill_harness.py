"""A small workspace to run, kill and read: what tests/safety and benchmarks/soak.py share.

Belongs here: making the workspace, starting runs as processes, noticing their stages, readers, and judging whether a
publication is whole. Does not belong here: what is asserted (tests/safety), the campaign and its report (soak.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from catalog import load_provinces
from catalog.base import PROJECT_DIR
from medpanel.office.files import stata_bytes
from medpanel.publishing import resolve_current

YEARS = range(2011, 2025)
STAGES = ("loading", "reading", "dbt", "checks and statistics", "publishing", "published")
# Log lines that begin a stage; dbt begins with lines of its own log, publishing with its folder.
_LINES = {
    "reading": ("read_files: ",),
    "checks and statistics": ("dbt tests passed", " check_"),
}
# Every publication stays, to be compared with what it was.
_SOURCES = """data_kind: synthetic
studies: [expenditure_gdp]
vintages: [v1]
keep_publications: 1000
files:
  - {match: "*.csv", vintage: v1, publisher: generated, licence: MIT, accessed: 2026-01-01}
  - {match: persons.dta, layout: cmds, survey: {wave: 2017, fields: cmds_2017}, vintage: v1, publisher: generated,
     licence: MIT, accessed: 2026-01-01}
"""
# What respondents of persons.dta have for an id and, one of them, for an answer: nobody but the readers may see either.
PERSON, ANSWER = "SYNTHETIC-RESPONDENT", "SYNTHETIC-ANSWER"
# What a reader asks: answers of one connection must all belong to one publication.
FINGERPRINT = (
    "SELECT run_id, inputs_sha256, data_kind FROM run_manifest",
    "SELECT count(*), round(sum(value), 3), count(DISTINCT file_id) FROM observation",
    "SELECT count(*), round(sum(gdp), 3), round(sum(budget_expenditure), 3) FROM province_year",
    "SELECT count(*), round(sum(estimate), 9), round(sum(std_error), 9) FROM estimate",
    "SELECT count(*), count(*) FILTER (passed) FROM check_result",
    "SELECT count(*), count(DISTINCT table_name) FROM data_dictionary",
    "SELECT run_id FROM run_manifest",
)


def write_inputs(root: Path, seed: int) -> None:
    """Two exports in the bureau's old layout, 31 provinces x 2011-2024, figures by seed, and their sources.yaml."""
    raw = root / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for name, header, level in (("gdp", "地区生产总值", 9000.0), ("budget", "地方财政一般公共预算支出", 2000.0)):
        draw = random.Random(f"{name} {seed}")
        lines = ["数据库：分省年度数据", f"指标：{header}(亿元)", f"时间：{YEARS[0]}-{YEARS[-1]}"]
        lines.append(",".join(["地区", *(f"{year}年" for year in reversed(YEARS))]))
        for i, province in enumerate(load_provinces()):
            figures = [level * (1 + i / 10) * 1.07 ** (y - YEARS[0]) * draw.uniform(0.97, 1.03) for y in YEARS]
            lines.append(",".join([province.name_zh, *(f"{figure:.2f}" for figure in reversed(figures))]))
        lines += ["注：合成数据，不得当作统计数据", "数据来源：国家统计局（仅仿其版式）", ""]
        (raw / f"{name}.csv").write_bytes("\r\n".join(lines).encode("gb18030"))
    _write_persons(raw / "persons.dta")
    (raw / "sources.yaml").write_text(_SOURCES, encoding="utf-8")


def _write_persons(path: Path) -> None:
    """Two edges of twelve respondents and one refused, the same for every seed."""
    answers = {"C1": "浙江省", "C2": "宁波市", "C3": "鄞州区", "q101j1a": "330106", "q101j1b": "西湖区", "q101l1": 2.0}
    rows = [answers] * 12 + [{**answers, "C2": "温州市", "C3": "鹿城区"}] * 12 + [{**answers, "C2": ANSWER}]
    frame = pd.DataFrame(rows).assign(q101m1y=2010.0, q101m1m=3.0, w_l=1.5)
    frame.insert(0, "newID", [f"{PERSON}-{number:03d}" for number in range(len(rows))])
    path.write_bytes(stata_bytes(frame))


class Run:
    """`medpanel run` in a process of its own, its output in a file, its stage visible from outside."""

    def __init__(
        self, root: Path, log: Path, *options: str, limit: Callable[[], None] | None = None, **environment: str
    ) -> None:
        self.root, self.log = root, log
        self.started = time.monotonic()
        log.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "medpanel", "run", "--data", str(root), *options]
        # The whole record of dbt, beside which only lines of this run count.
        self._dbt_log = root / "work" / "dbt" / "dbt.log"
        self._dbt_before = self._dbt_log.stat().st_size if self._dbt_log.exists() else 0
        with log.open("wb") as stream:
            self.process = subprocess.Popen(
                command,
                cwd=PROJECT_DIR,
                stdout=stream,
                stderr=stream,
                env={**os.environ, "PYTHONUTF8": "1", **environment},
                preexec_fn=limit,
            )

    @property
    def output(self) -> str:
        """Everything it has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stage(self) -> str:
        """The stage it has reached, by what it printed, the record of dbt and the folder it builds."""
        text = self.output
        if "publication: published" in text:
            return "published"
        if self.building():
            return "publishing"
        reached = [name for name, lines in _LINES.items() if any(line in text for line in lines)]
        if reached == ["reading"] and self._said_by_dbt():
            return "dbt"
        return reached[-1] if reached else "loading"

    def building(self) -> list[Path]:
        """Folders its process has begun to publish in."""
        return list((self.root / "publications").glob(f"*.{self.process.pid}.building"))

    def dbt_is_building(self) -> bool:
        """Whether dbt has finished a model of this run and goes on."""
        return self.stage() == "dbt" and b"LogModelResult" in self._said_by_dbt()

    def _said_by_dbt(self) -> bytes:
        """What dbt has recorded in this run."""
        if not self._dbt_log.exists():
            return b""
        with self._dbt_log.open("rb") as stream:
            stream.seek(self._dbt_before if self._dbt_log.stat().st_size >= self._dbt_before else 0)
            return stream.read()

    def reach(self, reached: Callable[[], object], seconds: float = 900) -> None:
        """Wait until `reached()`. Raises RuntimeError with the output when the run ends or `seconds` pass before."""
        deadline = time.monotonic() + seconds
        while not reached():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"run ended or got stuck before the stage was reached:\n{self.output}")
            time.sleep(0.01)

    def kill(self) -> str:
        """SIGKILL; the stage it was in."""
        stage = self.stage()
        self.process.kill()
        self.process.wait()
        return stage

    def finish(self, seconds: float = 900) -> int:
        """Exit code once it has ended."""
        return self.process.wait(seconds)


# A process that reads until the file named second appears, then writes what it saw to the file named third.
_READER = """
import collections, json, os, pathlib, sys, time
import duckdb
database, stop, report, once = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4] == "once"
queries = json.loads(sys.argv[5])
seen, errors, asked = collections.Counter(), [], 0
connection = duckdb.connect(database, read_only=True) if once else None
report.with_suffix(".ready").touch()
parent = os.getppid()
while not stop.exists() and os.getppid() == parent:
    try:
        reader = connection or duckdb.connect(database, read_only=True)
        answers = []
        for query in queries:
            answers.append(reader.execute(query).fetchall()[0])
            asked += 1
        if connection is None:
            reader.close()
        seen[json.dumps(answers)] += 1
    except Exception as error:
        errors.append(f"{type(error).__name__}: {error}")
    time.sleep(0.4)
report.write_text(json.dumps({"seen": seen, "errors": errors, "queries": asked}), encoding="utf-8")
"""


@dataclass
class Reading:
    """What a reader process saw: answers with how often, errors, number of queries."""

    seen: dict[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    queries: int = 0

    @property
    def openings(self) -> int:
        """Rounds of all queries without an error; each is one connection, but for a reader that keeps its own."""
        return sum(self.seen.values())


@contextmanager
def readers(root: Path, scratch: Path, repeated: int, kept: int = 0) -> Iterator[list[Reading]]:
    """Processes that read root/medpanel.duckdb for the time of the block; the list is filled when it ends.

    `repeated` of them open it anew for every round of queries, `kept` keep the connection they began with.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    stop = scratch / f"stop-{time.monotonic_ns()}"
    reports = [stop.with_name(f"{stop.name}-{number}.json") for number in range(repeated + kept)]
    queries = json.dumps(FINGERPRINT)
    processes = [
        subprocess.Popen(
            [
                *(sys.executable, "-c", _READER, str(root / "medpanel.duckdb"), str(stop), str(report)),
                *("anew" if number < repeated else "once", queries),
            ]
        )
        for number, report in enumerate(reports)
    ]
    readings: list[Reading] = []
    try:
        while not all(report.with_suffix(".ready").exists() for report in reports):
            if any(process.poll() is not None for process in processes):
                raise RuntimeError("a reader could not start")
            time.sleep(0.02)
        yield readings
    finally:
        stop.touch()
        for process in processes:
            process.wait(60)
    readings += [Reading(**json.loads(report.read_text(encoding="utf-8"))) for report in reports]


def fingerprint(publication: Path) -> str:
    """The answers a reader gets from one publication, as readers note them."""
    with duckdb.connect(str(publication / "medpanel.duckdb"), read_only=True) as connection:
        return json.dumps([connection.execute(query).fetchall()[0] for query in FINGERPRINT])


def strangers(readings: list[Reading], publications: list[Path]) -> list[str]:
    """Answers readers got in one connection that are not those of exactly one publication."""
    known = {fingerprint(publication) for publication in publications}
    return [answers for reading in readings for answers in reading.seen if answers not in known]


def finished(root: Path) -> list[Path]:
    """Publications under their final name, oldest first."""
    return sorted(path for path in (root / "publications").iterdir() if "." not in path.name)


def unfinished(root: Path) -> list[Path]:
    """Folders runs have begun to publish in, or to remove, and not finished."""
    return sorted(path for path in (root / "publications").iterdir() if "." in path.name)


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, with its permissions."""
    return {
        path.relative_to(folder).as_posix(): f"{hashlib.sha256(path.read_bytes()).hexdigest()} {path.stat().st_mode:o}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def faults(publication: Path) -> list[str]:
    """What is wrong with a publication: it opens, every table equals its Parquet file, nothing lies beside them."""
    found = []
    database = publication / "medpanel.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        names = [str(row[0]) for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        for name in names:
            file = str(publication / "parquet" / f"{name}.parquet")
            differing = connection.execute(
                f'SELECT count(*) FROM ((FROM "{name}" EXCEPT ALL FROM read_parquet($1)) UNION ALL '
                f'(FROM read_parquet($1) EXCEPT ALL FROM "{name}"))',
                [file],
            ).fetchall()[0][0]
            found += [f"{name}: {differing} rows differ between database and Parquet"] if differing else []
        run_id = str(connection.execute("SELECT run_id FROM run_manifest").fetchall()[0][0])
        studies = [str(row[0]) for row in connection.execute("SELECT DISTINCT study FROM estimate").fetchall()]
    if not publication.name.endswith(run_id[:8]):
        found.append(f"run {run_id} in a folder of another name")
    expected = {"medpanel.duckdb", "datapackage.json", *(f"parquet/{name}.parquet" for name in names)}
    files = {path.relative_to(publication).as_posix(): path for path in publication.rglob("*") if path.is_file()}
    reports = {name for name in files if name.startswith("report/")}
    found += [f"{name}: not a file of a publication" for name in sorted((set(files) - reports) ^ expected)]
    for study in sorted(studies):
        pages = (f"{lang}/synthetic_index.html" for lang in ("zh", "en"))
        for name in (*pages, f"synthetic_{study}_files.zip", "replication/README.md"):
            found += [] if f"report/{study}/{name}" in reports else [f"report/{study}/{name} is missing"]
    return found + [f"{name} is empty" for name in sorted(reports) if files[name].stat().st_size == 0]


def current(root: Path) -> Path:
    """The current publication, by the link readers follow. Raises PublishError when there is none."""
    folder = resolve_current(root)
    if (root / "medpanel.duckdb").resolve().parent != folder.resolve():
        raise AssertionError(f"{root / 'medpanel.duckdb'} does not lead to {folder}")
    return folder


def dagster_runs(root: Path) -> list[Any]:
    """(run id, status) of every run Dagster has on record in a workspace."""
    import sqlite3

    path = root / "dagster" / "history" / "runs.db"
    with sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True) as connection:
        return connection.execute("SELECT run_id, status FROM runs ORDER BY id").fetchall()
