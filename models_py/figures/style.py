"""Colours of figures, their font, the mark of synthetic data, and the note on the source.

Belongs here: what all figures share and needs no drawing library. Does not belong here: the look of charts
(chart_page.py), any one figure; writing files (medpanel/report).
"""

from importlib.util import find_spec

from catalog.base import Text, refuse

# Okabe and Ito's palette, told apart under every common form of colour blindness; grey for what is not significant.
BLUE, ORANGE, RED, GREEN, SKY, GREY, BLACK = "#0072B2", "#E69F00", "#D55E00", "#009E73", "#56B4E9", "#8C8C8C", "#1A1A1A"
# One hue, light to dark, for ordered classes: read by lightness alone, in print without colour too.
SEQUENCE = ("#EFF3FF", "#BDD7E7", "#6BAED6", "#2171B5", "#08306B")
EMPTY = "#E8E8E8"
# What every figure and table of generated data is marked with.
SYNTHETIC = Text(zh="合成数据", en="SYNTHETIC")


class FigureError(ValueError):
    """The rows do not make the figure asked for; the message says what is missing."""


def marked_synthetic(data_kind: str) -> bool:
    """Whether a figure must say that its data are generated. Raises FigureError for a kind that is none."""
    refuse(
        (data_kind not in ("real", "synthetic"), f"data_kind must be real or synthetic, found {data_kind!r}"),
        error=FigureError,
    )
    return data_kind == "synthetic"


def font_folder() -> str:
    """The folder of the Chinese font, inside the package that carries it."""
    found = find_spec("zhplot")
    folders = None if found is None else found.submodule_search_locations
    if not folders:
        raise FigureError("zhplot, which carries the Chinese font of figures, is not installed")
    return f"{folders[0]}/fonts"


def source_note(source: str, n: Text) -> Text:
    """The line that says which published table contains a figure's numbers, and how many there are."""
    return Text(zh=f"N = {n.zh}。来源：medpanel 数据表 {source}。", en=f"N = {n.en}. Source: medpanel, table {source}.")
