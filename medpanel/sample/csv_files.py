"""The sample's text files, as bytes: statistics bureau exports of both generations and the pilot list.

Belongs here: layouts of domain 9.1 and 9.4. Does not belong here: workbooks (workbooks.py),
putting a sample together (files.py).
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from catalog import load_provinces
from medpanel.office.files import text_bytes
from medpanel.sample.pilots import PILOT_COLUMNS
from medpanel.sample.reference import YEARS

NOTE = "注：合成数据 synthetic data，由 medpanel 生成，种子 {seed}，不得当作统计数据"
SOURCE_LINE = "数据来源：国家统计局（仅仿其版式；数据为合成）"
# Both are "shanxi" in pinyin, so such a file cannot be told apart and must be refused.
AMBIGUOUS = {140000: "Shanxi", 610000: "Shanxi"}


def old_export(header: str, rows: Mapping[int, Sequence[str]], seed: int, names: Mapping[int, str]) -> bytes:
    """An export as the bureau made them before 2026: GBK, CRLF, newest year first, indicator and unit named.

    `header` is the indicator with its unit, as 地区生产总值(亿元); `rows` the printed figures by province
    code, oldest year first; `names` what to print for a province instead of its full name.
    """
    table = [["地区", *(f"{year}年" for year in reversed(YEARS))]]
    table += [[names.get(code, name), *reversed(rows[code])] for code, name in _provinces()]
    lines = [
        "数据库：分省年度数据",
        f"指标：{header}",
        f"时间：{YEARS[0]}-{YEARS[-1]}",
        *map(",".join, table),
        NOTE.format(seed=seed),
        SOURCE_LINE,
    ]
    # The bureau's GBK files hold GB2312 characters only; encoding strictly keeps the sample's so.
    return text_bytes(lines, "gb2312", "\r\n")


def export_2026(rows: Mapping[int, Sequence[str]], seed: int) -> bytes:
    """An export of the generation of 2026: BOM, LF, a TAB before every comma, no indicator named.

    The year after the last is there and still empty, as in the real exports.
    """
    years = [*YEARS, YEARS[-1] + 1]
    table = [["地区", *(f"{year}年" for year in reversed(years))]]
    table += [[name, "", *reversed(rows[code])] for code, name in _provinces()]
    lines = [
        "数据库：分省年度数据 ",
        f"时间：{years[0]}年-{years[-1]}年 ",
        *("".join(f"{cell}\t," for cell in cells) for cells in table),
        NOTE.format(seed=seed).replace("注：", "注：1. "),
        SOURCE_LINE,
    ]
    return "\n".join(lines).encode("utf-8-sig")


def _provinces() -> list[tuple[int, str]]:
    return [(province.province_code, province.name_zh) for province in load_provinces()]


def pilot_list(pilots: pd.DataFrame) -> bytes:
    """pilots.csv: UTF-8, empty where a code does not apply; every row's source says it is synthetic."""
    return pilots.to_csv(columns=list(PILOT_COLUMNS), index=False, lineterminator="\n").encode()
