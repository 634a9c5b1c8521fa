"""The code of a result: each kind of change to it is seen by exactly those results that rest on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.base import PROJECT_DIR
from catalog.studies import Study, load_studies
from dagster_project.assets.studies import READING
from medpanel.reuse import code, libraries
from medpanel.reuse.code import ROOMS, CodeTree
from models_py.parts.registry import modules_of, parts_of

# The parts of the study below.
PARTS = frozenset(options.part() for options in load_studies()["mspi"].parts)
ESTIMATING = PARTS - {"performance_index", "exposure"}


@pytest.fixture(scope="module")
def study() -> Study:
    return load_studies()["mspi"]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The project's code and the data files it names, to be changed."""
    kept = {".py", ".yaml", ".csv", ".css", ".js"}
    for room in ROOMS:
        for path in (PROJECT_DIR / room).rglob("*"):
            if path.suffix in kept and "target" not in path.parts:
                target = tmp_path / path.relative_to(PROJECT_DIR)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
    return tmp_path


def hashes(root: Path, study: Study) -> dict[str, str]:
    """Hash of the code of every part of the study, as it lies below `root`."""
    tree = CodeTree(root)
    return {one.key: tree.sha256(modules_of(study, one)) for one in parts_of(study)}


def changed_by(root: Path, study: Study, path: str, old: str, new: str) -> set[str]:
    """The parts whose code is another after an edit."""
    before, file = hashes(root, study), root / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    after = hashes(root, study)
    return {part for part in before if before[part] != after[part]}


@pytest.mark.parametrize("part", ["few_clusters", "diagnostics", "comparison"])
def test_a_line_of_a_part_changes_that_part(tree: Path, study: Study, part: str) -> None:
    path = f"models_py/parts/{part}/part.py"
    assert changed_by(tree, study, path, "PART = Part(", "NOTHING = 1\nPART = Part(") == {part}


def test_a_shared_estimator_changes_the_parts_that_estimate(tree: Path, study: Study) -> None:
    path = "models_py/econometrics/least_squares.py"
    assert changed_by(tree, study, path, "\nimport numpy", "\n# A word.\nimport numpy") == ESTIMATING


def test_an_import_inside_a_function_counts(tree: Path, study: Study) -> None:
    text = (tree / "models_py/parts/diagnostics/part.py").read_text(encoding="utf-8")
    (tree / "models_py/extra.py").write_text("A = 1\n", encoding="utf-8")
    (tree / "models_py/parts/diagnostics/part.py").write_text(
        f"{text}\n\ndef later() -> int:\n    from models_py.extra import A\n\n    return A\n", encoding="utf-8"
    )
    assert changed_by(tree, study, "models_py/extra.py", "A = 1", "A = 2") == {"diagnostics"}


def test_an_import_for_the_type_checker_does_not_count(tree: Path, study: Study) -> None:
    text = (tree / "models_py/parts/diagnostics/part.py").read_text(encoding="utf-8")
    (tree / "models_py/extra.py").write_text("A = 1\n", encoding="utf-8")
    (tree / "models_py/parts/diagnostics/part.py").write_text(
        f"from typing import TYPE_CHECKING\n{text}\nif TYPE_CHECKING:\n    from models_py.extra import A\n",
        encoding="utf-8",
    )
    assert changed_by(tree, study, "models_py/extra.py", "A = 1", "A = 2") == set()


def test_a_label_changes_the_parts_that_read_labels(tree: Path, study: Study) -> None:
    changed = changed_by(tree, study, "catalog/labels.yaml", "zh: ", "zh: 新")
    assert {"regressions", "few_clusters"} <= changed
    assert changed.isdisjoint({"performance_index", "exposure"})


def test_a_papers_facts_change_the_comparison_and_their_own_part(tree: Path, study: Study) -> None:
    path = "models_py/parts/mspi_findings/facts.py"
    assert (
        {"comparison"}
        <= changed_by(tree, study, path, "import", "import sys\nimport")
        <= {"comparison", "mspi_findings"}
    )


def test_another_studys_file_changes_nothing(tree: Path, study: Study) -> None:
    assert changed_by(tree, study, "catalog/studies/expenditure_gdp.yaml", "id:", "# a word\nid:") == set()


def test_what_no_part_imports_changes_nothing(tree: Path, study: Study) -> None:
    assert changed_by(tree, study, "medpanel/report/page.py", "import", "import sys\nimport") == set()


@pytest.fixture
def another_version(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """pyfixest as it would be in another version."""
    found = libraries._installed
    monkeypatch.setattr(
        libraries, "_installed", lambda name: ("99", found(name)[1]) if name == "pyfixest" else found(name)
    )
    yield "pyfixest"


def test_a_library_changes_the_parts_that_use_it(study: Study, another_version: str, monkeypatch) -> None:
    after = hashes(PROJECT_DIR, study)
    monkeypatch.undo()
    before = hashes(PROJECT_DIR, study)
    users = {
        one.key
        for one in parts_of(study)
        if another_version in CodeTree(PROJECT_DIR).closure(modules_of(study, one))[1]
    }
    assert {part for part in before if before[part] != after[part]} == users
    assert users and users < set(before)


def test_a_library_that_is_only_named_counts() -> None:
    files, libraries = CodeTree(PROJECT_DIR).closure(["medpanel.replication.bundle"])
    assert "pyfixest" in libraries, "the scripts say which version they were written for"
    assert PROJECT_DIR / "medpanel" / "replication" / "bundle.py" in files
    assert "zhplot" in CodeTree(PROJECT_DIR).closure(["models_py.figures.style"])[1], "it brings the font"


def test_the_code_that_reads_what_parts_are_handed_counts(tree: Path) -> None:
    path = tree / "dagster_project" / "assets" / "studies.py"
    before = CodeTree(tree).sha256([READING])
    path.write_text(path.read_text(encoding="utf-8") + "# A word.\n", encoding="utf-8")
    assert CodeTree(tree).sha256([READING]) != before


def test_a_library_beneath_a_library_counts() -> None:
    assert {"python", "pandas", "numpy", "python-dateutil"} <= set(libraries.versions(["pandas"]))


def test_code_changed_while_the_process_runs_is_like_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code, "_STARTED", 0.0)
    plain = code.code_of.__wrapped__
    assert plain("catalog.base") != plain("catalog.base")


def test_a_module_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"models_py\.absent"):
        CodeTree(PROJECT_DIR).sha256(["models_py.absent"])


def test_every_import_by_name_is_known() -> None:
    """What imports modules by a name made at run time must say which (Part.imports_by_name), or matter to no result."""
    known = {
        "catalog/part_options.py",  # options: handed over by value
        "expectations/finder.py",  # the suite's module is named beside it
        "models_py/parts/registry.py",  # the part's module is named beside it
        "models_py/parts/comparison/comparison.py",  # the comparison's imports_by_name
        # Documents, no results.
        "medpanel/guide/command_line.py",
        "medpanel/guide/examples/__init__.py",
        "medpanel/guide/keys.py",
        "medpanel/guide/python_interface.py",
        "ingestion/found_modules.py",  # all of ingestion decides how a file is read
    }
    found = {
        path.relative_to(PROJECT_DIR).as_posix()
        for room in ROOMS
        for path in (PROJECT_DIR / room).rglob("*.py")
        if "import_module" in path.read_text(encoding="utf-8") or "__import__" in path.read_text(encoding="utf-8")
    }
    assert found - {"medpanel/reuse/code.py"} <= known
