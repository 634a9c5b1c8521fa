"""What must not stand in the tree, and what must agree with itself. Each rule is shown to catch something."""

import ast
import csv
import functools
import hashlib
import importlib.metadata
import io
import itertools
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

import bootstrap

PROJECT = bootstrap.PROJECT
PACKAGES = ("catalog", "ingestion", "models_py", "expectations", "medpanel", "dagster_project")
packages_distributions = functools.cache(importlib.metadata.packages_distributions)
BINARY = {".xlsx", ".parquet", ".duckdb", ".png"}
REGISTRY = re.compile(r"https?://[\w.-]*(pypi|python|npm|debian|conda|mirror)[\w.-]*/|--(extra-)?index-url")
# A path that starts at the root, not one in the middle of a longer path or after a placeholder.
START = r"(?<![\w.}\])*>$~-])"
MACHINE_PATH = re.compile(rf"{START}/(home|root|Users|tmp)/\w|[A-Za-z]:\\Users\\")
PINNED = re.compile(
    r"^([\w.-]+)==([^\s;]+)( ;[^\\]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)
# A module as texts name it, alone or with folders before it; <name>.py and {name}.py are no module.
MODULE = re.compile(r"(?<![\w<>*{}./-])[\w./-]*\w\.py\b(?!\()")
MAKE = re.compile(r"(?:`|^)make ([a-z][a-z-]*)", re.MULTILINE)


@pytest.fixture(scope="module")
def tree() -> dict[str, bytes]:
    """Every file that is, or would be, under version control: path and content."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    names = [name for name in listed.split("\0") if name]
    assert "bootstrap.py" in names
    return {name: (PROJECT / name).read_bytes() for name in names if (PROJECT / name).is_file()}


def text_problems(name: str, content: bytes) -> list[str]:
    """Encoding and line ends, registry addresses, paths of one machine."""
    if Path(name).suffix in BINARY:
        return []
    if content.startswith(b"\xef\xbb\xbf"):
        return [f"{name}: byte order mark"]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return [f"{name}: not UTF-8: {error}"]
    problems = [f"{name}: carriage return"] if "\r" in text else []
    patterns = {"registry address": REGISTRY, "path of one machine": MACHINE_PATH}
    if len(PROJECT.parent.parts) > 1:
        patterns["path of this machine"] = re.compile(START + re.escape(f"{PROJECT.parent.as_posix()}/"))
    for what, pattern in patterns.items():
        problems += [f"{name}: {what}: {match.group()}" for match in pattern.finditer(text)]
    return problems


def digests(content: bytes) -> set[str]:
    """SHA-256 of a file as it is and as version control would store it."""
    return {hashlib.sha256(form).hexdigest() for form in (content, content.replace(b"\r\n", b"\n"))}


def pins(content: str) -> set[tuple[str, str, str]]:
    """Name, version and marker of every entry of a resolved requirements file; each must carry hashes."""
    found = {(name, version, marker.strip()) for name, version, marker, _ in PINNED.findall(content)}
    named = [line for line in content.splitlines() if line and not line.startswith((" ", "#"))]
    if len(found) != len(named):
        raise ValueError(f"{len(named)} entries, {len(found)} of them pinned with hashes")
    return found


def listed(names: Iterable[str]) -> set[str]:
    """Distributions named in requirements input files, normalised."""
    entries: set[str] = set()
    for name in names:
        for line in (PROJECT / name).read_text(encoding="utf-8").splitlines():
            match = re.match(r"[A-Za-z][\w.-]*", line)
            entries |= {normal(match.group())} if match else set()
    return entries


def normal(name: str) -> str:
    """A distribution's name in its canonical spelling."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True)
class Told:
    """What a module tells of itself: its docstring, all docstrings in it, top-level names it imports, wherever."""

    docstring: str
    docstrings: tuple[str, ...]
    imported: frozenset[str]


@functools.cache
def told(source: str) -> Told:
    """Read once for all rules: parsing every module takes seconds."""
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    tree = ast.parse(source)
    docstrings: list[str] = []
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, documented):
            docstrings.append(ast.get_docstring(node) or "")
        elif isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(str(node.module).split(".")[0])
    return Told(ast.get_docstring(tree) or "", tuple(docstrings), frozenset(names))


