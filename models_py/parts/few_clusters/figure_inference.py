"""One coefficient under every method of inference: a figure of one model, a table of every model of a table.

Belongs here: the drawing, the table's rows and columns. Does not belong here: the methods (models_py/econometrics).
"""

import math
from typing import Any

import altair as alt
import pandas as pd

from catalog.base import Text, refuse
from catalog.identity import COLUMNS
from catalog.labels import Label, inner, label_of, load_labels, method_label
from catalog.panels import PanelUnit
from models_py.figures.chart_page import LABEL, SMALL, chart_page, inline
from models_py.figures.coefficients import coefficient_axis
from models_py.figures.names import chinese_number, number_of, stem_of
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLACK, BLUE, GREY, FigureError, source_note
from models_py.figures.table import ReportTable, Row, p_number
from models_py.figures.table import number as printed
from models_py.figures.text import number, p_text

NONE = "–"
# Pixels: the plot's width, and a row.
WIDTH, ROW = 430, 38


def inference_methods(
    rows: pd.DataFrame,
    term: Text,
    unit: PanelUnit,
    data_kind: str,
    *,
    label: Label = label_of,
    n_obs: int | None = None,
    clusters: int | None = None,
) -> Figure:
    """Point and interval by method, p-values beside them.

    `rows`: rows of `estimate` of one table, model and term, one per method (estimate, ci_low, ci_high, ci_level,
    p_value; NaN where a method has no interval). `unit`: that of the panel; `label` names a row of results. Raises
    FigureError when no row is there, or more than one model, term or row of a method.
    """
    refuse((rows.empty, "no row of estimate"), error=FigureError)
    several = len(rows[[*COLUMNS, "term"]].drop_duplicates()) > 1 or rows["method"].duplicated().any()
    refuse((several, "give one row per method, of one model and term"), error=FigureError)
    rows = rows.set_index("method", drop=False).loc[by_label(rows["method"])]
    model = label({name: str(rows[name].iloc[0]) for name in COLUMNS})
    table_no = str(rows["table_no"].iloc[0])
    level = rows["ci_level"].dropna()
    share = f"{level.iloc[0]:.0%}" if len(level) else ""
    title = Text(
        zh=f"{term.zh}系数的推断：不同方法下的{share}置信区间",
        en=f"Inference on the coefficient of {inner(term.en)}: {share} intervals by method",
    )
    n, g = (NONE if count is None else str(count) for count in (n_obs, clusters))
    counted = Text(zh=f"{n}个{unit.one.zh}—年份观测，{g}个聚类", en=f"{n} {unit.one.en}-years, {g} clusters")
    notes = (
        Text(
            zh=f"{chinese_number(table_no)} {model.zh}。点为系数，横线为置信区间；无横线者该方法只给p值。"
            "关联，非因果效应。",
            en=f"{table_no} {model.en}. Dots: coefficient; bars: interval; no bar: the method gives a p-value only. An "
            "association, not an effect.",
        ),
        source_note("estimate", counted),
    )
    shown = rows[["method", "estimate", "ci_low", "ci_high", "p_value"]].reset_index(drop=True)

    def chart_for(lang: Lang) -> alt.VConcatChart:
        return chart_page([_intervals(shown, coefficient_axis(rows), lang)], lang, data_kind, width=WIDTH)

    return Figure(title, _alternative(shown, title), notes, shown, chart_for)


