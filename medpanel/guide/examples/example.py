"""What an example of a layout is, and reading one the way any file is read.

Does not belong here: the examples (the other modules of this package), showing them (rendering.py).
"""

import datetime as dt
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from catalog import load_provinces, load_registry, load_sources
from ingestion import FileReading, read_file

Family = Literal[
    "exports", "yearbooks", "panels", "mappings", "pilots", "places", "flows", "persons", "maps", "texts"
]  # fmt: skip
# In the order of the guide's chapters.
FAMILIES: tuple[Family, ...] = get_args(Family)
NAMES = tuple(province.name_zh for province in load_provinces())
SHORT = tuple(province.short_zh for province in load_provinces())
CODES = tuple(province.province_code for province in load_provinces())
# Every example carries this note where its layout has room for one.
NOTE = "注：示例，数字均为虚构 example, all figures invented"
# What every entry says; last in it, because it is the same everywhere.
ORIGIN: dict[str, Any] = {
    "vintage": "example",
    "publisher": "example 示例, all figures invented 数字均为虚构",
    "licence": "CC0-1.0",
    "accessed": dt.date(2026, 1, 1),
}
Cells = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class LayoutExample:
    """One small file of a layout; nothing in it was received from anybody.

    layout     the name of the layout it is recognised as
    name       path of the file below the input folder, `content` its bytes
    entry      its entry in sources.yaml, without ORIGIN
    text_en, text_zh   what the layout is and what to mind
    companions path -> bytes of further files the entry needs
    shown      cells to show of a binary format; text files and workbooks are shown from their bytes
    """

    layout: str
    family: Family
    name: str
    content: bytes
    entry: Mapping[str, Any]
    text_en: str
    text_zh: str
    companions: Mapping[str, bytes] = field(default_factory=dict)
    shown: Cells = ()

    def whole_entry(self) -> dict[str, Any]:
        """The entry as it stands in sources.yaml."""
        return {"match": self.name, **self.entry, **ORIGIN}

    def files(self) -> dict[str, bytes]:
        """Path -> bytes of everything in the example's folder, sources.yaml apart."""
        return {self.name: self.content, **self.companions}


def figure(row: int, column: int) -> str:
    """An invented figure; those of one table all differ."""
    return f"{1000 + 37 * row + 11 * column}.5"


def sources_text(*examples: LayoutExample) -> str:
    """A sources.yaml that declares the examples."""
    entries = [example.whole_entry() for example in examples]
    whole = {"data_kind": "synthetic", "studies": [], "scope": "declared", "vintages": ["example"], "files": entries}
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True)


def read_example(example: LayoutExample, folder: Path | None = None) -> FileReading:
    """Write the example into a folder (default: one of its own, deleted again) and read it by its entry.

    Raises CatalogError when the entry is not valid; what is wrong with the file stands in the result.
    """
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="medpanel-example-") as made:
            return read_example(example, Path(made))
    for name, content in example.files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    declaration = folder / "sources.yaml"
    declaration.write_text(sources_text(example), encoding="utf-8")
    sources, root = load_sources(declaration)
    return read_file(root, root / example.name, sources, load_registry())
