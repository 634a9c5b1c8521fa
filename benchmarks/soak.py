"""Runs killed at random moments of every stage while others read: is what is published ever harmed?

Belongs here: the campaign, its verdict and the evidence. What it is made of is kill_harness.py.

    python -m benchmarks.soak --kills 50 --seed 20260101
"""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from benchmarks.kill_harness import (
    STAGES,
    Reading,
    Run,
    current,
    dagster_runs,
    faults,
    finished,
    hashes,
    readers,
    strangers,
    unfinished,
    write_inputs,
)
from catalog.base import PROJECT_DIR
from medpanel import __version__
from medpanel.publishing import folders

EVIDENCE = PROJECT_DIR / "docs" / "evidence" / "publication_safety.md"
# The moments to kill at are drawn within these, one after the other.
GROUPS = STAGES[:-1]
COMPLETE_EVERY = 5
# What the clock says differs from run to run.
CLOCKS = frozenset({"run_manifest.parquet", "run_timing.parquet", "publication_change.parquet"})


@dataclass
class Outcome:
    """What the campaign counted; `violations` holds one line for each broken promise."""

    aimed: Counter[str] = field(default_factory=Counter)
    hit: Counter[str] = field(default_factory=Counter)
    switched: int = 0
    left_building: int = 0
    completed: int = 0
    taken: int = 0
    publications: int = 0
    readings: list[Reading] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)


def watch(run: Run) -> dict[str, float]:
    """Seconds from start to each stage of a run that is left to complete. Raises RuntimeError when it fails."""
    begun: dict[str, float] = {}
    while run.process.poll() is None:
        begun.setdefault(run.stage(), time.monotonic() - run.started)
        time.sleep(0.005)
    begun["ended"] = time.monotonic() - run.started
    if run.finish() != 0:
        raise RuntimeError(f"a run that nobody killed failed:\n{run.output}")
    return begun


def lengths(begun: dict[str, float]) -> dict[str, float]:
    """Seconds each stage took, by when it and the next began; a stage too short to be seen took none."""
    marks = [begun.get(stage) for stage in STAGES] + [begun["ended"]]
    taken = {}
    for number, stage in enumerate(GROUPS):
        start = marks[number]
        later = [mark for mark in marks[number + 1 :] if mark is not None]
        taken[stage] = 0.0 if start is None else later[0] - start
    return taken