def prose(name: str, text: str) -> str:
    """What a file says in words: docstrings and comments of Python, the whole of anything else."""
    if not name.endswith(".py"):
        return text
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return "\n".join([*told(text).docstrings, *(token.string for token in tokens if token.type == tokenize.COMMENT)])


def ends_of(files: Iterable[str]) -> set[str]:
    """What a text may call the files: the ends of their paths."""
    parts = [Path(file).parts for file in files]
    return {"/".join(one[-depth:]) for one in parts for depth in range(1, len(one) + 1)}


def absent_modules(text: str, ends: set[str]) -> set[str]:
    """Modules a text names, by the end of their path, that are no file of the project."""
    return set(MODULE.findall(text)) - ends


def undeclared(source: str, declared: set[str], ours: set[str]) -> set[str]:
    """Imports of packages that no requirements input file names."""
    providers = packages_distributions()
    foreign = told(source).imported - sys.stdlib_module_names - ours
    return {name for name in foreign if not declared & {normal(p) for p in providers.get(name, [name])}}


def test_text_is_utf8_with_line_feeds_and_without_addresses_or_machine_paths(tree: dict[str, bytes]) -> None:
    assert [problem for name, content in tree.items() for problem in text_problems(name, content)] == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xef\xbb\xbfa\n", "byte order mark"),
        ("北京".encode("gbk"), "not UTF-8"),
        (b"a\r\n", "carriage return"),
        (b"from https:/" + b"/pypi.example/simple\n", "registry address"),
        (b"pip install --index" + b"-url x\n", "registry address"),
        (b"path = '/ho" + b"me/someone/data'\n", "path of one machine"),
        (b"path = C:" + b"\\Users\\someone\n", "path of one machine"),
        (f"see {PROJECT.as_posix()}/data\n".encode(), "path of this machine"),
    ],
)
def test_text_rules_catch_violations(content: bytes, problem: str) -> None:
    assert any(problem in found for found in text_problems("docs/bad.md", content))


@pytest.mark.parametrize("content", ["data/home/x", "{folder}/tmp/x", "../tmp/x", "省级面板\n"])
def test_text_rules_pass_what_is_allowed(content: str) -> None:
    assert text_problems("docs/good.md", content.encode()) == []


def test_every_python_module_says_what_it_is(tree: dict[str, bytes]) -> None:
    modules = {name: content for name, content in tree.items() if name.endswith(".py")}
    assert [name for name, content in modules.items() if not told(content.decode()).docstring] == []


def test_no_received_or_reference_file_is_in_the_tree(tree: dict[str, bytes], real_data: Path, reference: Path) -> None:
    with (real_data / "MANIFEST.csv").open(encoding="utf-8", newline="") as stream:
        outside = {row["sha256"] for row in csv.DictReader(stream)}
    for path in [*real_data.rglob("*"), *reference.rglob("*")]:
        if path.is_file():
            outside |= digests(path.read_bytes())
    empty = hashlib.sha256(b"").hexdigest()
    assert [name for name, content in tree.items() if digests(content) & (outside - {empty})] == []


def test_a_copy_is_recognised_also_with_other_line_ends() -> None:
    received, stored = "地区,2024年\r\n".encode(), "地区,2024年\n".encode()
    assert digests(received) & digests(stored)
    assert not digests(received) & digests("地区,2023年\n".encode())


def test_makefile_and_bootstrap_offer_the_same_targets() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    rules = re.findall(r"^([a-z][a-z-]*):\n\t(.*)$", makefile, re.MULTILINE)
    assert [name for name, _ in rules] == list(bootstrap.TARGETS)
    words = {"query": ' "$$Q"'}
    recipes = [f"@$(PYTHON) bootstrap.py {name}{words.get(name, '')}" for name in bootstrap.TARGETS]
    assert [recipe for _, recipe in rules] == recipes
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None and phony.group(1).split() == list(bootstrap.TARGETS)


def test_documents_name_existing_targets_only(tree: dict[str, bytes]) -> None:
    named = {
        (name, target)
        for name, content in tree.items()
        if name.endswith((".md", "run", ".yaml"))
        for target in MAKE.findall(content.decode())
    }
    assert {target for _, target in named} >= {"demo", "test", "real", "ui"}
    assert {(name, target) for name, target in named if target not in bootstrap.TARGETS} == set()


