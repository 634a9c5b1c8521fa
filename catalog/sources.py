"""`sources.yaml`: what a file does not say about itself, declared beside the files by the person who got them.

An entry says which files it speaks for (a pattern), where they came from, and, only where the file is silent,
its indicator and unit. Applying it: ingestion/.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
import os
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from catalog.base import CatalogError, Strict, read_yaml, validate
from catalog.indicators import load_registry
from catalog.studies import load_studies


class Source(Strict):
    """One entry. `match` is a shell pattern on the path below the input folder, with / as separator."""

    match: str
    vintage: str = Field(min_length=1)
    publisher: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    accessed: dt.date
    indicator: str | None = None
    unit: str | None = None
    year: int | None = None
    encoding: str | None = None
    set_aside_columns: tuple[str, ...] = ()
    years_absent: tuple[int, ...] = ()
    note: str | None = None

    @model_validator(mode="after")
    def _known(self) -> Source:
        registry = load_registry()
        if self.indicator is not None:
            if self.indicator not in registry.indicators:
                raise ValueError(f"{self.match}: unknown indicator {self.indicator!r}")
            if registry.indicators[self.indicator].formula is not None:
                raise ValueError(f"{self.match}: {self.indicator} is derived; no file carries it")
        if self.unit is not None and self.unit not in registry.units:
            raise ValueError(f"{self.match}: unknown unit {self.unit!r}; known: {', '.join(registry.units)}")
        return self


class Sources(Strict):
    """The whole file.

    `root` is the input folder (default: the folder of sources.yaml), `${NAME}` reads the environment.
    `scope: declared` looks only at files some entry matches; `all` refuses a file no entry matches.
    `vintages` orders editions, preferred first; the first that has a figure is `chosen`.
    """

    data_kind: Literal["real", "synthetic"]
    studies: tuple[str, ...]
    root: str | None = None
    scope: Literal["all", "declared"] = "all"
    vintages: tuple[str, ...] = Field(min_length=1)
    seeds: dict[str, int] = Field(default_factory=dict)
    files: tuple[Source, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Sources:
        for source in self.files:
            if source.vintage not in self.vintages:
                raise ValueError(f"{source.match}: vintage {source.vintage!r} has no place in `vintages`")
        unknown = [name for name in self.studies if name not in load_studies()]
        if unknown:
            raise ValueError(f"unknown studies {unknown}; known: {', '.join(load_studies())}")
        return self

    def find(self, relative_path: str) -> Source | None:
        """The first entry that matches the path, or None."""
        for source in self.files:
            if fnmatch.fnmatchcase(relative_path, source.match):
                return source
        return None


def load_sources(path: Path) -> tuple[Sources, Path]:
    """The declaration and the input folder it speaks for. Raises CatalogError."""
    sources = validate(Sources, read_yaml(path), path)
    if sources.root is None:
        return sources, path.parent
    root = os.path.expandvars(sources.root)
    if "$" in root:
        raise CatalogError(f"{path}: root is {sources.root!r} and that environment variable is not set")
    folder = Path(root).expanduser()
    return sources, folder if folder.is_absolute() else path.parent / folder
