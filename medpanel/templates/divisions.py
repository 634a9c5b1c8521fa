"""The folder of facts about divisions to fill in: a vintage and an empty list of changes, with what each column means.

Belongs here: what is written. Reading it: catalog/division_facts.py.
"""

from collections.abc import Sequence
from pathlib import Path

from catalog.base import refuse
from catalog.division_facts import CHANGES, COLUMNS, VINTAGE, Vintage

NAME = "divisions"
_READ_ME = """\
# Changes of divisions since {last} · {last}年以来的区划变更

These files follow the packaged record, which ends on 31 December {last}; in `sources.yaml`: `divisions: {name}`.
A file named as in `catalog/divisions` (`prefecture.csv`, `alias.csv` …) would replace the packaged one whole.
本目录接续程序自带的区划记录（止于{last}年末），在 sources.yaml 中写 `divisions: {name}`；
与 `catalog/divisions` 同名的文件将整体替代自带文件。

`{vintage}`: `last_year`, the last year-end you know completely. No change in a year? Only raise it. ·
`last_year` 为完整掌握的最后年份；某年无变更时只需改此值。

`{changes}`: one row for each unit that ends or begins · 每个终止或新设的单位一行：

| column | what to write · 填写内容 |
| --- | --- |
| level | `prefecture` or `county` · 地级写 prefecture，县级写 county |
| code, name | six-digit code and official name · 六位代码与官方全称 |
| first_year | of a unit that begins: the first year-end at which it has this code and name · 新设者：首个年末 |
| last_year | of a unit that ends: the last year-end at which it had them · 终止者：最后一个年末 |
| successors | of a unit that ends: codes its land went to, `;` between; none for a new name · 承接其辖区的代码 |
| main_successor | where there are several: the one that took the bulk · 多个时承接主体者 |
| also_from | of a unit that begins: units that gave territory and live on · 划出部分辖区且仍存续的单位 |
| source | the decision or list this is from · 依据 |

Invented: a city merged into another (its county-level units, if it has any, end or get new codes too), and a county
made a district. 虚构示例：一市并入另一市（若有县级单位，须一并终止或改用新代码）；一县改区：

```csv
{header}
prefecture,620200,嘉峪关市,,{last},620900,,,invented
county,130123,正定县,,{last},130112,,,invented
county,130112,正定区,{next},,,,,invented
```
"""


def write_divisions(folder: Path, known: Vintage, year: int | None) -> tuple[Path, Sequence[str]]:
    """Write the folder for the years after `known`, to `year` (by default the next); its path and its line in
    sources.yaml. Raises FileExistsError rather than overwriting it, and ValueError for a year already known."""
    year, path = year or known.last_year + 1, folder / NAME
    refuse((year <= known.last_year, f"year {year}: the packaged record reaches {known.last_year} / 已含该年份"))
    refuse(
        (path.exists(), f"{path} exists and is not overwritten; choose another --out / 目录已存在，未覆盖"),
        error=FileExistsError,
    )
    header = ",".join(COLUMNS[CHANGES])
    texts = {"last": known.last_year, "next": known.last_year + 1, "vintage": VINTAGE, "changes": CHANGES}
    files = {
        VINTAGE: f"last_year: {year}\nsource: … # who says so / 依据\n",
        CHANGES: f"{header}\n",
        "README.md": _READ_ME.format(name=NAME, header=header, **texts),
    }
    path.mkdir(parents=True)
    for name, text in files.items():
        # Spreadsheet programs need the mark to read Chinese in a CSV file.
        encoding = "utf-8-sig" if name == CHANGES else "utf-8"
        (path / name).write_text(text, encoding=encoding, newline="\n")
    return path, (f"divisions: {NAME}",)
