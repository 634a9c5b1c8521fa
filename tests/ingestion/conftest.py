"""Small input files made in the test, so that each fault stands alone. No bytes of a received file are kept here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from catalog import Sources, load_provinces, load_registry
from catalog.messages import common_codes, layout_codes, pointers
from ingestion import FileReading, read_file, reading
from ingestion.readers import EVERY_LAYOUT

LAYOUT_NAMES = {layout.name for layout in EVERY_LAYOUT}

PROVINCES = [province.name_zh for province in load_provinces()]
SHORT = [province.short_zh for province in load_provinces()]


# The group in the header of workbook_bytes; the entry of a file that has it says that it narrows nothing.
GROUP = "医疗服务"


def _has_groups(content: bytes) -> bool:
    """Whether a workbook has the group; a damaged or a huge one is taken to be one made from workbook_bytes."""
    texts = content
    if content.startswith(b"PK"):
        try:
            package = zipfile.ZipFile(io.BytesIO(content))
            parts = [part for part in package.infolist() if part.filename.startswith("xl/")]
            if any(part.file_size > 2**20 for part in parts):
                return True
            texts = b"".join(package.read(part) for part in parts)
        except Exception:
            return True
    written = (GROUP.encode(), GROUP.encode("ascii", "xmlcharrefreplace"), GROUP.encode("utf-16-le"))
    return any(text in texts for text in written)


def with_groups(name: str, content: bytes, keys: dict[str, Any]) -> dict[str, Any]:
    """The keys of a file's entry, with what a yearbook workbook needs."""
    grouped = name.endswith((".xlsx", ".xls")) and "mapping" not in keys and _has_groups(content)
    return {"neutral_groups": [GROUP], **keys} if grouped else keys


def nbs_text(
    indicator: str = "地区生产总值(亿元)",
    years: tuple[str, ...] = ("2014年", "2013年"),
    names: list[str] | None = None,
    cells: dict[tuple[int, int], str] | None = None,
    preamble: bool = True,
) -> str:
    """A statistics-bureau export; `cells` overrides (province number, year number), both from 0."""
    names = PROVINCES if names is None else names
    lines = ["数据库：分省年度数据"] if preamble else []
    if indicator:
        lines.append(f"指标：{indicator}")
    printed = sorted(year.removesuffix("年") for year in years if year[:4].isdigit())
    lines += [f"时间：{printed[0]}-{printed[-1]}", ",".join(["地区", *years])]
    for i, name in enumerate(names):
        row = [(cells or {}).get((i, j), f"{1000 + 10 * i + j}.5") for j in range(len(years))]
        lines.append(",".join([name, *(f'"{c}"' if "," in c else c for c in row)]))
    return "\r\n".join([*lines, "注：本表按当年价格计算。", "数据来源：国家统计局", ""])


def nbs_2026_text(**keys: Any) -> str:
    """The same in the layout in use since 2026: TAB before each comma, no indicator line."""
    text = nbs_text(indicator="", **keys).replace("\r\n", "\n")
    head, *rows = text.split("时间：")
    return head + "时间：" + "".join(rows).replace(",", "\t,")


def workbook_bytes(
    title: str = "8-2-1 各地区门诊服务情况 (2023年)",
    unit_line: str = "单位：万人次",
    groups: tuple[str, ...] = (GROUP, GROUP),
    leaves: tuple[str, ...] = ("诊疗人次数", "急诊病死率(%)"),
    names: list[str] | None = None,
    cells: dict[tuple[int, int], Any] | None = None,
    extra_sheet: bool = False,
) -> bytes:
    """A health-yearbook table: merged bilingual header in rows 4-6, spaced names, subtotals, notes."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "8-2-1"
    width = 1 + len(leaves)
    sheet["A1"], sheet["A2"] = title, "Outpatient Services by Region"
    sheet.cell(3, width, unit_line)
    sheet["A4"] = "地区\nRegion"
    sheet.merge_cells("A4:A6")
    for j, (group, leaf) in enumerate(zip(groups, leaves, strict=True), start=2):
        sheet.cell(4, j, group)
        sheet.cell(5, j, leaf)
        sheet.cell(6, j, "English")
    if len(leaves) > 1 and len(set(groups)) == 1:
        sheet.merge_cells(start_row=4, start_column=2, end_row=4, end_column=width)
    spaced = [name if len(name) > 2 else "  ".join(name) for name in SHORT] if names is None else names
    body = ["总　计", "东  部", *spaced]
    for i, name in enumerate(body):
        sheet.cell(7 + i, 1, name)
        for j, leaf in enumerate(leaves):
            given = (cells or {}).get((i, j))
            usual = 1000 + i if "人" in leaf else 0.5 + i / 100 if "病死率" in leaf else 95 + i / 10
            value = usual if given is None else given
            sheet.cell(7 + i, 2 + j, value)
    sheet.cell(8 + len(body), 1, "注：①含村卫生室。")
    if extra_sheet:
        book.create_sheet("目录")["A1"] = "目录"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def declared(**keys: Any) -> Sources:
    """A declaration for every file, with the given keys in its entry."""
    entry: dict[str, Any] = {
        "match": "*",
        "vintage": "v1",
        "publisher": "test",
        "licence": "test",
        "accessed": "2026-01-01",
    }
    entry |= keys
    return Sources.model_validate(
        {"data_kind": "synthetic", "studies": (), "vintages": ("v1", "v0"), "files": (entry,)}
    )


@pytest.fixture(scope="session", autouse=True)
def declared_refusals() -> Iterator[None]:
    """Whatever a test of this folder reads may be refused only for what its layout is declared to refuse."""
    recount = reading.recount

    def checked(found: FileReading) -> None:
        recount(found)
        layout = found.source_file["layout"]
        if layout in LAYOUT_NAMES:
            codes = {record["code"] for record in found.rejected_row}
            undeclared = codes - layout_codes(layout) - common_codes() - pointers()
            assert not undeclared, f"`layouts` of {sorted(undeclared)} in catalog/messages lack {layout}"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "recount", checked)
        yield


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., FileReading]:
    """Write content under a name and read it."""

    def _read(content: bytes | str, name: str = "a.csv", **keys: Any) -> FileReading:
        data = content.encode("gb18030") if isinstance(content, str) else content
        (tmp_path / name).write_bytes(data)
        reading = read_file(tmp_path, tmp_path / name, declared(**with_groups(name, data, keys)), load_registry())
        source = reading.source_file
        assert all(record["code"] != "reader_fault" for record in reading.rejected_row), source["problem"]
        assert source["rows_read"] == source["rows_loaded"] + source["rows_rejected"] + source["rows_set_aside"]
        whole_rows = [r for r in reading.rejected_row if not r["cell"] and r["row"]]
        assert len(whole_rows) == source["rows_rejected"]
        return reading

    return _read


def codes(reading: FileReading) -> set[str]:
    """Kinds of problem found, without the pointers of rows to their table's or cells' problems."""
    return {record["code"] for record in reading.rejected_row} - pointers()
