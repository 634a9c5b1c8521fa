"""What CONTRIBUTING.md says of adding things, done: one of each is dropped into a copy of the project, which is run.

The things are the files of toy/ beside this one, each in the place it has in the project.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from catalog import load_provinces
from catalog.base import PROJECT_DIR
from medpanel.guide.generate import documents, generated_files
from medpanel.guide.pages import LANGUAGES
from medpanel.publishing import resolve_current
from tests.pipeline.conftest import copy_project

TOY = Path(__file__).with_name("toy")
SOURCES = """data_kind: synthetic
studies: [toy_study]
vintages: [toy]
files:
  - {match: "*.csv", vintage: toy, publisher: invented, licence: CC0-1.0, accessed: 2026-01-01}
"""
# What the Dagster UI shows: its assets with their groups, its checks, its jobs.
PROGRAM = """
import json, sys
from pathlib import Path
from dagster_project.definitions import build_defs
from medpanel.runs.workspace import Workspace

defs = build_defs(Workspace.at(Path(sys.argv[1])))
graph = defs.resolve_asset_graph()
assets = {node.key.to_user_string(): node.group_name for node in graph.asset_nodes}
checks = [key.to_user_string() for key in graph.asset_check_keys]
print(json.dumps({"assets": assets, "checks": checks, "jobs": [job.name for job in defs.jobs]}))
"""
CODES = [province.province_code for province in load_provinces()]
# Kites of every province: 10, 11, 12 ... and in the second year ten more.
KITES = {(code, year): base + i for year, base in ((2021, 10), (2022, 20)) for i, code in enumerate(CODES)}
MEANS = {2021: 25.0, 2022: 35.0}


@dataclass(frozen=True)
class Added:
    """The copy after its run. `before`: its files as copied; `dropped`: those added or appended to."""

    tree: Path
    before: dict[str, bytes]
    dropped: frozenset[str]
    printed: str

    @property
    def data(self) -> Path:
        return self.tree / "data"

    @property
    def publication(self) -> Path:
        return resolve_current(self.data)

    def rows(self, sql: str) -> pd.DataFrame:
        with duckdb.connect(str(self.publication / "medpanel.duckdb"), read_only=True) as connection:
            return connection.execute(sql).df()

    def cells(self, column: str, sql: str) -> dict[tuple[int, int], float]:
        """A column by the code in `entity_code` and year."""
        rows = self.rows(sql)
        return dict(zip(zip(rows["entity_code"], rows["year"], strict=True), rows[column], strict=True))


def files(tree: Path) -> dict[str, bytes]:
    """Contents by path, without data and what programs leave."""
    left = {"__pycache__", "target", "logs"}
    found = (path for path in tree.rglob("*") if path.is_file())
    named = {path.relative_to(tree): path for path in found}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in named.items()
        if name.parts[0] != "data" and not left & set(name.parts) and name.name != ".user.yml"
    }


def drop(tree: Path) -> frozenset[str]:
    """The toy files into a tree; where one stands there already, the toy's is an entry that comes at its end."""
    names = []
    for path in TOY.rglob("*"):
        if path.suffix in {".py", ".yaml"}:
            names.append(path.relative_to(TOY).as_posix())
            target = tree / names[-1]
            target.parent.mkdir(exist_ok=True)
            with target.open("ab") as stream:
                stream.write(path.read_bytes())
    return frozenset(names)


def write_registers(raw: Path) -> None:
    """Two registers of kites, one sealed and one not, and their sources.yaml."""
    raw.mkdir(parents=True)
    rows = [f"{p.name_zh},{KITES[p.province_code, 2021]},{KITES[p.province_code, 2022]}" for p in load_provinces()]
    text = "\n".join(["风筝登记 kites,2021,2022", *rows, ""])
    (raw / "synthetic_kites.csv").write_text(f"{text}封存 sealed\n", encoding="utf-8")
    (raw / "synthetic_unsealed.csv").write_text(text, encoding="utf-8")
    (raw / "sources.yaml").write_text(SOURCES, encoding="utf-8")