def campaign(root: Path, kills: int, seed: int, outcome: Outcome) -> None:
    """Kill `kills` runs on the workspace `root`, let every fifth be followed by one that completes."""
    draw = random.Random(seed)
    write_inputs(root, seed=0)
    taken = lengths(watch(Run(root, root / "log" / "first.log")))
    say(f"stages in seconds: { {stage: round(seconds, 2) for stage, seconds in taken.items()} }")
    with readers(root, root / "readers", repeated=2, kept=1) as readings:
        known = {current(root): hashes(current(root))}
        for number in range(1, kills + 1):
            # Every second run finds the files the killed one before it had, and what that one kept.
            write_inputs(root, seed=(number + 1) // 2)
            group = GROUPS[(number - 1) % len(GROUPS)]
            wait = draw.random() * taken[group]
            run = Run(root, root / "log" / f"{number}.log")
            run.reach(lambda run=run, group=group: STAGES.index(run.stage()) >= STAGES.index(group))  # type: ignore[misc]
            time.sleep(wait)
            stage = run.kill()
            outcome.aimed[group] += 1
            outcome.hit[stage] += 1
            outcome.left_building += len(run.building())
            outcome.switched += verify(root, known, f"kill {number} ({stage})", outcome)
            say(f"kill {number} of {kills}: aimed at {group} + {wait:.2f} s, hit {stage}; {current(root).name}")
            if number % COMPLETE_EVERY == 0:
                before = current(root)
                taken = lengths(watch(Run(root, root / "log" / f"{number}-complete.log")))
                outcome.completed += 1
                verify(root, known, f"run after kill {number}", outcome)
                if current(root) == before:
                    outcome.violations.append(f"the run after kill {number} completed and published nothing")
                outcome.taken += reused(current(root))
                outcome.violations += against_fresh(root, f"run after kill {number}", number)
                verify(root, known, f"fresh run after kill {number}", outcome)
                outcome.violations += [f"not swept after kill {number}: {path.name}" for path in unfinished(root)]
    judge(root, known, readings, outcome)


def reused(publication: Path) -> int:
    """Steps of the run that published that were taken from earlier runs."""
    with duckdb.connect(str(publication / "medpanel.duckdb"), read_only=True) as connection:
        query = "SELECT count(*) FROM run_timing WHERE reused AND NOT starts_with(step, 'read:')"
        return int(connection.execute(query).fetchall()[0][0])


def against_fresh(root: Path, when: str, number: int) -> list[str]:
    """Tables that a run without anything kept publishes otherwise than the current publication has them."""
    before = current(root)
    watch(Run(root, root / "log" / f"{number}-fresh.log", "--fresh"))
    tables = [path.name for path in (before / "parquet").iterdir() if path.name not in CLOCKS]
    now = current(root) / "parquet"
    return [
        f"{when}: {name} is not what a fresh run makes"
        for name in tables
        if (before / "parquet" / name).read_bytes() != (now / name).read_bytes()
    ]


def verify(root: Path, known: dict[Path, dict[str, str]], when: str, outcome: Outcome) -> bool:
    """Compare everything published with what was noted of it, and note what is new; whether the link was switched."""
    now = current(root)
    fresh = now not in known
    for path, noted in known.items():
        if hashes(path) != noted:
            outcome.violations.append(f"{when}: {path.name} changed")
    outcome.violations += [f"{when}: {now.name}: {fault}" for fault in faults(now)]
    for path in finished(root):
        known.setdefault(path, hashes(path))
    return fresh


def judge(root: Path, known: dict[Path, dict[str, str]], readings: list[Reading], outcome: Outcome) -> None:
    """What is asked once, at the end: the readers, every publication, Dagster's record."""
    outcome.readings = readings
    outcome.publications = len(known)
    outcome.violations += [f"reader: {error}" for reading in readings for error in reading.errors]
    outcome.violations += [f"answers of no one publication: {answers}" for answers in strangers(readings, list(known))]
    outcome.violations += [f"{path.name}: {fault}" for path in known for fault in faults(path)]
    under_way = [status for _, status in dagster_runs(root) if status not in ("SUCCESS", "FAILURE")]
    outcome.violations += [f"a run is still {status} in Dagster's record" for status in under_way]


def report(outcome: Outcome, kills: int, seed: int, seconds: float) -> str:
    """The evidence as Markdown."""
    versions = {name: importlib.metadata.version(name) for name in ("duckdb", "dagster", "dbt-core", "dbt-duckdb")}
    listed = ", ".join(f"{name} {version}" for name, version in versions.items())
    *anew, _ = outcome.readings
    verdict = "no promise was broken" if not outcome.violations else f"{len(outcome.violations)} violations"
    lines = [
        "# Runs killed while others read",
        "",
        "Synthetic data only: two generated files, study `expenditure_gdp`, other figures for every run.",
        "",
        f"- Made by `make soak` (`python -m benchmarks.soak --kills {kills} --seed {seed}`), medpanel {__version__}, "
        f"{listed}, Python {platform.python_version()}, {platform.system()} {platform.machine()}; {seconds / 60:.0f} "
        "minutes.",
        f"- {kills} runs received SIGKILL, each at a random moment of the stage aimed at; after every "
        f"{COMPLETE_EVERY}th, one more run was left to complete, and one with `--fresh` after it, which must publish "
        "the same bytes.",
        "- Every second run had the files of the one killed before it, so it took over what that one had kept.",
        "- After every kill: every file of every publication has the bytes and permissions it had (SHA-256), the "
        "current one opens, each of its tables equals its Parquet file row by row.",
        "- Two processes opened `medpanel.duckdb` anew for every round of 7 queries, a third kept the connection it "
        "began with, from the first kill to the last run.",
        f"- Verdict: {verdict}.",
        "",
        "| stage | kills aimed at it | kills that hit it |",
        "|---|---|---|",
        *(f"| {stage} | {outcome.aimed[stage]} | {outcome.hit[stage]} |" for stage in STAGES),
        f"| all | {sum(outcome.aimed.values())} | {sum(outcome.hit.values())} |",
        "",
        "A moment is drawn by how long the stage took before; a run that is faster this time is hit in the next stage.",
        "`published` is after the switch: the run had done its work, its process had not ended.",
        "",
        "| figure | count |",
        "|---|---|",
        f"| kills that left a half-built folder, all swept by the next run that published | {outcome.left_building} |",
        f"| kills after which the publication of the killed run itself was current, whole | {outcome.switched} |",
        f"| runs left to complete that published | {outcome.completed} |",
        f"| steps those runs took from killed and earlier ones | {outcome.taken} |",
        f"| publications at the end, all whole | {outcome.publications} |",
        f"| readers' queries | {sum(reading.queries for reading in outcome.readings)} |",
        f"| connections opened by them | {sum(reading.openings for reading in anew) + 1} |",
        f"| errors they met | {sum(len(reading.errors) for reading in outcome.readings)} |",
        f"| publications they saw | {len({answers for reading in outcome.readings for answers in reading.seen})} |",
    ]
    if outcome.violations:
        lines += ["", "## Violations", "", *(f"- {line}" for line in outcome.violations)]
    return "\n".join(lines) + "\n"


def say(text: str) -> None:
    """A line of progress, at once."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def main() -> int:
    """Run the campaign, write the evidence; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--evidence", type=Path, default=EVIDENCE)
    arguments = parser.parse_args()
    outcome, began = Outcome(), time.monotonic()
    # Kept when something breaks: the logs are the explanation.
    folder = Path(tempfile.mkdtemp(prefix="medpanel-soak-"))
    say(f"workspace: {folder / 'data'}")
    campaign(folder / "data", arguments.kills, arguments.seed, outcome)
    arguments.evidence.parent.mkdir(parents=True, exist_ok=True)
    text = report(outcome, arguments.kills, arguments.seed, time.monotonic() - began)
    arguments.evidence.write_text(text, encoding="utf-8")
    say(f"{len(outcome.violations)} violations; evidence in {arguments.evidence}")
    for line in outcome.violations:
        say(line)
    if not outcome.violations:
        folders.remove(folder)
    return int(bool(outcome.violations))


if __name__ == "__main__":
    sys.exit(main())
