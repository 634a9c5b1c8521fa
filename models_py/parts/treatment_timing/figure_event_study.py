"""The event study: coefficients by years since first exposure, with intervals.

Belongs here: turning rows into series, their names, and drawing them. Does not belong here: estimating them
(event_study.py, staggered.py) and choosing rows (part.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from catalog.base import Text, refuse
from catalog.identity import ALL, COLUMNS, variant_choices, variant_of
from catalog.labels import inner, label_of, method_label
from catalog.panels import PanelUnit
from catalog.parts.treatment_timing import EVENT_TERM
from models_py.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    SKY,
    SMALL,
    FigureError,
    Sheet,
    house_style,
    name_axes,
    sheet,
    source_note,
)

# What a column says where there is nothing to be said.
_UNSAID = {"sample": ALL, "estimator": "twfe"}


@dataclass(frozen=True)
class Series:
    """`points`: rows with `k`, years since first exposure; `label`: what sets it apart; `method` of its intervals."""

    points: pd.DataFrame
    label: Text
    method: str


def series_of(rows: pd.DataFrame, own_reading: str) -> tuple[list[Series], Text]:
    """The series in the order of the rows, one for each identity and method; table and label of what they share.

    `rows`: rows of `estimate`; those whose term is event_<k> are used. Raises FigureError when there is none.
    """
    found = rows["term"].str.fullmatch(EVENT_TERM)
    points = rows[found].assign(k=rows.loc[found, "term"].str.extract(EVENT_TERM, expand=False).astype(int))
    refuse((points.empty, "no row of an event study: terms are event_<years since first exposure>"), error=FigureError)
    groups = [part for _, part in points.groupby([*COLUMNS, "method"], sort=False)]
    columns = [{name: str(part[name].iloc[0]) for name in COLUMNS} for part in groups]
    shared, own = _apart(columns)
    made = [
        Series(part, label_of(words, own_reading=own_reading), str(part["method"].iloc[0]))
        for part, words in zip(groups, own, strict=True)
    ]
    label, tables = label_of(shared, own_reading=own_reading), "、".join(dict.fromkeys(c["table_no"] for c in columns))
    return made, Text(zh=f"{tables} {label.zh}".strip(), en=f"{tables} {label.en}".strip())


def _apart(columns: list[dict[str, str]]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Columns with what all series share, and for each series a label of its model and what sets it apart."""
    choices = [variant_choices(column["variant"]) for column in columns]
    common = {key: value for key, value in choices[0].items() if all(each.get(key) == value for each in choices)}
    nothing = {name: _UNSAID.get(name, "") for name in COLUMNS}
    same = {name: value for name, value in columns[0].items() if len({column[name] for column in columns}) == 1}
    shared = {**nothing, **same, "variant": variant_of(common)}
    own = []
    for column, chosen in zip(columns, choices, strict=True):
        rest = {key: value for key, value in chosen.items() if key not in common}
        apart = {name: nothing[name] if name in same else value for name, value in column.items()}
        own.append({**apart, "model": column["model"], "variant": variant_of(rest)})
    return shared, own


_LOOKS = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (RED, "D"), (SKY, "v"), (BLACK, "P"))
# Labels in both languages are long: more of them beside each other would leave the page.
_ABREAST = 2
_LINE = 0.165


@dataclass(frozen=True)
class Axis:
    """The years from first exposure an event study is drawn over; the one before it is left out, and drawn at zero.

    `ends`: first and last year, which hold all earlier and later ones. `counts`: entities seen in each, printed below.
    """

    ends: tuple[int, int]
    counts: Mapping[int, int] | None = None


def event_study(
    rows: pd.DataFrame,
    outcome: Text,
    treatment: Text,
    unit: PanelUnit,
    data_kind: str,
    *,
    axis: Axis | None = None,
    own_reading: str = "",
    n_obs: int | None = None,
) -> Figure:
    """Coefficients against years since first exposure, one series for each identity and method, at most six.

    `rows`: rows of `estimate` whose terms are event_<k>, k in years (identity, method, term, estimate, ci_low,
    ci_high, ci_level, unit_en, unit_zh). `axis`: that of the event study proper; without one the series are estimators
    for staggered exposure. `unit`: that of the panel; `own_reading` goes unsaid. Raises FigureError when no term is an
    event's or more than six series stand in the rows.
    """
    series, shared = series_of(rows, own_reading)
    refuse(
        (
            len(series) > len(_LOOKS),
            f"{len(series)} series in one event study; at most {len(_LOOKS)} can be told apart",
        ),
        error=FigureError,
    )
    title = Text(
        zh=f"分批暴露的估计方法：首次暴露后的{outcome.zh}", en=f"Estimators for staggered exposure: {outcome.en}"
    )
    if axis is not None:
        title = Text(
            zh=f"事件研究：首次暴露前后的{outcome.zh}",
            en=f"Event study: {outcome.en} around first {inner(treatment.en)}",
        )
    notes = [_note(series, shared, unit, axis), source_note("estimate", _sample(n_obs, unit))]
    one_method = len({one.method for one in series}) == 1
    labels = [_label(one, one_method) for one in series]
    with house_style():
        page = sheet(
            title,
            notes,
            data_kind,
            height=4.4,
            above=0.2 + _legend_height(labels),
            below=0.6 if axis is None or axis.counts is None else 0.8,
        )
        _draw(page, series, labels, unit, axis)
    return page.figure


