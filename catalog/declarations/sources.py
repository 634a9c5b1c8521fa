"""`sources.yaml`: what a file does not say about itself, declared beside the files by the person who got them.

An entry says which files it speaks for (a pattern), where they came from, and, only where the file is silent,
its indicator and unit. Applying it: ingestion/.
"""

import datetime as dt
import fnmatch
import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from catalog.base import CatalogError, Pattern, Strict, read_yaml, refuse, repeated, validate
from catalog.declarations.downloads import Received, Register, load_register
from catalog.declarations.flow import FlowSpec
from catalog.declarations.mapping import Mapping, with_mappings
from catalog.declarations.misc import DeclaredColumn, DialectColumns, ExportDeclaration, MapSpec, WeightsSpec
from catalog.declarations.notify import Notify
from catalog.declarations.panel import Panel
from catalog.declarations.survey import SurveySpec
from catalog.division_facts import PACKAGED, Facts, own_facts
from catalog.indicators import load_registry
from catalog.studies import load_studies

EVERY: Literal["*"] = "*"


def _is_encoding(name: str) -> bool:
    try:
        return "a".encode(name) is not None
    except (LookupError, ValueError):
        # LookupError: unknown, or no encoding of text such as hex; ValueError: a zero character in the name.
        return False


class NameMeant(Strict):
    """A name no list knows, or several places share, and the place it stands for in this file alone."""

    printed: str = Field(min_length=1)
    means: str = Field(min_length=1)
    reason: str = Field(min_length=1)

    def _consistent(self) -> None:
        refuse((self.printed == self.means, f"names: {self.printed!r} is said to mean itself"))


class UnitInName(Strict):
    """A unit the file's name carries although its figures are in another one, which the entry declares."""

    unit: str
    reason: str = Field(min_length=1)

    def _consistent(self) -> None:
        units = load_registry().units
        refuse((self.unit not in units, f"unit_in_name: unknown unit {self.unit!r}; known: {', '.join(units)}"))


