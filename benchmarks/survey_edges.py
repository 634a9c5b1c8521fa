"""How long 170,000 respondents take from the file to edges, beside pyreadstat merely reading the whole file.

Belongs here: timing both in one process, turn by turn, and writing the evidence. The file is the synthetic sample's.

    python -m benchmarks.survey_edges
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd
import pyreadstat

from catalog import Sources, load_registry
from catalog.base import PROJECT_DIR, read_yaml
from ingestion import FileReading, read_file
from medpanel import __version__
from medpanel.sample import DEFAULT_SEED
from medpanel.sample.survey import FAULTS, SURVEY_ENTRY, SURVEY_FILE, SurveySample, sample_survey

EVIDENCE = PROJECT_DIR / "docs" / "evidence" / "survey_edges.md"
LIMIT = 2.0


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds the work took, and its result."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def declaration(folder: Path) -> Sources:
    """The sample's own entry, but that nothing is withheld, so that every planted edge is to be found."""
    path = folder / "entry.yaml"
    path.write_text(f"files:\n{SURVEY_ENTRY.replace('small_cells: 10', 'small_cells: 0')}", encoding="utf-8")
    files = read_yaml(path)["files"]
    return Sources(data_kind="synthetic", studies=(), vintages=("synthetic_list",), files=files)


def require_exact(reading: FileReading, sample: SurveySample) -> None:
    """Raise RuntimeError unless the edges are the planted ones: speed without the right numbers proves nothing."""
    flow = reading.tables["flow"].to_pandas()
    flow = flow[flow["network"] == "cmds"][["origin_code", "destination_code", "rows"]].astype("int64")
    planted = sample.flows[sample.flows["origin"] != sample.flows["destination"]].astype("int64")
    if not pd.Index(flow.itertuples(index=False, name=None)).equals(
        pd.Index(planted.itertuples(index=False, name=None))
    ):
        raise RuntimeError("the edges read are not those planted")
    if reading.source_file["rows_rejected"] + reading.source_file["rows_set_aside"] != sum(FAULTS.values()):
        raise RuntimeError("not exactly the planted faults were refused or set aside")


def measure(rounds: int, respondents: int) -> tuple[list[tuple[float, float, float]], int]:
    """(seconds of read_file, of pyreadstat into a frame, of pyreadstat into lists) per round, and the file's bytes.

    The first round of read_file includes loading the tables of places.
    """
    sample = sample_survey(DEFAULT_SEED, respondents)
    registry, rows = load_registry(), []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / SURVEY_FILE
        path.write_bytes(sample.content)
        sources = declaration(folder)
        for _ in range(rounds):
            ours, reading = timed(lambda: read_file(folder, path, sources, registry))
            whole, _ = timed(lambda: pyreadstat.read_dta(str(path)))
            lists, _ = timed(lambda: pyreadstat.read_dta(str(path), output_format="dict"))
            require_exact(reading, sample)
            rows.append((ours, whole, lists))
    return rows, len(sample.content)


def report(rows: list[tuple[float, float, float]], size: int, respondents: int) -> tuple[str, bool]:
    """The evidence page, Markdown, and whether the limit holds."""
    ours, whole, lists = (median(part) for part in zip(*rows, strict=True))
    passed = ours < LIMIT * whole
    lines = [
        "# From survey respondents to edges: time",
        "",
        "Synthetic data only: nobody's answers.",
        "",
        f"- Made by `make survey-benchmark`, medpanel {__version__}, pyreadstat {pyreadstat.__version__}.",
        f"- File: {respondents:,} synthetic respondents, 14 variables, Stata 118, {size / 2**20:.0f} MiB, "
        f"`medpanel sample --survey`, seed {DEFAULT_SEED}.",
        "- medpanel: hashing, reading the variables needed, finding places, checking every respondent, and adding "
        "up two networks (prefectures of the nation, counties of Zhejiang). Each round's edges equal the planted ones.",
        "- pyreadstat: `read_dta` of the whole file and nothing more, in the same process, turn by turn.",
        f"- Verdict: median {ours:.2f} s against {whole:.2f} s: {ours / whole:.2f} times, below {LIMIT:g} required: "
        f"{'pass' if passed else 'FAIL'}.",
        f"- Against pyreadstat without a data frame ({lists:.2f} s): {ours / lists:.2f} times.",
        "",
        "| round | medpanel, s | pyreadstat, s | times | pyreadstat into lists, s |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {number} | {mine:.2f} | {frame:.2f} | {mine / frame:.2f} | {bare:.2f} |"
        for number, (mine, frame, bare) in enumerate(rows, start=1)
    ]
    lines += ["", "The first round includes loading the tables of places.", ""]
    return "\n".join(lines), passed


def main() -> int:
    """Measure, write the evidence, print it; exit code 1 when the limit does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--respondents", type=int, default=170_000)
    parser.add_argument("--output", type=Path, default=EVIDENCE)
    arguments = parser.parse_args()
    text, passed = report(*measure(arguments.rounds, arguments.respondents), arguments.respondents)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.buffer.write(text.encode("utf-8"))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
