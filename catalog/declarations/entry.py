"""One entry of `sources.yaml`: which files it speaks for (a pattern), where they came from, and, only where the file is
silent, its indicator and unit.

Belongs here: the keys of an entry and what follows from them. Does not belong here: the file around it (sources.py),
and what single keys hold (panel.py, mapping.py, misc.py …). Applying it: ingestion/.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from catalog.base import Pattern, Strict, refuse
from catalog.declarations.downloads import Received
from catalog.declarations.flow import FlowSpec
from catalog.declarations.mapping import Mapping
from catalog.declarations.misc import DeclaredColumn, DialectColumns, ExportDeclaration, MapSpec, WeightsSpec
from catalog.declarations.panel import CODE_ORDER, Panel
from catalog.declarations.redistribution import Redistribution, redistribution_of
from catalog.declarations.survey import SurveySpec
from catalog.known_names import Day, ReportedIndicator, UnitSymbol, known_provinces
from catalog.provinces import province_names, provinces_by_code

# Keys of entries for files whose cells are no figures of a table, or must all be there.
_WITHOUT_MARKS = ("map", "weights", "survey", "keywords", "dialects")


def _encoding(name: str) -> str:
    try:
        "a".encode(name)
    except (LookupError, ValueError):
        # LookupError: unknown, or no encoding of text such as hex; ValueError: a zero character in the name.
        raise ValueError(
            f"unknown encoding {name!r}; write utf-8, gb18030 or utf-16 / 无法识别的编码；可写 utf-8、gb18030 或 utf-16"
        ) from None
    return name


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
        known_provinces("provinces_absent", self.provinces_absent)
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
