"""What a workspace takes after ten refreshes of the sample, each with one figure of one input file changed.

Run as a module: python -m benchmarks.space. Writes docs/evidence/space.md. Every run is a process of its own, as an
office starts it. The sample is copied to a folder of its own; nothing else is touched.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from catalog.base import PROJECT_DIR
from medpanel import __version__
from medpanel.publishing.folders import finished

REPORT = PROJECT_DIR / "docs" / "evidence" / "space.md"
REFRESHES = 10
LIMIT_MB, LIMIT_PUBLICATIONS = 300, 5
# Changed in turn: what hardly matters elsewhere, and what every study rests on.
CHANGED = (
    "synthetic_分省年度数据_地区生产总值.csv",
    "synthetic_各省卫生资源_2014-2023.csv",
    "synthetic_分省年度数据_年末常住人口.csv",
)
PLACE = "北京市"
_PAGE = """\
# Room on the disk 占用空间

Written by `python -m benchmarks.space`. The sample (SYNTHETIC) is run once, then {refreshes} times with one figure
changed in the file named. Sizes are megabytes as `du` counts them: blocks, and a file with several names once, where it
is met first: publications, then kept results, then the rest.
合成样本先运行一次，之后每次更改一个数字再运行；单位MB，按磁盘块计，共用文件只计一次。

| refresh 次 | changed 更改 | publications 发布数 | MB 发布 | cache 缓存 | runs 运行记录 | other 其他 | all 合计 |
|---|---|---|---|---|---|---|---|
{rows}

{verdict} medpanel {version}.
"""


@dataclass(frozen=True)
class Taken:
    """Megabytes a workspace takes, and how many publications it has."""

    publications: int
    published: float
    cache: float
    records: float
    other: float

    @property
    def all(self) -> float:
        """The whole folder."""
        return self.published + self.cache + self.records + self.other


def taken(root: Path) -> Taken:
    """What is in a workspace. A file with several names counts where it is met first."""
    seen: set[int] = set()
    published, cache, records, other = (
        sum(_blocks(root / name, seen)) / 1e6 for name in ("publications", "cache", "dagster", ".")
    )
    return Taken(len(finished(root)), published, cache, records, other)


def _blocks(folder: Path, seen: set[int]) -> Iterator[int]:
    """Bytes on disk of each file and folder not seen yet."""
    for path in [folder, *folder.rglob("*")]:
        stat = path.lstat()
        if stat.st_ino not in seen:
            seen.add(stat.st_ino)
            yield stat.st_blocks * 512


def one_figure_more(path: Path) -> None:
    """Add 1 to the last figure of the first row of PLACE, whatever the encoding."""
    content = path.read_bytes()
    names = b"|".join(re.escape(PLACE.encode(encoding)) for encoding in ("gb18030", "utf-8"))
    changed, count = re.subn(
        rb"^((?:" + names + rb"),[^\r\n]*,)(\d+)",
        lambda found: found[1] + str(int(found[2]) + 1).encode(),
        content,
        count=1,
        flags=re.MULTILINE,
    )
    if count != 1:
        raise ValueError(f"{path}: no row of {PLACE}")
    path.write_bytes(changed)


def medpanel(*words: str) -> None:
    """One command, in a process of its own. Raises CalledProcessError if it fails."""
    subprocess.run([sys.executable, "-m", "medpanel", *words], cwd=PROJECT_DIR, check=True, stdout=subprocess.DEVNULL)


def page(found: list[tuple[str, Taken]]) -> str:
    """The evidence as Markdown; the verdict on the last line."""
    rows = [
        f"| {number} | {name} | {one.publications} | {one.published:.0f} | {one.cache:.0f} | {one.records:.0f} "
        f"| {one.other:.0f} | {one.all:.0f} |"
        for number, (name, one) in enumerate(found)
    ]
    last = found[-1][1]
    met = last.all < LIMIT_MB and last.publications <= LIMIT_PUBLICATIONS
    verdict = (
        f"{'Met' if met else 'NOT met'}: at most {LIMIT_PUBLICATIONS} publications and less than {LIMIT_MB} MB "
        f"after {len(found) - 1} refreshes; found {last.publications} and {last.all:.0f} MB."
    )
    return _PAGE.format(refreshes=len(found) - 1, rows="\n".join(rows), verdict=verdict, version=__version__)


def main() -> None:
    """Run, refresh, measure, write the page. Ends with status 1 if the limits are not met."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "data"
        medpanel("sample", "--data", str(root))
        medpanel("run", "--data", str(root))
        found = [("none, the first run", taken(root))]
        for number in range(REFRESHES):
            file = CHANGED[number % len(CHANGED)]
            one_figure_more(root / "raw" / file)
            medpanel("run", "--data", str(root))
            found.append((file, taken(root)))
            print(file, found[-1][1], flush=True)
    REPORT.write_text(page(found), encoding="utf-8", newline="\n")
    sys.exit("NOT met" in page(found))


if __name__ == "__main__":
    os.environ.setdefault("MEDPANEL_PERSON", "benchmark")
    main()
