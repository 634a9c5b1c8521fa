"""The ten commonest mistakes of a new user, as `medpanel inspect` tells them: the first line in English and in Chinese;
and what happens when the advice is followed."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from rich.console import Console

from catalog.base import CatalogError
from medpanel.inspection.inspecting import inspect
from medpanel.templates import cities_template
from medpanel.templates.workbook import DATA, template_bytes
from tests.ingestion.conftest import PROVINCES, nbs_text

HEAD = 'data_kind: real\nstudies: [expenditure_gdp]\nvintages: ["2024"]\nfiles:\n'
WHO = "    vintage: 2024\n    publisher: x\n    licence: none\n"
ENTRY = f"  - match: gdp.csv\n{WHO}"
PANEL = "    layout: long_panel\n    entity_column: 省份\n    year_column: 年份\n"


def panel(value: Callable[[int], float], header: str = "值") -> bytes:
    rows = [f"{name},{year},{value(n):g}" for n, name in enumerate(PROVINCES) for year in (2013, 2014)]
    return "\n".join([f"省份,年份,{header}", *rows]).encode("utf-8-sig")


def declared(text: str, content: bytes | None = None) -> dict[str, bytes]:
    return {"gdp.csv": nbs_text().encode("gbk") if content is None else content, "sources.yaml": text.encode()}


def gdp(unit: str, value: float) -> dict[str, bytes]:
    columns = f"    columns: {{值: {{indicator: gdp, unit: {unit}}}}}\n"
    return declared(HEAD + ENTRY + PANEL + columns, panel(lambda n: value + 1e4 * n))


def rate(unit: str) -> dict[str, bytes]:
    columns = f"    columns: {{值: {{indicator: child_management_rate, unit: {unit}}}}}\n"
    return declared(HEAD + ENTRY + PANEL + columns, panel(lambda n: 0.9 + n / 1000))


def template(fill: Callable[[int], float | None]) -> dict[str, bytes]:
    made = cities_template(2018, ["gdp"])
    book = openpyxl.load_workbook(io.BytesIO(template_bytes(made)))
    for row in range(2, len(made.rows) + 2):
        book[DATA].cell(row, 4).value = fill(row)
    stream = io.BytesIO()
    book.save(stream)
    entry = "\n".join(f"  {line}" for line in made.entry).replace("accessed: …", "accessed: 2026-11-29")
    entry = entry.replace("vintage: …", "vintage: 2024").replace("…", "x")
    return {made.file_name: stream.getvalue(), "sources.yaml": f"{HEAD}{entry}\n".encode()}


def inspected(folder: Path, files: dict[str, bytes]) -> tuple[bool, list[str]]:
    """Whether everything would load, and the lines printed, of a folder with these files."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    stream = io.StringIO()
    try:
        fine = inspect(folder, None, Console(file=stream, width=2000))
    except CatalogError as error:
        return False, str(error).replace(f"{folder}/", "").splitlines()
    return fine, [line.strip() for line in stream.getvalue().splitlines()]


def first_told(lines: list[str]) -> tuple[str, str]:
    """The first line that says what is wrong, and the one below it: English, Chinese."""
    at = next((n for n, line in enumerate(lines) if line.startswith(("✗", "! "))), 0)
    return lines[at].removeprefix("✗ ").removeprefix("! "), lines[at + 1]


