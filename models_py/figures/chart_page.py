"""The look all Altair charts share: title over the panels, notes under them, font, data inside the chart.

Belongs here: what is the same in all Altair charts; colours are in style.py. Does not belong here: any one figure;
turning charts into files (medpanel/report/charts.py). Altair takes a second to import: import this where it is used.
"""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from catalog.base import Text
from models_py.figures.show import Lang, said
from models_py.figures.style import BLACK, GREY, RED, marked_synthetic
from models_py.figures.text import width as ems_of
from models_py.figures.text import wrapped

# The first is the font registered for print; a page takes the first one its reader has.
FONTS = "Noto Sans SC, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"
# Pixels of a page; print doubles them.
TITLE, LABEL, SMALL, NOTE = 18, 12.5, 11.5, 11.5
MUTED, HAIRLINE = "#444444", "#CCCCCC"
_LEADING = 1.45
_PADDING, _GAP = 18, 14
MARK = Text(zh="合成数据", en="SYNTHETIC DATA")
WARNING = Text(zh="数据由程序生成，不得当作统计数据。", en="Generated data, never to be read as statistics.")


def chart_page(
    panels: Sequence[Any],
    lang: Lang,
    title: Text,
    notes: Sequence[Text],
    data_kind: str,
    *,
    width: float,
    left: float = 0,
    spacing: float = _GAP,
) -> alt.VConcatChart:
    """`panels` under each other, between the title and the notes, all in one language.

    `width`: pixels of each panel's plot; `left`: pixels its axis takes left of it, which title and notes share. On
    synthetic data the mark is at the upper right. Raises FigureError for a data_kind other than real and synthetic.
    """
    synthetic = marked_synthetic(data_kind)
    badge = ems_of(said(MARK, lang)) * LABEL + 20 if synthetic else 0
    if synthetic:
        notes = [*notes, WARNING]
    head: Any = _lines(wrapped(said(title, lang), (width + left - badge - 12) / TITLE), TITLE, BLACK, left)
    if synthetic:
        head = alt.layer(head, *_badge(said(MARK, lang), badge, width))
    lines = [line for note in notes for line in wrapped(said(note, lang), (width + left) / NOTE)]
    sized = [view.properties(width=width) for view in (head, _lines(lines, NOTE, MUTED, left))]
    return alt.VConcatChart(
        vconcat=[sized[0], *panels, sized[1]],
        spacing=spacing,
        resolve=independent("color", "fill"),
        padding=_PADDING,
        background="white",
        config=_look(),
    )


def independent(*channels: str) -> alt.Resolve:
    """Scales that panels do not share. Given to alt.hconcat and its like: each later method copies all panels."""
    return alt.Resolve(scale=alt.ScaleResolveMap.from_dict(dict.fromkeys(channels, "independent")))


def _look() -> alt.Config:
    axis = alt.AxisConfig(
        labelFontSize=SMALL,
        labelColor=BLACK,
        titleFontSize=LABEL,
        titleFontWeight="normal",
        titleColor=BLACK,
        domainColor=GREY,
        tickColor=GREY,
        grid=False,
    )
    heading = alt.TitleConfig(fontSize=LABEL, fontWeight="normal", color=BLACK, anchor="start", frame="group", offset=4)
    legend = alt.LegendConfig(labelFontSize=LABEL, labelColor=BLACK, labelLimit=0, title=None)
    # The text alternative of the whole says more than "point" four thousand times: no aria.
    return alt.Config(font=FONTS, aria=False, view=alt.ViewConfig(stroke=None), axis=axis, title=heading, legend=legend)


def inline(frame: pd.DataFrame) -> Any:
    """The rows as CSV inside the chart, six figures each: a third of the size of JSON, and no limit of rows."""
    kinds = {
        str(name): "number" if pd.api.types.is_numeric_dtype(dtype) else "string"
        for name, dtype in frame.dtypes.items()
    }
    return alt.InlineData(
        values=frame.to_csv(index=False, float_format="%.6g", lineterminator="\n"),
        format=alt.CsvDataFormat(type="csv", parse=kinds),
    )


def pixels(name: str, channel: str) -> Any:
    """A column that holds pixels, for channel X or Y, without scale and axis."""
    return getattr(alt, channel)(f"{name}:Q", scale=None, axis=None)


def _lines(lines: Sequence[str], size: float, colour: str, left: float) -> alt.Chart:
    leading = size * _LEADING
    frame = pd.DataFrame({"line": list(lines), "y": [leading * i for i in range(len(lines))]})
    return (
        alt.Chart(inline(frame), height=leading * len(lines))
        .mark_text(align="left", baseline="top", fontSize=size, color=colour)
        .encode(text=alt.Text("line:N"), x=alt.XValue(-left), y=pixels("y", "Y"))
    )


def _badge(text: str, wide: float, right: float) -> tuple[alt.Chart, alt.Chart]:
    data = inline(pd.DataFrame({"text": [text]}))
    high = LABEL * 1.9
    box = alt.Chart(data).mark_rect(color=RED)
    box = box.encode(x=alt.XValue(right - wide), x2=alt.X2Value(right), y=alt.YValue(0), y2=alt.Y2Value(high))
    word = alt.Chart(data).mark_text(color="white", fontSize=LABEL, baseline="middle", fontWeight="bold")
    return box, word.encode(text=alt.Text("text:N"), x=alt.XValue(right - wide / 2), y=alt.YValue(high / 2))
