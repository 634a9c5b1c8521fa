"""Mapping files: a written description of a table's arrangement, so that a new layout needs no code.

A mapping says where each table begins, where its regions, years and indicators are printed, and what each header
means in which data years; one mapping then serves every edition. The files lie beside sources.yaml or are bundled in
catalog/layouts/; one filled in as a workbook has one row for each header. Reading by them:
ingestion/readers/mappings/mapped.py; the empty workbook: medpanel/templates.
"""

import zipfile
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from catalog.base import CATALOG_DIR, CatalogError, Pattern, Strict, compiled, read_yaml, refuse, validate
from catalog.characters import plain_data
from catalog.indicators import load_registry
from catalog.known_names import ReportedIndicator, UnitSymbol

BUNDLED_DIR = CATALOG_DIR / "layouts"
SHEET = "数据 data"
# Those of the table stand on each of its rows, or on its first row only.
OF_TABLE = ("title", "sheet", "header_start", "header_rows", "regions", "years", "years_pattern")
OF_COLUMN = ("header", "indicator", "unit", "first", "last", "optional")
COLUMNS = (*OF_TABLE, *OF_COLUMN)
AXES = ("down", "across", "title", "entry")
YES = {"yes": True, "no": False, "是": True, "否": False}
_WHOLE = frozenset({"header_rows", "first", "last"})
# Far more than any mapping has; a workbook formatted to its last row must not be read to it.
_MOST_ROWS = 5000
_SUFFIXES = frozenset({".yaml", ".yml", ".xlsx"})
# Five thousand rows of a mapping are 3 MB of XML.
_UNPACKED_BYTES = 32 * 2**20


class Axis(Strict):
    """Where a region, year or indicator is printed; exactly one of the keys.

    down    in a column: its header (a regular expression) or its number, from 1
    across  in the header: a regular expression over the header texts of a column, joined by " | ", with one group
    title   in the lines above the header: a regular expression with one group
    entry   nowhere: the entry of sources.yaml says it (`year`)
    """

    down: str | int | None = None
    across: str | None = None
    title: str | None = None
    entry: bool = False

    def _consistent(self) -> None:
        given = [axis for axis in (self.down, self.across, self.title) if axis is not None]
        refuse(
            (
                len(given) + self.entry != 1,
                "give exactly one of down, across, title, entry / down、across、title、entry 须且只能给出其一",
            )
        )
        for pattern in given:
            ungrouped = isinstance(pattern, str) and compiled(pattern).groups != 1 and pattern != self.down
            refuse(
                (
                    ungrouped,
                    f"{pattern!r} needs exactly one group, around what is to be read / "
                    f"{pattern!r} 须恰有一个组，括住要读取的内容",
                )
            )


class Heading(Strict):
    """The header: `start` (a regular expression for one of its first row's cells) and its number of rows.

    Without `start` it is the first row below the title with two filled cells. `rows: until_regions` for editions whose
    headers differ in height: it ends above the first region of the column `regions: {down: number}`. `fill_right`: a
    group is printed once, above its first column, in cells that are not merged. `fill_down`: so is a label of rows,
    beside the first of its rows.
    """

    start: Pattern | None = None
    rows: Annotated[int, Field(ge=1, le=6)] | Literal["until_regions"] = 1
    fill_right: bool = False
    fill_down: bool = False


class MappedColumn(Strict):
    """What a header means in the data years `first` to `last` (without them: always).

    header    a regular expression for the whole header text; without it every figure is meant
    indicator, measure   what is counted: an indicator, or, in a table by type of facility, a measure of facilities
    optional  the table may lack it
    """

    header: Pattern | None = None
    indicator: ReportedIndicator | None = None
    measure: str | None = None
    unit: UnitSymbol | None = None
    first: int | None = Field(default=None, ge=1949, le=2100)
    last: int | None = Field(default=None, ge=1949, le=2100)
    optional: bool = False

    def _consistent(self) -> None:
        registry, indicators = load_registry(), self.indicators
        known = ", ".join(registry.facilities.measures)
        refuse(
            (
                (self.indicator is None) == (self.measure is None),
                "give exactly one of indicator, measure / indicator 与 measure 须且只能给出其一",
            ),
            (
                not indicators,
                f"{self.measure!r} is not a measure of facilities; known: {known} / "
                f"{self.measure!r} 不是机构度量；可用：{known}",
            ),
        )
        if self.unit is not None:
            registry.conversion(self.unit, indicators[0])
        backwards = self.first is not None and self.last is not None and self.first > self.last
        refuse(
            (
                backwards,
                f"{self.indicator or self.measure}: first {self.first} is after last {self.last} / "
                f"first {self.first} 晚于 last {self.last}",
            )
        )

    @property
    def indicators(self) -> tuple[str, ...]:
        """The indicator; of a measure, those of all types of facility."""
        by_indicator = load_registry().facilities.by_indicator.items()
        own = tuple(name for name, (measure, _) in by_indicator if measure == self.measure)
        return own if self.indicator is None else (self.indicator,)

    def in_use(self, year: int) -> bool:
        """Whether the header has this meaning in a data year."""
        return (self.first or year) <= year <= (self.last or year)


