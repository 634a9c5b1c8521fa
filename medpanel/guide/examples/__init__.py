"""One small, self-made file of every layout with its entry in sources.yaml, for the guide and the tests.

Belongs here: finding the examples (a YAML file for each family beside this module), making those of whole lists of
divisions, and reading one like any input file.
They contain no byte of a received file and no real figure. Does not belong here: showing them (rendering.py).
"""

import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from catalog import load_provinces, load_registry, load_sources
from catalog.base import read_yaml
from ingestion import FileReading, read_file
from ingestion.places import vintage
from ingestion.places.units import load_units, units_at
from ingestion.readers.divisions.divisions import HEADER
from medpanel.office.files import csv_bytes, stata_bytes, text_bytes, xlsx_bytes

# In the order of the guide's chapters.
FAMILIES = {
    "exports": ("Exports of the statistics bureau", "国家统计局导出表"),
    "yearbooks": ("Health yearbooks and scanned tables", "卫生健康统计年鉴与扫描表格"),
    "panels": ("Compiled panels", "整理后的面板"),
    "mappings": ("Any other table, by a mapping file", "其他表格（映射文件）"),
    "pilots": ("Pilot lists", "试点名单"),
    "places": ("Divisions and dialects", "行政区划与方言"),
    "flows": ("Flows between cities", "城市间流量"),
    "persons": ("Records of persons", "个人记录"),
    "maps": ("Maps and spatial weights", "地图与空间权重"),
    "texts": ("Texts", "文本"),
}
# What every entry says; last in it, because it is the same everywhere.
ORIGIN: dict[str, Any] = {
    "vintage": "example",
    "publisher": "example 示例, all figures invented 数字均为虚构",
    "licence": "CC0-1.0",
    "accessed": dt.date(2026, 1, 1),
}
# By the level of a unit: as the history prints it, and the first year it tells of.
_LEVELS = {"prefecture": "地级", "county": "县级"}


# Compared by identity, which makes it a key of caches.
@dataclass(frozen=True, eq=False)
class LayoutExample:
    """One small file of a layout; nothing in it comes from a received file.

    layout     the name of the layout it is recognised as
    name       path of the file below the input folder, `content` its bytes, `encoding` that of a text
    text_en, text_zh   what the layout is and what to watch for
    entry      its entry in sources.yaml, without ORIGIN
    companions path -> text of further files the entry needs
    shown      cells to show of a binary format; text files and workbooks are shown from their bytes
    """

    layout: str
    family: str
    name: str
    content: bytes
    text_en: str
    text_zh: str
    encoding: str = "utf-8"
    entry: Mapping[str, Any] = field(default_factory=dict)
    companions: Mapping[str, str] = field(default_factory=dict)
    shown: Sequence[Sequence[str]] = ()

    def whole_entry(self) -> dict[str, Any]:
        """The entry as written in sources.yaml."""
        return {"match": self.name, **self.entry, **ORIGIN}

    def files(self) -> dict[str, bytes]:
        """Path -> bytes of everything in the example's folder except sources.yaml."""
        return {self.name: self.content, **{name: text.encode() for name, text in self.companions.items()}}


def division_list() -> bytes:
    """Codes and names at one year-end."""
    provinces = {province.province_code: province.name_zh for province in load_provinces()}
    units = provinces | {unit.code: unit.name for unit in units_at(2018)}
    return text_bytes(f"{code} {name}" for code, name in sorted(units.items()))


def division_history() -> bytes:
    """Every code with the years it was in use."""
    begun = {str(level): first for level, first in vintage().first_year.items()}
    since = str(begun["prefecture"])
    rows = [[str(p.province_code), "", "", p.name_zh, "省级", "在用", since, "", ""] for p in load_provinces()]
    for unit in load_units():
        state, end = ("弃用", str(unit.last_year + 1)) if unit.last_year else ("在用", "")
        level, first = _LEVELS[unit.level], begun[unit.level]
        after = ";".join(map(str, unit.successors))
        rows.append([str(unit.code), "", "", unit.name, level, state, str(unit.first_year or first), end, after])
    return csv_bytes([list(HEADER), *sorted(rows)])


# Examples built from our own table of divisions, so that they grow with it.
MADE = {"division_list": division_list, "division_history": division_history}


@cache
def examples() -> tuple[LayoutExample, ...]:
    """Every example, in the order of the guide; the same bytes at every call."""
    folder = Path(__file__).parent
    return tuple(_example(family, each) for family in FAMILIES for each in read_yaml(folder / f"{family}.yaml"))


def _example(family: str, declared: dict[str, Any]) -> LayoutExample:
    """An example whose content is declared as text, a sheet, a table of microdata or bytes, or made."""
    text, sheet, table = (declared.pop(kind, None) for kind in ("text", "sheet", "table"))
    if text is not None:
        declared["content"] = text.encode(declared.get("encoding", "utf-8"))
    elif sheet is not None:
        declared["content"] = xlsx_bytes(sheet["rows"], sheet["name"], sheet.get("merged", ()))
    elif table is not None:
        declared["content"] = stata_bytes(pd.DataFrame(table[1:], columns=table[0]))
        declared["shown"] = [[f"{cell:g}" if isinstance(cell, float) else cell for cell in row] for row in table]
    elif declared["layout"] in MADE:
        declared["content"] = MADE[declared["layout"]]()
        declared.setdefault("entry", {"year": vintage().last_year})
    return LayoutExample(family=family, **declared)


def sources_text(*examples: LayoutExample) -> str:
    """A sources.yaml that declares the examples."""
    entries = [example.whole_entry() for example in examples]
    whole = {"data_kind": "synthetic", "studies": [], "scope": "declared", "vintages": ["example"], "files": entries}
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True)


def read_example(example: LayoutExample, folder: Path | None = None) -> FileReading:
    """Write the example into a folder (default: one of its own, deleted again) and read it by its entry.

    Raises CatalogError if the entry is not valid; the result says what is wrong with the file.
    """
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="medpanel-example-") as made:
            return read_example(example, Path(made))
    for name, content in (example.files() | {"sources.yaml": sources_text(example).encode()}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    sources, root = load_sources(folder / "sources.yaml")
    return read_file(root, root / example.name, sources, load_registry())
