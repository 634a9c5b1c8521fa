"""The table of weights by system, and the same as bars.

Belongs here: their rows, words and drawing. Does not belong here: computing (index.py).
"""

from typing import Any

import altair as alt
import pandas as pd

from catalog import load_registry
from catalog.base import Text
from catalog.identity import variant_choices
from catalog.parts.entropy_index import Options
from models_py.figures.chart_page import LABEL, SMALL, chart_page, independent, inline
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLUE, GREEN, source_note
from models_py.figures.table import ReportTable, Row, number
from models_py.figures.text import width as ems_of
from models_py.figures.text import wrapped
from models_py.panel import Panel
from models_py.parts.entropy_index.texts import (
    SYSTEM,
    TITLE,
    WEIGHTING,
    WEIGHTS,
    basis_note,
    carried_note,
    indicator_name,
    ranked_note,
)

_COLOURS = {"digital": BLUE, "health": GREEN}
# Pixels: the bars, a bar, and ems of a label before it is broken.
_WIDE, _BAR, _EMS = 380, 34, 30
_WEIGHT = Text(en="Weight within its system", zh="在所属系统内的权重")
_SIGN = {1: "+", -1: "−"}


def weights_table(weights: pd.DataFrame, options: Options, panel: Panel, synthetic: bool) -> ReportTable:
    """A row for each indicator: direction, entropy, divergence, its weight and that of every other weighting.

    `weights`: rows of entropy_weight of one study.
    """
    own = weights[weights["variant"] == ""].sort_values(["system", "position"])
    others = {
        variant: rows.set_index(["system", "indicator"])["weight"]
        for variant, rows in weights.groupby("variant", sort=False)
        if set(variant_choices(str(variant))) == {"weighting"}
    }
    body = []
    for block, (system, rows) in enumerate(own.groupby("system", sort=False)):
        for row in rows.to_dict("records"):
            further = [number(float(of[system, row["indicator"]])) for of in others.values()]
            cells = (
                _SIGN[int(row["direction"])],
                number(row["entropy"], 4),
                number(row["divergence"], 4),
                number(row["weight"]),
                *further,
            )
            body.append(Row(indicator_name(row["indicator"]), (SYSTEM[str(system)], *cells), block))
    named = [WEIGHTING[variant_choices(str(variant))["weighting"]] for variant in others]
    header = (
        Text(zh="系统", en="System"),
        Text(zh="方向", en="Direction"),
        Text(zh="熵值", en="Entropy"),
        Text(zh="差异系数", en="Divergence"),
        _weight_of(WEIGHTING[options.weighting]),
        *map(_weight_of, named),
    )
    return ReportTable(
        WEIGHTS, TITLE, (header,), tuple(body), _notes(own, options, panel), synthetic, text_columns=(0,)
    )


def weights_figure(weights: pd.DataFrame, options: Options, panel: Panel, data_kind: str) -> Figure:
    """A bar for each indicator, the largest first, a panel for each system.

    `weights`: rows of entropy_weight of one study, at least one.
    """
    own = weights[weights["variant"] == ""].sort_values(["system", "weight"], ascending=[True, False])
    own = own[["system", "indicator", "weight"]].reset_index(drop=True)
    most = float(own["weight"].max())

    def chart_for(lang: Lang) -> alt.VConcatChart:
        panels = [_bars(rows, str(system), most, lang) for system, rows in own.groupby("system", sort=False)]
        drawn = alt.vconcat(*panels, spacing=22, resolve=independent("y", "color"))
        return chart_page([drawn], lang, data_kind, width=_WIDE)

    source = source_note("entropy_weight", Text(en=f"{len(own)} indicators", zh=f"{len(own)}个指标"))
    notes = (*_notes(weights[weights["variant"] == ""], options, panel), source)
    return Figure(TITLE, _said(own), notes, own, chart_for)


def _bars(rows: pd.DataFrame, system: str, most: float, lang: Lang) -> Any:
    labels = load_registry().indicators
    names = {name: said(labels[name].label, lang) for name in rows["indicator"]}
    # A label is broken where it would push the bars off a page.
    lines = {name: "\n".join(wrapped(text, _EMS)) for name, text in names.items()}
    frame = pd.DataFrame(
        {
            "name": [lines[name].replace("\n", "¶") for name in rows["indicator"]],
            "weight": rows["weight"].to_numpy(),
            "shown": [number(weight, 3) for weight in rows["weight"]],
        }
    )
    longest = max(ems_of(line) for text in lines.values() for line in text.split("\n"))
    axis = alt.Axis(
        labelLimit=0,
        ticks=False,
        domain=False,
        title=None,
        labelFontSize=SMALL,
        labelExpr="split(datum.value, '¶')",
        minExtent=longest * SMALL * 0.5,
    )
    scale = alt.Scale(domain=[0, most * 1.12], nice=False)
    base = alt.Chart(inline(frame)).encode(y=alt.Y("name:N", sort=list(frame["name"]), axis=axis))
    x = alt.X("weight:Q", scale=scale, title=said(_WEIGHT, lang), axis=alt.Axis(tickCount=4))
    bars = base.mark_bar(color=_COLOURS[system], height=14).encode(x=x)
    numbers = base.mark_text(align="left", dx=4, fontSize=SMALL).encode(x=x, text="shown:N")
    title = alt.TitleParams(said(SYSTEM[system], lang), fontSize=LABEL)
    return alt.layer(bars, numbers).properties(width=_WIDE, height=_BAR * len(frame), title=title)


def _weight_of(weighting: Text) -> Text:
    return Text(en=f"Weight, {weighting.en}", zh=f"权重（{weighting.zh}）")


def _notes(own: pd.DataFrame, options: Options, panel: Panel) -> tuple[Text, ...]:
    n = len(panel.codes) * (panel.years[1] - panel.years[0] + 1)
    carried = int(own["carried"].sum())
    within = Text(
        en="Weights sum to 1 within a system. A large weight says that few places have most of the indicator, not that "
        "it matters most.",
        zh="权重在各系统内合计为1。权重大表示该指标集中于少数地区，并不表示其最重要。",
    )
    ranked = [ranked_note(options.ranked)] if options.ranked else []
    return (basis_note(options, panel.years, n), *ranked, within, *([carried_note(carried)] if carried else []))


def _said(own: pd.DataFrame) -> Text:
    parts = []
    for system, rows in own.groupby("system", sort=False):
        top = rows.iloc[0]
        name, weight = indicator_name(top["indicator"]), number(float(top["weight"]), 2)
        parts.append(
            Text(
                en=f"{SYSTEM[str(system)].en}: {name.en} weighs most, {weight}",
                zh=f"{SYSTEM[str(system)].zh}中{name.zh}权重最大（{weight}）",
            )
        )
    return Text(en=f"{'; '.join(part.en for part in parts)}.", zh=f"{'；'.join(part.zh for part in parts)}。")
