"""`sources.yaml` as a whole: what files do not say about themselves, declared beside them by the person who got them.

Belongs here: the keys beside `files`, and which entry speaks for a file. Does not belong here: one entry (entry.py)
and reading the file (loading.py).
"""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from catalog.base import Strict, refuse, repeated
from catalog.declarations.downloads import Register
from catalog.declarations.entry import Source
from catalog.declarations.matching import Patterns
from catalog.declarations.notify import Notify
from catalog.declarations.splices import Splice, check_splices
from catalog.division_facts import PACKAGED, Facts
from catalog.key_errors import Unknown
from catalog.key_faults import place_of
from catalog.studies import known_studies


def _study(name: str) -> str:
    if name not in known_studies():
        raise Unknown("study", name, known_studies())
    return name


# As Dagster takes an owner.
_OWNER = re.compile(r"team:\S.*|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")


def _owner(name: str) -> str:
    refuse(
        (
            _OWNER.fullmatch(name) is None,
            f"{name!r} is no owner; expected an email address, or team:NAME / 不是负责人，应为邮箱地址或 team:名称",
        )
    )
    return name


@lru_cache(maxsize=4)
def _ranks(vintages: tuple[str, ...]) -> dict[str, int]:
    return {vintage: number for number, vintage in reversed(list(enumerate(vintages)))}


# The patterns of the entries last asked about, by the identity of the entries: making them takes as long as asking.
_DECLARATIONS = 8
_PATTERNS: dict[int, tuple[tuple[Source, ...], Patterns]] = {}


class Sources(Strict):
    """The whole file.

    `root` is the input folder (default: the folder of sources.yaml): inside the workspace, or `${MEDPANEL_…}`, a folder
    named in the environment, or one below it.
    `scope: declared` looks only at files some entry matches; `all` refuses a file no entry matches.
    `vintages` orders editions, preferred first. A series comes from the first that has any figure of its indicator;
    `splices` says which editions may make up one series together.
    `corrections` names a corrections file beside this one (catalog/declarations/corrections.py).
    `divisions` names a folder beside this one with facts about divisions newer than the packaged ones
    (catalog/division_facts.py).
    `keep_publications`: how many of the newest stay after a run, besides the current one; `keep_cache_mb`: how much of
    the results kept from before the last run stays for reuse.
    `language`: the one language of tables and figures; both if it is not given.
    `release`: vintages whose figures go into exports although their licence bars passing them on.
    `owners`: who answers for the data, shown beside every table in the Dagster UI: email addresses, or team:NAME.
    `notify` says who is told how a run ended (catalog/declarations/notify.py).
    """

    data_kind: Literal["real", "synthetic"]
    studies: tuple[Annotated[str, AfterValidator(_study)], ...]
    root: str | None = None
    scope: Literal["all", "declared"] = "all"
    vintages: tuple[str, ...] = Field(min_length=1)
    splices: tuple[Splice, ...] = ()
    corrections: str | None = None
    divisions: Facts | None = None
    seeds: dict[str, int] = Field(default_factory=dict)
    keep_publications: int = Field(default=4, ge=1)
    keep_cache_mb: int = Field(default=16, ge=0)
    language: Literal["zh", "en"] | None = None
    release: tuple[str, ...] = ()
    owners: tuple[Annotated[str, AfterValidator(_owner)], ...] = ()
    notify: Notify | None = None
    files: tuple[Source, ...] = Field(min_length=1)
    # No keys of the file: load_sources reads them from downloads/register.yaml, and knows where the file lies.
    downloads: Register = Field(default=Register(), exclude=True)
    declared_in: Path = Field(default=Path("sources.yaml"), exclude=True)

    def _consistent(self) -> None:
        twice = ", ".join(repeated(unicodedata.normalize("NFC", source.match) for source in self.files))
        refuse((twice, f"more than one entry has the same `match`: {twice} / 多个条目的 match 相同：{twice}"))
        known = frozenset(self.vintages)
        for number, source in enumerate(self.files):
            if source.vintage not in known:
                raise Unknown("vintage", source.vintage, self.vintages, ("files", number, "vintage"))
        for place, vintage in enumerate(self.release):
            if vintage not in self.vintages:
                raise Unknown("vintage", vintage, self.vintages, ("release", place))
        check_splices(self.splices, self.vintages)
        first = (self.divisions or PACKAGED).vintage.first_year["prefecture"]
        early = [(one.match, year) for one in self.files for year in one.code_years if year < first]
        refuse(
            *(
                (match, f"{match}: panel: codes of {year}; the record of divisions begins with {first} / 早于区划记录")
                for match, year in early
            )
        )

    def place_of(self, *key: str | int) -> tuple[str, str]:
        """File, line and key in English and in Chinese, for messages about what a declaration makes of data."""
        return place_of(self.declared_in, key)

    @property
    def beside(self) -> frozenset[str]:
        """Names of the files beside this one that it refers to itself: mappings, corrections. They are no data."""
        mappings = (source.mapping.name for source in self.files if source.mapping is not None)
        named = {*mappings, self.corrections or ""} - {"", *(source.match for source in self.files)}
        return frozenset(named) if self.root is None else frozenset()

    def find(self, relative_path: str) -> Source | None:
        """The entry that speaks for the file, or None: the one on record, else the first that matches the path.

        The encoding of accents in names makes no difference. A content on record is read as it was answered to be.
        """
        path = unicodedata.normalize("NFC", relative_path)
        row = self.downloads.at(path)
        if row is None:
            return self.matching(path)
        recorded = self._by_match.named(row.entry) if row.entry is not None else None
        found = recorded if recorded is not None else self._by_match.first(row.path)
        return self.files[found].as_received(row) if found is not None else None

    def matching(self, path: str) -> Source | None:
        """The first entry whose pattern matches the path, whatever is on record."""
        found = self._by_match.first(path)
        return self.files[found] if found is not None else None

    def rank(self, vintage: str) -> int:
        """The place of an edition among the others, from 0; the lower is preferred."""
        return _ranks(self.vintages)[vintage]

    @property
    def _by_match(self) -> Patterns:
        made = _PATTERNS.get(id(self.files))
        if made is None or made[0] is not self.files:
            if len(_PATTERNS) >= _DECLARATIONS:
                _PATTERNS.clear()
            made = _PATTERNS[id(self.files)] = self.files, Patterns([source.match for source in self.files])
        return made[1]
