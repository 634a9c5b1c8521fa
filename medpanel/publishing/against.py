"""A publication being built, against the current one: the gate, the table publication_change, what changed in words.

Belongs here: when two publications are compared, and what is made of it. Does not belong here: the comparison
(medpanel/changes) and the decision (gate.py).
"""

from __future__ import annotations

import filecmp
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from catalog.base import Text
from medpanel.changes.both import side_by_side
from medpanel.changes.causes import of_files
from medpanel.changes.comparing import compare
from medpanel.changes.losses import losses
from medpanel.changes.reasons import Ingredients, change_rows
from medpanel.changes.summary import Summary, summarise
from medpanel.publishing import links
from medpanel.publishing.gate import admit
from medpanel.publishing.inputs import Publication, PublishError
from medpanel.publishing.room import no_room

LINE = "\n   "
# Before the line of run_manifest.notes on it.
NOTE = "publication_change: against the one before / 与此前相比: "


@dataclass(frozen=True)
class Against:
    """`rows`: of publication_change; `note`: for run_manifest.notes; `accepted`: the loss accepted, '' without one;
    `changes`: what changed, or why nothing is compared.
    """

    rows: pd.DataFrame
    note: str
    accepted: str
    changes: Summary | Text


def against_current(publication: Publication, tables: Path, manifest: Mapping[str, Any]) -> Against:
    """Compare the Parquet files in `tables` with those of the current publication.

    `manifest`: the row of run_manifest to come. Raises LossError for a loss nobody accepted, PublishError if the
    current publication is damaged and nobody accepted a loss.
    """
    name, accepted = links.current_name(publication.root), publication.run.accepted_loss.strip()
    parent = links.current_tables(publication.root)
    if name is None:
        return _alone(publication, Text(en="the first publication here", zh="此处的首次发布"))
    if parent is None and not (publication.root / links.PUBLICATIONS / name).exists():
        why = Text(en=f"not compared: {name} is not there any more", zh=f"未作比较：{name} 已不存在")
        return _alone(publication, why)
    try:
        if parent is None:
            raise FileNotFoundError("run_manifest.parquet is missing / 缺失")
        return _against(publication, parent, tables, manifest)
    except (OSError, pa.ArrowException, duckdb.IOException, duckdb.InvalidInputException) as error:
        if no_room(error):
            raise
        problem = str(error).splitlines()[0]
        if not accepted:
            raise PublishError(_damaged(name, problem, publication.run.again)) from None
        why = Text(en=f"not compared: {name} is damaged: {problem}", zh=f"未作比较：{name} 已损坏：{problem}")
        return replace(_alone(publication, why), accepted=f"{accepted}\n{why.text}")


def _damaged(name: str, problem: str, again: str) -> str:
    return (
        f"{name}, the current publication, cannot be read, so nothing tells what would be lost: {problem}. Make "
        'another one current (medpanel rollback previous --reason "damaged") and run again; if there is none, publish '
        f'without comparing: {again} --accept-loss "reason" / '
        "当前发布无法读取，无从得知会缺失什么。请先恢复较早的发布（medpanel rollback）再运行；若无其他发布，"
        f'可写明理由后不作比较直接发布：{again} --accept-loss "理由"'
    )


def _against(publication: Publication, parent: Path, tables: Path, manifest: Mapping[str, Any]) -> Against:
    before = Ingredients.of(pd.read_parquet(parent / "run_manifest.parquet").to_dict("records")[0])
    now = Ingredients.of(manifest)
    if not before.comparable(now):
        why = Text(
            en=f"not compared with {parent.parent.name}: its kind of data or its random seeds are others",
            zh=f"未与 {parent.parent.name} 比较：数据类别或随机种子不同",
        )
        return _alone(publication, why)
    with side_by_side(parent, tables, publication.lake) as both:
        same = equal_tables(parent, tables)
        changes = compare(both, same)
        accepted = admit(losses(both, publication.declared), publication.run.accepted_loss, publication.run.again)
        found = summarise(both, changes, publication.declared, (before, now), (parent.parent.name, publication.id))
    return Against(
        change_rows(changes, publication.id, found.reason),
        f"{NOTE}{found.line.text}; {parent.parent.name}, report/",
        accepted,
        found,
    )


def equal_tables(one: Path, other: Path) -> frozenset[str]:
    """Tables whose files have the same bytes in both folders."""
    names = {path.name for path in one.glob("*.parquet")} & {path.name for path in other.glob("*.parquet")}
    return frozenset(Path(name).stem for name in names if filecmp.cmp(one / name, other / name, shallow=False))


def since_last(root: Path, lake: Path | None) -> str:
    """The files that the last publication had and the latest reading of files has not; '' if there are none."""
    parent = links.current_tables(root)
    if parent is None or lake is None:
        return ""
    try:
        with side_by_side(parent, None, lake) as both:
            gone = [fate.text.text for fate in of_files(both).values() if not fate.there]
    except duckdb.Error:
        return ""  # a damaged publication is named where it is compared
    return f"since the last publication / 自上次发布以来: {LINE}{LINE.join(gone)}" if gone else ""


def _alone(publication: Publication, why: Text) -> Against:
    return Against(change_rows([], publication.id, ""), f"{NOTE}{why.text}", "", why)
