"""`sources.yaml`: what a file does not say about itself, declared beside the files by the person who got them.

An entry says which files it speaks for (a pattern), where they came from, and, only where the file is silent,
its indicator and unit. Applying it: ingestion/.
"""

import os
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from catalog.base import CatalogError, Pattern, Strict, read_yaml, refuse, repeated, validate
from catalog.characters import plain_data
from catalog.declarations.downloads import Received, Register, load_register
from catalog.declarations.flow import FlowSpec
from catalog.declarations.mapping import Mapping, with_mappings
from catalog.declarations.matching import Patterns
from catalog.declarations.misc import DeclaredColumn, DialectColumns, ExportDeclaration, MapSpec, WeightsSpec
from catalog.declarations.notify import Notify
from catalog.declarations.panel import CODE_ORDER, Panel
from catalog.declarations.redistribution import Redistribution, redistribution_of
from catalog.declarations.survey import SurveySpec
from catalog.division_facts import PACKAGED, Facts, own_facts
from catalog.indicators import load_registry
from catalog.key_faults import Unknown, nearest
from catalog.known_names import Day, ReportedIndicator, UnitSymbol
from catalog.provinces import province_names, provinces_by_code
from catalog.studies import knowing, known_studies
from catalog.yaml_text import yaml_text

EVERY: Literal["*"] = "*"
# Keys of entries for files whose cells are no figures of a table, or must all be there.
_WITHOUT_MARKS = ("map", "weights", "survey", "keywords", "dialects")
# Keys of an entry under which names of files stand: those are compared as they are.
_OF_FILES = frozenset({"match", "keywords", "file", "file_name"})


HEAD = ("data_kind", "studies", "vintages", "files")
# How a missing key is written; those of the head are in _head.
_WRITTEN_OUT = {
    "match": 'match: "file.csv"',
    "vintage": 'vintage: "2024"',
    "publisher": "publisher: 国家统计局",
    "licence": "licence: none stated",
}


# A root that begins with a folder named in the environment.
_NAMED_FOLDER = re.compile(r"\$\{(MEDPANEL_[A-Z0-9_]+)\}(?:[/\\](.*))?", re.DOTALL)


def _encoding(name: str) -> str:
    try:
        "a".encode(name)
    except (LookupError, ValueError):
        # LookupError: unknown, or no encoding of text such as hex; ValueError: a zero character in the name.
        raise ValueError(
            f"unknown encoding {name!r}; write utf-8, gb18030 or utf-16 / 无法识别的编码；可写 utf-8、gb18030 或 utf-16"
        ) from None
    return name


def _study(name: str) -> str:
    if name not in known_studies():
        raise Unknown("study", name, known_studies())
    return name


@lru_cache(maxsize=4)
def _ranks(vintages: tuple[str, ...]) -> dict[str, int]:
    return {vintage: number for number, vintage in reversed(list(enumerate(vintages)))}


class NameMeant(Strict):
    """A name no list knows, or several places share, and the place it stands for in this file alone."""

    printed: str = Field(min_length=1)
    means: str = Field(min_length=1)
    reason: str = Field(min_length=1)

    def _consistent(self) -> None:
        refuse((self.printed == self.means, f"names: {self.printed!r} is said to mean itself / 名称与所指相同"))


class UnitInName(Strict):
    """A unit the file's name carries although its figures are in another one, which the entry declares."""

    unit: UnitSymbol
    reason: str = Field(min_length=1)


def _mark_typed(value: Any) -> Any:
    """A mark as it stands in the file: YAML takes NULL for nothing, and -999 or .nan for a number."""
    if value is None:
        return "NULL"
    if isinstance(value, float) and value != value:
        return "NaN"
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


MissingMark = Annotated[str, BeforeValidator(_mark_typed), Field(min_length=1)]


