"""The code a result depends on: a module, everything it imports, the data files these name and the libraries they use.

Belongs here: following imports, also those inside functions, without running anything. Does not belong here: which
module makes a result. No statement imports a part found by scanning a folder, so the caller must name it as well.
"""

from __future__ import annotations

import ast
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from catalog.base import PROJECT_DIR
from medpanel.reuse.fingerprint import files_sha256, fingerprint
from medpanel.reuse.libraries import installed, versions

# Where our modules and the files they read lie.
ROOMS = ("catalog", "dagster_project", "dbt", "expectations", "ingestion", "medpanel", "models_py")
# Files a module may name: read whole when it is part of the code of a result.
_DATA = (".csv", ".css", ".j2", ".js", ".yaml")
# Handed over by value: one study must not depend on another's file, nor a result on the guide to input files.
_BY_VALUE = frozenset({"studies", "inputs", "messages"})
# Code changed after this process began may not be the code it runs.
_STARTED = time.time()


@cache
def code_of(*modules: str) -> str:
    """Hash of the code of `modules` and of all they rest on. Raises ModuleNotFoundError for one that is not ours.

    If some of it has changed since this process began, the hash is unique, so that nothing is reused for it.
    """
    tree = project_code()
    files, _ = tree.closure(modules)
    changed = any(path.stat().st_mtime > _STARTED for path in files)
    return uuid.uuid4().hex if changed else tree.sha256(modules)


@cache
def whole_code() -> str:
    """Hash of all code of the project and of the installed libraries; unique after a change, as with `code_of`."""
    files = [path for room in ROOMS for path in sorted((PROJECT_DIR / room).rglob("*")) if _is_code(path)]
    if any(path.stat().st_mtime > _STARTED for path in files):
        return uuid.uuid4().hex
    return fingerprint(files=files_sha256(files, PROJECT_DIR), libraries=versions(installed()))


def _is_code(path: Path) -> bool:
    return path.suffix in {".py", ".sql", ".do", ".R", *_DATA} and "target" not in path.parts


@cache
def project_code() -> CodeTree:
    """The project's own code, read once in a process."""
    return CodeTree(PROJECT_DIR)


@dataclass(frozen=True)
class Source:
    """What one code file contains: `imports`, each a module and a name in it ('' for the module itself)."""

    imports: tuple[tuple[str, str], ...]
    texts: tuple[str, ...]

    def origin(self, name: str) -> tuple[str, str] | None:
        """The import that gives this file a name; None if the file defines it itself."""
        return next((found for found in self.imports if found[1] == name), None)


@dataclass(frozen=True)
class CodeTree:
    """The project's code below `root`."""

    root: Path
    _sources: dict[Path, Source] = field(default_factory=dict)
    _files: dict[str, Path | None] = field(default_factory=dict)
    _found: dict[str, tuple[set[Path], frozenset[str], set[str]]] = field(default_factory=dict)

    def sha256(self, modules: Iterable[str]) -> str:
        """Hash of the code of `modules`; raises as `closure`."""
        files, libraries = self.closure(modules)
        return fingerprint(files=files_sha256(sorted(files), self.root), libraries=versions(libraries))

    def closure(self, modules: Iterable[str]) -> tuple[set[Path], set[str]]:
        """The files of code and data that `modules` rest on, and the libraries they import or name.

        A name imported from a package is followed to the module that defines it, skipping the package's other names.
        Raises ModuleNotFoundError for a module that is not ours.
        """
        waiting = list(modules)
        for module in waiting:
            if self._file(module) is None:
                raise ModuleNotFoundError(f"{module} is not a module of this project")
        files: set[Path] = set()
        named: set[str] = set()
        seen: set[str] = set()
        while waiting:
            module = waiting.pop()
            path = self._file(module)
            if module not in seen and path is not None:
                own, libraries, targets = self._direct(module, path)
                files |= own
                named |= libraries
                waiting += targets
            seen.add(module)
        return files, named | {module.partition(".")[0] for module in seen if self._file(module) is None}

    def _direct(self, module: str, path: Path) -> tuple[set[Path], frozenset[str], set[str]]:
        """What a module itself rests on: files, libraries it names, modules it imports; looked up once."""
        if module not in self._found:
            source = self._source(path)
            files = {path, *self._packages(module), *self._data_files(source)}
            targets = {target for one in source.imports for target in self._targets(*one)}
            # A library asked for its version or its files is named, not imported.
            self._found[module] = (files, installed() & set(source.texts), targets)
        return self._found[module]

    def _targets(self, module: str, name: str) -> Iterator[str]:
        """The modules behind one import."""
        if name and self._file(f"{module}.{name}") is not None:
            yield f"{module}.{name}"
            return
        path = self._file(module)
        shown = self._source(path).origin(name) if path is not None and path.name == "__init__.py" and name else None
        if shown is None:
            yield module
        else:
            yield from self._targets(*shown)

    def _source(self, path: Path) -> Source:
        if path not in self._sources:
            self._sources[path] = read_source(path.read_text(encoding="utf-8"))
        return self._sources[path]

    def _file(self, module: str) -> Path | None:
        """The file of one of our modules; None for a library."""
        if module not in self._files:
            path = self.root.joinpath(*module.split("."))
            found = (path.with_suffix(".py"), path / "__init__.py") if module.partition(".")[0] in ROOMS else ()
            self._files[module] = next((file for file in found if file.is_file()), None)
        return self._files[module]

    def _packages(self, module: str) -> Iterator[Path]:
        """The __init__.py above a module: they run when it is imported."""
        names = module.split(".")[:-1]
        for length in range(1, len(names) + 1):
            path = self._file(".".join(names[:length]))
            if path is not None:
                yield path

    def _data_files(self, source: Source) -> Iterator[Path]:
        """Files named in a module, by their own name or that of their folder in catalog/."""
        for text in source.texts:
            yield from self._named.get(text.rpartition("/")[2], ())
            yield from self._folders.get(text, ())

    @cached_property
    def _data(self) -> list[Path]:
        found = (path for room in ROOMS for path in sorted((self.root / room).rglob("*")))
        return [path for path in found if path.suffix in _DATA and _is_code(path)]

    @cached_property
    def _named(self) -> dict[str, list[Path]]:
        named: dict[str, list[Path]] = {}
        for path in self._data:
            named.setdefault(path.name, []).append(path)
        return named

    @cached_property
    def _folders(self) -> dict[str, list[Path]]:
        folders: dict[str, list[Path]] = {}
        for path in self._data:
            if path.parent.parent == self.root / "catalog" and path.parent.name not in _BY_VALUE:
                folders.setdefault(path.parent.name, []).append(path)
        return folders


def read_source(code: str) -> Source:
    """Imports and texts of a module; imports for the type checker alone do not count."""
    imports: list[tuple[str, str]] = []
    texts: list[str] = []
    waiting: list[ast.AST] = [ast.parse(code)]
    while waiting:
        node = waiting.pop()
        if not _for_types(node):
            waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            imports += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imports += [(node.module or "", alias.name) for alias in node.names]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append(node.value)
    return Source(tuple(imports), tuple(texts))


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
