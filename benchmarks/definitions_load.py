"""Time to import the definitions against the bare import of dagster_dbt, which no pipeline of this kind can do without.

Belongs here: that ratio, measured in fresh processes that take turns. What must not be imported on the way:
tests/dagster_project/test_import_cost.py.

Usage: python benchmarks/definitions_load.py [RUNS]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parent.parent
BARE = "import dagster_dbt"
OURS = "import dagster_project.definitions"
LIMIT = 1.3
RUNS = 5


def seconds(statement: str) -> float:
    """Seconds a fresh Python takes to run the statement, its own start included. Raises CalledProcessError."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_DIR), "PYTHONWARNINGS": "ignore"}
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], cwd=PROJECT_DIR, env=environment, check=True)
    return time.perf_counter() - began


def measure(runs: int = RUNS) -> tuple[float, float, float]:
    """(ratio, seconds of ours, seconds bare): medians over `runs` turns of each, after one that warms the disk cache.

    The two take turns, so that whatever else the machine does meets both.
    """
    seconds(BARE), seconds(OURS)
    pairs = [(seconds(OURS), seconds(BARE)) for _ in range(runs)]
    ours, bare = (statistics.median(side) for side in zip(*pairs, strict=True))
    return ours / bare, ours, bare


def main(runs: int = RUNS) -> int:
    """Print the ratio; 1 when it is above the limit."""
    ratio, ours, bare = measure(runs)
    print(f"definitions {ours:.2f} s, dagster_dbt alone {bare:.2f} s: ratio {ratio:.2f} (limit {LIMIT})")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:2])))
