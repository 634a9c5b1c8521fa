"""`downloads/register.yaml`: which content each input file has held, since when, and which is newer than which.

Written by medpanel alone, beside the files. Belongs here: its rows and what follows from them for reading a file.
Comparing it with the folder and writing it: medpanel/downloads. What a download supersedes: ingestion/build, dbt.
"""

import datetime as dt
import re
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field

from catalog.base import Strict, read_yaml, refuse, repeated, validate
from catalog.declarations.misc import DeclaredColumn
from catalog.known_names import ReportedIndicator, UnitSymbol

FOLDER = "downloads"
REGISTER = f"{FOLDER}/register.yaml"
_KEPT = re.compile(rf"{FOLDER}/[0-9a-f]{{12}}/.+")


def kept_path(sha256: str, name: str) -> str:
    """Where the bytes of a superseded or added file are kept, below the input folder."""
    return f"{FOLDER}/{sha256[:12]}/{name}"


def is_ours(path: str) -> bool:
    """Whether a path below the input folder is the register or a kept file; people may keep files there too."""
    return path == REGISTER or _KEPT.fullmatch(path) is not None


class Answers(Strict):
    """What somebody answered when the file was added: it overrules the entry, for this content alone."""

    unit: UnitSymbol | None = None
    indicator: ReportedIndicator | None = None
    columns: dict[str, DeclaredColumn] = Field(default_factory=dict)


class Received(Strict):
    """One content a path has held.

    path         below the input folder; of a superseded content the path it stood under
    name         of the file as received
    download     its number: what came later supersedes what came before, within a vintage; no clock decides
    newer_than   the path of the file it was said to replace as a whole
    entry        the `match` of its entry in sources.yaml, where its path does not find it
    state        current, superseded in place by the next row of the path, or gone with nothing in its place
    published    whether a publication was made from it
    """

    path: str = Field(min_length=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)
    name: str = Field(min_length=1)
    recorded_on: dt.date
    recorded_by: str
    download: int = Field(ge=1)
    newer_than: str | None = None
    entry: str | None = None
    answers: Answers = Answers()
    state: Literal["current", "superseded", "gone"] = "current"
    published: bool = False

    @property
    def kept(self) -> str:
        """Where its bytes are kept, if they are."""
        return kept_path(self.sha256, self.name)

    @property
    def read_from(self) -> str:
        """The path its bytes are read from."""
        return self.path if self.state == "current" else self.kept

    def facts(self) -> str:
        """One text of all that bears on the data."""
        return self.model_dump_json(exclude={"recorded_by", "published", "bytes"})


class Register(Strict):
    """The whole file; of one path the latest content stands last."""

    files: tuple[Received, ...] = ()

    def _consistent(self) -> None:
        twice = repeated(row.path for row in self.files if row.state == "current")
        refuse((twice, "recorded twice as current: {} / 重复登记：{}"))

    @cached_property
    def readable(self) -> dict[str, Received]:
        """What is to be read, by the path it is read from. What stood before a path now gone is not revived."""
        current = {row.path: row for row in self.files if row.state == "current"}
        before = [row for row in self.files if row.state == "superseded" and row.path in current]
        return {**{row.kept: row for row in before}, **current}

    @cached_property
    def superseded_by(self) -> dict[str, str]:
        """Path read -> path of the content that replaced it as a whole: in place, or by being said to be newer."""
        later: dict[str, str] = {}
        for path, row in self.readable.items():
            if row.state == "superseded":
                own = [one for one in self.files if one.path == row.path and one.state != "gone"]
                later[path] = own[own.index(row) + 1].read_from
        for row in sorted(self.readable.values(), key=lambda one: one.download):
            if row.newer_than in self.readable and row.newer_than != row.read_from:
                later.setdefault(str(row.newer_than), row.read_from)
        return later

    @property
    def last(self) -> int:
        """The number of the last download; 0 before there is one."""
        return max((row.download for row in self.files), default=0)

    def at(self, path: str) -> Received | None:
        """The content read from a path below the input folder, if it is on record."""
        return self.readable.get(path)

    def facts(self) -> list[str]:
        """All that bears on the data, in a fixed order; what was published and who recorded it does not."""
        return sorted(row.facts() for row in self.readable.values())


def load_register(folder: Path) -> Register:
    """The register of an input folder; an empty one where there is none. Raises CatalogError."""
    path = folder / REGISTER
    return validate(Register, read_yaml(path) or {}, path) if path.is_file() else Register()
