"""Files of binary formats and JSON, spoilt byte by byte, read as a run reads them: in a process of its own, watched.

Belongs here: valid files of formats that libraries of others take apart, what damage does to them, and what reading
them took. A spoilt byte of a figure makes another figure, which nothing can notice; what must not happen is that the
reader crashes, takes more memory than one file may have, or does not end. Figures that change unsaid: oracle.py.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import rdata

from catalog import load_registry
from ingestion import read_file
from ingestion.build.worker_pool import Task, Work, make_bounded
from ingestion.formats.limits import MEMORY_BYTES
from tests.ingestion.conftest import declared
from tests.ingestion.fuzz.families import CODES, NAMES, YEARS, as_xls, figure, nbs
from tests.ingestion.hostile.makers import topology

LONGEST_SECONDS = 60
_COLUMNS = {"gdp": {"indicator": "gdp", "unit": "亿元"}}
_PANEL = {
    "layout": "long_panel",
    "entity_column": "prov",
    "year_column": "year",
    "columns": _COLUMNS,
    "other_columns": "set_aside",
}
_DIALECTS = {"dialects": {"place": "prov", "dialect": "note"}}
_SQUARE: list[list[float]] = [[116, 39], [117, 39], [117, 40], [116, 40], [116, 39]]


@cache
def _frame() -> pd.DataFrame:
    rows = [(name, year, float(figure(i, j))) for i, name in enumerate(NAMES) for j, year in enumerate(YEARS)]
    frame = pd.DataFrame(rows, columns=["prov", "year", "gdp"]).astype({"prov": object})
    return frame.assign(
        note=pd.Series([f"话{n % 5}" for n in range(len(rows))], dtype=object), answer=np.arange(93) % 3
    )


def _written(suffix: str, write: Callable[[Path], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{suffix}"
        write(path)
        return path.read_bytes()


def _spss(suffix: str) -> bytes:
    labels: Any = {"answer": {0: "无", 1: "有", 2: "不详"}}
    return _written(
        suffix,
        lambda path: pyreadstat.write_sav(
            _frame(), path, compress=suffix == "zsav", variable_value_labels=labels, missing_ranges={"answer": [2]}
        ),
    )


def _stata(version: Any) -> bytes:
    stream = io.BytesIO()
    long = ["note"] if version >= 117 else None
    # Before 118 pandas writes no Chinese: the codes of the provinces stand for their names.
    codes = pd.Series([code for code in CODES for _ in YEARS], dtype=object)
    frame = _frame() if version >= 118 else _frame().assign(prov=codes, note=codes)
    frame.to_stata(stream, write_index=False, version=version, convert_strl=long)
    return stream.getvalue()


def _r(compression: Any) -> bytes:
    places = ["石家庄市", "唐山市", "秦皇岛市", "邯郸市", "邢台市", "保定市"]
    frame = pd.DataFrame({"prov": pd.Series(places, dtype=object), "note": pd.Categorical([*"甲乙丙甲乙丙"])})
    return _written("rda", lambda path: rdata.write_rda(path, {"x": frame}, compression=compression))


def _geojson() -> bytes:
    shapes = [
        {
            "type": "Feature",
            "properties": {"name": name, "adcode": int(code)},
            "geometry": {"type": "Polygon", "coordinates": [_SQUARE]},
        }
        for name, code in zip(NAMES, CODES, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": shapes}, ensure_ascii=False).encode()


def _echarts() -> bytes:
    ring = {"type": "Polygon", "coordinates": ["@@BAAB" * 20], "encodeOffsets": [[119000, 40000]]}
    shapes = [{"type": "Feature", "properties": {"name": name}, "geometry": ring} for name in NAMES[:5]]
    return json.dumps({"type": "FeatureCollection", "UTF8Encoding": True, "features": shapes}).encode()


# Kind of file -> suffix, keys of its entry, a valid file.
Kind = tuple[str, dict[str, Any], Callable[[], bytes]]
KINDS: dict[str, Kind] = {
    ".sav": ("sav", _PANEL, lambda: _spss("sav")),
    ".zsav": ("zsav", _PANEL, lambda: _spss("zsav")),
    ".dta (118)": ("dta", _PANEL, lambda: _stata(118)),
    ".dta (114)": ("dta", _PANEL, lambda: _stata(114)),
    ".rda": ("rda", _DIALECTS, lambda: _r("gzip")),
    ".rda, not packed": ("rda", _DIALECTS, lambda: _r(None)),
    ".xls": ("xls", {}, lambda: as_xls(nbs())),
    "GeoJSON": ("json", {"map": {}}, _geojson),
    "TopoJSON": ("json", {"map": {}}, lambda: topology([[[[0]]]], _SQUARE)),
    "JSON of echarts": ("json", {"map": {}}, _echarts),
}
_whole = cache(lambda kind: KINDS[kind][2]())


def spoilt(kind: str, seed: int) -> bytes:
    """A valid file of a kind with one to four of its places spoilt; of a packed one mostly what is in it."""
    chance = random.Random(f"{kind} {seed}")
    content = bytearray(_whole(kind))
    packed = content.startswith(b"\x1f\x8b") and chance.random() < 0.8
    content = bytearray(gzip.decompress(content)) if packed else content
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        chance.choice(DAMAGES)(content, chance)
    return gzip.compress(content, 1) if packed else bytes(content)


def _place(content: bytearray, chance: random.Random) -> int:
    """Anywhere; half of the time near the beginning, where lengths and kinds stand."""
    return chance.randrange(max(1, min(len(content), 600) if chance.random() < 0.5 else len(content)))


def _flip(content: bytearray, chance: random.Random) -> None:
    if content:
        content[_place(content, chance)] ^= 1 << chance.randrange(8)


def _byte(content: bytearray, chance: random.Random) -> None:
    if content:
        content[_place(content, chance)] = chance.randrange(256)


def _cut(content: bytearray, chance: random.Random) -> None:
    del content[chance.randrange(len(content) + 1) :]


def _drop(content: bytearray, chance: random.Random) -> None:
    at = _place(content, chance)
    del content[at : at + chance.randint(1, 64)]


def _repeat(content: bytearray, chance: random.Random) -> None:
    at = _place(content, chance)
    content[at:at] = content[at : at + chance.randint(1, 256)] * chance.choice((1, 2, 1000))


def _number(content: bytearray, chance: random.Random) -> None:
    """A count or length that is far too large, or none."""
    kind = chance.choice(("<i", ">i", "<q", ">q", "<d", ">d", "<H", ">H"))
    numbers = {"i": (2**31 - 1, -1, -(2**31), 2**24, 65536), "q": (2**63 - 1, -1, 2**40, 2**33)}
    value = chance.choice(
        numbers.get(kind[1], (65535, 0, 32768) if kind[1] == "H" else (1e300, -1.0, float("nan"), 2e9))
    )
    at = _place(content, chance)
    if at + struct.calcsize(kind) <= len(content):
        struct.pack_into(kind, content, at, value)


def _text(content: bytearray, chance: random.Random) -> None:
    """What is dear to parsers of text."""
    at = _place(content, chance)
    content[at:at] = chance.choice(
        (b"[" * 5000, b'{"a":' * 5000, b"1e999", b"9" * 5000, b'"', b"\xff\xfe", b"\0" * 100, b"null")
    )


DAMAGES = (_flip, _flip, _byte, _cut, _drop, _repeat, _number, _number, _text)


@dataclass
class Watched:
    """What became of spoilt files, by kind; the most memory (bytes) and seconds one took, by kind; what went wrong.

    causes: how many failed by `fault` (an error no reader foresaw), `memory`, `time`, or `died`.
    """

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    memory: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    causes: Counter[str] = field(default_factory=Counter)

    def fail(self, task: Task, cause: str, told: str) -> None:
        """Count a failure."""
        self.causes[cause] += 1
        self.failures.append(f"{task.path}, seed {task.key}: {cause}: {told}")


def campaign(kinds: dict[str, int], seed: int = 0, processes: int = 1) -> Watched:
    """Spoil so many files of each kind, and read them all."""
    watched = Watched()
    tasks = [Task(Path(kind), str(seed + number), 0) for kind, count in kinds.items() for number in range(count)]

    def done(task: Task, found: tuple[str, int, float]) -> None:
        kind, (outcome, memory, seconds) = str(task.path), found
        watched.outcomes[kind, outcome] += 1
        watched.memory[kind] = max(memory, watched.memory.get(kind, 0))
        watched.seconds[kind] = max(seconds, watched.seconds.get(kind, 0.0))
        excess = {"fault": outcome == "fault", "memory": memory > MEMORY_BYTES, "time": seconds > LONGEST_SECONDS}
        for cause in (cause for cause, holds in excess.items() if holds):
            watched.fail(task, cause, f"{outcome}, {memory / 2**20:.0f} MiB, {seconds:.1f} s")

    for task, problem in make_bounded(Work(_read, None), tasks, processes, done).items():
        watched.outcomes[str(task.path), "stopped"] += 1
        watched.fail(task, "died" if problem.code == "reader_died" else problem.found, problem.english("it"))
    return watched


def _read(shared: None, task: Task) -> tuple[str, int, float]:
    """(outcome, peak memory of the process so far, seconds) of one spoilt file."""
    suffix, keys, _ = KINDS[str(task.path)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{suffix}"
        path.write_bytes(spoilt(str(task.path), int(task.key)))
        _forget_peak()
        began = time.perf_counter()
        reading = read_file(path.parent, path, declared(**keys), load_registry())
        seconds = time.perf_counter() - began
    codes = {record["code"] for record in reading.rejected_row}
    status = str(reading.source_file["status"])
    # Asked for more than there may be, mostly by a length that is none: refused, and nothing was taken.
    status = "no room" if "beyond_bounds" in codes else "fault" if "reader_fault" in codes else status
    return status, _peak(), seconds


def _forget_peak() -> None:
    """Have Linux count the peak anew, which is otherwise that of all files the process has read."""
    if sys.platform == "linux":
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> int:
    """The most memory the process has occupied: on Linux since it was last forgotten."""
    if sys.platform == "linux":
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    import psutil

    return int(psutil.Process().memory_info().rss)