def _intervals(rows: pd.DataFrame, axis: Text, lang: Lang) -> Any:
    """A line for each method, its p-value and interval at the right."""
    methods = [said(method_label(method), lang) for method in rows["method"]]
    spans = [f"[{number(low)}, {number(high)}]" if math.isfinite(low) and math.isfinite(high) else f"[{NONE}]"
             for low, high in zip(rows["ci_low"], rows["ci_high"], strict=True)]  # fmt: skip
    frame = rows.assign(name=methods, p=[p_text(p) for p in rows["p_value"]], span=spans)
    y = alt.Y("name:N", sort=methods, title=None, axis=alt.Axis(labelLimit=0, labelFontSize=LABEL, ticks=False))
    base = alt.Chart(inline(frame)).encode(y=y)
    x = alt.X("estimate:Q", title=said(axis, lang), scale=alt.Scale(zero=True, nice=True))
    tips = [alt.Tooltip("name:N", title=" "), alt.Tooltip("p:N", title="p"), alt.Tooltip("span:N", title=" ")]
    beside: dict[str, Any] = {"align": "left", "baseline": "middle", "fontSize": SMALL, "color": BLACK}
    layers = [
        alt.Chart(inline(pd.DataFrame({"x": [0]}))).mark_rule(color=GREY).encode(x="x:Q"),
        base.mark_rule(color=BLUE, strokeWidth=2.4).encode(x=alt.X("ci_low:Q", title=said(axis, lang)), x2="ci_high:Q"),
        base.mark_circle(color=BLUE, size=80, opacity=1).encode(x=x, tooltip=tips),
        base.mark_text(**beside).encode(x=alt.value(WIDTH + 14), text="p:N"),
        base.mark_text(**beside).encode(x=alt.value(WIDTH + 90), text="span:N"),
    ]
    return alt.layer(*layers).properties(width=WIDTH, height=ROW * len(rows))


def _alternative(rows: pd.DataFrame, title: Text) -> Text:
    """The coefficient, and the range of its p-values."""
    estimate, low, high = (number(float(v)) for v in (rows["estimate"].iloc[0], *rows["p_value"].agg(["min", "max"])))
    return Text(
        zh=f"{title.zh}：系数{estimate}，{len(rows)}种方法的p值介于{low}与{high}之间。",
        en=f"{title.en}: coefficient {estimate}, p-values of {len(rows)} methods from {low} to {high}.",
    )


def inference_table(
    rows: pd.DataFrame, label: Text, *, study: Text, name: Label, synthetic: bool
) -> ReportTable | None:
    """Every model of a table under every method of inference: p-value over interval.

    `rows`: rows of `estimate` of one table and term, effect coef. `label` names the term, `study` is the study's title;
    its `label` names a row of results. None unless there is more than one method.
    """
    methods = by_label(rows["method"])
    if len(methods) < 2:
        return None
    body = [
        Row(
            name(dict(zip(COLUMNS, map(str, key), strict=True))),
            _cells(part, methods),
        )
        for key, part in rows.groupby(list(COLUMNS), sort=False)
    ]
    table_no = str(rows["table_no"].iloc[0])
    levels = sorted({f"{level:.0%}" for level in rows["ci_level"].dropna()})
    return ReportTable(
        stem=stem_of(table_no, "inference"),
        number=number_of(table_no),
        title=Text(
            zh=f"{label.zh}系数的推断：{study.zh}", en=f"Inference on the coefficient of {inner(label.en)}: {study.en}"
        ),
        header=((coefficient_axis(rows), *(method_label(method) for method in methods)),),
        rows=tuple(body),
        notes=(
            Text(
                zh=f"上为双侧p值，下为{'、'.join(levels)}区间；–：未计算或该方法不给出。"
                "抽样次数、种子与做法见数据表 spec_test。关联，非因果效应。",
                en=f"Two-sided p-value over the {', '.join(levels)} interval; –: not computed, or not given by the "
                "method. Draws, seeds and conventions: table spec_test. Associations, not effects.",
            ),
        ),
        synthetic=synthetic,
    )


def by_label(methods: pd.Series) -> list[str]:
    """The methods there are, in the order of their labels, others by name after them."""
    known = {method: place for place, method in enumerate(load_labels().methods)}
    return sorted(set(methods), key=lambda method: (known.get(method, len(known)), method))


def _cells(rows: pd.DataFrame, methods: list[str]) -> tuple[str, ...]:
    """The coefficient of one model, then its p-value over its interval for each of `methods`."""
    numbers = rows[["estimate", "p_value", "ci_low", "ci_high"]].astype("float64").to_numpy().tolist()
    found = dict(zip(rows["method"], numbers, strict=True))
    cells = dict.fromkeys(methods, NONE)
    for method, (_, p_value, low, high) in found.items():
        interval = f"[{printed(low)}, {printed(high)}]" if math.isfinite(low) else NONE
        cells[method] = f"{p_number(p_value)}\n{interval}"
    return printed(numbers[0][0]), *cells.values()
