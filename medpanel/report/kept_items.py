"""Tables and figures of a report taken from an earlier run, if everything they were made from is unchanged.

Belongs here: what a show is made from, and storing Rendered in a file. Does not belong here: making it (rendering.py).
Which tables a show reads is observed when it is made: as long as their contents stay the same, so does that list.
"""

import json
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pandas as pd
from pydantic import ConfigDict, TypeAdapter

from medpanel.report.rendering import Rendered, rendered
from medpanel.reuse import Store, code_of, fingerprint, frame_sha256
from models_py.figures.show import Lang
from models_py.parts.frame import Seen
from models_py.parts.registry import modules_of, seen_by, shows_of

_INDEX = "rendered.json.z"
_READ = "read.json"
# Of a table that is not there.
_ABSENT = "absent"
_KEPT = TypeAdapter(list[Rendered], config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))


class Watched(Mapping[str, pd.DataFrame]):
    """Tables that record which of them were asked for."""

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


def render_watched(seen: Seen, place: int, langs: Sequence[Lang]) -> tuple[list[Rendered], list[str]]:
    """What the show at a place shows in the languages, given only its own part of the study, and the tables it read."""
    one, show = list(shows_of(seen.study))[place]
    tables = Watched(seen.tables)
    made = rendered(replace(seen, study=seen_by(seen.study, one), tables=tables), one, show, langs)
    return made, sorted(tables.read)


@dataclass(frozen=True)
class KeptItems:
    """The kept shows of a study."""

    store: Store
    seen: Seen
    langs: Sequence[Lang]
    _hashes: dict[str, str] = field(default_factory=dict)

    def take(self, place: int) -> list[Rendered] | None:
        """What a show made from the same ingredients as now; None if that is not kept."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if not self.store.take("item", self._first_keys[place], folder):
                return None
            read = json.loads((folder / _READ).read_text(encoding="utf-8"))
            found = self.store.take("item", self._key(place, read), folder)
            return _KEPT.validate_json(zlib.decompress((folder / _INDEX).read_bytes())) if found else None

    def keep(self, place: int, made: list[Rendered], read: list[str]) -> None:
        """Keep what a show made, filed under the tables it read."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / _READ).write_text(json.dumps(read), encoding="utf-8")
            (folder / _INDEX).write_bytes(zlib.compress(_KEPT.dump_json(made)))
            self.store.keep("item", self._first_keys[place], [folder / _READ])
            self.store.keep("item", self._key(place, read), [folder / _INDEX])

    @cached_property
    def _first_keys(self) -> list[str]:
        """For each show, the fingerprint of everything but the tables."""
        seen = self.seen
        return [
            fingerprint(
                show=show.name,
                langs=list(self.langs),
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
