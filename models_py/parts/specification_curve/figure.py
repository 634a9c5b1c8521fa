"""The specification curve as a figure: every estimate in order of size, and the options behind them.

Belongs here: its drawing. Does not belong here: which rows and words (shown.py), and fitting the
specifications (models_py/specification).
"""

import json
from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.labels import choice_label, option_label
from models_py.figures.chart_page import HAIRLINE, LABEL, SMALL, chart_page, inline
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLACK, BLUE, GREY, RED
from models_py.parts.specification_curve import shown
from models_py.parts.specification_curve.shown import (
    NEGATIVE,
    NEITHER,
    POSITIVE,
    Curve,
    Panel,
    curve_shown,
    estimate_range,
    option_cells,
)

# Pixels.
WIDTH, LEFT, HEIGHT, ROW = 760, 185, 320, 19
_COLOURS = {POSITIVE: BLUE, NEGATIVE: RED, NEITHER: GREY}
# The same mixed with white, 9 to 11: thousands of translucent bars would make a PDF ten times as large.
_PALE = {POSITIVE: "#8CBFDC", NEGATIVE: "#ECB68C", NEITHER: "#CBCBCB"}
_HOVER = "specification"
_DIAMOND: dict[str, Any] = {"shape": "diamond", "filled": True, "color": BLACK, "stroke": "white", "opacity": 1}


def specification_curve(
    rows: pd.DataFrame,
    choices: pd.DataFrame,
    study: Study,
    term: Text,
    data_kind: str,
    *,
    joint: Mapping[str, float],
    unit: Text | None = None,
) -> Figure:
    """Estimates sorted by size with their intervals; below, how often each option occurs along the curve.

    `rows`: table `specification` of one study; `choices`: its `specification_choice`. Only the choices that move the
    estimate most are drawn, as many as fit in 16 options. `joint`: p-values of the joint tests by median, share and
    stouffer, those there are; `unit`: that of the study's own estimate. Raises FigureError as `curve_shown`.
    """
    curve = curve_shown(rows, choices)
    title, notes = shown.curve_title(curve, term, joint), shown.curve_notes(curve, unit)

    def chart_for(lang: Lang) -> alt.VConcatChart:
        panels = [_curve(curve, study, lang)]
        panels += [_options(curve, panel, study, lang, panel == curve.panels[-1]) for panel in curve.panels]
        return chart_page(panels, lang, data_kind, width=WIDTH)

    order = ["rank", *(name for name in curve.rows if name not in ("rank", "sign")), "sign"]
    return Figure(title, shown.curve_alternative(curve, term), notes, curve.rows[order], chart_for)


def _curve(curve: Curve, study: Study, lang: Lang) -> Any:
    coded = curve.rows.drop(columns="preferred")
    options = {name: sorted(set(coded[name])) for name in curve.varied}
    coded = coded.assign(**{name: coded[name].map(known.index) for name, known in options.items()})
    words = {f"{name}_": _names(study, name, known, lang) for name, known in options.items()}
    base = alt.Chart(inline(coded)).transform_calculate(
        **{field: f"{json.dumps(names, ensure_ascii=False)}[datum.{field[:-1]}]" for field, names in words.items()},
        interval="'[' + format(datum.ci_low, '.3f') + ', ' + format(datum.ci_high, '.3f') + ']'",
    )
    base = base.encode(x=_along(curve, last=not curve.panels, lang=lang), tooltip=_tips(curve, study, lang))
    y = {
        "title": said(shown.WORDS["estimate"], lang),
        "axis": _room(titleX=-48),
        "scale": alt.Scale(domain=list(estimate_range(curve)), nice=False),
    }
    pale = alt.Color("sign:N", scale=alt.Scale(domain=list(_PALE), range=list(_PALE.values())), legend=None)
    bars = base.mark_rule(strokeWidth=min(2.0, max(0.25, 0.8 * WIDTH / curve.n)), clip=True)
    points = base.mark_circle(size=7 if curve.n > 300 else 28, opacity=1)
    zero = alt.Chart(inline(pd.DataFrame({"y": [0]}))).mark_rule(color=BLACK, strokeWidth=0.8)
    layers = [
        bars.encode(y=alt.Y("ci_low:Q", **y), y2="ci_high:Q", color=pale),
        zero.encode(y="y:Q"),
        _hovered(curve),
        points.encode(y=alt.Y("estimate:Q", **y), color=_sign(curve, lang))
        .properties(name="estimates")
        .add_params(
            alt.selection_point(name=_HOVER, fields=["rank"], on="pointerover", clear="pointerout", empty=False)
        ),
        *_own(curve, lang),
    ]
    return alt.layer(*layers).resolve_scale(color="independent").properties(height=HEIGHT, width=WIDTH)