class MappedTable(Strict):
    """One table, or with `several` each of the tables with a title of this kind.

    title      a regular expression for a line above it; the table ends where the next title of the mapping begins.
               Without it the sheet is one table
    sheet      a regular expression for the whole name of the sheet
    regions, years, indicators   where they are printed; `indicators` without it: across, in the headers
    facilities   where types of facility are printed, for a table by type; its columns then name a `measure`
    columns    what the headers (or, with `indicators: {down: ...}`, the labels of the rows) mean
    set_aside_columns, set_aside_rows   regular expressions for headers and row labels to leave out
    all_provinces   the table must name each of the 31 provinces
    optional   files may lack the table
    """

    title: Pattern | None = None
    several: bool = False
    sheet: Pattern | None = None
    header: Heading = Heading()
    regions: Axis
    years: Axis
    indicators: Axis | None = None
    facilities: Axis | None = None
    columns: tuple[MappedColumn, ...] = Field(min_length=1)
    set_aside_columns: tuple[Pattern, ...] = ()
    set_aside_rows: tuple[Pattern, ...] = ()
    all_provinces: bool = True
    optional: bool = False

    def _consistent(self) -> None:
        refuse(
            (
                self.regions.entry,
                "regions: no entry of sources.yaml says whose figures a table holds / "
                "regions：条目不能说明数据属于哪个地区",
            ),
            (
                self.indicators is not None and self.indicators.down is None,
                "indicators: say `down`, or leave the key out for headers / indicators：写 down，指标在表头时不写此键",
            ),
            (
                self.facilities is not None and self.facilities.entry,
                "facilities: no entry of sources.yaml says which types a table holds / "
                "facilities：条目不能说明机构类型",
            ),
            (
                any((column.measure is None) != (self.facilities is None) for column in self.columns),
                "columns: of a table with `facilities` each names a measure, of any other an indicator / "
                "columns：有 facilities 的表用 measure，其他表用 indicator",
            ),
            (
                self.header.rows == "until_regions" and not isinstance(self.regions.down, int),
                "header: rows until_regions needs the number of the region column, as in {down: 1} / "
                "header：rows until_regions 须给出地区列的列号，例如 {down: 1}",
            ),
            (
                self.several and self.title is None,
                "several: such tables are told by their title / several：须以 title 识别各表",
            ),
        )


class Mapping(Strict):
    """A mapping file. `name` is the file's, for messages."""

    name: str = ""
    entity_level: Literal["province", "city"] = "province"
    note: str | None = None
    tables: tuple[MappedTable, ...] = Field(min_length=1)

    def _consistent(self) -> None:
        untitled = [table.sheet for table in self.tables if table.title is None]
        refuse(
            (
                len(set(untitled)) < len(untitled),
                "tables: two of them without a title are on the same sheets, so nothing tells them apart / "
                "tables：同一工作表中有两个无 title 的表，无法区分",
            ),
            (
                self.entity_level == "city" and any("all_provinces" in t.model_fields_set for t in self.tables),
                "all_provinces is of tables of provinces / all_provinces 仅用于省级表",
            ),
        )


def bundled_layouts() -> tuple[Path, ...]:
    """The mapping files that come with the product, in order of their names."""
    return tuple(sorted(BUNDLED_DIR.glob("*.yaml")))


def with_mappings(data: Any, folder: Path, within: Path) -> Any:
    """The parsed sources.yaml with each entry's `mapping: file.yaml` (or .xlsx) replaced by the mapping of that file.

    A file beside sources.yaml, in `folder`, comes before a bundled one of the same name; none lies outside `within`.
    Raises CatalogError naming the file, and the entry where there is none.
    """
    read: dict[str, Mapping] = {}
    entries = data.get("files") if isinstance(data, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("mapping"), str):
            name, match = entry["mapping"], str(entry.get("match"))
            entry["mapping"] = read[name] = read[name] if name in read else _read(name, folder, within, match)
            entry.setdefault("layout", "mapped")
    return data


def _read(name: str, folder: Path, within: Path, match: str) -> Mapping:
    refuse(
        (
            Path(name).suffix.lower() not in _SUFFIXES,
            f"{match}: mapping {name!r} is no .yaml or .xlsx file / {match}：mapping 须为 .yaml 或 .xlsx 文件",
        ),
        (
            not (folder / name).resolve().is_relative_to(within.resolve()),
            f"{match}: mapping {name!r} lies outside {within}; put it beside sources.yaml / "
            f"{match}：映射文件“{name}”在 {within} 之外，请放在 sources.yaml 旁",
        ),
        error=CatalogError,
    )
    path = next((place for place in (folder / name, BUNDLED_DIR / name) if place.is_file()), None)
    if path is None:
        known = ", ".join(bundled.name for bundled in bundled_layouts()) or "none"
        raise CatalogError(
            f"{match}: mapping {name!r} is neither in {folder} nor bundled; bundled: {known} / "
            f"{match}：{folder} 中没有映射文件“{name}”，自带的有：{known}"
        )
    content = read_mapping_workbook(path) if path.suffix.lower() == ".xlsx" else read_yaml(path)
    refuse((not isinstance(content, dict), f"{path}: expected the key tables / 应有键 tables"), error=CatalogError)
    return validate(Mapping, {**plain_data(content), "name": name}, path)