def test_every_module_a_text_names_exists(tree: dict[str, bytes]) -> None:
    modules = ends_of(name for name in tree if name.endswith(".py"))
    texts = {
        name: prose(name, content.decode())
        for name, content in tree.items()
        # Most files name no module, and to tell the words of Python from its code takes a while.
        if name.endswith((".py", ".md", ".yaml", ".yml", ".sql", ".toml")) and b".py" in content
    }
    assert sum(len(MODULE.findall(text)) for text in texts.values()) > 300
    assert {(name, absent) for name, text in texts.items() for absent in absent_modules(text, modules)} == set()


@pytest.mark.parametrize("text", ["see lost.py.", "Matching: places/lost.py", "(`lost.py`, found.py)", "lost.py's"])
def test_a_module_that_is_gone_is_caught(text: str) -> None:
    (absent,) = absent_modules(text, ends_of(["ingestion/found.py", "ingestion/places/match.py"]))
    assert absent in {"lost.py", "places/lost.py"}


@pytest.mark.parametrize("text", ["found.py", "places/match.py", "ingestion/places/match.py", "<name>.py", "*.py"])
def test_modules_that_exist_and_placeholders_pass(text: str) -> None:
    assert absent_modules(text, ends_of(["ingestion/found.py", "ingestion/places/match.py"])) == set()


def test_code_is_no_prose() -> None:
    source = '"""Seen."""\n\n\ndef f():\n    """Too."""\n    # And this.\n    return "not.py"\n'
    assert prose("a.py", source).split("\n") == ["Seen.", "Too.", "# And this."]


def disagreements(sets: dict[str, set[tuple[str, str, str]]]) -> set[str]:
    """Packages that two resolved sets pin differently; all sets go into one environment."""
    return {
        name
        for one, other in itertools.combinations(sets.values(), 2)
        for name, _, _ in one ^ other
        if name in {pin[0] for pin in one} & {pin[0] for pin in other}
    }


def test_requirements_are_complete_hashed_and_the_same_in_every_file() -> None:
    sets = {name: pins((PROJECT / name).read_text(encoding="utf-8")) for name in bootstrap.REQUIREMENTS.values()}
    runtime = sets["requirements.txt"]
    assert all(runtime < found for name, found in sets.items() if name != "requirements.txt")
    assert disagreements(sets) == set()
    for name, found in sets.items():
        assert listed([Path(name).with_suffix(".in").name]) <= {pin[0] for pin in found}


def test_sets_that_disagree_are_caught() -> None:
    one, other = {("alpha", "1", ""), ("beta", "1", "")}, {("alpha", "2", ""), ("gamma", "1", "")}
    assert disagreements({"a": one, "b": other}) == {"alpha"}


@pytest.mark.parametrize("entry", ["alpha==1.0\n", "alpha>=1.0 \\\n    --hash=sha256:" + "0" * 64 + "\n"])
def test_an_unpinned_or_unhashed_requirement_is_caught(entry: str) -> None:
    with pytest.raises(ValueError, match="pinned with hashes"):
        pins(entry)


def test_every_imported_package_is_declared(tree: dict[str, bytes]) -> None:
    ours = {*PACKAGES, "bootstrap", "benchmarks", "tests"}
    runtime = listed(["requirements.in"])
    every = listed([Path(file).with_suffix(".in").name for file in bootstrap.REQUIREMENTS.values()])
    of_folders = {"tests": every, "docs": runtime | listed(["requirements-docs.in"])}
    missing = {
        (name, package)
        for name, content in tree.items()
        if name.endswith(".py")
        for package in undeclared(content.decode(), of_folders.get(name.split("/")[0], runtime), ours)
    }
    assert missing == set()


def test_an_undeclared_import_is_caught() -> None:
    declared = listed(["requirements.in"])
    source = "import os, yaml\ndef f():\n    from pygments import lex\n    import nowhere_to_be_found\n"
    assert undeclared(source, declared, set()) == {"pygments", "nowhere_to_be_found"}


def test_the_licence_is_the_declared_one() -> None:
    assert (PROJECT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
    assert 'license = "MIT"' in (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
