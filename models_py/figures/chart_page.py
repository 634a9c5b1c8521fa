"""The look all charts share: panels under each other, the mark of synthetic data, font, data inside the chart.

Belongs here: what is the same in all charts; colours are in style.py. Does not belong here: any one figure; turning
charts into files (medpanel/report/charts.py) and captions, which stand beside the picture. Altair takes a second to
import: import this where it is used.
"""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from catalog.base import Text
from models_py.figures.show import Lang, said
from models_py.figures.style import BLACK, GREY, RED, SYNTHETIC, marked_synthetic
from models_py.figures.text import width as ems_of
from models_py.figures.text import wrapped

# The first is the font registered for print; a page takes the first one its reader has.
FONTS = "Noto Sans SC, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"
# Pixels of a page; print doubles them.
LABEL, SMALL = 12.5, 11.5
MUTED, HAIRLINE = "#444444", "#CCCCCC"
_PADDING, _GAP = 18, 14


def chart_page(
    panels: Sequence[Any],
    lang: Lang,
    data_kind: str,
    *,
    width: float,
    inside: Sequence[Text] = (),
    spacing: float = _GAP,
) -> alt.VConcatChart:
    """`panels` under each other, in one language; on synthetic data the mark is over their right end.

    `width`: pixels of the panels' plots. `inside`: what must not be parted from the picture, such as a map's number of
    approval, under the panels. Raises FigureError for a data_kind other than real and synthetic.
    """
    marked = [_badge(said(SYNTHETIC, lang), width)] if marked_synthetic(data_kind) else []
    return alt.VConcatChart(
        vconcat=[*marked, *panels, *([_lines(inside, lang, width)] if inside else [])],
        spacing=spacing,
        resolve=independent("color", "fill", "shape"),
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


def _lines(texts: Sequence[Text], lang: Lang, width: float) -> Any:
    lines = [line for text in texts for line in wrapped(said(text, lang), width / SMALL)]
    leading = SMALL * 1.45
    frame = pd.DataFrame({"line": lines, "y": [leading * i for i in range(len(lines))]})
    return (
        alt.Chart(inline(frame), width=width, height=leading * len(lines))
        .mark_text(align="left", baseline="top", fontSize=SMALL, color=MUTED)
        .encode(text=alt.Text("line:N"), x=alt.XValue(0), y=pixels("y", "Y"))
    )


def _badge(text: str, right: float) -> Any:
    wide, high = ems_of(text) * LABEL + 20, LABEL * 1.9
    box = alt.Chart(inline(pd.DataFrame({"box": [0]}))).mark_rect(color=RED)
    box = box.encode(x=alt.XValue(right - wide), x2=alt.X2Value(right), y=alt.YValue(0), y2=alt.Y2Value(high))
    word = alt.Chart(inline(pd.DataFrame({"text": [text]}))).mark_text(
        color="white", fontSize=LABEL, baseline="middle", fontWeight="bold"
    )
    word = word.encode(text=alt.Text("text:N"), x=alt.XValue(right - wide / 2), y=alt.YValue(high / 2))
    return alt.layer(box, word).properties(width=right, height=high)
