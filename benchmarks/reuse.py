"""What a run costs that finds little changed, against the first: each a process of its own, from start to publication.

Run as a module: python -m benchmarks.reuse. Writes docs/evidence/reuse.md: the sample, and the real files where they
are. A file is changed in a copy of the sample; the real files are only read.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from catalog.base import PROJECT_DIR
from medpanel import __version__
from medpanel.publishing import resolve_current
from medpanel.runs.workspace import REAL_SOURCES, real_data_folder

REPORT = PROJECT_DIR / "docs" / "evidence" / "reuse.md"
_RUN = """
import sys
from pathlib import Path
from medpanel.runs.workspace import Workspace
if __name__ == "__main__":
    root, sources, power = sys.argv[1:]
    if power:
        from catalog.parts import diagnostics
        from catalog.studies import load_studies
        for name, study in load_studies().items():
            options = study.find(diagnostics.Options)
            if options is not None:
                load_studies()[name] = study.with_options(options.model_copy(update={"power": float(power)}))
    from dagster_project.run import run_job
    outcome = run_job(Workspace.at(Path(root), Path(sources) if sources else None))
    sys.exit("; ".join(outcome.failures) if not outcome.success else 0)
"""
_PAGE = """\
# Nothing computed twice 不重复计算

Written by `python -m benchmarks.reuse`. Every row is one run in a process of its own, from its start to the switched
publication; the ratio is against the first run of the same files on the same machine. The sample is SYNTHETIC.

| files 文件 | changed since 变动 | seconds 秒 | against the first 与首次之比 | made again 重新计算 |
|---|---|---|---|---|
{rows}

| | |
|---|---|
| medpanel | {version} |
| Python | {python} |
| cores 核数 | {cores} |
| load of the computer before (0 is idle) 测量前系统负载 | {load} |
| date 日期 | {date} |
"""


@dataclass(frozen=True)
class Run:
    """One run: what was changed before it, its seconds, the steps that made their result themselves."""

    files: str
    changed: str
    seconds: float
    made: tuple[str, ...]


def run(files: str, changed: str, root: Path, sources: Path | None, power: str = "") -> Run:
    """Run everything in a process of its own. Raises RuntimeError when it fails."""
    began = time.perf_counter()
    command = [sys.executable, "-c", _RUN, str(root), str(sources or ""), power]
    outcome = subprocess.run(command, cwd=PROJECT_DIR, capture_output=True, text=True, check=False)
    if outcome.returncode != 0:
        raise RuntimeError(outcome.stderr[-2000:])
    seconds = time.perf_counter() - began
    with duckdb.connect(str(resolve_current(root) / "medpanel.duckdb"), read_only=True) as connection:
        query = "select step from run_timing where not reused and not starts_with(step, 'read:') order by step"
        made = tuple(str(row[0]) for row in connection.execute(query).fetchall())
    return Run(files, changed, seconds, made)


def change_cell(path: Path) -> None:
    """Another last digit in the last row of figures of a CSV file."""
    lines = path.read_bytes().splitlines(keepends=True)
    at, end = next((i, len(line.rstrip())) for i, line in reversed([*enumerate(lines)]) if line.rstrip()[-1:].isdigit())
    digit = str((int(lines[at][end - 1 : end]) + 1) % 10).encode()
    lines[at] = lines[at][: end - 1] + digit + lines[at][end:]
    path.write_bytes(b"".join(lines))


def measure(files: str, root: Path, sources: Path | None, changed: dict[str, Path]) -> list[Run]:
    """The first run, one unchanged, one after each file changed, one with an option of a leaf part changed."""
    runs = [run(files, "everything: the first run 首次", root, sources)]
    runs.append(run(files, "nothing 无", root, sources))
    for name, path in changed.items():
        change_cell(path)
        runs.append(run(files, name, root, sources))
    runs.append(run(files, "an option of a leaf part (`diagnostics.power`) 末端选项", root, sources, "0.9"))
    return runs


def main() -> None:
    """Measure and write the page."""
    from medpanel.runs.dbt_project import ensure_manifest
    from medpanel.sample import write_sample

    ensure_manifest()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        sample, real = Path(name, "sample"), Path(name, "real")
        write_sample(sample / "raw")
        changed = {
            "a cell of a file no study uses 无研究使用的文件": sample / "raw" / "synthetic_城市统计_2021-2023.csv",
            "a cell of a file a study uses 研究使用的文件": sample / "raw" / "synthetic_分省年度数据_年末常住人口.csv",
        }
        runs = measure("sample 样例", sample, None, changed)
        if real_data_folder().is_dir():
            runs += measure("real 真实", real, REAL_SOURCES, {})
        shutil.rmtree(name, ignore_errors=True)
    first = {one.files: one.seconds for one in reversed(runs)}
    rows = [
        f"| {one.files} | {one.changed} | {one.seconds:.1f} | {one.seconds / first[one.files]:.2f} | "
        f"{'all 全部' if one.seconds == first[one.files] else ', '.join(one.made) or '-'} |"
        for one in runs
    ]
    page = _PAGE.format(
        rows="\n".join(rows),
        version=__version__,
        python=platform.python_version(),
        cores=os.cpu_count(),
        load=f"{load:.2f}",
        date=dt.date.today(),
    )
    REPORT.write_text(page, encoding="utf-8", newline="\n")
    print(page)


if __name__ == "__main__":
    main()
