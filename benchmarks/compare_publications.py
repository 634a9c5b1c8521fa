"""Every value of two publications side by side: of today, or one of before results had an identity in columns.

    python -m benchmarks.compare_publications BEFORE AFTER [--allow TABLE ...]

BEFORE and AFTER are folders of published Parquet files. Rows are matched by the key of today's table; names of models
of before are translated through `model_name_before`, names of tests through TESTS. Belongs here: the translation and
the comparison. Does not belong here: what is published.

Exit status 1 when a number, a truth value or a row of before is not found again, except in tables allowed to change.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from catalog import Study, load_studies, load_tables
from catalog.identity import COLUMNS, variant_of
from catalog.parts import regressions

# What the clock says, what lists the tables themselves, and what did not exist before.
LEFT_OUT = frozenset(
    {"run_manifest", "run_timing", "publication_change", "data_dictionary", "label", "model_name_before"}
)
# A number that went through another order of the same sums.
ROUNDING = 1e-12
# Names of tests of before, as patterns, and the name of today; the first group is what the test is about.
TESTS: tuple[tuple[str, str], ...] = (
    (r"(?:wild_cluster|wild_cluster_webb|randomisation\w*): (.+)", ""),
    (r"moran_residual_(\d+)", "moran_residual"),
    (r"exposure_changes_(\d+)", "exposure_changes"),
    (r"exposure_levels_(\d+)", "exposure_levels"),
    (r"conley_(bartlett|uniform)_not_available", "conley_not_available"),
    (r"provinces first exposed in (\d{4})", "first exposed"),
    (r"years before exposure, first exposed in (\d{4})", "years before exposure"),
    (r"weight of comparisons (\w+)", "weight of comparisons"),
    (r"mean of comparisons (\w+)", "mean of comparisons"),
    (r"(first_post|average_post) \| \w+ breakdown", ""),
)
RENAMED = {
    "provinces exposed from their first year": "exposed from the first year",
    "provinces never exposed": "never exposed",
    "provinces whose exposure falls back": "exposure falls back",
    "provinces with unknown first exposure": "unknown first exposure",
    "event study provinces": "event study clusters",
    "provinces compared": "entities compared",
}
# Tests of a coefficient: about the headline's term, which their names left unsaid.
OF_TERM = re.compile(r"influence_.+|minimum_detectable_coefficient_.+")


@dataclass
class Compared:
    """One table: rows of both sides, cells compared, those that were empty and are filled now, what differs."""

    table: str
    before: int
    after: int
    matched: int = 0
    lost: int = 0
    added: int = 0
    cells: int = 0
    filled: int = 0
    differing: int = 0
    largest: float = 0.0
    texts: dict[str, int] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)

    @property
    def unchanged(self) -> bool:
        """Whether every row, number and truth value of before is there."""
        return self.lost == 0 and self.differing == 0


def read_folder(folder: Path) -> dict[str, pd.DataFrame]:
    """The tables of a publication by name, without the mark of synthetic files."""
    return {path.stem.removeprefix("synthetic_"): pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}


def translated(table: str, rows: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    """Rows of a table of before, in today's columns as far as keys need it; those that have today's key as they are."""
    declared = load_tables()[table]
    if set(declared.key) <= set(rows.columns):
        return rows
    if table == "spec_test":
        terms = {study.id: _headline_term(study) for study in load_studies().values()}
        found = [today_of(str(row.test), terms.get(str(row.study), "")) for row in rows.itertuples()]
        rows = rows.assign(test=[test for test, _ in found], subject=[subject for _, subject in found])
    if declared.identity:
        rows = _with_identity(rows, names)
    if table == "performance_index":
        pooled = rows["reading"].str.endswith(" pooled")
        rows = rows.assign(
            reading=rows["reading"].str.removesuffix(" pooled"),
            variant=np.where(pooled, variant_of({"standardised": "pooled"}), ""),
        )
    if table == "indicator_score":
        parts = rows["index_name"].str.split(":", expand=True)
        rows = rows.assign(index_name=parts[0], reading=parts[1], variant="")
    if declared.entity and "province_code" in rows.columns:
        rows = rows.assign(entity_code=rows["province_code"], entity_level="province")
    return rows


def today_of(test: str, term: str = "") -> tuple[str, str]:
    """Test and subject of a name of before, `term` the study's headline's; the name alone where nothing is declared."""
    if test in RENAMED:
        return RENAMED[test], ""
    for pattern, today in TESTS:
        found = re.fullmatch(pattern, test)
        if found:
            return today or _without(test, found[1]), found[1]
    return test, term if OF_TERM.fullmatch(test) else ""


def _headline_term(study: Study) -> str:
    options = study.find(regressions.Options)
    return "" if options is None else options.headline.term


def _without(test: str, subject: str) -> str:
    """The name without its subject and what parted the two."""
    return test.removesuffix(f": {subject}").removeprefix(f"{subject} | ")


def _with_identity(rows: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    """The identity of rows named the old way; rows whose name is unknown keep it, and so are found lost."""
    keyed = names[[*COLUMNS, "name_before"]].drop_duplicates(["study", "table_no", "name_before"])
    kept = rows.drop(columns=[c for c in ("estimator",) if c in rows.columns]).rename(columns={"model": "name_before"})
    merged = kept.merge(keyed, on=["study", "table_no", "name_before"], how="left")
    unknown = merged["model"].isna()
    merged.loc[unknown, "model"] = merged.loc[unknown, "name_before"]
    return merged.drop(columns="name_before").fillna(dict.fromkeys(COLUMNS, "?"))


def compare(table: str, before: pd.DataFrame, after: pd.DataFrame) -> Compared:
    """The two sides of one table, matched by its key."""
    key = list(load_tables()[table].key)
    result = Compared(table, len(before), len(after))
    if before.empty and after.empty:
        return result
    both = before.merge(after, on=key, how="outer", suffixes=("_before", "_after"), indicator="side")
    result.matched = int((both["side"] == "both").sum())
    result.lost, result.added = (int((both["side"] == side).sum()) for side in ("left_only", "right_only"))
    # Rows of before that today's key takes for one row are not told apart any more.
    result.lost += int(before.duplicated(key).sum())
    lost = both[both["side"] == "left_only"]
    result.examples += [f"lost: {tuple(map(str, row))}" for row in lost[key].head(3).itertuples(index=False)]
    both = both[both["side"] == "both"]
    for name in [c for c in before.columns if c not in key]:
        if name in after.columns:
            _compare_column(result, name, both[f"{name}_before"], both[f"{name}_after"], both[key])
        elif _is_number(before[name]) and before[name].notna().any():
            result.differing += int(before[name].notna().sum())
            result.examples.append(f"{name}: the column is gone")
    return result


def _is_number(column: pd.Series) -> bool:
    """Whether a column holds numbers or truth values; with empty cells the latter are read as objects."""
    if pd.api.types.is_numeric_dtype(column):
        return True
    present = column.dropna()
    return len(present) > 0 and all(isinstance(value, bool) for value in present)


def _compare_column(result: Compared, name: str, one: pd.Series, other: pd.Series, keys: pd.DataFrame) -> None:
    # A side without any cell filled has no kind of its own.
    numeric = [_is_number(side) or side.isna().all() for side in (one, other)]
    if not all(numeric) or not (_is_number(one) or _is_number(other)):
        differs = ~((one == other) | (one.isna() & other.isna())).fillna(False).astype(bool)
        if differs.any():
            result.texts[name] = int(differs.sum())
        return
    a, b = (side.astype("object").where(side.notna(), np.nan).to_numpy(dtype="float64") for side in (one, other))
    gap = np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-300)
    # A cell that was empty and has a figure now is a gain, not another figure.
    filled = np.isnan(a) & ~np.isnan(b)
    same = (np.isnan(a) & np.isnan(b)) | (a == b) | (gap <= ROUNDING) | filled
    result.cells += len(a)
    result.filled += int(filled.sum())
    result.differing += int((~same).sum())
    if (~same).any():
        result.largest = max(result.largest, float(np.nanmax(np.where(same, 0.0, np.nan_to_num(gap, nan=np.inf)))))
        for place in np.flatnonzero(~same)[:3]:
            where = tuple(map(str, keys.iloc[place]))
            result.examples.append(f"{name}: {float(a[place])!r} is now {float(b[place])!r} at {where}")


def compare_publications(before: Path, after: Path) -> list[Compared]:
    """Every table of before, compared; a table that is gone counts all its rows as lost."""
    old, new = read_folder(before), read_folder(after)
    names = new.get("model_name_before", pd.DataFrame(columns=[*COLUMNS, "name_before"]))
    found = []
    for table, rows in old.items():
        if table in LEFT_OUT:
            continue
        if table not in new:
            found.append(Compared(table, len(rows), 0, lost=len(rows)))
            continue
        found.append(compare(table, translated(table, rows, names), new[table]))
    return found


def as_markdown(results: Iterable[Compared]) -> str:
    """A line a table, then the examples of what differs."""
    names = ("table", "rows before", "rows after", "matched", "lost", "added", "numbers", "filled", "differing")
    lines = [f"| {' | '.join(names)} | texts that differ |", f"| --- |{' ---: |' * (len(names) - 1)} --- |"]
    examples = []
    for r in results:
        texts = ", ".join(f"{name} {count}" for name, count in r.texts.items())
        cells = (r.table, r.before, r.after, r.matched, r.lost, r.added, r.cells, r.filled, r.differing, texts)
        lines.append("| " + " | ".join(map(str, cells)) + " |")
        examples += [f"- {r.table}: {example}" for example in r.examples]
    return "\n".join([*lines, "", *examples])


def main(arguments: list[str]) -> int:
    """Compare two folders and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--allow", nargs="*", default=[], help="tables whose change is listed, not refused")
    options = parser.parse_args(arguments)
    results = compare_publications(options.before, options.after)
    print(as_markdown(results))
    return int(any(not result.unchanged and result.table not in options.allow for result in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
