"""`medpanel query`: one SELECT on the published file; whatever else a text says, nothing is read, written or obeyed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from typer.testing import CliRunner

from medpanel import querying
from medpanel.cli import app
from medpanel.office.csv_files import CsvPathError, write_csv
from medpanel.terminal import harmless


def invoke(*words: str) -> tuple[int, str]:
    """(exit code, everything printed)."""
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    return result.exit_code, " ".join(result.output.split())


@pytest.fixture
def published(tmp_path: Path) -> Path:
    folder = tmp_path / "publications" / "20260101T000000Z-real-x"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "medpanel.duckdb")) as connection:
        connection.execute("create table t as select '=1+1' as formula, 5 as number")
        connection.execute("create sequence s")
    (tmp_path / "current").symlink_to(folder)
    (tmp_path / "secret.csv").write_text("told\nsecret\n", encoding="utf-8")
    return tmp_path


def ask(published: Path, sql: str, *words: str) -> tuple[int, str]:
    return invoke("query", sql, "--data", str(published), *words)


def test_before_anything_is_published_it_says_what_to_do(tmp_path: Path) -> None:
    code, text = ask(tmp_path, "select 1")
    assert code == 1
    assert "medpanel demo" in text


@pytest.mark.parametrize(
    "sql",
    [
        "from t",
        "select formula from t;",
        "with x as (select * from t) from x",
        "values ('=1+1')",
        "select 1 -- ; drop table t",
        "describe t",
        "summarize t",
        "show tables",
        "pivot t on formula in ('=1+1') using count(*)",
        "select ';' as semicolon",
    ],
)
def test_one_select_is_answered(published: Path, sql: str) -> None:
    code, text = ask(published, sql)
    assert code == 0, text
    assert text.startswith("┏")


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "/* nothing */",
        "select 1; select 2",
        "select 1; drop table t",
        "drop table t",
        "insert into t values ('x', 1)",
        "create temp table x as select 1",
        "copy t to '{folder}/made.csv'",
        "copy (select 1) to '{folder}/made.csv'",
        "export database '{folder}/made'",
        "attach '{folder}/made.duckdb'",
        "use memory",
        "install httpfs",
        "load httpfs",
        "set threads = 1",
        "reset threads",
        "set enable_external_access = true",
        "pragma enable_profiling",
        "pragma threads = 1",
        "call pragma_version()",
        "checkpoint",
        "vacuum",
        "explain analyze select 1",
        "explain select 1",
        "prepare x as select 1",
        "execute x",
        "begin",
        "pivot t on formula using count(*)",
    ],
)
def test_anything_else_is_refused_by_its_kind(published: Path, sql: str) -> None:
    before = sorted(published.rglob("*"))
    code, text = ask(published, sql.format(folder=published))
    assert code == 1
    assert "expected one SELECT; found" in text and "须为一条 SELECT" in text and "medpanel.duckdb with DuckDB" in text
    assert sorted(published.rglob("*")) == before


@pytest.mark.parametrize(
    "sql",
    [
        "from '{folder}/secret.csv'",
        "from read_csv('{folder}/secret.csv')",
        "from read_csv('{folder}/*.csv')",
        "from read_text('{folder}/secret.csv')",
        "from read_blob('{folder}/secret.csv')",
        "from read_json('{folder}/secret.csv')",
        "from read_parquet('{folder}/x.parquet')",
        "from sniff_csv('{folder}/secret.csv')",
        "from glob('{folder}/*')",
        "from query('from read_text(''{folder}/secret.csv'')')",
        "from query('drop table t')",
        "from (select * from read_text('{folder}/secret.csv'))",
        "select (select content from read_text('{folder}/secret.csv'))",
        "from read_csv('https://127.0.0.1:9/x.csv')",
        "from duckdb_secrets()",
        "select getenv('HOME')",
        "select nextval('s')",
        "with x as (delete from t returning *) from x",
        "from sqlite_scan('{folder}/x', 'y')",
        "from published",
        "from nothing",
    ],
)
def test_a_select_reads_nothing_but_the_published_file(
    published: Path, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(published)
    before = sorted(published.rglob("*"))
    code, text = ask(published, sql.format(folder=published))
    assert code == 1
    assert "secret secret" not in text and "told" not in text
    assert "Error" in text
    assert sorted(published.rglob("*")) == before


def test_what_the_lock_forbids_is_allowed_without_it(published: Path) -> None:
    """The refusals above are the lock's doing."""
    with duckdb.connect(str(published / "current" / "medpanel.duckdb"), read_only=True) as connection:
        assert connection.execute(f"from '{published}/secret.csv'").fetchall() == [("secret",)]


