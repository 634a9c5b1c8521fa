"""Finding mapping files, beside sources.yaml or bundled in catalog/layouts/, and reading those filled in as workbooks.

A workbook has one row for each header and is turned into what a mapping file in YAML says. What the keys mean:
mapping.py; the empty workbook: medpanel/templates.
"""

from pathlib import Path
from typing import Any

from catalog.base import CATALOG_DIR, CatalogError, read_yaml, refuse

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


def bundled_layouts() -> tuple[Path, ...]:
    """The mapping files that come with the product, in order of their names."""
    return tuple(sorted(BUNDLED_DIR.glob("*.yaml")))


def with_mappings(data: Any, folder: Path) -> Any:
    """The parsed sources.yaml with each entry's `mapping: file.yaml` (or .xlsx) replaced by the content of that file.

    A file beside sources.yaml takes precedence over a bundled one of its name. Raises CatalogError with file and entry.
    """
    entries = data.get("files") if isinstance(data, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("mapping"), str):
            entry["mapping"] = _read(entry["mapping"], folder, str(entry.get("match")))
            entry.setdefault("layout", "mapped")
    return data


def _read(name: str, folder: Path, match: str) -> Any:
    path = next((place for place in (folder / name, BUNDLED_DIR / name) if place.is_file()), None)
    if path is None:
        known = ", ".join(bundled.name for bundled in bundled_layouts()) or "none"
        raise CatalogError(f"{match}: mapping {name!r} is neither in {folder} nor bundled; bundled: {known}")
    content = read_mapping_workbook(path) if path.suffix.lower() == ".xlsx" else read_yaml(path)
    refuse((not isinstance(content, dict), f"{path}: expected the key tables"), error=CatalogError)
    return {**content, "name": name}


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

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # damaged files raise many kinds
        raise CatalogError(f"{path}: no readable .xlsx workbook: {error}") from error
    refuse(
        (SHEET not in book.sheetnames, f"{path}: no sheet {SHEET!r}; found {', '.join(book.sheetnames)}"),
        error=CatalogError,
    )
    rows = list(book[SHEET].iter_rows(max_row=_MOST_ROWS, max_col=len(COLUMNS), values_only=True))
    book.close()
    header = tuple(str(cell or "").strip() for cell in rows[0]) if rows else ()
    refuse((header != COLUMNS, f"{path}, sheet {SHEET}, row 1: found {header}, expected {COLUMNS}"), error=CatalogError)
    return [
        (number, {name: _value(name, cell, path, number) for name, cell in zip(COLUMNS, cells, strict=True)})
        for number, cells in enumerate(rows[1:], start=2)
        if any(cell not in (None, "") for cell in cells)
    ]


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
    """The keys of a table as mapping.py names them."""
    years, pattern = own.get("years"), own.get("years_pattern")
    place = f"{path}, sheet {SHEET}, row {row}"
    refuse(
        (years not in AXES, f"{place}, years: found {years!r}, expected one of {', '.join(AXES)}"),
        (
            (pattern is None) != (years == "entry"),
            f"{place}, years_pattern: needed for years that are printed, and only for them",
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