class Source(Strict):
    """One entry. `match` is a shell pattern on the path below the input folder, with / as separator.

    layout          the layout to read the file as; needed where the header alone cannot tell (long panels, OCR tables)
    entity_column, code_column, year_column   headers of a long panel
    panel           what else identifies the rows of a long panel: cities, codes of a year (panel.py)
    mapping         the mapping file that says what stands where (mapping.py); beside sources.yaml, or bundled
    key             `name`: the names identify the units and a contradicting code column is knowingly ignored
    columns         header -> meaning; `other_columns: set_aside` leaves out the columns not named
    tables, header  for tables in HTML or Markdown: which ones (from 1) make up the table, and its header where the
                    scanned one is unreadable
    set_aside_columns   regular expressions on headers of columns to leave out
    set_aside_sheets    regular expressions on names of sheets that hold no data (contents, guides, code lists)
    set_aside_rows      regular expressions on the first filled cell of rows that are no data: adverts, broken footers
    names               names the file spells in its own way, and what they stand for in it
    unit_in_name        a unit in the file's name that the declared one overrules, with the reason
    neutral_groups      regular expressions on group headers that do not narrow what the headers below them mean
    map, weights        what a map file or a spatial weights matrix is (catalog/declarations/misc.py)
    keywords            for government work reports: the file of keywords, its path below the input folder
    export              region, level and number of places a statistics-bureau export does not state
    survey              for survey microdata (layout cmds): the wave's variables and networks (survey.py)
    dialects            the columns of a table of dialects (catalog/declarations/misc.py)
    year_from_name      for a list of divisions: the year stands in the file's name (2019.txt); otherwise declare `year`
    flow                what the columns of a file of flows mean (catalog/declarations/flow.py)
    not_read            why the file is knowingly not read: it is no data, or its data must not be used
    accessed            the day it was downloaded; without it, the day medpanel first saw the file (downloads.py)
    fallback            `allow`: if all of its figures of an indicator are refused, another vintage may give the series
    """

    match: str
    vintage: str = Field(min_length=1)
    publisher: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    accessed: dt.date | None = None
    indicator: str | None = None
    unit: str | None = None
    year: int | None = Field(default=None, ge=1949, le=2100)
    encoding: str | None = None
    layout: str | None = None
    entity_column: str | None = None
    code_column: str | None = None
    year_column: str | None = None
    panel: Panel | None = None
    mapping: Mapping | None = None
    key: Literal["code", "name"] = "code"
    columns: dict[str, DeclaredColumn] = Field(default_factory=dict)
    other_columns: Literal["refuse", "set_aside"] = "refuse"
    tables: tuple[int, ...] = ()
    header: tuple[str, ...] = ()
    set_aside_columns: tuple[Pattern, ...] = ()
    set_aside_sheets: tuple[Pattern, ...] = ()
    set_aside_rows: tuple[Pattern, ...] = ()
    neutral_groups: tuple[Pattern, ...] = ()
    names: tuple[NameMeant, ...] = ()
    unit_in_name: UnitInName | None = None
    years_absent: tuple[int, ...] = ()
    map: MapSpec | None = None
    weights: WeightsSpec | None = None
    keywords: str | None = Field(default=None, min_length=1)
    dialects: DialectColumns | None = None
    year_from_name: bool = False
    not_read: str | None = Field(default=None, min_length=1)
    fallback: Literal["refuse", "allow"] = "refuse"
    export: ExportDeclaration | None = None
    survey: SurveySpec | None = None
    flow: FlowSpec | None = None
    note: str | None = None

    def _consistent(self) -> None:
        registry, name, match = load_registry(), self.indicator, self.match
        refuse(
            (
                (self.survey is not None) != (self.layout == "cmds"),
                f"{match}: `layout: cmds` and `survey:` go together",
            ),
            (name is not None and name not in registry.indicators, f"{match}: unknown indicator {name!r}"),
            (
                name is not None and not registry.is_reported(name),
                f"{match}: {name} is derived; no file carries it",
            ),
            *(
                (
                    not registry.is_reported(column.indicator),
                    f"{match}: {header}: {column.indicator!r} is not a reported indicator",
                )
                for header, column in self.columns.items()
            ),
        )
        repeats = self.panel is not None and self.panel.repeated_rows
        units = [unit for unit in (self.unit, *(column.unit for column in self.columns.values())) if unit is not None]
        refuse(
            (
                (self.mapping is not None) != (self.layout == "mapped"),
                f"{match}: layout `mapped` and a `mapping` go together",
            ),
            (
                repeats and (self.year is None or self.year_column is not None),
                f"{match}: panel: repeated_rows needs `year`, and no year_column",
            ),
            (
                self.encoding is not None and not _is_encoding(self.encoding),
                f"{match}: unknown encoding {self.encoding!r}",
            ),
            *(
                (unit not in registry.units, f"{match}: unknown unit {unit!r}; known: {', '.join(registry.units)}")
                for unit in units
            ),
        )

    @property
    def carries(self) -> frozenset[str]:
        """The indicators it declares the file to have."""
        named = [self.indicator, *(column.indicator for column in self.columns.values())]
        return frozenset(name for name in named if name is not None)

    @property
    def level(self) -> str:
        """The level of the places it declares the file to have; provinces unless it says otherwise."""
        said = [self.panel.entity_level if self.panel else None, self.export.level if self.export else None]
        return next((level for level in said if level is not None), "province")

    def as_received(self, row: Received) -> "Source":
        """The entry as it speaks for one content on record: with its answers, and its date unless that is declared."""
        answers, answered = row.answers, {column.indicator for column in row.answers.columns.values()}
        kept = {header: column for header, column in self.columns.items() if column.indicator not in answered}
        units = {column.indicator: column.unit for column in self.columns.values()}
        said = {
            header: column.model_copy(update={"unit": column.unit or units.get(column.indicator)})
            for header, column in answers.columns.items()
        }
        first = row.download == 1 and self.accessed is not None
        update = {
            "accessed": self.accessed if first else row.recorded_on,
            "unit": answers.unit or self.unit,
            "indicator": answers.indicator or self.indicator,
            "columns": {**kept, **said},
        }
        return self.model_copy(update=update)

    @property
    def code_years(self) -> tuple[int, ...]:
        """The years whose names and codes of cities the file is declared to use."""
        panel = self.panel or Panel()
        years = (panel.code_year, *(other.year for other in panel.other_names))
        return tuple(year for year in years if year is not None)


class Splice(Strict):
    """Vintages whose figures may stand in one series, preferred first, as in `vintages`.

    `indicators` names the indicators, or is "*" for all that no other entry names. Without a splice the figures of an
    indicator come from one vintage: a revision between two years would otherwise look like a change.
    """

    indicators: tuple[str, ...] | Literal["*"] = Field(min_length=1)
    vintages: tuple[str, ...] = Field(min_length=2)
    reason: str = Field(min_length=1)

    def _consistent(self) -> None:
        names = () if self.indicators == EVERY else self.indicators
        registry = load_registry()
        refuse(*((not registry.is_reported(name), f"splices: {name!r} is not a reported indicator") for name in names))


def check_splices(splices: Sequence[Splice], vintages: Sequence[str]) -> None:
    """Raise ValueError for an unknown or repeated vintage, another order than `vintages`, or two entries for one
    indicator."""
    for splice in splices:
        names = splice.vintages
        refuse(*((name not in vintages, f"splices: {name!r} has no place in `vintages`") for name in names))
        in_order = names == tuple(name for name in dict.fromkeys(vintages) if name in names)
        refuse((not in_order, f"splices: {', '.join(names)} must each occur once, in the order of `vintages`"))
    # "*" is its own one letter.
    twice = ", ".join(repeated(name for splice in splices for name in splice.indicators))
    refuse((twice, f"splices: more than one entry for {twice}; one series is spliced in one way"))