class Source(Strict):
    """One entry. `match` is a path below the input folder, with / as separator, or a shell pattern for such paths.

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
    missing_marks       texts that mark a missing figure in this file (NA, NULL, -999); empty cells, - and … always do
    names               names the file spells in its own way, and what they stand for in it
    unit_in_name        a unit in the file's name that the declared one overrules, with the reason
    fill_down           columns, by header or number from 1, whose labels are printed once, above the rows they speak
                        for, in cells that are not merged (in a mapping: `header: {fill_down: true}`)
    provinces_absent    provinces (names or codes) the file has no figures of; it must then have all others
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
    redistribution: Literal["allowed", "barred"] | None = None
    accessed: Day | None = None
    indicator: ReportedIndicator | None = None
    unit: UnitSymbol | None = None
    year: int | None = Field(default=None, ge=1949, le=2100)
    encoding: Annotated[str, AfterValidator(_encoding)] | None = None
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
    fill_down: tuple[int | str, ...] = ()
    neutral_groups: tuple[Pattern, ...] = ()
    missing_marks: tuple[MissingMark, ...] = ()
    names: tuple[NameMeant, ...] = ()
    unit_in_name: UnitInName | None = None
    years_absent: tuple[int, ...] = ()
    provinces_absent: tuple[int | str, ...] = ()
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
        self._check_provinces()
        match, repeats = self.match, self.panel is not None and self.panel.repeated_rows
        no_figures = next((key for key in _WITHOUT_MARKS if getattr(self, key) is not None), None)
        refuse(
            (
                (self.survey is not None) != (self.layout == "cmds"),
                f"{match}: `layout: cmds` and `survey:` go together / {match}：layout: cmds 与 survey: 须同时声明",
            ),
            (
                (self.mapping is not None) != (self.layout == "mapped"),
                f"{match}: layout `mapped` and a `mapping` go together / {match}：layout: mapped 与 mapping 须同时声明",
            ),
            (
                repeats and (self.year is None or self.year_column is not None),
                f"{match}: panel: repeated_rows needs `year`, and no year_column / "
                f"{match}：panel: repeated_rows 须声明 year，且不得声明 year_column",
            ),
            (
                self.missing_marks and no_figures,
                f"{match}: `missing_marks` has no effect beside `{no_figures}:`; leave it out / "
                f"{match}：missing_marks 与 {no_figures}: 同时声明时无效，请删去",
            ),
        )

    def _check_provinces(self) -> None:
        unknown = [name for name in self.provinces_absent if str(name) not in province_names()]
        refuse(
            (
                unknown,
                f"{self.match}: provinces_absent: no province is called {{}} / "
                f"{self.match}：provinces_absent：没有名为 {', '.join(map(str, unknown))} 的省份",
            )
        )
        if self.order and sorted(self.order) != list(self.present_codes):
            number = len(self.present_codes)
            raise ValueError(
                f"{self.match}: panel: entity_order needs each of the {number} provinces once / "
                f"{self.match}：panel：entity_order 须恰好列出{number}个省份各一次"
            )

    @property
    def may_be_passed_on(self) -> Redistribution:
        """Whether its figures may be passed on."""
        return self.redistribution or redistribution_of(self.licence)

    @property
    def carries(self) -> frozenset[str]:
        """The indicators it declares the file to have."""
        named = [self.indicator, *(column.indicator for column in self.columns.values())]
        return frozenset(name for name in named if name is not None)

    @property
    def present_codes(self) -> tuple[int, ...]:
        """Codes of the provinces it declares the file to have, in the order of their codes."""
        absent = self.absent_codes
        return tuple(code for code in provinces_by_code() if code not in absent)

    @property
    def order(self) -> tuple[int, ...]:
        """Codes of the provinces in the declared order of its rows; empty where the rows name them."""
        if self.panel is None or self.panel.entity_order != CODE_ORDER:
            return self.panel.order if self.panel is not None else ()
        return self.present_codes

    @property
    def absent_codes(self) -> frozenset[int]:
        """Codes of the provinces it declares the file to lack."""
        return frozenset(province_names()[str(name)] for name in self.provinces_absent)

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
        refuse(
            *(
                (
                    not registry.is_reported(name),
                    f"splices: {name!r} is not a reported indicator / splices：“{name}”不是可读取的指标",
                )
                for name in names
            )
        )


def check_splices(splices: Sequence[Splice], vintages: Sequence[str]) -> None:
    """Raise ValueError for an unknown or repeated vintage, another order than `vintages`, or two entries for one
    indicator."""
    for splice in splices:
        names = splice.vintages
        refuse(
            *(
                (
                    name not in vintages,
                    f"splices: {name!r} has no place in `vintages` / splices：vintages 中没有“{name}”",
                )
                for name in names
            )
        )
        in_order = names == tuple(name for name in dict.fromkeys(vintages) if name in names)
        listed = ", ".join(names)
        refuse(
            (
                not in_order,
                f"splices: {listed} must each occur once, in the order of `vintages` / "
                f"splices：{listed} 须各出现一次，次序与 vintages 一致",
            )
        )
    # "*" is its own one letter.
    twice = ", ".join(repeated(name for splice in splices for name in splice.indicators))
    refuse(
        (
            twice,
            f"splices: more than one entry for {twice}; one series is spliced in one way / splices：{twice} 出现多次",
        )
    )


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
    notify: Notify | None = None
    files: tuple[Source, ...] = Field(min_length=1)
    # No key of the file: load_sources reads it from downloads/register.yaml.
    downloads: Register = Field(default=Register(), exclude=True)

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


def load_sources(path: Path, studies: Path | None = None) -> tuple[Sources, Path]:
    """The declaration, with the register of downloads, and the input folder it speaks for. Raises CatalogError.

    `studies`: folder of study files beside the catalog's; by default the one beside the folder `raw` it lies in.
    """
    own = path.parent.parent / "studies" if path.parent.name == "raw" else None
    with knowing(studies or own):
        return _with_register(_read_declaration(path), path)


def _read_declaration(path: Path) -> Sources:
    """What the file itself declares. Raises CatalogError."""
    data = read_yaml(path)
    refuse(
        (
            not isinstance(data, dict),
            f"{path}: the head of the file is missing / 缺少文件开头的内容\n{_to_paste(data, HEAD)}",
        ),
        ("downloads" in (data or ()), f"{path}: `downloads` is no key of this file / downloads 不是本文件的键"),
        error=CatalogError,
    )
    for key in ("corrections", "divisions"):
        if isinstance(data.get(key), str):
            _inside(path.parent / data[key], workspace_of(path), f"{path}: {key}")
    data = with_mappings(data, path.parent, workspace_of(path))
    if "files" in data:
        data["files"] = plain_data(data["files"], _OF_FILES)
    if isinstance(data.get("divisions"), str):
        data["divisions"] = own_facts((path.parent / data["divisions"]).resolve())
    missing = [key for key in HEAD if key not in data and not nearest(key, set(data) - set(HEAD))]
    try:
        return validate(Sources, data, path, _WRITTEN_OUT)
    except CatalogError as error:
        raise CatalogError(f"{error}\n{_to_paste(data.get('files'), missing)}") if missing else error from None


def _with_register(sources: Sources, path: Path) -> tuple[Sources, Path]:
    if sources.root is None:
        return sources.model_copy(update={"downloads": load_register(path.parent)}), path.parent
    undated = [source.match for source in sources.files if source.accessed is None]
    refuse(
        (
            undated,
            f"{path}: `accessed` is required where `root` names another folder, since nothing is recorded there; add "
            "the day of download to: {} / `root` 指向其他目录时须声明 accessed（下载日期），因该目录不作登记",
        ),
        error=CatalogError,
    )
    return sources, _root(sources.root, path)


def _root(declared: str, path: Path) -> Path:
    """The folder `root` names. Raises CatalogError unless it lies in the workspace, or in one named in the environment.

    A declaration somebody sent must not make medpanel read whatever it likes.
    """
    named = _NAMED_FOLDER.fullmatch(declared)
    value = os.environ.get(named[1]) if named else None
    refuse(
        (
            "$" in declared and not value,
            f"{path}: root is {declared!r}; it may begin with one variable of the environment, whose name begins with "
            f"MEDPANEL_ and which is set / root 只能以一个已设置、名称以 MEDPANEL_ 开头的环境变量起首",
        ),
        error=CatalogError,
    )
    if named and value:
        within = Path(value).expanduser().absolute()
        return _inside(within / (named[2] or ""), within, f"{path}: root")
    return _inside(path.parent / declared, workspace_of(path), f"{path}: root")


def workspace_of(path: Path) -> Path:
    """The folder that all files a declaration names lie in: the workspace whose folder raw it is in, or its own."""
    return path.absolute().parent.parent if path.absolute().parent.name == "raw" else path.absolute().parent


def _inside(path: Path, folder: Path, what: str) -> Path:
    """The path, if it leads to somewhere inside the folder, links resolved. Raises CatalogError."""
    refuse(
        (
            not path.resolve().is_relative_to(folder.resolve()),
            f"{what} leads to {path.resolve()}, outside {folder}; put the files inside, or name their folder in the "
            f"environment, as MEDPANEL_DATA, and write ${{MEDPANEL_DATA}} / 指向 {folder} 之外；请将文件放入其中，"
            f"或设置环境变量（如 MEDPANEL_DATA）并写 ${{MEDPANEL_DATA}}",
        ),
        error=CatalogError,
    )
    return path


def head_lines(vintages: Sequence[str], keys: Sequence[str] = HEAD) -> list[str]:
    """The lines a sources.yaml begins with, for the vintages of its entries."""
    listed = ", ".join(map(yaml_text, vintages)) or '"2024"'
    lines = {
        "data_kind": "data_kind: real    # or synthetic / 真实为 real，合成为 synthetic",
        "studies": f"studies: []    # among / 可选: {', '.join(known_studies())}",
        "vintages": f"vintages: [{listed}]    # editions, preferred first / 版本，优先者在前",
        "files": "files:    # the entries / 以下为各文件条目",
    }
    return [lines[key] for key in keys]


def _to_paste(entries: Any, keys: Sequence[str]) -> str:
    """The missing lines of the head, with the vintages that the entries name."""
    given = [entry.get("vintage") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    vintages = list(dict.fromkeys(str(name) for name in given if name is not None))
    return "\n".join(["write at the top of the file / 请写在文件开头:", *head_lines(vintages, keys)])


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
