"""A heat map of a panel's entities by years.

Belongs here: the panel of cells other figures draw on. Does not belong here: any one figure. Import this where it is
used: it imports matplotlib.
"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colorbar import Colorbar
from matplotlib.colors import LinearSegmentedColormap

from models_py.figures.style import BLUE, EMPTY, LABEL, ORANGE, SEQUENCE, SMALL
from models_py.panel import Panel

_INCHES = 7.6 / 31


def heat_height(panel: Panel) -> float:
    """Inches that a row for each entity takes."""
    return _INCHES * len(panel.entities)


def heat_panel(
    axes: Axes, wide: pd.DataFrame, panel: Panel, *, low: float, high: float, diverging: bool = False
) -> Colorbar:
    """Draw `wide` (entity codes x years, NaN is grey) from `low` to `high`; returns its colour bar.

    `diverging`: orange below zero, white at zero, blue above it.
    """
    names = {entity.code: f"{entity.short_zh or entity.name_zh} {entity.name_en}" for entity in panel.entities}
    colours = (ORANGE, "white", BLUE) if diverging else SEQUENCE
    ramp = LinearSegmentedColormap.from_list("heat", colours).with_extremes(bad=EMPTY)
    years = [int(year) for year in wide.columns]
    image = axes.pcolormesh(
        range(len(years) + 1),
        range(len(wide) + 1),
        wide.to_numpy(dtype="float64"),
        cmap=ramp,
        vmin=low,
        vmax=high,
        edgecolors="white",
        linewidth=0.8,
    )
    axes.set_ylim(len(wide), 0)
    axes.set_xticks([i + 0.5 for i in range(len(years))], [str(year) for year in years], fontsize=SMALL)
    axes.set_yticks([i + 0.5 for i in range(len(wide))], [names[int(code)] for code in wide.index], fontsize=SMALL)
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_xlabel("年份  Year", fontsize=LABEL)
    bar = axes.figure.colorbar(image, ax=axes, fraction=0.035, pad=0.02)
    bar.outline.set_visible(False)
    return bar