def _own(curve: Curve, lang: Lang) -> list[alt.Chart]:
    """The study's own specification: a diamond, and its value where the rising curve leaves room."""
    rank, estimate = int(curve.own["rank"]), float(curve.own["estimate"])
    frame = pd.DataFrame({"rank": [rank], "estimate": [estimate], "label": [said(shown.own_label(curve), lang)]})
    base = alt.Chart(inline(frame)).encode(x="rank:Q", y="estimate:Q")
    # Above its left or below its right part, and inside the frame.
    above = rank > 0.3 * curve.n
    low, high = estimate_range(curve)
    room = HEIGHT * ((high - estimate) if above else (estimate - low)) / (high - low)
    away = (-1 if above else 1) * max(0.0, min(58.0, room - 12))
    side: dict[str, Any] = {"align": "right" if above else "left", "dx": -14 if above else 14, "dy": away}
    return [
        base.mark_rule(color=BLACK, strokeWidth=0.8, y2Offset=away * 0.86).encode(y2="estimate:Q"),
        base.mark_text(fontSize=LABEL, color=BLACK, baseline="middle", **side).encode(text="label:N"),
        base.mark_point(size=130, **_DIAMOND),
    ]


def _options(curve: Curve, panel: Panel, study: Study, lang: Lang, last: bool) -> Any:
    """Rows of one choice's options; each cell is the option's share of the specifications in that stretch."""
    names = dict(zip(panel.options, _names(study, panel.choice, panel.options, lang), strict=True))
    cells = option_cells(curve, panel)
    cells = cells.assign(option=cells["option"].map(names))
    y = alt.Y("option:N", sort=list(names.values()), title=None, axis=_room(ticks=False, domainColor=HAIRLINE))
    ramp = alt.Scale(domain=[0, float(cells["share"].max())], range=["white", "#333333"])
    x, shade = _along(curve, last=last, lang=lang, name="start"), alt.Color("share:Q", scale=ramp, legend=None)
    boxes = alt.Chart(inline(cells)).mark_rect().encode(x=x, x2="end:Q", y=y, color=shade)
    own = pd.DataFrame({"rank": [int(curve.own["rank"])], "option": [names[curve.own[panel.choice]]]})
    diamond = alt.Chart(inline(own)).mark_point(size=80, **_DIAMOND).encode(x="rank:Q", y=y)
    heading = f"{said(choice_label(study, panel.choice), lang)}{said(shown.COLON, lang)}{shown.percent(panel.share)}"
    return alt.layer(boxes, _hovered(curve), diamond).properties(title=heading, width=WIDTH, height=ROW * len(names))


def _hovered(curve: Curve) -> alt.Chart:
    """A line through the specification under the pointer, in every panel; nothing in print."""
    ranks = alt.Chart(alt.sequence(1, curve.n + 1, as_="rank")).transform_filter(alt.param(name=_HOVER, empty=False))
    return ranks.mark_rule(color=BLACK, strokeWidth=1).encode(x="rank:Q")


def _along(curve: Curve, *, last: bool, lang: Lang, name: str = "rank") -> Any:
    """The axis all panels share; labelled under the last one."""
    margin = 0.5 + 0.005 * curve.n
    scale = alt.Scale(domain=[0.5 - margin, curve.n + 0.5 + margin], nice=False, zero=False)
    title = said(shown.ORDER, lang) if last else None
    return alt.X(
        f"{name}:Q", scale=scale, axis=alt.Axis(labels=last, ticks=last, title=title, domainColor=HAIRLINE, tickCount=8)
    )


def _sign(curve: Curve, lang: Lang) -> Any:
    counts, colon = curve.rows["sign"].value_counts(), said(shown.COLON, lang)
    labels = {sign: f"{said(shown.SIGN[sign], lang)}{colon}{counts.get(sign, 0)}" for sign in _COLOURS}
    chosen = f"{json.dumps(labels, ensure_ascii=False)}[datum.label]"
    legend = alt.Legend(orient="top", direction="horizontal", labelExpr=chosen, symbolType="circle", symbolOpacity=1)
    return alt.Color("sign:N", scale=alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values())), legend=legend)


def _tips(curve: Curve, study: Study, lang: Lang) -> list[Any]:
    """Estimate, interval, p-value, and the option of every choice."""
    tips = [
        alt.Tooltip("rank:Q", title=said(shown.WORDS["rank"], lang)),
        alt.Tooltip("estimate:Q", title=said(shown.WORDS["estimate"], lang), format=".3f"),
        alt.Tooltip("interval:N", title=said(shown.WORDS["interval"], lang)),
        alt.Tooltip("p_value:Q", title=said(shown.WORDS["p_value"], lang), format=".3f"),
        alt.Tooltip("n_obs:Q", title=said(shown.WORDS["n_obs"], lang)),
    ]
    return tips + [alt.Tooltip(f"{name}_:N", title=said(choice_label(study, name), lang)) for name in curve.varied]


def _names(study: Study, choice: str, options: Any, lang: Lang) -> list[str]:
    return [said(option_label(study, choice, option), lang) for option in options]


def _room(**options: Any) -> Any:
    """An axis at the left that takes the same room in every panel, so that their plots lie under each other."""
    room = LEFT - 30
    return alt.Axis(minExtent=room, maxExtent=room, labelLimit=LEFT - 10, labelFontSize=SMALL, **options)
