"""Tables and figures of a report taken as an earlier run made them, where all they were made from is unchanged.

Belongs here: what a show is made from, and Rendered as files and back. Does not belong here: making it (rendering.py).
Which tables a show reads is seen when it is made: it reads the same ones again as long as those say the same.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.base import Text
from medpanel.report.page import libraries
from medpanel.report.rendering import Rendered, rendered
from medpanel.reuse import Store, code_of, fingerprint, frame_sha256
from models_py.parts.frame import Seen
from models_py.parts.registry import modules_of, seen_by, shows_of

if TYPE_CHECKING:
    import pandas as pd

_INDEX = "rendered.json"
_READ = "read.json"
# Of a table that is not there.
_ABSENT = "absent"


class Watched(Mapping[str, "pd.DataFrame"]):
    """Tables that know which of them were asked for."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self._tables = tables
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> pd.DataFrame:
        self.read.add(name)
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        self.read |= set(self._tables)
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def render_watched(seen: Seen, place: int) -> tuple[list[Rendered], list[str]]:
    """What the show at a place shows, seeing no more of the study than its part, and the tables it read."""
    one, show = list(shows_of(seen.study))[place]
    tables = Watched(seen.tables)
    made = rendered(replace(seen, study=seen_by(seen.study, one), tables=tables), one, show)
    return made, sorted(tables.read)


@dataclass(frozen=True)
class KeptItems:
    """What is kept of the shows of a study."""

    store: Store
    seen: Seen
    _hashes: dict[str, str] = field(default_factory=dict)

    def take(self, place: int) -> list[Rendered] | None:
        """What a show made when everything it read was as it is; None where that is not kept."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if not self.store.take("item", self._first_keys[place], folder):
                return None
            read = json.loads((folder / _READ).read_text(encoding="utf-8"))
            return _load(folder) if self.store.take("item", self._key(place, read), folder) else None

    def libraries(self) -> str:
        """The libraries that draw charts on the page: the same as long as they are of the same versions."""
        with tempfile.TemporaryDirectory() as name:
            file = Path(name, "files", "libraries.js")
            key = fingerprint(code=code_of("medpanel.report.page"))
            self.store.fill("item", key, file.parent, lambda folder: _write_text(folder / file.name, libraries()))
            return file.read_text(encoding="utf-8")

    def keep(self, place: int, made: list[Rendered], read: list[str]) -> None:
        """Keep what a show made, under the tables it read."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / _READ).write_text(json.dumps(read), encoding="utf-8")
            self.store.keep("item", self._first_keys[place], [folder / _READ])
            self.store.keep("item", self._key(place, read), _save(made, folder))

    @cached_property
    def _first_keys(self) -> list[str]:
        """Of each show, the fingerprint of all but tables."""
        seen = self.seen
        return [
            fingerprint(
                show=show.name,
                part=one.key,
                study=seen_by(seen.study, one).content,
                panel=f"{seen.panel.unit.model_dump_json()} {seen.panel.entities} {seen.panel.years}",
                boundary="" if seen.boundary is None else frame_sha256(seen.boundary),
                data_kind=seen.data_kind,
                code=code_of("medpanel.report.rendering", *modules_of(seen.study, one)),
            )
            for one, show in shows_of(seen.study)
        ]

    def _key(self, place: int, read: list[str]) -> str:
        return fingerprint(first=self._first_keys[place], tables={name: self._hash(name) for name in read})

    def _hash(self, name: str) -> str:
        if name not in self._hashes:
            rows = self.seen.tables.get(name)
            self._hashes[name] = _ABSENT if rows is None else frame_sha256(rows)
        return self._hashes[name]


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _save(made: list[Rendered], folder: Path) -> list[Path]:
    """Rendered as files: contents by name, everything else in one index."""
    index = []
    for one in made:
        for stem, contents in one.files.items():
            for suffix, content in contents.items():
                (folder / f"{stem}.{suffix}").write_bytes(content)
        for stem, content in one.previews.items():
            (folder / f"{stem}.preview").write_bytes(content)
        index.append(
            {
                "stem": one.stem,
                "title": one.title.model_dump(),
                "kind": one.kind,
                "files": {stem: list(contents) for stem, contents in one.files.items()},
                "fragment": one.fragment,
                "previews": list(one.previews),
                "charts": dict(one.charts),
            }
        )
    (folder / _INDEX).write_text(json.dumps(index, ensure_ascii=False), encoding="utf-8")
    return [path for path in folder.iterdir() if path.name != _READ]


def _load(folder: Path) -> list[Rendered]:
    return [
        Rendered(
            one["stem"],
            Text(**one["title"]),
            one["kind"],
            {
                stem: {suffix: (folder / f"{stem}.{suffix}").read_bytes() for suffix in suffixes}
                for stem, suffixes in one["files"].items()
            },
            one["fragment"],
            {stem: (folder / f"{stem}.preview").read_bytes() for stem in one["previews"]},
            one["charts"],
        )
        for one in json.loads((folder / _INDEX).read_text(encoding="utf-8"))
    ]
