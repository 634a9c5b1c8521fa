"""Where mapping files are: beside sources.yaml, or bundled in catalog/layouts/.

What they may say: mapping.py; mappings filled in as workbooks: mapping_workbook.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from catalog.base import CATALOG_DIR, CatalogError, read_yaml
from catalog.declarations.mapping_workbook import read_mapping_workbook

BUNDLED_DIR = CATALOG_DIR / "layouts"


def bundled_layouts() -> tuple[Path, ...]:
    """The mapping files that come with the product, in order of their names."""
    return tuple(sorted(BUNDLED_DIR.glob("*.yaml")))


def with_mappings(data: Any, folder: Path) -> Any:
    """The parsed sources.yaml with each entry's `mapping: file.yaml` (or .xlsx) replaced by what that file holds.

    A file beside sources.yaml comes before a bundled one of the same name. Raises CatalogError naming file and entry.
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
        known = _names(bundled_layouts())
        raise CatalogError(f"{match}: mapping {name!r} is neither in {folder} nor bundled; bundled: {known}")
    content = read_mapping_workbook(path) if path.suffix.lower() == ".xlsx" else read_yaml(path)
    if not isinstance(content, dict):
        raise CatalogError(f"{path}: expected the key tables")
    return {**content, "name": name}


def _names(paths: Iterable[Path]) -> str:
    return ", ".join(path.name for path in paths) or "none"
