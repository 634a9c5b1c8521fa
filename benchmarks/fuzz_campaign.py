"""`make fuzz`: thousands of spoilt files against the readers, and what became of each, in docs/evidence/fuzz.md.

The mutations and the judgement are those of tests/ingestion/fuzz; a figure that changes without a word ends it with
the simplest case found. As many files of binary formats and JSON are spoilt byte by byte and watched. Run as a module:
python -m benchmarks.fuzz_campaign [--mutations N] [--seed S].
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path

from medpanel import __version__
from tests.ingestion.fuzz.bytes_of_files import KINDS, LONGEST_SECONDS, Watched, campaign
from tests.ingestion.fuzz.campaign import Counts, property_of
from tests.ingestion.fuzz.families import FAMILIES
from tests.ingestion.fuzz.mutations import MUTATIONS
from tests.ingestion.fuzz.oracle import SilentChangeError

REPORT = Path(__file__).parent.parent / "docs" / "evidence" / "fuzz.md"
MUTATIONS_WANTED = 2000
SEED = 20260101
OUTCOMES = ("same", "partly refused", "refused")
OF_BYTES = ("loaded", "partial", "refused", "no room")
_HEAD = """\
# Spoilt files 文件变异检验

Written by `make fuzz`. Valid files of {families} layouts were spoilt {total} times by {kinds} kinds of mutation (some
saved in another encoding, with other separators or merged cells before). Each outcome must be the same figures or a
refusal that names the place; a figure that changes or vanishes without a word is a failure.
由 `make fuzz` 生成。{families} 种版式的有效文件共变异 {total} 次；结果须为数值不变，或指明位置的拒绝。

| | |
|---|---|
| medpanel | {version} |
| Python, hypothesis | {python}, {hypothesis} |
| seed 种子 | {seed} |
| mutations 变异次数 | {total} |
| silently different figures 数值悄然改变 | {failures} |
| seconds 用时（秒） | {seconds:.0f} |

Not among the mutations is what no reader could notice, because the result is a valid table that says something else:
two figures, two year headers, headers of indicators of like size or (without codes) two province names exchanged,
digits changed, all figures of a workbook moved below another year, units ten times apart.

## Outcomes by mutation 按变异类型

{by_kind}

## Outcomes by layout 按版式

{by_family}

## Files spoilt byte by byte 逐字节破坏的文件

Valid files of other people's formats, with one to four of their places spoilt {watched} times, each read as in a run:
in a process of its own, with its memory and time watched. A spoilt byte of a figure makes another figure, which nothing
can notice; so what counts is that no reader crashes, takes more than 1 GiB (the program itself, some 130 MiB, included)
or {longest} seconds. "No room" is a length so absurd that its memory was not granted: refused, and nothing taken.
对其他程序格式的有效文件逐字节破坏 {watched} 次，各在受监视的独立进程中读取；
要求读取程序不崩溃、内存不超过 1 GiB、时间不超过 {longest} 秒。

| | |
|---|---|
| files 文件数 | {watched} |
| readers that crashed 读取程序崩溃 | {crashed} |
| over 1 GiB 超过 1 GiB | {over_memory} |
| over {longest} seconds 超过 {longest} 秒 | {over_time} |
| faults of a reader 读取程序缺陷 | {faults} |

{by_bytes}

## Mutations by kind and layout 变异类型 × 版式

{crossed}
"""


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _outcomes(counts: Counts, position: int, names: list[str], title: str) -> str:
    summed = Counter[tuple[str, str]]()
    for key, count in counts.items():
        summed[key[position], key[2]] += count
    rows = [[name, *(str(summed[name, outcome]) for outcome in OUTCOMES)] for name in names]
    rows.append(["**all 合计**", *(str(sum(summed[name, outcome] for name in names)) for outcome in OUTCOMES)])
    return _table([title, "same figures 数值不变", "partly refused 部分拒绝", "refused 拒绝"], rows)


def _of_bytes(watched: Watched) -> str:
    rows = [
        [
            kind,
            *(str(watched.outcomes[kind, outcome]) for outcome in OF_BYTES),
            f"{watched.memory.get(kind, 0) / 2**20:.0f}",
            f"{watched.seconds.get(kind, 0):.1f}",
        ]
        for kind in KINDS
    ]
    words = ["loaded 载入", "partly refused 部分拒绝", "refused 拒绝", "no room 空间不足"]
    return _table(["kind 类型", *words, "most MiB 最大内存", "most seconds 最长秒数"], rows)


def report(counts: Counts, seed: int, seconds: float, failures: int, watched: Watched) -> str:
    """The page, from how often each layout, mutation and outcome came together, and from what was watched."""
    kinds, families = list(MUTATIONS), list(FAMILIES)
    made = Counter[tuple[str, str]]()
    for (family, kind, _), count in counts.items():
        made[family, kind] += count
    crossed = [[kind, *(str(made[family, kind] or "") for family in families)] for kind in kinds]
    return _HEAD.format(
        families=len(families), kinds=len(kinds), total=sum(counts.values()), version=__version__,
        python=platform.python_version(), hypothesis=version("hypothesis"), seed=seed, failures=failures,
        seconds=seconds, by_kind=_outcomes(counts, 1, kinds, "mutation 变异"),
        by_family=_outcomes(counts, 0, families, "layout 版式"), watched=sum(watched.outcomes.values()),
        longest=LONGEST_SECONDS, crashed=watched.causes["died"], over_memory=watched.causes["memory"],
        over_time=watched.causes["time"], faults=watched.causes["fault"],
        by_bytes=_of_bytes(watched), crossed=_table(["", *families], crossed),
    )  # fmt: skip


def main() -> int:
    """Run the campaigns; 1 when a figure changed without a word, or a reader crashed or took too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=MUTATIONS_WANTED)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    counts: Counts = Counter()
    failures = 0
    began = time.monotonic()
    for number, family in enumerate(FAMILIES):
        before = sum(counts.values())
        try:
            property_of(family, arguments.mutations, counts, arguments.seed + number)()
        except SilentChangeError as error:
            failures += 1
            notes = "\n  ".join(getattr(error, "__notes__", []))
            print(f"FAILED {family}: {error}\n  {notes}", flush=True)
        print(f"{family}: {sum(counts.values()) - before} mutations", flush=True)
    watched = campaign(dict.fromkeys(KINDS, -(-arguments.mutations // len(KINDS))), arguments.seed)
    print("\n".join(f"FAILED {failure}" for failure in watched.failures), flush=True)
    failures += len(watched.failures)
    page = report(counts, arguments.seed, time.monotonic() - began, failures - len(watched.failures), watched)
    REPORT.write_text(page, encoding="utf-8")
    print(f"{sum(counts.values())} mutations, {failures} failures; {REPORT}")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
