"""Why something differs between two publications: data, edition, year, option, code.

Belongs here: what a figure's own reason is, and what may be behind a result: every ingredient that changed. Does not
belong here: which file or cell it was (causes.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from medpanel.changes.both import EARLIER, LATER, Both
from medpanel.changes.comparing import TableChange

# In this order wherever several stand together.
REASONS = ("data", "edition", "year", "option", "code")
# Tables read from files besides the figures: if one differs, data changed.
_READ = frozenset({"pilot", "city_pair", "city", "revision"})
# Settled by what the run was given: if one of these tables differs, a study looks at other years.
_WINDOW = "study_window"
_MORE = "more"


@dataclass(frozen=True)
class Ingredients:
    """What `run_manifest` says of what a publication was made from; the hash of the code, or its version."""

    inputs: str
    config: str
    code: str
    kind: str
    seeds: str

    @classmethod
    def of(cls, manifest: Mapping[Any, Any]) -> Ingredients:
        """From the row of `run_manifest`; publications of before have fewer columns."""
        names = ("inputs_sha256", "config_sha256", "code_sha256", "data_kind", "seeds")
        inputs, config, code, kind, seeds = (_text(manifest.get(name)) for name in names)
        return cls(inputs, config, code or _text(manifest.get("version")), kind, seeds)

    def comparable(self, other: Ingredients) -> bool:
        """Whether two publications may be compared: of one kind, from the same random numbers."""
        return (self.kind, self.seeds) == (other.kind, other.seeds)


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def joined(reasons: Iterable[str]) -> str:
    """Reasons in their fixed order, joined by +."""
    found = set(reasons)
    return "+".join(one for one in REASONS if one in found)


def of_results(changes: Iterable[TableChange], earlier: Ingredients, later: Ingredients) -> str:
    """What may be behind a result that differs: everything that changed before it was computed.

    A file that changed without a figure's changing counts as data: some tables are read from files alone.
    """
    found = {one.table: one.rows for one in changes}
    figures = set(found["observation"]["why"]) - {""} if "observation" in found else set()
    code = earlier.code != later.code
    if _READ & found.keys() or (earlier.inputs != later.inputs and not figures):
        figures |= {"data"} if earlier.inputs != later.inputs else set()
    if _WINDOW in found:
        figures.add("year")
    if earlier.config != later.config:
        figures.add("option")
    # Equal input and configuration leave the code alone, whatever its version says.
    return joined(figures | ({"code"} if code or not figures else set()))


def change_rows(changes: Iterable[TableChange], publication: str, of_result: str) -> pd.DataFrame:
    """The rows of `publication_change` without data_kind."""
    frames = [_of_table(one, of_result) for one in changes]
    columns = ["publication", "table_name", "key", "column_name", "difference", "before", "after"]
    columns += ["before_number", "after_number", "reason"]
    empty = pd.DataFrame(columns=columns).astype({"before_number": "float64", "after_number": "float64"})
    if not frames:
        return empty
    return pd.concat(frames, ignore_index=True).assign(publication=publication)[columns]


def _of_table(one: TableChange, of_result: str) -> pd.DataFrame:
    rows = one.rows.rename(columns={"why": "reason"})
    rows["reason"] = rows["reason"].where(rows["reason"] != "", of_result)
    if one.left_out:
        more = {"table_name": one.table, "key": "", "column_name": "", "difference": _MORE, "reason": of_result}
        rows = pd.concat([rows, pd.DataFrame([{**more, "after_number": float(one.left_out)}])], ignore_index=True)
    return rows


def ingredients(both: Both) -> tuple[Ingredients, Ingredients]:
    """Of both publications."""
    earlier, later = (both.table(side, "run_manifest").to_dict("records")[0] for side in (EARLIER, LATER))
    return Ingredients.of(earlier), Ingredients.of(later)