def _note(series: Sequence[Series], shared: Text, unit: PanelUnit, axis: Axis | None) -> Text:
    methods = {one.method for one in series}
    by = method_label(methods.pop()) if len(methods) == 1 else None
    level = pd.concat([one.points["ci_level"] for one in series]).dropna()
    share = f"{level.iloc[0]:.0%}" if len(level) else "95%"
    base = binned = Text(zh="", en="")
    if axis is not None:
        base = Text(
            zh="系数为相对首次暴露前1年之差（空心点，定为0）。",
            en="Coefficients relative to 1 year before first exposure (hollow, zero by definition). ",
        )
        binned = Text(zh="两端各含更早、更晚年份。", en="The end points hold all earlier and later years. ")
    return Text(
        zh=f"{shared.zh}。{base.zh}竖线为{share}置信区间{f'（{by.zh}）' if by else ''}，"
        f"无竖线者只涉及一个{unit.one.zh}，不给出标准误。{binned.zh}关联，非因果效应。",
        en=f"{shared.en}. {base.en}Bars: {share} intervals{f' ({by.en})' if by else ''}; none where a point, or what "
        f"it is compared with, is a single {unit.one.en}. {binned.en}An association, not an effect.",
    )


def _sample(n_obs: int | None, unit: PanelUnit) -> Text:
    if n_obs is None:
        return Text(zh="未注明", en="not given")
    return Text(
        zh=f"{n_obs}个{unit.one.zh}—年份观测，其中样本首年即已暴露的{unit.one.zh}不参与比较",
        en=f"{n_obs} {unit.one.en}-years, {unit.many.en} already exposed in the first year left out of the comparison",
    )


def _label(one: Series, one_method: bool) -> str:
    lines = [one.label.zh, one.label.en] if one.label.zh != one.label.en else [one.label.zh]
    return "\n".join(lines if one_method else [*lines, method_label(one.method).en])


def _legend_height(labels: Sequence[str]) -> float:
    """Inches, for the legend's rows of labels."""
    lines = [label.count("\n") + 1 for label in labels]
    tallest = [max(lines[start : start + _ABREAST]) for start in range(0, len(lines), _ABREAST)]
    return _LINE * sum(tallest) + 0.12 * len(tallest)


def _draw(page: Sheet, series: Sequence[Series], labels: Sequence[str], unit: PanelUnit, axis: Axis | None) -> None:
    axes = page.figure.add_subplot(page.grid(1, 1, left=0.1)[0, 0])
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.axvline(-0.5, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
    for position, (one, label) in enumerate(zip(series, labels, strict=True)):
        colour, marker = _LOOKS[position]
        at = one.points["k"] + 0.16 * (position - (len(series) - 1) / 2)
        axes.vlines(at, one.points["ci_low"], one.points["ci_high"], color=colour, linewidth=2)
        axes.plot(at, one.points["estimate"], marker, color=colour, markersize=7, label=label)
    years = sorted({int(k) for one in series for k in one.points["k"]})
    if axis is not None:
        axes.plot([-1], [0], "o", markersize=8, markerfacecolor="white", markeredgecolor=BLACK)
        years = sorted({-1, *years})
    axes.set_xticks(years, [_tick(k, axis) for k in years], fontsize=SMALL, linespacing=1.4)
    below = Text(zh="", en="")
    if axis is not None and axis.counts is not None:
        below = Text(zh=f"；下行为可观测{unit.one.zh}数", en=f"; below: {unit.many.en} seen")
    name_axes(
        axes,
        Text(zh=f"距首次暴露年数{below.zh}", en=f"Years since first exposure{below.en}"),
        _coefficient(series),
    )
    axes.legend(
        frameon=False,
        fontsize=SMALL,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.2,
        labelspacing=0.8,
        ncols=min(len(series), _ABREAST),
    )


def _coefficient(series: Sequence[Series]) -> Text:
    """The axis of coefficients, with their unit if all series have the same."""
    points = pd.concat([one.points for one in series])
    units = points[["unit_zh", "unit_en"]].dropna().drop_duplicates()
    if len(units) != 1:
        return Text(zh="系数", en="Coefficient")
    zh, en = units.iloc[0].tolist()
    return Text(zh=f"系数（{str(zh).removeprefix('个')}）", en=f"Coefficient ({en})")


def _tick(k: int, axis: Axis | None) -> str:
    mark = f"{k}".replace("-", "−")
    if axis is None:
        return mark
    if k in axis.ends:
        mark = f"≤ {mark}" if k == axis.ends[0] else f"≥ {mark}"
    return mark if axis.counts is None else f"{mark}\n{axis.counts.get(k, 0)}"