@pytest.mark.parametrize(
    "sql",
    [
        "from range(100000000000)",
        "from range(100000) a, range(100000) b, range(100000) c",
        "with recursive x as (select 1 as n union all select n + 1 from x) from x limit 100",
    ],
)
def test_rows_are_read_as_far_as_they_are_shown(published: Path, sql: str) -> None:
    code, text = ask(published, sql)
    assert code == 0
    assert "the first 40 rows shown" in text and "仅显示前40行" in text


GREEDY = [
    "select i from range(1000000000) r(i) order by hash(i)",
    "select list(i) from range(1000000000) r(i)",
    "select repeat('x', 4000000000) as x",
    "select repeat('x', 100000000) as x from range(1000)",
]
MEASURED = """
import resource, sys
from medpanel.cli import app
try:
    app(["query", sys.argv[1], "--data", sys.argv[2]])
finally:
    print("kilobytes", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.parametrize("sql", GREEDY)
def test_a_query_that_takes_too_much_memory_is_stopped(published: Path, sql: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", MEASURED, sql, str(published)], capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 1, ran.stderr
    assert "takes more memory" in ran.stderr and "内存上限" in ran.stderr
    assert int(ran.stdout.split("kilobytes")[1]) < 4 * 2**20


def test_the_limit_on_memory_is_given_back(published: Path) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    with querying.selected(published / "current" / "medpanel.duckdb", "from t") as rows:
        assert resource.getrlimit(resource.RLIMIT_AS) != before
        assert list(rows.rows) == [("=1+1", 5)]
    assert resource.getrlimit(resource.RLIMIT_AS) == before


HOSTILE = "'[bold red]x[/] :warning: \\' as a, chr(27) || ']0;title' || chr(7) as b, chr(155) || '31m' as c"


def test_text_of_a_cell_is_shown_as_it_is_and_no_terminal_obeys_it(published: Path) -> None:
    code, text = ask(published, f'select {HOSTILE}, 1 as "[red]{chr(27)}[2J"')
    assert code == 0
    assert "[bold red]x[/] :warning: \\" in text
    assert "␛]0;title␇" in text and "\ufffd31m" in text and "[red]␛[2J" in text
    code, message = ask(published, f"select (chr(27) || '[31m')::int, {HOSTILE}")
    assert code == 1
    assert "␛[31m" in message
    for one in (text, message):
        assert not [char for char in one if ord(char) < 32 or 127 <= ord(char) < 160]


@pytest.mark.parametrize("code", [0x00, 0x07, 0x08, 0x0B, 0x0D, 0x1B, 0x7F, 0x85, 0x9B, 0x202E, 0x2066, 0x200F])
def test_a_character_that_terminals_obey_is_replaced(code: int) -> None:
    made = harmless(f"a{chr(code)}b")
    assert len(made) == 3 and chr(code) not in made
    assert harmless("医疗 é\n\t─") == "医疗 é\n\t─"


def test_a_very_long_text_is_cut_on_the_screen_alone(published: Path) -> None:
    _, text = ask(published, "select repeat('x', 100000) as x")
    assert text.count("x") < 3000 and "… (100000)" in text
    ask(published, "select repeat('x', 100000) as x", "--csv", str(published / "out.csv"))
    assert len(pd.read_csv(published / "out.csv")["x"][0]) == 100_000


def test_csv_is_safe_and_keeps_every_row_and_digit(published: Path) -> None:
    target = published / "out.csv"
    code, text = ask(published, 'select * from t, range(5000) r("@n")', "--csv", str(target))
    assert (code, text.split()[:2]) == (0, ["5000", "rows"])
    frame = pd.read_csv(target)
    assert list(frame.columns) == ["formula", "number", "'@n"]
    assert set(frame["formula"]) == {"'=1+1"}
    assert list(frame["'@n"]) == list(range(5000))
    ask(published, "select 1/3 as x, null as y, 'nan'::double as z, '医' as w", "--csv", str(target), "--overwrite")
    assert target.read_bytes().decode("utf-8-sig") == "x,y,z,w\n0.3333333333333333,,,医\n"


@pytest.mark.parametrize("kind", ["file", "link to a file", "link to nothing", "link to a folder", "folder", "pipe"])
@pytest.mark.parametrize("told", [False, True])
def test_csv_overwrites_nothing_unless_told_and_never_a_link(published: Path, kind: str, told: bool) -> None:
    target, other = published / "out.csv", published / "other.csv"
    other.write_text("kept", encoding="utf-8")
    if kind == "file":
        target.write_text("kept", encoding="utf-8")
    elif kind == "folder":
        target.mkdir()
    elif kind == "pipe":
        os.mkfifo(target)
    else:
        led = {"link to a file": other, "link to nothing": published / "none.csv", "link to a folder": published}
        target.symlink_to(led[kind])
    code, text = ask(published, "from t", "--csv", str(target), *(["--overwrite"] if told else []))
    assert other.read_text(encoding="utf-8") == "kept"
    assert not (published / "none.csv").exists()
    if kind == "file" and told:
        assert code == 0 and "'=1+1" in target.read_text(encoding="utf-8-sig")
    else:
        assert code == 1
        assert target.is_symlink() == kind.startswith("link")
        assert ("--overwrite" in text) == (kind == "file")
        assert any("\u4e00" <= char <= "\u9fff" for char in text)


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_csv_that_was_not_finished_leaves_nothing(tmp_path: Path, overwrite: bool) -> None:
    def rows():  # type: ignore[no-untyped-def]
        yield (1,)
        raise MemoryError

    target = tmp_path / "out.csv"
    if overwrite:
        target.write_text("kept", encoding="utf-8")
    with pytest.raises(MemoryError):
        write_csv(target, ["n"], rows(), overwrite)
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == (
        [("out.csv", "kept")] if overwrite else []
    )


def test_a_link_put_there_meanwhile_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening decides, not looking before."""
    other = tmp_path / "other.csv"
    other.write_text("kept", encoding="utf-8")
    (tmp_path / "out.csv").symlink_to(other)
    monkeypatch.setattr(Path, "is_symlink", lambda _: False)
    with pytest.raises(CsvPathError):
        write_csv(tmp_path / "out.csv", ["n"], [(1,)])
    assert other.read_text(encoding="utf-8") == "kept"