class Sources(Strict):
    """The whole file.

    `root` is the input folder (default: the folder of sources.yaml), `${NAME}` reads the environment.
    `scope: declared` looks only at files some entry matches; `all` refuses a file no entry matches.
    `vintages` orders editions, preferred first. A series comes from the first that has any figure of its indicator;
    `splices` says which editions may make up one series together.
    `corrections` names a corrections file beside this one (catalog/declarations/corrections.py).
    `divisions` names a folder beside this one with facts about divisions newer than the packaged ones
    (catalog/division_facts.py).
    `keep_publications`: how many of the newest stay after a run, besides the current one; `keep_cache_mb`: how much of
    the results kept from before the last run stays for reuse.
    `language`: the one language of tables and figures; both if it is not given.
    `notify` says who is told how a run ended (catalog/declarations/notify.py).
    """

    data_kind: Literal["real", "synthetic"]
    studies: tuple[str, ...]
    root: str | None = None
    scope: Literal["all", "declared"] = "all"
    vintages: tuple[str, ...] = Field(min_length=1)
    splices: tuple[Splice, ...] = ()
    corrections: str | None = None
    divisions: Facts | None = None
    seeds: dict[str, int] = Field(default_factory=dict)
    keep_publications: int = Field(default=5, ge=1)
    keep_cache_mb: int = Field(default=16, ge=0)
    language: Literal["zh", "en"] | None = None
    notify: Notify | None = None
    files: tuple[Source, ...] = Field(min_length=1)
    # No key of the file: load_sources reads it from downloads/register.yaml.
    downloads: Register = Field(default=Register(), exclude=True)

    def _consistent(self) -> None:
        twice = ", ".join(repeated(unicodedata.normalize("NFC", source.match) for source in self.files))
        refuse(
            (twice, f"more than one entry has the same `match`: {twice}"),
            *(
                (
                    source.vintage not in self.vintages,
                    f"{source.match}: vintage {source.vintage!r} has no place in `vintages`",
                )
                for source in self.files
            ),
        )
        check_splices(self.splices, self.vintages)
        first = (self.divisions or PACKAGED).vintage.first_year["prefecture"]
        early = [(one.match, year) for one in self.files for year in one.code_years if year < first]
        refuse(
            *(
                (match, f"{match}: panel: codes of {year}; the record of divisions begins with {first} / 早于区划记录")
                for match, year in early
            )
        )
        unknown = [name for name in self.studies if name not in load_studies()]
        refuse((unknown, f"unknown studies {unknown}; known: {', '.join(load_studies())}"))

    def find(self, relative_path: str) -> Source | None:
        """The entry that speaks for the file, or None: the one on record, else the first that matches the path.

        The encoding of accents in names makes no difference. A content on record is read as it was answered to be.
        """
        path = unicodedata.normalize("NFC", relative_path)
        row = self.downloads.at(path)
        if row is None:
            return self.matching(path)
        recorded = next((source for source in self.files if source.match == row.entry), None)
        source = recorded or self.matching(row.path)
        return source.as_received(row) if source is not None else None

    def matching(self, path: str) -> Source | None:
        """The first entry whose pattern matches the path, whatever is on record."""
        path = unicodedata.normalize("NFC", path)
        matching = (s for s in self.files if fnmatch.fnmatchcase(path, unicodedata.normalize("NFC", s.match)))
        return next(matching, None)


def load_sources(path: Path) -> tuple[Sources, Path]:
    """The declaration, with the register of downloads, and the input folder it speaks for. Raises CatalogError."""
    data = with_mappings(read_yaml(path), path.parent)
    refuse(
        (isinstance(data, dict) and "downloads" in data, f"{path}: `downloads` is no key of this file"),
        error=CatalogError,
    )
    if isinstance(data, dict) and isinstance(data.get("divisions"), str):
        data["divisions"] = own_facts((path.parent / data["divisions"]).resolve())
    sources = validate(Sources, data, path)
    if sources.root is None:
        return sources.model_copy(update={"downloads": load_register(path.parent)}), path.parent
    undated = [source.match for source in sources.files if source.accessed is None]
    root = os.path.expandvars(sources.root)
    refuse(
        (
            undated,
            f"{path}: `accessed` is required where `root` names another folder, since nothing is recorded there; add "
            "the day of download to: {} / `root` 指向其他目录时须声明 accessed（下载日期），因该目录不作登记",
        ),
        ("$" in root, f"{path}: root is {sources.root!r} and that environment variable is not set"),
        error=CatalogError,
    )
    folder = Path(root).expanduser()
    return sources, folder if folder.is_absolute() else path.parent / folder


def splice_rows(splices: Sequence[Splice]) -> list[dict[str, str]]:
    """One row for each indicator and vintage of a splice: indicator, vintage, reason."""
    named = {name for splice in splices if splice.indicators != EVERY for name in splice.indicators}
    others = tuple(indicator.id for indicator in load_registry().reported if indicator.id not in named)
    return [
        {"indicator": name, "vintage": vintage, "reason": splice.reason}
        for splice in splices
        for name in (others if splice.indicators == EVERY else splice.indicators)
        for vintage in splice.vintages
    ]
