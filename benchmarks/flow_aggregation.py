"""A table of flows of any size, summed to pairs: against the bare DuckDB query on the same file, and against pandas.

Belongs here: making the file, timing each way in a process of its own, and writing the evidence.
Does not belong here: the reading itself (ingestion/readers/flows).

    python -m benchmarks.flow_aggregation --rows 100000000
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from medpanel import __version__

PROJECT = Path(__file__).resolve().parent.parent
EVIDENCE = PROJECT / "docs" / "evidence" / "flow_aggregation.md"
FLOW = {
    "network": "benchmark", "direction": "both", "unit": "index", "origin": "origin", "destination": "destination",
    "weight": "weight", "period_column": "day",
}  # fmt: skip
PARTNERS = 200  # a day's list of a place
RATIO, PANDAS, MEMORY = 1.5, 5.0, 4.0
ROUNDS = 3
KINDS = {"parquet": "flows.parquet", "csv": "flows.csv"}


def make_files(rows: int, folder: Path) -> None:
    """Both files: prefecture-level units of 2020, 200 partners each by day, in the order a crawl writes them."""
    import duckdb

    from ingestion.places.units import units_at

    codes = sorted(unit.code for unit in units_at(2020) if unit.level == "prefecture")
    with duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(folder / "spill")}) as con:
        con.execute("CREATE TABLE place (i INTEGER, code INTEGER)")
        con.executemany("INSERT INTO place VALUES (?, ?)", list(enumerate(codes)))
        count = len(codes)
        # The k-th partner of a place is another place every time, and never the place itself; figures have 12 decimals.
        query = f"""
            SELECT a.code AS origin, b.code AS destination, DATE '2022-01-01' + p::INTEGER AS "day",
                   round(exp((hash(x) % 1000000) / 2e5 - k / 40.0), 4) * 0.03362148 AS weight
            FROM (SELECT r AS x, r % {PARTNERS} AS k, (r // {PARTNERS}) % {count} AS o,
                         r // ({PARTNERS} * {count}) AS p,
                         (o + 1 + ((r % {PARTNERS}) * 7919 + o * 31) % ({count} - 1)) % {count} AS d
                  FROM range({rows}) t(r))
            JOIN place a ON a.i = o JOIN place b ON b.i = d
        """
        con.execute(f"COPY ({query}) TO '{folder / KINDS['parquet']}' (FORMAT parquet)")
        con.execute(f"COPY (FROM '{folder / KINDS['parquet']}') TO '{folder / KINDS['csv']}' (FORMAT csv, HEADER)")


def ours(path: Path) -> dict[str, float]:
    """The reader, from opening the file to the pairs with their codes; the index of places is warm."""
    from catalog import Sources, load_registry
    from ingestion.formats.probe import Probe
    from ingestion.places import match_place
    from ingestion.readers.flows.flow_edges import EDGES
    from ingestion.row_account import Tally

    entry = {"match": "*", "vintage": "v", "publisher": "p", "licence": "l", "accessed": "2026-01-01"}
    sources = Sources.model_validate(
        {
            "data_kind": "synthetic", "studies": (), "vintages": ("v",),
            "files": ({**entry, "layout": "flow_edges", "flow": FLOW},),
        }
    )  # fmt: skip
    match_place("110000", level="prefecture", year=2022)
    tally = Tally(path.name, "f", "v", load_registry())
    began = time.perf_counter()
    EDGES.read(Probe(path), sources.files[0], tally)
    seconds = time.perf_counter() - began
    flows = tally.tables["flow"]
    return {"seconds": seconds, "pairs": len(flows), "total": sum(flows["flow"].to_pylist())}


def bare(path: Path) -> dict[str, float]:
    """The query anybody would write, with as many threads."""
    import duckdb

    config: dict[str, Any] = {"threads": os.cpu_count() or 1, "memory_limit": "2GB"}
    source = f"read_csv('{path}')" if path.suffix == ".csv" else f"'{path}'"
    with duckdb.connect(config=config) as con:
        began = time.perf_counter()
        query = f"SELECT origin, destination, sum(weight) AS flow FROM {source} GROUP BY 1, 2"
        flows = con.execute(query).to_arrow_table()
        seconds = time.perf_counter() - began
    return {"seconds": seconds, "pairs": len(flows), "total": sum(flows["flow"].to_pylist())}


def pandas(path: Path) -> dict[str, float]:
    """The same in pandas, as anybody would write it; `checked` adds the time repeats take to be ruled out."""
    import pandas as pd

    began = time.perf_counter()
    frame = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    flows = frame.groupby(["origin", "destination"])["weight"].sum()
    seconds = time.perf_counter() - began
    repeats = bool(frame.duplicated(["origin", "destination", "day"]).any())
    checked = time.perf_counter() - began
    assert not repeats
    return {"seconds": seconds, "checked": checked, "pairs": len(flows), "total": float(flows.sum())}


WAYS = {"ours": ours, "bare": bare, "pandas": pandas}


def measure(way: str, path: Path) -> dict[str, float]:
    """One way in a process of its own: seconds, pairs, total and peak memory in GiB."""
    command = [sys.executable, "-m", "benchmarks.flow_aggregation", "--way", way, "--file", str(path)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def run(rows: int, folder: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Every way on both files, best of three and taken in turns (pandas once). Raises ValueError where sums differ."""
    results: dict[str, dict[str, dict[str, float]]] = {}
    for kind, name in KINDS.items():
        best: dict[str, dict[str, float]] = {}
        for turn in range(ROUNDS):
            for way in ("bare", "ours", *(["pandas"] if turn == 0 else [])):
                found = measure(way, folder / name)
                print(f"{kind} {way}: {found['seconds']:.2f} s, {found['memory']:.2f} GiB", flush=True)
                if way not in best or found["seconds"] < best[way]["seconds"]:
                    best[way] = found
        pairs = {found["pairs"] for found in best.values()}
        totals = [found["total"] for found in best.values()]
        if len(pairs) != 1 or max(totals) - min(totals) > 1e-9 * max(totals):
            raise ValueError(f"{kind}: the ways disagree: {best}")
        results[kind] = best
    return results


def report(rows: int, results: dict[str, dict[str, dict[str, float]]], load: float) -> str:
    """The evidence, in Markdown."""
    pairs = int(results["parquet"]["ours"]["pairs"])
    lines = [
        "# Summing flows to pairs 流量汇总",
        "",
        "Written by `make flow-benchmark`. Synthetic rows (day, origin, destination, weight) as Parquet and as CSV.",
        "由 `make flow-benchmark` 生成。合成数据（日期、起点、终点、数值），分别存为 Parquet 与 CSV。",
        "",
        f"- {rows:,} rows; {pairs:,} pairs; medpanel {__version__}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, load average before {load:.1f}.",
        f"- Each way in a process of its own, best of {ROUNDS} in turns; pandas once, on the same whole file.",
        "- Ours: the reader, from opening the file to pairs with codes: names resolved, repeats of a pair and",
        "  day ruled out, sums that do not depend on the order of threads.",
        "- Bare: `SELECT origin, destination, sum(weight) ... GROUP BY 1, 2` in DuckDB with as many threads.",
        "- pandas: the file read and grouped. checked: the same task as the reader's, repeats ruled out too.",
        f"- Limits: ours at most {RATIO:g} times bare, pandas on the same task (checked) at least {PANDAS:g} times "
        f"ours, under {MEMORY:g} GiB.",
        "",
        "| file | ours s | bare s | pandas s | checked s | ours / bare | pandas / ours | checked / ours "
        "| peak GiB | verdict |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for kind, best in results.items():
        own, direct, frame = (best[way]["seconds"] for way in ("ours", "bare", "pandas"))
        memory, checked = best["ours"]["memory"], best["pandas"]["checked"]
        passed = own <= RATIO * direct and checked >= PANDAS * own and memory < MEMORY
        lines.append(
            f"| {kind} | {own:.2f} | {direct:.2f} | {frame:.2f} | {checked:.2f} | {own / direct:.2f} "
            f"| {frame / own:.1f} | {checked / own:.1f} | {memory:.2f} | {'pass' if passed else 'fail'} |"
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run all, or one way in its own process; 1 where a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000_000)
    parser.add_argument("--folder", type=Path, help="where the files are made (default: a temporary folder)")
    parser.add_argument("--no-evidence", action="store_true", help="print only")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        found = WAYS[given.way](given.file)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(json.dumps(found | {"memory": peak}))
        return 0
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="medpanel-flows-") as folder:
        make_files(given.rows, Path(folder))
        text = report(given.rows, run(given.rows, Path(folder)), load)
    print(text)
    if not given.no_evidence:
        EVIDENCE.write_text(text, encoding="utf-8")
    return 1 if "| fail |" in text else 0


if __name__ == "__main__":
    sys.exit(main())
