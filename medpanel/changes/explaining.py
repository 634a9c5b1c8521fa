"""Why figures that a study lacks are not there, for the message of the step that fails for want of them.

Belongs here: from the indicators of a study to the figures read from files. Does not belong here: finding the cause
(causes.py), and how failures are told (dagster_project/failures.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from catalog.indicators import load_registry
from medpanel.changes.both import NOW, side_by_side
from medpanel.changes.causes import FIGURE, SHOWN, causes_of


def why_missing(missing: Iterable[tuple[str, int, int]], level: str, earlier: Path | None, lake: Path) -> str:
    """The causes of missing figures, (indicator, code, year) of places of `level`, a line each.

    `earlier`, `lake`: Parquet files of the last publication, if there is one, and of the latest reading of files.
    """
    import pandas as pd

    asked = {(level, code, year, read) for name, code, year in missing for read in _read_from(name)}
    with side_by_side(earlier, None, lake) as both:
        lacking = pd.DataFrame(sorted(asked), columns=list(FIGURE))
        if both.have("observation", *FIGURE, sides=(NOW,)) and len(lacking):
            read = both.frame(f"SELECT DISTINCT {', '.join(FIGURE)} FROM {NOW}.observation")
            merged = lacking.merge(read, on=list(FIGURE), how="left", indicator=True)
            absent = merged.loc[merged["_merge"] == "left_only", list(FIGURE)]
            # What was read and is missing all the same is of an edition that is not in use.
            lacking = absent if len(absent) else lacking
        causes = causes_of(both, lacking)
    rest = len(causes) - SHOWN
    lines = [f"{cause.text.en} / {cause.text.zh}" for cause in causes[:SHOWN]]
    return "\n".join([*lines, *([f"and {rest} more causes / 另有{rest}项原因"] if rest > 0 else [])])


def _read_from(indicator: str) -> Iterator[str]:
    """The indicators read from files behind one."""
    entry = load_registry().indicators.get(indicator)
    if entry is None or not entry.inputs:
        yield indicator
    else:
        for name in entry.inputs:
            yield from _read_from(name)