def test_a_wide_result_is_printed_as_tables_with_every_column(published: Path) -> None:
    columns = ", ".join(f"{i} as column_number_{i}" for i in range(30))
    code, text = ask(published, f"select {columns}, [1] as list")
    assert code == 0
    assert all(f"column_number_{n} " in text for n in range(30))
    assert "│ 29 │ [1] │" in text


@pytest.fixture
def barred(published: Path) -> Path:
    """The same with a column that may not be passed on."""
    with duckdb.connect(str(published / "current" / "medpanel.duckdb")) as connection:
        connection.execute(
            "create table barred_figure as select 'province_year' as table_name, 'digital_finance_index' as series, "
            "'dfiic' as vintage, 'PKU' as publisher, 'no redistribution' as licence"
        )
        connection.execute("create table province_year as select 110000 as code, 9.5 as digital_finance_index")
    return published


def test_an_export_leaves_out_what_may_not_be_passed_on_unless_it_is_named(barred: Path) -> None:
    sql, made = "from province_year", barred / "made.csv"
    code, text = ask(barred, sql, "--csv", str(made))
    assert code == 0 and "left out" in text and "PKU (edition dfiic" in text
    assert made.read_text("utf-8-sig").splitlines() == ["code,digital_finance_index", "110000,"]
    code, text = ask(barred, sql, "--csv", str(made), "--overwrite", "--release", "dfiic")
    assert code == 0 and "left out" not in text
    assert made.read_text("utf-8-sig").splitlines()[1] == "110000,9.5"


def test_a_query_on_the_screen_shows_everything(barred: Path) -> None:
    code, text = ask(barred, "from province_year")
    assert code == 0 and "9.5" in text and "left out" not in text
