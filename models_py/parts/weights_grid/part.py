"""Spatial weights, index constructions and models, each with each other, as a part.

Belongs here: what it needs, makes and shows. Does not belong here: computing (grid.py), printing (table.py), drawing
(figure.py).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog.base import Text
from catalog.parts.weights_grid import Options
from models_py.figures.show import Picture
from models_py.parts.frame import VARIABLES, Part, Seen, Show, Tables, Work

if TYPE_CHECKING:
    from models_py.figures.table import ReportTable

FIGURE = "weights_grid"
_TABLE = Text(zh="权重与模型的后验概率", en="Posterior probabilities of weights and models")
_FIGURE = Text(zh="各权重、指数与模型下的空间相关", en="Dependence under every matrix of weights, index and model")


def compute(work: Work) -> Tables:
    """Table weights_grid."""
    from models_py.parts.weights_grid.grid import grid_tables

    return grid_tables(work)


def tables(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """Posterior probabilities by weights and models."""
    from models_py.parts.weights_grid.table import posterior_table

    rows = seen.rows("weights_grid")
    if len(rows):
        yield posterior_table(rows, options, seen.synthetic)


def figures(seen: Seen, options: Options) -> Iterator[Picture]:
    """rho under every matrix, construction and model."""
    from models_py.parts.weights_grid.figure import grid_figure

    rows = seen.rows("weights_grid")
    if len(rows) and rows["rho"].notna().any():
        drawn = grid_figure(rows, options, seen.panel, seen.data_kind)
        yield Picture(FIGURE, drawn.title, drawn)


PART = Part(
    summary=Text(
        en="The spatial model under every matrix of weights, construction of the index and kind of model, with "
        "posterior odds (LeSage and Parent 2007)",
        zh="各空间权重、指数构造与模型形式下的结果及后验优势（LeSage与Parent 2007）",
    ),
    needs=("figures", VARIABLES),
    makes=("weights_grid",),
    whole=("weights_grid",),
    compute=compute,
    shows=(
        Show("weights_grid_table", "table", _TABLE, tables),
        Show(FIGURE, "figure", _FIGURE, figures),
    ),
)
