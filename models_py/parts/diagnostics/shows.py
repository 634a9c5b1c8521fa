"""What diagnostics show: the influence of single entities and years. Their tests stand in the table of evidence on the
design, which regressions show.

Belongs here: choosing published rows, names of files. Does not belong here: drawing (figure_influence.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.identity import COLUMNS, Identity, variant_choices
from catalog.parts.diagnostics import Options
from models_py.figures.names import stem_of
from models_py.parts.frame import Seen

if TYPE_CHECKING:
    from models_py.figures.show import Picture

NAME = "influence"
TITLE = Text(zh="影响分析", en="Influence")


def titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """The figure, with the part's name where it has one."""
    return [(stem_of(NAME, options.name), TITLE)]


def figures(seen: Seen, options: Options) -> Iterator[Picture]:
    """One figure for each reading of the headline's model."""
    from catalog.labels import variable_label
    from models_py.figures.show import Picture
    from models_py.parts.diagnostics.figure_influence import influence

    rows, own = seen.rows("influence"), seen.study.own_reading
    if rows.empty:
        return
    mine = rows[[variant_choices(variant).get("part", "") == options.name for variant in rows["variant"]]]
    for key, part in mine.groupby([*COLUMNS, "term"], sort=False):
        identity = Identity(*map(str, key[:-1]))
        term = variable_label(seen.study, str(key[-1]))
        # The study's own reading goes under the bare name.
        words = () if identity.reading == own else (identity.table_no, identity.model, identity.reading)
        drawn = influence(part, term, seen.panel, seen.data_kind, own_reading=own)
        yield Picture(stem_of(NAME, options.name, *words), TITLE, drawn)
