"""The event study: coefficients by years since first exposure, with intervals.

Belongs here: turning rows into series, their names, and drawing them. Does not belong here: estimating them
(event_study.py, staggered.py) and choosing rows (part.py).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from catalog.base import Text, refuse
from catalog.identity import ALL, COLUMNS, variant_choices, variant_of
from catalog.labels import Label, inner, label_of, method_label
from catalog.panels import PanelUnit
from catalog.parts.treatment_timing import EVENT_TERM
from models_py.figures.chart_page import LABEL, chart_page, inline
from models_py.figures.coefficients import coefficient_axis
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLACK, BLUE, GREEN, GREY, ORANGE, RED, SKY, FigureError, source_note
from models_py.figures.text import width as ems_of

# What a column says where there is nothing to be said.
_UNSAID = {"sample": ALL, "estimator": "twfe"}


@dataclass(frozen=True)
class Series:
    """`points`: rows with `k`, years since first exposure; `label`: what sets it apart; `method` of its intervals."""

    points: pd.DataFrame
    label: Text
    method: str


def series_of(rows: pd.DataFrame, label: Label) -> tuple[list[Series], Text]:
    """The series in the order of the rows, one for each identity and method; the label of what they share.

    `rows`: rows of `estimate`; those whose term is event_<k> are used. Raises FigureError when there is none.
    """
    found = rows["term"].str.fullmatch(EVENT_TERM)
    points = rows[found].assign(k=rows.loc[found, "term"].str.extract(EVENT_TERM, expand=False).astype(int))
    refuse((points.empty, "no row of an event study: terms are event_<years since first exposure>"), error=FigureError)
    groups = [part for _, part in points.groupby([*COLUMNS, "method"], sort=False)]
    columns = [{name: str(part[name].iloc[0]) for name in COLUMNS} for part in groups]
    shared, own = _apart(columns)
    made = [Series(part, label(words), str(part["method"].iloc[0])) for part, words in zip(groups, own, strict=True)]
    return made, label(shared)


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


_LOOKS = (
    (BLUE, "circle"),
    (ORANGE, "square"),
    (GREEN, "triangle-up"),
    (RED, "diamond"),
    (SKY, "triangle-down"),
    (BLACK, "cross"),
)
# Pixels of the plot; years between neighbouring series.
WIDTH, HEIGHT, _APART = 680, 330, 0.16
# Longer labels than this, in ems, stand under each other.
_ABREAST = 20
# Clustered standard errors of coefficients that rest on fewer exposed clusters are far too small (MacKinnon and Webb
# 2017): such bars are not drawn. The published rows keep them.
FEW = 6


@dataclass(frozen=True)
class Basis:
    """What an event study rests on. `ends`: first and last year from first exposure, which hold all earlier and later
    ones; `references`: years that are zero by construction, drawn hollow; `exposed`: entities seen both before and
    after first exposure, None if not known; `counts`: entities seen in each year, printed below.
    """

    ends: tuple[int, int]
    references: tuple[int, ...]
    exposed: int | None = None
    counts: Mapping[int, int] | None = None

    @property
    def few(self) -> bool:
        """Whether too few are exposed for the bars of clustered standard errors."""
        return self.exposed is not None and self.exposed < FEW


def event_study(
    rows: pd.DataFrame,
    outcome: Text,
    treatment: Text,
    unit: PanelUnit,
    data_kind: str,
    *,
    basis: Basis | None = None,
    label: Label = label_of,
) -> Figure:
    """Coefficients against years since first exposure, one series for each identity and method, at most six.

    `rows`: rows of `estimate` whose terms are event_<k>, k in years (identity, method, term, estimate, ci_low,
    ci_high, ci_level, unit_en, unit_zh, n_obs). `basis`: that of the event study proper; without one the series are
    estimators for staggered exposure. `unit`: that of the panel; `label` names a row of results. Raises FigureError
    when no term is an event's or more than six series stand in the rows.
    """
    series, shared = series_of(rows, label)
    refuse(
        (
            len(series) > len(_LOOKS),
            f"{len(series)} series in one event study; at most {len(_LOOKS)} can be told apart",
        ),
        error=FigureError,
    )
    title = _title(outcome, treatment, unit, basis)
    notes = (_note(series, shared, unit, basis), source_note("estimate", _sample(series, unit)))
    points = _points(series, drawn=basis is None or not basis.few)

    def chart_for(lang: Lang) -> alt.VConcatChart:
        return chart_page([_panel(points, series, unit, basis, lang)], lang, data_kind, width=WIDTH)

    shown = points[["k", "series_zh", "series_en", "estimate", "ci_low", "ci_high", "p_value"]]
    return Figure(title, _alternative(points, title), notes, shown, chart_for)


def _title(outcome: Text, treatment: Text, unit: PanelUnit, basis: Basis | None) -> Text:
    """What is drawn; on how few entities it rests, where they are few."""
    if basis is None:
        return Text(
            zh=f"分批暴露的估计方法：首次暴露后的{outcome.zh}", en=f"Estimators for staggered exposure: {outcome.en}"
        )
    rests = Text(zh="", en="")
    if basis.few:
        many = unit.one if basis.exposed == 1 else unit.many
        rests = Text(zh=f"（仅依据{basis.exposed}个{unit.one.zh}）", en=f", resting on {basis.exposed} {many.en}")
    return Text(
        zh=f"事件研究：首次暴露前后的{outcome.zh}{rests.zh}",
        en=f"Event study: {outcome.en} around first {inner(treatment.en)}{rests.en}",
    )


def _note(series: Sequence[Series], shared: Text, unit: PanelUnit, basis: Basis | None) -> Text:
    methods = {one.method for one in series}
    by = method_label(methods.pop()) if len(methods) == 1 else None
    level = pd.concat([one.points["ci_level"] for one in series]).dropna()
    base = binned = Text(zh="", en="")
    if basis is not None:
        base = _reference(basis)
        binned = Text(zh="两端各含更早、更晚年份。", en="The end points hold all earlier and later years. ")
    share = f"{level.iloc[0]:.0%}" if len(level) else ""
    bars = Text(
        zh=f"竖线为{share}置信区间{f'（{by.zh}）' if by else ''}，无竖线者只涉及一个{unit.one.zh}，不给出标准误。",
        en=f"Bars: {share} intervals{f' ({by.en})' if by else ''}; none where a point, or what it is compared with, "
        f"is a single {unit.one.en}. ",
    )
    if basis is not None and basis.few:
        bars = Text(
            zh=f"既见于暴露前又见于暴露后的{unit.one.zh}仅{basis.exposed}个，聚类标准误严重偏小，故不画区间。",
            en=f"No bars: only {basis.exposed} {unit.many.en} are seen before and after first exposure, and clustered "
            "standard errors are far too small then. ",
        )
    elif not share:
        bars = Text(zh="未给出区间。", en="No intervals are given. ")
    return Text(
        zh=f"{_model(shared).zh}{base.zh}{bars.zh}{binned.zh}关联，非因果效应。",
        en=f"{_model(shared).en}{base.en}{bars.en}{binned.en}An association, not an effect.",
    )


def _model(shared: Text) -> Text:
    """The model all series share, as the first sentence of the note; nothing where they share none."""
    return Text(zh=f"模型：{shared.zh}。" if shared.zh else "", en=f"Model: {shared.en}. " if shared.en else "")


def _reference(basis: Basis) -> Text:
    """Which years are zero by construction."""
    if not basis.references:
        return Text(zh="", en="")
    shown = [_years(k, basis) for k in sorted(basis.references)]
    return Text(
        zh=f"参照期（空心点，按构造为0）：距首次暴露{'、'.join(shown)}年。",
        en=f"Reference (hollow, zero by construction): {', '.join(shown)} years from first exposure. ",
    )


def _sample(series: Sequence[Series], unit: PanelUnit) -> Text:
    """The rows the estimates rest on: how many, or from how many to how many."""
    found = pd.concat([one.points["n_obs"] for one in series]).dropna()
    if found.empty:
        return Text(zh="未注明", en="not given")
    least, most = int(found.min()), int(found.max())
    zh, en = (f"{least}" if least == most else f"{least}{to}{most}" for to in ("至", " to "))
    return Text(zh=f"{zh}个{unit.one.zh}—年份观测", en=f"{en} {unit.one.en}-years")


def _points(series: Sequence[Series], drawn: bool) -> pd.DataFrame:
    """One row per coefficient; `low` and `high` are the ends of its bar, `at` where it stands."""
    parts = [
        one.points.assign(
            series=place,
            series_zh=one.label.zh,
            series_en=one.label.en,
            at=one.points["k"] + _APART * (place - (len(series) - 1) / 2),
            low=one.points["ci_low"] if drawn else float("nan"),
            high=one.points["ci_high"] if drawn else float("nan"),
        )
        for place, one in enumerate(series)
    ]
    return pd.concat(parts, ignore_index=True)


def _alternative(points: pd.DataFrame, title: Text) -> Text:
    low, high = (f"{float(value):.3f}".replace("-", "−") for value in points["estimate"].agg(["min", "max"]))
    first, last = int(points["k"].min()), int(points["k"].max())
    return Text(
        zh=f"{title.zh}：距首次暴露{first}至{last}年的系数介于{low}与{high}之间。".replace("-", "−"),
        en=f"{title.en}: coefficients {first} to {last} years from first exposure range from {low} to {high}.",
    )


def _panel(points: pd.DataFrame, series: Sequence[Series], unit: PanelUnit, basis: Basis | None, lang: Lang) -> Any:
    """Points and bars, the zero line, the start of exposure, hollow points at the references."""
    labels = [_label(one, len({other.method for other in series}) == 1, lang) for one in series]
    references = basis.references if basis else ()
    ticks = sorted({int(k) for k in points["k"]} | set(references))
    domain = [ticks[0] - 0.6, ticks[-1] + 0.6]
    axis = alt.Axis(values=ticks, labelExpr=_tick_words(ticks, basis), grid=False)
    x = alt.X(
        "at:Q", title=said(_years_title(unit, basis), lang), axis=axis, scale=alt.Scale(domain=domain, nice=False)
    )
    y = alt.Y("estimate:Q", title=said(coefficient_axis(points), lang))
    frame = points[["k", "at", "estimate", "low", "high", "p_value"]].assign(
        series=[labels[int(place)] for place in points["series"]]
    )
    base = alt.Chart(inline(frame)).encode(x=x, color=_legend("color", labels))
    tips = [
        alt.Tooltip("series:N", title=" "),
        alt.Tooltip("k:Q", title=said(_YEARS, lang)),
        alt.Tooltip("estimate:Q", title=said(coefficient_axis(points), lang), format=".4f"),
        alt.Tooltip("p_value:Q", title="p", format=".3f"),
    ]
    layers = [
        alt.Chart(inline(pd.DataFrame({"y": [0]}))).mark_rule(color=GREY, strokeWidth=0.8).encode(y="y:Q"),
        alt.Chart(inline(pd.DataFrame({"at": [-0.5]})))
        .mark_rule(color=GREY, strokeWidth=0.8, strokeDash=[4, 3])
        .encode(x="at:Q"),
        base.mark_point(filled=True, size=60, opacity=1).encode(y=y, shape=_legend("shape", labels), tooltip=tips),
    ]
    if frame["low"].notna().any():
        low = alt.Y("low:Q", title=said(coefficient_axis(points), lang))
        layers.insert(2, base.mark_rule(strokeWidth=2).encode(y=low, y2="high:Q"))
    if references:
        held = pd.DataFrame({"at": list(references), "estimate": 0.0})
        hollow: dict[str, Any] = {"size": 70, "opacity": 1, "fill": "white", "stroke": BLACK, "strokeWidth": 1.2}
        layers.append(alt.Chart(inline(held)).mark_point(shape="circle", **hollow).encode(x="at:Q", y="estimate:Q"))
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


def _legend(channel: str, labels: list[str]) -> Any:
    """Colour and shape of a series, in one legend over the plot; none where a single series has no name."""
    values = [look[channel == "shape"] for look in _LOOKS][: len(labels)]
    columns = 2 if max(map(ems_of, labels)) < _ABREAST else 1
    legend = alt.Legend(orient="top", direction="horizontal", columns=columns, labelFontSize=LABEL, labelLimit=0)
    kind = alt.Color if channel == "color" else alt.Shape
    shown = None if labels == [""] else legend
    return kind("series:N", sort=labels, scale=alt.Scale(domain=labels, range=values), legend=shown)


def _label(one: Series, one_method: bool, lang: Lang) -> str:
    name = said(one.label, lang)
    return name if one_method else f"{name} · {said(method_label(one.method), lang)}"


_YEARS = Text(zh="距首次暴露年数", en="Years since first exposure")


def _years_title(unit: PanelUnit, basis: Basis | None) -> Text:
    if basis is None or basis.counts is None:
        return _YEARS
    return Text(zh=f"{_YEARS.zh}；下行为可观测{unit.one.zh}数", en=f"{_YEARS.en}; below: {unit.many.en} seen")


def _tick_words(ticks: list[int], basis: Basis | None) -> str:
    """An expression for the labels of the ticks: years, and below them how many entities are seen."""
    words = {
        str(k): [_years(k, basis), *([] if basis is None or basis.counts is None else [str(basis.counts.get(k, 0))])]
        for k in ticks
    }
    return f"{json.dumps(words, ensure_ascii=False)}[datum.value]"


def _years(k: int, basis: Basis | None) -> str:
    mark = f"{k}".replace("-", "−")
    if basis is None or k not in basis.ends:
        return mark
    return f"≤ {mark}" if k == basis.ends[0] else f"≥ {mark}"