MISSING = "\n".join(line for line in nbs_text().splitlines() if not line.startswith("西藏"))
MISTAKES: dict[str, tuple[dict[str, bytes], str, str]] = {
    "typo in a key": (
        declared((HEAD + ENTRY).replace("vintage: 2024", "vintag: 2024")),
        "sources.yaml, line 6: files.0.vintag: unknown key; did you mean `vintage`?",
        "sources.yaml 第6行：files.0.vintag：没有这样的键；是否应为“vintage”？",
    ),
    "wrong id": (
        declared(HEAD + ENTRY + "    indicator: gdpp\n"),
        "sources.yaml, line 9: files.0.indicator: unknown indicator 'gdpp'; known: gdp, registered_population, …; "
        "did you mean `gdp`?",
        "sources.yaml 第9行：files.0.indicator：无法识别的指标“gdpp”；可用：gdp, registered_population, …；"
        "是否应为“gdp”？",
    ),
    "missing head": (
        declared(f"files:\n{ENTRY}"),
        "sources.yaml: data_kind: this key is missing",
        "sources.yaml：data_kind：缺少此键",
    ),
    "unquoted value": (
        declared(HEAD + ENTRY + "    unit: %\n"),
        "sources.yaml, line 9: not readable as YAML: put a value with a mark such as % * [ # or a colon in quotes, as "
        'in unit: "%"',
        "sources.yaml 第9行：无法按 YAML 读取：含 %、*、[、# 或冒号等符号的值请加引号，例如 unit: \"%\"",
    ),
    "wrong encoding declared": (
        declared(HEAD + ENTRY + "    encoding: utf-8\n"),
        "the bytes are not text in the encoding sources.yaml declares; found 'utf-8'; expected gb18030; to do: declare "
        "`encoding: gb18030` or remove `encoding:` from the entry; if that does not help, save the file as UTF-8",
        "文件不是 sources.yaml 所声明编码的文本；发现“utf-8”；应为gb18030；处理：请声明 encoding: gb18030，"
        "或删除条目中的 encoding:；若仍无法读取，请另存为 UTF-8",
    ),
    "missing province": (
        declared(HEAD + ENTRY, MISSING.encode("gbk")),
        "provinces are missing; found '西藏",
        "缺少省份；",
    ),
    "percent as fraction": (
        rate('"%"'),
        "most values are implausible in the unit given; found 'child_management_rate: 0.915 %'; expected a median of "
        '20 – 100 %; to do: check the unit in the file or in sources.yaml; the values would fit "1"',
        "按所给单位，多数数值不合理；发现“child_management_rate: 0.915 %”；应为中位数为 20 – 100 %；"
        '处理：请核对单位；这些数值符合 "1"',
    ),
    "元 for 万元": (
        gdp("元", 3e7),
        "most values are implausible in the unit given; found 'gdp: 30150000 元'; expected a median of 20 – 300000 "
        "亿元; to do: check the unit in the file or in sources.yaml; the values would fit 万元",
        "按所给单位，多数数值不合理；发现“gdp: 30150000 元”；应为中位数为 20 – 300000 亿元；"
        "处理：请核对单位；这些数值符合 万元",
    ),
    "duplicate file": (
        declared(HEAD + ENTRY.replace("gdp.csv", '"*.csv"')) | {"gdp (1).csv": nbs_text().encode("gbk")},
        "the file is identical to another one; its figures are counted once; expected each file once (first: gdp "
        "(1).csv); to do: remove one of the two",
        "文件与另一文件内容完全相同；数据只计一次；应为每个文件一次（首个：gdp (1).csv）；处理：请删除其一",
    ),
    "template filled in part": (
        template(lambda row: None),
        "the file is read, and nothing is filled in; expected at least one row with a figure or a place; to do: ",
        "文件可以读取，但没有填写任何内容；应为至少一行数值或地点；处理：",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_first_line_says_what_is_wrong_in_both_languages(tmp_path: Path, mistake: str) -> None:
    files, english, chinese = MISTAKES[mistake]
    fine, lines = inspected(tmp_path / "raw", files)
    told = first_told(lines)
    assert not fine
    assert told[0].startswith(english), told[0]
    assert told[1].startswith(chinese), told[1]


FOLLOWED: dict[str, dict[str, bytes]] = {
    "typo in a key": declared(HEAD + ENTRY),
    "wrong id": declared(HEAD + ENTRY + "    indicator: gdp\n"),
    "unquoted value": declared(HEAD + ENTRY + '    unit: "亿元"\n'),
    "wrong encoding declared": declared(HEAD + ENTRY + "    encoding: gb18030\n"),
    "missing province": declared(HEAD + ENTRY),
    "percent as fraction": rate('"1"'),
    "元 for 万元": gdp("万元", 3e7),
    "duplicate file": declared(HEAD + ENTRY),
    "template filled in part": template(lambda row: 500.5 + row if row % 3 else None),
}


@pytest.mark.parametrize("mistake", FOLLOWED)
def test_the_advice_leads_to_a_load(tmp_path: Path, mistake: str) -> None:
    fine, lines = inspected(tmp_path / "raw", FOLLOWED[mistake])
    assert fine, lines


def test_a_head_pasted_as_printed_leads_to_a_load(tmp_path: Path) -> None:
    files, _, _ = MISTAKES["missing head"]
    _, lines = inspected(tmp_path / "raw", files)
    head = lines[lines.index("write at the top of the file / 请写在文件开头:") + 1 :]
    text = "\n".join([*head, files["sources.yaml"].decode()])
    assert inspected(tmp_path / "raw", declared(text))[0]


def entry_of(lines: list[str]) -> str:
    """The entry inspect prints, completed."""
    at = next(n for n, line in enumerate(lines) if line.startswith("sources.yaml entry to complete"))
    own = [line for line in lines[at + 1 : at + 6] if line]
    text = "\n".join([f"  {own[0]}", *(f"    {line}" for line in own[1:])])
    return text.replace("vintage: …", "vintage: 2024").replace("…", "x") + "\n"


@pytest.mark.parametrize("name", ["数据[1].csv", "数据 #2.csv"])
@pytest.mark.parametrize("indent", ["", "  "])
def test_an_entry_pasted_as_printed_leads_to_a_load(tmp_path: Path, name: str, indent: str) -> None:
    """Below entries however they are indented; the message names the entry to look for, in quotes."""
    first = ENTRY.replace("\n  ", f"\n{indent}").removeprefix("  ")
    text = f"{HEAD}{indent}{first}".replace("gdp.csv", "other.csv")
    files = {"other.csv": nbs_text().encode("gbk"), name: nbs_text("土地面积(平方公里)", cells=AREA).encode("gbk")}
    raw = tmp_path / "raw"
    fine, lines = inspected(raw, files | {"sources.yaml": text.encode()})
    english, chinese = first_told(lines)
    assert not fine
    assert english.startswith("no entry of sources.yaml matches this file; expected ")
    assert chinese.startswith("sources.yaml 中没有与此文件匹配的条目；")
    match = '- match: "数据 #2.csv"' if "#" in name else '- match: "数据[[]1].csv"'
    assert english.endswith(match) and chinese.endswith(match)
    pasted = entry_of(lines).replace("\n    ", f"\n{indent}  ").removeprefix("  ")
    assert inspected(raw, files | {"sources.yaml": f"{text}{indent}{pasted}".encode()})[0]


AREA = {(n, year): f"{9000.5 + n}" for n in range(31) for year in range(2)}


def test_a_name_cut_by_a_comment_is_told_with_the_whole_name(tmp_path: Path) -> None:
    text = HEAD + ENTRY.replace("gdp.csv", "数据 #2.csv")
    fine, lines = inspected(tmp_path / "raw", declared(text) | {"数据 #2.csv": nbs_text().encode("gbk")})
    [told] = [line for line in lines if line.startswith("! sources.yaml")]
    assert not fine and 'in YAML a # behind a blank begins a comment: match: "数据 #2.csv"' in told
    assert "YAML 中空格后的 # 为注释" in lines[lines.index(told) + 1]


def test_a_year_copied_is_warned_of_and_loads(tmp_path: Path) -> None:
    same = {(n, year): f"{1000.5 + n}" for n in range(31) for year in range(2)}
    fine, lines = inspected(tmp_path / "raw", declared(HEAD + ENTRY, nbs_text(cells=same).encode("gbk")))
    english, chinese = first_told(lines)
    assert fine
    assert english.startswith("gdp: 100% of the figures of 2014 are those of 2013 to the digit")
    assert chinese.startswith("地区生产总值：2014年有100%的数值与2013年完全相同")


def test_files_the_declaration_names_itself_need_no_entry(tmp_path: Path) -> None:
    mapped = f"{HEAD}{ENTRY}    mapping: m.yaml\n".replace("studies:", "corrections: c.yaml\nstudies:")
    table = "regions: {down: 1}, years: {across: '([0-9]{4})年'}, header: {start: 地区}"
    columns = "columns: [{indicator: gdp, unit: 亿元}]"
    files = {"m.yaml": f"tables:\n  - {{{table}, {columns}}}\n".encode(), "c.yaml": b"corrections: []\n"}
    fine, lines = inspected(tmp_path / "raw", declared(mapped) | files)
    assert not any("no entry of sources.yaml" in line for line in lines)
    assert fine, lines
