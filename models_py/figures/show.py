"""What a figure is: an Altair chart for each language, with title, text alternative, notes and the data drawn.

Belongs here: the objects that report, Dagster preview and site render. Does not belong here: drawing (chart_page.py and
the modules of single figures) and turning a chart into files (medpanel/report/charts.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from catalog.base import Text

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd


Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")


@dataclass(frozen=True)
class Figure:
    """`chart_for`: the chart with the texts of one language. Title and notes are its caption: they stand beside the
    picture, not in it; the mark of synthetic data is in it.

    `alternative`: what the figure shows, in one sentence, for those who cannot see it. `data`: the rows drawn.
    """

    title: Text
    alternative: Text
    notes: tuple[Text, ...]
    data: pd.DataFrame
    chart_for: Callable[[Lang], alt.VConcatChart]


def said(text: Text, lang: Lang) -> str:
    """A text in one language."""
    return text.zh if lang == "zh" else text.en


@dataclass(frozen=True)
class Picture:
    """A figure in a report. `stem`: its file name without prefix and suffix; `title`: what lists call it."""

    stem: str
    title: Text
    figure: Figure
