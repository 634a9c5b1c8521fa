"""The documents keep their promises: queries run on the catalogued tables, examples load, paths exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import bootstrap
from catalog import load_sources, load_tables
from catalog.declarations.notify import load_notify
from medpanel.publishing.database import create_views
from tests.documented_commands import Documented, documented, found_in, on_sample, problem_of, to_run
from tests.querying_page import blocks, page, worked
from tests.twin_pages import LANGUAGES, TWINS

PROJECT = bootstrap.PROJECT
GUIDES = (
    "README.md",
    "README.zh.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *(f"docs/templates/input-files.{language}.md" for language in LANGUAGES),
    *(f"docs/{language}/{name}" for language in LANGUAGES for name in TWINS),
)
SQL = blocks(page("en"), "sql")
# Made when something runs or by the reader, or lying outside the project, so absent from a fresh checkout.
MADE = (
    *("data/", "wheelhouse/", ".venv/", "../", "province/", "catalog/studies/perinatal.yaml", "report/", "downloads/"),
    # Folders of a report, one a language.
    *("zh/", "en/"),
    # Folders of a workspace or of a publication.
    *("lake/private", "results/", "parquet/"),
)


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """Every published table, empty, with the columns the catalog declares."""
    with duckdb.connect() as connection:
        for table in load_tables().values():
            columns = ", ".join(f'"{name}" {column.type}' for name, column in table.columns.items())
            connection.execute(f'CREATE TABLE "{table.name}" ({columns})')
        create_views(connection, list(load_tables()))
        yield connection


def insert(connection: duckdb.DuckDBPyConnection, table: str, **values: object) -> None:
    """One row; columns not named are NULL."""
    names, marks = ", ".join(f'"{name}"' for name in values), ", ".join("?" for _ in values)
    connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(values.values()))


def ask(connection: duckdb.DuckDBPyConnection, place: object, year: int, indicator: str) -> list[dict[str, object]]:
    """Rows of the trace."""
    result = connection.execute("FROM trace(?, ?, ?)", [place, year, indicator])
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@pytest.mark.parametrize("query", SQL)
def test_every_documented_query_runs_on_the_published_columns(database: duckdb.DuckDBPyConnection, query: str) -> None:
    assert database.execute(query).fetchall() == []


@pytest.mark.parametrize("kind", ["sql", "python", "r", "sh"])
def test_both_pages_on_querying_have_the_same_code(kind: str) -> None:
    assert blocks(page("en"), kind) == blocks(page("zh"), kind) != []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_twenty_queries_are_worked_and_numbered(language: str) -> None:
    assert list(worked(page(language))) == list(range(1, 21))
    assert set(worked(page(language)).values()) <= set(SQL)
    assert "### 21." not in page(language)


def test_the_query_for_revisions_shows_the_largest_first(database: duckdb.DuckDBPyConnection) -> None:
    """Neither the sample nor the real files have a revision; this is what it shows of those a refresh brings."""
    [query] = [sql for sql in SQL if "FROM revision" in sql]
    for name, before, now in (("gdp", 100.0, 101.0), ("beds", 100.0, 90.0), ("hospitals", 0.0, 5.0)):
        insert(database, "revision", entity_level="province", indicator=name, value_before=before, value_now=now)
    found = [row[3] for row in database.execute(query).fetchall()]
    assert found == ["beds", "gdp", "hospitals"]


def test_the_trace_leads_from_a_derived_value_to_both_cells(database: duckdb.DuckDBPyConnection) -> None:
    code, year = 410000, 2022
    insert(database, "province_year", province_code=code, year=year, gdp_per_capita=62106.0, data_kind="real")
    values = {"gdp": (58220.1, "G7", "58,220.1", True), "resident_population": (9872.0, "C7", "9872", True)}
    for name, (value, cell, raw, chosen) in values.items():
        insert(database, "indicator_input", indicator="gdp_per_capita", input_indicator=name, formula="gdp / p")
        figure = {
            "entity_code": code,
            "entity_level": "province",
            "year": year,
            "indicator": name,
            "file_id": name,
            "sheet": "",
            "cell": cell,
        }
        insert(
            database,
            "observation",
            **figure,
            vintage="new",
            value=value,
            raw=raw,
            raw_unit="亿元",
            chosen=chosen,
        )
        insert(
            database,
            "observation",
            **figure,
            vintage="old",
            value=1.0,
            raw="1",
            raw_unit="亿元",
            chosen=False,
        )
        # The municipality's, or any city's, figure under the same code is not the province's.
        city = {**figure, "entity_level": "city", "file_id": f"{name} of cities"}
        insert(database, "observation", **city, vintage="new", value=2.0, raw="2", raw_unit="亿元", chosen=True)
        insert(database, "source_file", file_id=name, path=f"{name}.csv")
    insert(database, "province", province_code=code, name_zh="河南省", short_zh="河南", name_en="Henan")
    rows = ask(database, "河南", year, "gdp_per_capita")
    for place in ("河南省", "henan", code, str(code)):
        assert ask(database, place, year, "gdp_per_capita") == rows
    assert ask(database, "河北", year, "gdp_per_capita") == []
    assert [(r["input_indicator"], r["path"], r["cell"], r["raw_text"], r["raw_unit"]) for r in rows] == [
        ("gdp", "gdp.csv", "G7", "58,220.1", "亿元"),
        ("resident_population", "resident_population.csv", "C7", "9872", "亿元"),
    ]
    assert {(r["published_value"], r["entity_level"]) for r in rows} == {(62106.0, "province")}


def test_the_trace_of_a_city_is_not_that_of_the_province_of_its_code(database: duckdb.DuckDBPyConnection) -> None:
    insert(database, "city_year", city_code=110000, year=2020, gdp=3.0, data_kind="real")
    insert(database, "province_year", province_code=110000, year=2020, gdp=4.0, data_kind="real")
    insert(database, "city", city_code=110000, name_zh="北京市", name_en="Beijing")
    insert(database, "province", province_code=110000, name_zh="北京市", short_zh="北京", name_en="Beijing")
    insert(database, "indicator_input", indicator="gdp", input_indicator="gdp")
    figure = {"entity_code": 110000, "year": 2020, "indicator": "gdp", "chosen": True, "file_id": "f", "vintage": "v"}
    insert(database, "observation", **figure, entity_level="city", cell="C7", value=3.0)
    rows = ask(database, "北京", 2020, "gdp")
    assert [(r["entity_level"], r["published_value"], r["cell"]) for r in rows] == [
        ("city", 3.0, "C7"),
        ("province", 4.0, None),
    ]


def test_the_trace_shows_a_figure_nobody_gave(database: duckdb.DuckDBPyConnection) -> None:
    insert(database, "province_year", province_code=540000, year=2013, data_kind="real")
    insert(database, "indicator_input", indicator="gdp", input_indicator="gdp")
    (row,) = ask(database, 540000, 2013, "gdp")
    assert (row["published_value"], row["path"], row["input_indicator"]) == (None, None, "gdp")


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_example_of_sources_yaml_loads(tmp_path: Path, name: str) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", (PROJECT / name).read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "sources.yaml"
    path.write_text(example, encoding="utf-8")
    sources, root = load_sources(path)
    assert sources.data_kind == "real" and root == tmp_path


def test_the_example_of_notify_loads(tmp_path: Path) -> None:
    text = (PROJECT / "docs" / "en" / "refresh.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "sources.yaml"
    path.write_text(example, encoding="utf-8")
    notify = load_notify(path)
    assert notify is not None
    assert notify.command and notify.email and notify.webhook


@pytest.mark.parametrize("name", GUIDES)
def test_named_paths_exist(name: str) -> None:
    text = (PROJECT / name).read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w.-]+(?:/[\w.*-]+)*/?)`", text)) | set(re.findall(r"\]\(([\w./-]+)\)", text))
    paths = {path for path in named if "/" in path and not path.startswith(MADE)}
    folder = (PROJECT / name).parent
    assert [path for path in sorted(paths) if not [*PROJECT.glob(path), *folder.glob(path)]] == []


@pytest.mark.parametrize("name", GUIDES)
def test_links_lead_to_files(name: str) -> None:
    path = PROJECT / name
    links = re.findall(r"\]\(([^)#:\s]+)[^)]*\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_two_readmes_have_the_same_sections_and_commands() -> None:
    texts = [(PROJECT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md")]
    blocks = [re.findall(r"```(?!text)(\w+)\n(.*?)```", text, re.DOTALL) for text in texts]
    assert blocks[0] == blocks[1] and blocks[0]
    assert len(re.findall(r"^## ", texts[0], re.MULTILINE)) == len(re.findall(r"^## ", texts[1], re.MULTILINE))


def test_every_documented_command_exists_and_is_run_or_says_why_not() -> None:
    found = documented()
    assert len(found) > 80 and to_run()
    assert [(one.page, one.line, wrong) for one in found if (wrong := problem_of(one))] == []


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("```sh\nmedpanel qery 1\n```\n", "no command qery"),
        ("```sh\nmedpanel query --cvs a.csv 'SELECT 1'\n```\n", "No such option: --cvs"),
        ("```sh\nmedpanel query\n```\n", "Missing parameter: sql"),
        ("```sh\nmedpanel trace 河南 twenty gdp\n```\n", "valid integer"),
        ("<!-- not run: long -->\n```sh\nmedpanel run --fersh\n```\n", "No such option: --fersh"),
        ("```sh\nmedpanel run\n```\n", "not run: why"),
        ("```sh\nls data\n```\n", "not run: why"),
        ("<!-- not run: long -->\n```sh\nmake dmeo\n```\n", "no target dmeo"),
        ("<!-- not run: long -->\n```sh\npy bootstrap.py dmeo\n```\n", "no target dmeo"),
    ],
)
def test_a_command_that_does_not_exist_or_is_left_out_silently_is_found(written: str, wrong: str) -> None:
    (command,) = found_in("page.md", written)
    assert wrong in problem_of(command)


@pytest.mark.parametrize(
    "written",
    [
        "```sh\n.venv/bin/medpanel query 'SELECT 1' --csv a.csv\n```\n",
        "```sh\nmedpanel watch --help   # how it runs\n```\n",
        "<!-- not run: long -->\n```sh\nmedpanel run --fresh\n```\n",
        "<!-- not run: another program -->\n   ```sh\n   systemctl --user stop medpanel\n   ```\n",
    ],
)
def test_a_command_that_runs_or_says_why_not_passes(written: str) -> None:
    (command,) = found_in("page.md", written)
    assert problem_of(command) == ""


def test_commands_run_on_the_sample_instead_of_the_readers_data(tmp_path: Path) -> None:
    root = str(tmp_path)
    assert on_sample(["status"], tmp_path) == ["status", "--data", root]
    assert on_sample(["query", "--data", "data/real", "FROM data"], tmp_path) == ["query", "--data", root, "FROM data"]
    assert on_sample(["inspect", "data/mine/raw"], tmp_path) == ["inspect", f"{root}/raw"]
    assert Documented("page.md", "make demo", "").arguments is None
