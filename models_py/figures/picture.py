"""A figure with what its file is called and how it is titled.

Belongs here: the shape every drawn figure is handed on in. Does not belong here: drawing and writing files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.base import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from models_py.figures.show import Figure


@dataclass(frozen=True)
class Picture:
    """A figure, a drawing where it is matplotlib's still. `stem`: its file name without prefix and suffix."""

    stem: str
    title: Text
    figure: Figure | Drawing
