"""One coefficient under every method of inference: a figure of one model, a table of every model of a table.

Belongs here: the drawing, the table's rows and columns. Does not belong here: the methods (models_py/econometrics).
"""

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from catalog.base import Text, refuse
from catalog.identity import COLUMNS
from catalog.labels import inner, label_of, load_labels, method_label
from catalog.panels import PanelUnit
from models_py.figures.names import chinese_number, stem_of
from models_py.figures.style import (
    BLACK,
    BLUE,
    GREY,
    SMALL,
    FigureError,
    house_style,
    name_axes,
    sheet,
    source_note,
)
from models_py.figures.table import ReportTable, Row, p_number, stacked
from models_py.figures.table import number as printed
from models_py.figures.text import number, p_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NONE = "–"


def inference_methods(
    rows: pd.DataFrame,
    term: Text,
    unit: PanelUnit,
    data_kind: str,
    *,
    own_reading: str = "",
    n_obs: int | None = None,
    clusters: int | None = None,
) -> "Figure":
    """Point and interval by method, p-values beside them.

    `rows`: rows of `estimate` of one table, model and term, one per method (estimate, ci_low, ci_high, ci_level,
    p_value; NaN where a method has no interval). `unit`: that of the panel; `own_reading` goes unsaid. Raises
    FigureError when no row is there, or more than one model, term or row of a method.
    """
    refuse((rows.empty, "no row of estimate"), error=FigureError)
    several = len(rows[[*COLUMNS, "term"]].drop_duplicates()) > 1 or rows["method"].duplicated().any()
    refuse((several, "give one row per method, of one model and term"), error=FigureError)
    rows = rows.set_index("method", drop=False).loc[by_label(rows["method"])]
    model = label_of({name: str(rows[name].iloc[0]) for name in COLUMNS}, own_reading=own_reading)
    table_no = rows["table_no"].iloc[0]
    level = rows["ci_level"].dropna()
    share = f"{level.iloc[0]:.0%}" if len(level) else ""
    title = Text(
        zh=f"{term.zh}系数的推断：不同方法下的{share}置信区间",
        en=f"Inference on the coefficient of {inner(term.en)}: {share} intervals by method",
    )
    n, g = (NONE if count is None else str(count) for count in (n_obs, clusters))
    counted = Text(zh=f"{n}个{unit.one.zh}—年份观测，{g}个聚类", en=f"{n} {unit.one.en}-years, {g} clusters")
    notes = [
        Text(
            zh=f"{table_no} {model.zh}。点为系数，横线为置信区间；无横线者该方法只给p值。关联，非因果效应。",
            en=f"{table_no} {model.en}. Dots: coefficient; bars: interval; no bar: the method gives a p-value only. An "
            "association, not an effect.",
        ),
        source_note("estimate", counted),
    ]
    with house_style():
        page = sheet(title, notes, data_kind, height=0.55 * len(rows) + 0.2)
        axes = page.figure.add_subplot(page.grid(1, 1, left=0.27, right=0.80)[0, 0])
        axes.axvline(0, color=GREY, linewidth=1)
        numbers = rows[["estimate", "ci_low", "ci_high", "p_value"]].to_numpy(dtype="float64")
        for y, (estimate, low, high, p_value) in enumerate(numbers.tolist()):
            span = f"[{NONE}]"
            if math.isfinite(low) and math.isfinite(high):
                axes.hlines(y, low, high, color=BLUE, linewidth=2.4)
                span = f"[{number(low)}, {number(high)}]"
            axes.plot(estimate, y, "o", markersize=8, color=BLUE)
            place: Any = ("axes fraction", "data")
            axes.annotate(
                f"{p_text(p_value)}\n{span}", (1.03, y), xycoords=place, va="center", fontsize=SMALL, linespacing=1.4
            )
        labels = [f"{method_label(m).zh}\n{method_label(m).en}" for m in rows["method"]]
        axes.set_yticks(range(len(rows)), labels, fontsize=SMALL, linespacing=1.4, color=BLACK)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.margins(x=0.08)
        name_axes(axes, Text(zh="系数", en="Coefficient"))
    return page.figure


def inference_table(
    rows: pd.DataFrame, label: Text, *, study: Text, own_reading: str, synthetic: bool
) -> ReportTable | None:
    """Every model of a table under every method of inference: p-value over interval.

    `rows`: rows of `estimate` of one table and term, effect coef. `label` names the term, `study` is the study's title;
    its `own_reading` goes unsaid. None unless there is more than one method.
    """
    methods = by_label(rows["method"])
    if len(methods) < 2:
        return None
    body = [
        Row(
            stacked(label_of(dict(zip(COLUMNS, map(str, key), strict=True)), own_reading=own_reading)),
            _cells(part, methods),
        )
        for key, part in rows.groupby(list(COLUMNS), sort=False)
    ]
    table_no = str(rows["table_no"].iloc[0])
    levels = sorted({f"{level:.0%}" for level in rows["ci_level"].dropna()})
    return ReportTable(
        stem=stem_of(table_no, "inference"),
        title=Text(
            zh=f"{chinese_number(table_no)}  {study.zh}：{label.zh}系数的推断",
            en=f"{table_no}. {study.en}: inference on {inner(label.en)}",
        ),
        header=(("系数\nCoefficient", *(stacked(method_label(method)) for method in methods)),),
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
