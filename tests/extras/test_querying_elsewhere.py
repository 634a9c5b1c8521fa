"""The commands and the R script of the page on querying, run as written, by R and by DuckDB's command line."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from catalog import load_tables
from medpanel.office.csv_files import write_csv
from medpanel.publishing.database import create_views
from tests.querying_page import blocks, page, worked

PANEL = [(410000, 2021, 58887.4, 9883.0), (410000, 2022, 61345.1, 9872.0)]


@pytest.fixture
def duckdb_cli() -> str:
    """DuckDB's command line, or the end of the test with what to do about it."""
    beside = Path(sys.executable).parent
    found = shutil.which("duckdb", path=os.pathsep.join([str(beside), os.environ["PATH"]]))
    if found is None:
        pytest.fail(
            f"duckdb not found beside {sys.executable} or on the PATH: {sys.executable} -m pip install "
            f"duckdb-cli=={duckdb.__version__} / 未找到 DuckDB 命令行，请安装 duckdb-cli",
            pytrace=False,
        )
    return found


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Every table, and two figures of Henan; a folder `data` as a workspace has it."""
    path = tmp_path / "data" / "medpanel.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        for table in load_tables().values():
            columns = ", ".join(f'"{name}" {column.type}' for name, column in table.columns.items())
            connection.execute(f'CREATE TABLE "{table.name}" ({columns})')
        create_views(connection, list(load_tables()))
        connection.execute(
            "INSERT INTO province BY NAME SELECT 410000 AS province_code, 'Henan' AS name_en, '河南省' AS name_zh"
        )
        for code, year, gdp, people in PANEL:
            connection.execute(
                "INSERT INTO province_year BY NAME SELECT ? AS province_code, ? AS year, ? AS gdp, "
                "? AS resident_population, 'real' AS data_kind",
                [code, year, gdp, people],
            )
    return path


def test_every_worked_query_runs_in_duckdbs_command_line(duckdb_cli: str, database: Path) -> None:
    for number, sql in worked(page("en")).items():
        done = subprocess.run(
            [duckdb_cli, "-readonly", "-csv", str(database), sql], capture_output=True, encoding="utf-8", timeout=60
        )
        assert (done.returncode, done.stderr) == (0, ""), number
    first = subprocess.run(
        [duckdb_cli, "-readonly", "-csv", str(database), worked(page("en"))[1]], capture_output=True, encoding="utf-8"
    )
    assert [row["name_zh"] + row["year"] for row in csv.DictReader(first.stdout.splitlines())] == [
        "河南省2022",
        "河南省2021",
    ]


def test_the_command_on_the_page_exports_the_panel(duckdb_cli: str, database: Path, tmp_path: Path) -> None:
    [line] = [
        line
        for shell in blocks(page("en"), "sh")
        for line in shell.splitlines()
        if line.startswith("duckdb -readonly -csv")
    ]
    path = f"{Path(duckdb_cli).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(line, shell=True, cwd=tmp_path, env=os.environ | {"PATH": path}, check=True, timeout=60)
    with (tmp_path / "province_year.csv").open(encoding="utf-8", newline="") as stream:
        assert [float(row["gdp"]) for row in csv.DictReader(stream)] == [58887.4, 61345.1]


def test_opening_the_published_file_for_reading_cannot_write(duckdb_cli: str, database: Path) -> None:
    done = subprocess.run(
        [duckdb_cli, "-readonly", str(database), "DELETE FROM province"], capture_output=True, encoding="utf-8"
    )
    assert done.returncode != 0 and "read-only" in done.stderr


def test_the_r_script_on_the_page_reads_what_medpanel_exports(rscript: Path, database: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute("FROM province_year ORDER BY province_code, year")
        names = [str(column[0]) for column in found.description or []]
        write_csv(tmp_path / "province_year.csv", names, found.fetchall(), overwrite=False)
    [script] = blocks(page("en"), "r")
    asserted = (
        f"{script}\nstopifnot(identical(names(panel)[1:2], c('province_code', 'year')), "
        "identical(panel$province_code, c(410000L, 410000L)), all.equal(panel$gdp, c(58887.4, 61345.1)))\n"
    )
    (tmp_path / "script.R").write_text(asserted, encoding="utf-8")
    done = subprocess.run(
        [str(rscript), "--vanilla", "script.R"], cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "resident_population" in done.stdout