def python(tree: Path, *arguments: str) -> str:
    """Everything Python prints in the tree, whose packages it finds before any others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MEDPANEL_", "DAGSTER_HOME"))}
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=tree, env=kept, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Added:
    """The copy with one of each thing, generated files renewed, run on registers of kites."""
    tree = tmp_path_factory.mktemp("副本 copy")
    copy_project(tree, "docs")
    before = files(tree)
    dropped = drop(tree)
    write_registers(tree / "data" / "raw")
    python(tree, "-m", "medpanel", "generate")
    printed = python(tree, "-m", "medpanel", "run", "--data", "data")
    return Added(tree, before, dropped, printed)


def test_nothing_but_the_dropped_and_the_generated_files_differs(added: Added) -> None:
    now = files(added.tree)
    assert added.before.keys() <= now.keys()
    changed = {name for name, content in now.items() if added.before.get(name) != content}
    generated = {path.relative_to(PROJECT_DIR).as_posix() for path in generated_files()}
    generated |= {f"docs/{language}/{name}.md" for name in documents() for language in LANGUAGES}
    assert added.dropped <= changed <= added.dropped | generated


def test_the_indicator_is_read_by_the_layout_and_becomes_a_column(added: Added) -> None:
    wide = "SELECT province_code AS entity_code, year, toy_kites FROM province_year WHERE toy_kites IS NOT NULL"
    assert added.cells("toy_kites", wide) == KITES
    read = "FROM observation JOIN source_file USING (file_id) WHERE indicator = 'toy_kites' AND chosen"
    assert added.cells("value", read) == KITES
    [told] = added.rows(f"SELECT DISTINCT layout, path, unit, observation.status {read}").to_dict("records")
    assert told == {"layout": "toy_register", "path": "synthetic_kites.csv", "unit": "个", "status": "reported"}
    [cell] = added.rows(f"SELECT cell, raw {read} AND entity_code = 110000 AND year = 2022").to_dict("records")
    assert cell == {"cell": "C2", "raw": "20"}


def test_a_refusal_is_told_in_the_layouts_own_words(added: Added) -> None:
    rows = added.rows("FROM rejected_row JOIN source_file USING (file_id) WHERE code = 'toy_unsealed'")
    assert set(rows["path"]) == {"synthetic_unsealed.csv"}
    assert "not sealed" in rows["reason"][0] and "未封存" in rows["reason_zh"][0]
    assert "the register of kites is not sealed" in added.printed


def test_the_table_is_published_with_its_words(added: Added) -> None:
    rows = added.rows("FROM toy_table")
    assert list(rows.columns) == [
        "study", "province_code", "entity_code", "entity_level", "year", "toy_ratio", "data_kind",
    ]  # fmt: skip
    assert (rows["province_code"] == rows["entity_code"]).all()
    constant = rows[["study", "entity_level", "data_kind"]].drop_duplicates().to_numpy().tolist()
    assert constant == [["toy_study", "province", "synthetic"]]
    expected = {(code, year): kites / MEANS[year] for (code, year), kites in KITES.items()}
    assert added.cells("toy_ratio", "FROM toy_table") == pytest.approx(expected)
    [table] = added.rows("SELECT comment FROM duckdb_tables() WHERE table_name = 'toy_table'")["comment"]
    [column] = added.rows(
        "SELECT comment FROM duckdb_columns() WHERE table_name = 'toy_table' AND column_name = 'toy_ratio'"
    )["comment"]
    for comment, english, chinese in (
        (table, "Toy kites of an entity", "各地区玩具风筝数"),
        (column, "Kites over the mean of the year", "与当年均值之比"),
    ):
        assert english in comment and chinese in comment and "SYNTHETIC" in comment
    assert (added.publication / "parquet" / "toy_table.parquet").is_file()


def test_table_and_indicator_stand_in_the_dictionary(added: Added) -> None:
    rows = added.rows("FROM data_dictionary").to_dict("records")
    told = {(row["table_name"], row["column_name"]): row for row in rows}
    ratio, kites = told["toy_table", "toy_ratio"], told["province_year", "toy_kites"]
    assert "Kites over the mean of the year" in ratio["description"] and ratio["source"] == "models_py/parts/toy_part"
    assert "Toy kites" in kites["description"] and kites["unit"] == "个"


def test_the_checks_of_the_table_and_of_the_indicator_are_run(added: Added) -> None:
    rows = added.rows("FROM check_result WHERE table_name = 'toy_table' OR check_name LIKE '%toy\\_kites' ESCAPE '\\'")
    passed = {(row["table_name"], row["check_name"]): row["passed"] for row in rows.to_dict("records")}
    assert passed.keys() >= {
        ("toy_table", "toy_study_ratio_present"),
        ("toy_table", "toy_study_mean_one"),
        ("observation", "range_toy_kites"),
        ("series_break", "toy_study_series_break_toy_kites"),
    }
    assert all(passed.values()), passed


def test_the_report_shows_what_the_part_shows(added: Added) -> None:
    folder = added.publication / "report" / "toy_study"
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    # Neither is there a folder `replication`, without regressions.
    assert all(name.startswith(("synthetic_", "zh/synthetic_", "en/synthetic_")) for name in names)
    with zipfile.ZipFile(folder / "synthetic_toy_study_files.zip") as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    tables, figures = (
        {f"{lang}/synthetic_toy_study_{stem}.{end}" for lang in ("en", "zh") for end in ends}
        for stem, ends in (
            ("toy_ratios", ("html", "tex", "docx", "xlsx", "csv", "md")),
            ("toy_figure", ("png", "svg", "pdf", "txt")),
        )
    )
    data = {"data/synthetic_toy_study_toy_figure.csv", "data/synthetic_toy_study_toy_ratios.dta"}
    assert tables | figures | data <= set(held)
    zh, en = ((folder / lang / "synthetic_index.html").read_text(encoding="utf-8") for lang in ("zh", "en"))
    for page, texts in (
        (en, ("Kites in the provinces", "Toy ratios by year", "SYNTHETIC")),
        (zh, ("各省风筝", "各年玩具比值")),
    ):
        assert all(
            text in page for text in (*texts, "toy_ratios", 'data-chart="toy_figure"', "table/synthetic_toy_table.html")
        )
    markdown = held["en/synthetic_toy_study_toy_ratios.md"].decode()
    assert "北京市" in markdown and "0.400" in markdown and "SYNTHETIC" in markdown


def test_the_summary_points_at_a_table_there_is(added: Added) -> None:
    assert "SYNTHETIC" in added.printed and "'from toy_table'" in added.printed


def test_dagster_shows_the_part_its_report_and_its_checks(added: Added) -> None:
    found = json.loads(python(added.tree, "-c", PROGRAM, "data").splitlines()[-1])
    own = {key for key, group in found["assets"].items() if group in ("6_study_toy_study", "6_study_toy_study_report")}
    made = ("study_window", "toy_table", "report", "report/toy_ratios", "report/toy_figure")
    assert own == {f"toy_study/{name}" for name in made}
    assert {"toy_study/toy_table:toy_study_ratio_present", "toy_study/toy_table:toy_study_mean_one"} <= set(
        found["checks"]
    )
    assert "observation:range" in found["checks"]
    assert "toy_study" in "".join(found["jobs"])


def test_the_documents_speak_of_layout_and_part(added: Added) -> None:
    guides = {name: (added.tree / "docs" / name / "input-files.md").read_text(encoding="utf-8") for name in LANGUAGES}
    guide = guides["en"]
    for text in ("toy_register", "refusal-toy_unsealed"):
        assert f'<a id="{text}"></a>' in guide
    assert "A register of toy kites, sealed in its last row." in guide in guide
    assert "`toy_kites` (玩具风筝数, 个)" in guides["zh"]
    parts = {name: (added.tree / "docs" / name / "parts.md").read_text(encoding="utf-8") for name in LANGUAGES}
    assert '<a id="part-toy_part"></a>' in parts["en"] and "makes: `toy_table`" in parts["en"]
    assert "Toy ratios (table)" in parts["en"] and "| `indicator` |" in parts["en"]
    assert "生成：`toy_table`" in parts["zh"] and "玩具比值（表）" in parts["zh"]
    for page in ("indicators", "tables"):
        told = (added.tree / "docs" / "zh" / "reference" / f"{page}.md").read_text(encoding="utf-8")
        assert ("玩具风筝数" if page == "indicators" else "toy_table") in told
