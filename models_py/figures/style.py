"""The look every figure shares: font, colours, sheet with title, notes and the mark of synthetic data.

Belongs here: what is the same in all figures. Does not belong here: any one figure; writing files (medpanel/report).
Importing this module imports no matplotlib: it takes a second, and looks for its configuration when imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from catalog.base import Text, refuse
from models_py.figures.text import wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.gridspec import GridSpec

WIDTH = 10.0  # inches; 1,600 pixels at DPI
DPI = 160
# Okabe and Ito's palette, told apart under every common form of colour blindness; grey for what is not significant.
BLUE, ORANGE, RED, GREEN, SKY, GREY, BLACK = "#0072B2", "#E69F00", "#D55E00", "#009E73", "#56B4E9", "#8C8C8C", "#1A1A1A"
# One hue, light to dark, for ordered classes: read by lightness alone, in print without colour too.
SEQUENCE = ("#EFF3FF", "#BDD7E7", "#6BAED6", "#2171B5", "#08306B")
EMPTY = "#E8E8E8"
TITLE, SUBTITLE, LABEL, SMALL, NOTE = 16.0, 12.0, 11.0, 9.5, 9.0
SYNTHETIC = "合成数据 SYNTHETIC"
_MARGIN = 0.35  # inches


class FigureError(ValueError):
    """The rows do not make the figure asked for; the message says what is missing."""


def marked_synthetic(data_kind: str) -> bool:
    """Whether a figure must say that its data are generated. Raises FigureError for a kind that is none."""
    refuse(
        (data_kind not in ("real", "synthetic"), f"data_kind must be real or synthetic, found {data_kind!r}"),
        error=FigureError,
    )
    return data_kind == "synthetic"


@dataclass(frozen=True)
class Sheet:
    """A figure with its title and notes already on it; `grid` gives the room between them."""

    figure: Figure
    top: float
    bottom: float

    def grid(self, rows: int, columns: int, *, left: float = 0.09, right: float = 0.97, **options: Any) -> GridSpec:
        """A grid of panels between title and notes; `left` and `right` as shares of the width."""
        return self.figure.add_gridspec(
            rows, columns, left=left, right=right, top=self.top, bottom=self.bottom, **options
        )


def font_folder() -> str:
    """The folder of the Chinese font, inside the package that carries it."""
    found = find_spec("zhplot")
    folders = None if found is None else found.submodule_search_locations
    if not folders:
        raise FigureError("zhplot, which carries the Chinese font of figures, is not installed")
    return f"{folders[0]}/fonts"


@cache
def _font() -> str:
    """The name under which matplotlib knows the Chinese font, loaded from its file: nothing is installed."""
    from matplotlib import font_manager

    path = f"{font_folder()}/NotoSansSC-Regular.ttf"
    font_manager.fontManager.addfont(path)
    return font_manager.FontProperties(fname=path).get_name()


@contextmanager
def house_style() -> Iterator[None]:
    """Settings under which figures are made and written; the user's own settings are restored afterwards.

    Starts from matplotlib's defaults, so that a matplotlibrc on the machine changes nothing.
    """
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {
                "font.family": [_font()],
                "font.size": LABEL,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.edgecolor": GREY,
                "axes.labelcolor": BLACK,
                "axes.linewidth": 0.8,
                "xtick.color": BLACK,
                "ytick.color": BLACK,
                "xtick.labelsize": SMALL,
                "ytick.labelsize": SMALL,
                "figure.facecolor": "white",
                "figure.dpi": DPI,
                "savefig.dpi": DPI,
                # Text as outlines: a reader without the font sees the same, and bytes do not depend on the machine.
                "svg.fonttype": "path",
                "svg.hashsalt": "medpanel",
            }
        )
        yield


def sheet(
    title: Text,
    notes: Sequence[Text],
    data_kind: str,
    *,
    height: float,
    above: float = 0.1,
    below: float = 0.6,
) -> Sheet:
    """A sheet WIDTH inches wide with `height` inches of room for panels; call it under `house_style`.

    `above` and `below`: inches kept free over the panels and, for their axis, under them.

    Chinese title over the English one, notes below in both languages, the mark of synthetic data at the upper right.
    `data_kind`: real or synthetic; raises FigureError for anything else.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    synthetic = marked_synthetic(data_kind)
    room = WIDTH - 2 * _MARGIN
    badge = 2.15 if synthetic else 0.0
    heads = [(line, TITLE, BLACK) for line in wrapped(title.zh, (room - badge) * 72 / TITLE)]
    heads += [(line, SUBTITLE, "#444444") for line in wrapped(title.en, (room - badge) * 72 / SUBTITLE)]
    if synthetic:
        notes = [
            *notes,
            Text(zh="数据由程序生成，不得当作统计数据。", en="Generated data, never to be read as statistics."),
        ]
    feet = [line for note in notes for text in (note.zh, note.en) for line in wrapped(text, room * 72 / NOTE)]
    head_height = above + _MARGIN + sum(size * 1.45 / 72 for _, size, _ in heads)
    foot_height = _MARGIN + len(feet) * NOTE * 1.45 / 72
    total = head_height + height + below + foot_height
    figure = Figure(figsize=(WIDTH, total))
    FigureCanvasAgg(figure)
    left, y = _MARGIN / WIDTH, total - _MARGIN * 0.6
    for line, size, colour in heads:
        figure.text(left, y / total, line, fontsize=size, color=colour, va="top")
        y -= size * 1.45 / 72
    y = foot_height - _MARGIN * 0.45
    for line in feet:
        figure.text(left, y / total, line, fontsize=NOTE, color="#444444", va="top")
        y -= NOTE * 1.45 / 72
    if synthetic:
        figure.text(
            1 - left,
            (total - _MARGIN * 0.6) / total,
            SYNTHETIC,
            fontsize=LABEL + 1,
            color="white",
            ha="right",
            va="top",
            bbox={"boxstyle": "square,pad=0.4", "facecolor": RED, "edgecolor": "none"},
        )
    return Sheet(figure, 1 - head_height / total, (foot_height + below) / total)


def name_axes(axes: Axes, x: Text, y: Text | None = None) -> None:
    """Both languages on the axes, Chinese first."""
    axes.set_xlabel(f"{x.zh}  {x.en}", fontsize=LABEL)
    if y is not None:
        axes.set_ylabel(f"{y.zh}  {y.en}", fontsize=LABEL)


def source_note(source: str, n: Text) -> Text:
    """The line that says which published table contains a figure's numbers, and how many there are."""
    return Text(zh=f"N = {n.zh}。来源：medpanel 数据表 {source}。", en=f"N = {n.en}. Source: medpanel, table {source}.")