def read_mapping_workbook(path: Path) -> dict[str, Any]:
    """The content of a mapping file, not yet validated. Raises CatalogError naming the cell."""
    tables: list[dict[str, Any]] = []
    before: dict[str, Any] | None = None
    for row, given in _rows(path):
        own = {name: given[name] for name in OF_TABLE if given[name] is not None}
        # A row that says nothing of its table, or the same as the row before, belongs to that row's table.
        if before is None or any(before.get(name) != value for name, value in own.items()):
            before = own
            tables.append({**_table(own, path, row), "columns": []})
        tables[-1]["columns"].append({name: given[name] for name in OF_COLUMN if given[name] is not None})
    refuse((not tables, f"{path}, sheet {SHEET}: no row is filled in / 没有填写任何行"), error=CatalogError)
    return {"tables": tables}


def _rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    from openpyxl import load_workbook

    _require_small(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # damaged files raise many kinds
        raise CatalogError(f"{path}: no readable .xlsx workbook: {error} / 无法读取的 .xlsx 工作簿") from error
    refuse(
        (
            SHEET not in book.sheetnames,
            f"{path}: no sheet {SHEET!r}; found {', '.join(book.sheetnames)} / 缺少工作表 {SHEET!r}",
        ),
        error=CatalogError,
    )
    rows = list(book[SHEET].iter_rows(max_row=_MOST_ROWS, max_col=len(COLUMNS), values_only=True))
    book.close()
    header = tuple(str(cell or "").strip() for cell in rows[0]) if rows else ()
    refuse(
        (header != COLUMNS, f"{path}, sheet {SHEET}, row 1: found {header}, expected {COLUMNS} / 表头不符"),
        error=CatalogError,
    )
    return [
        (number, {name: _value(name, cell, path, number) for name, cell in zip(COLUMNS, cells, strict=True)})
        for number, cells in enumerate(rows[1:], start=2)
        if any(cell not in (None, "") for cell in cells)
    ]


def _require_small(path: Path) -> None:
    """Raise CatalogError for a workbook that is no archive, or unpacks to more than a mapping can be."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise CatalogError(f"{path}: no readable .xlsx workbook: {error} / 无法读取的 .xlsx 工作簿") from error
    refuse(
        (
            size > _UNPACKED_BYTES,
            f"{path}: {size / 2**20:,.0f} MiB when unpacked; a mapping has at most {_UNPACKED_BYTES // 2**20} / "
            f"{path}：解压后为 {size / 2**20:,.0f} MiB，映射文件至多 {_UNPACKED_BYTES // 2**20} MiB",
        ),
        error=CatalogError,
    )


def _value(name: str, cell: Any, path: Path, row: int) -> Any:
    if cell is None or str(cell).strip() == "":
        return None
    text = str(cell).strip()
    found = f"{path}, sheet {SHEET}, row {row}, {name}: found {text!r}"
    if name == "optional":
        refuse(
            (text.lower() not in YES, f"{found}, expected yes or no / 应为 是 或 否"),
            error=CatalogError,
        )
        return YES[text.lower()]
    if name in _WHOLE:
        whole = text.removesuffix(".0")
        refuse((not whole.isdigit(), f"{found}, expected a whole number / 应为整数"), error=CatalogError)
        return int(whole)
    return text


def _table(own: dict[str, Any], path: Path, row: int) -> dict[str, Any]:
    """The keys of a table as MappedTable names them."""
    years, pattern = own.get("years"), own.get("years_pattern")
    place = f"{path}, sheet {SHEET}, row {row}"
    refuse(
        (years not in AXES, f"{place}, years: found {years!r}, expected one of {', '.join(AXES)} / years 应为其中之一"),
        (
            (pattern is None) != (years == "entry"),
            f"{place}, years_pattern: needed for years that are printed, and only for them / "
            f"仅当年份印在表中时填写 years_pattern",
        ),
        error=CatalogError,
    )
    regions = own.get("regions", "1")
    return {
        "title": own.get("title"),
        "sheet": own.get("sheet"),
        "header": {"start": own.get("header_start"), "rows": own.get("header_rows", 1)},
        "regions": {"down": int(regions) if regions.isdigit() else regions},
        "years": {"entry": True} if years == "entry" else {years: _column_number(str(pattern), years)},
    }


def _column_number(pattern: str, axis: str | None) -> str | int:
    return int(pattern) if axis == "down" and pattern.isdigit() else pattern
