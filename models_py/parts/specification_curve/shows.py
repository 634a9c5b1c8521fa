"""What the specification curve shows: the curve, and which choice moves the estimate most.

Belongs here: choosing published rows, names of files. Does not belong here: drawing (figure.py) and layout (table.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog.base import Text
from catalog.parts.specification_curve import Options
from models_py.parts.frame import Seen

if TYPE_CHECKING:
    from models_py.figures.picture import Picture
    from models_py.figures.table import ReportTable

CURVE, CURVE_TITLE = "specification_curve", Text(zh="规格曲线", en="Specification curve")
CHOICES, CHOICES_TITLE = "specification_choice", Text(zh="各项设定的影响", en="What each choice moves")


def curves(seen: Seen, options: Options) -> Iterator[Picture]:
    """The curve with its joint tests; none where no choice varies."""
    from catalog.labels import variable_label
    from models_py.figures.picture import Picture
    from models_py.parts.specification_curve.figure import specification_curve
    from models_py.parts.specification_curve.shown import joint_p_values

    rows, choices = seen.rows("specification"), seen.rows("specification_choice")
    if rows.empty or choices.empty:
        return
    joint, term = joint_p_values(seen.rows("spec_test")), variable_label(seen.study, options.term)
    yield Picture(CURVE, CURVE_TITLE, specification_curve(rows, choices, seen.study, term, seen.data_kind, joint=joint))


def choices(seen: Seen, options: Options) -> Iterator[ReportTable]:
    """The choices, the largest mover first."""
    from models_py.parts.specification_curve.table import choices_table

    rows = seen.rows("specification_choice")
    if len(rows):
        yield choices_table(rows, seen.study, seen.synthetic)
