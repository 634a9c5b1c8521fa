"""Two publications of a workspace compared on a screen: the command `medpanel diff`.

Belongs here: finding publications by name, printing the summary. Does not belong here: what changed (medpanel/changes).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from catalog import Study, load_studies
from catalog.base import refuse
from medpanel.changes.both import side_by_side
from medpanel.changes.comparing import LISTED, compare
from medpanel.changes.losses import published_studies
from medpanel.changes.reasons import change_rows, ingredients
from medpanel.changes.summary import Summary, summarise
from medpanel.publishing import PublishError, folders, resolve_current
from medpanel.publishing.against import equal_tables

if TYPE_CHECKING:
    import pandas as pd

CURRENT, PREVIOUS = "current", "previous"


def find(root: Path, name: str) -> Path:
    """The folder of a publication: by id or the unique head of one, `current`, or `previous` (the one before it).

    Raises PublishError for a name that fits none or several.
    """
    current = resolve_current(root)
    if name == CURRENT:
        return current
    there = folders.finished(root)
    if name == PREVIOUS:
        older = there[: there.index(current)] if current in there else []
        refuse((not older, f"{root}: no publication is older than {current.name} / 没有更早的发布"), error=PublishError)
        return older[-1]
    fitting = [path for path in there if path.name.startswith(name)]
    known = ", ".join(path.name for path in there)
    refuse(
        (not fitting, f"no publication is called {name}; there are {known} / 没有该发布"),
        (len(fitting) > 1, f"{name} fits {len(fitting)} publications; there are {known} / 名称不唯一"),
        error=PublishError,
    )
    return fitting[0]


def differing(
    earlier: Path, later: Path, everything: bool, known: Mapping[str, Study] | None = None
) -> tuple[Summary, pd.DataFrame]:
    """What differs between two publications' folders; the rows of publication_change, all of them if `everything`.
    `known`: studies by id, by default the catalog's.

    Raises PublishError for publications that cannot be compared.
    """
    one, other = earlier / "parquet", later / "parquet"
    with side_by_side(one, other) as both:
        made_from = ingredients(both)
        refuse(
            (
                not made_from[0].comparable(made_from[1]),
                f"{earlier.name} and {later.name} have another kind of data or other random seeds: nothing to compare "
                "/ 数据类别或随机种子不同，无法比较",
            ),
            error=PublishError,
        )
        changes = compare(both, equal_tables(one, other), None if everything else LISTED)
        names = (earlier.name, later.name)
        there = published_studies(both)
        studies = [study for name, study in (known or load_studies()).items() if name in there]
        found = summarise(both, changes, studies, made_from, names)
    return found, change_rows(changes, later.name, found.reason)


def show(found: Summary, console: Console) -> None:
    """The summary, a sentence a line."""
    console.print(f"{found.earlier} -> {found.later}", markup=False, highlight=False, soft_wrap=True)
    for sentence in found.sentences():
        console.print(f"- {sentence.text}", markup=False, highlight=False, soft_wrap=True)
