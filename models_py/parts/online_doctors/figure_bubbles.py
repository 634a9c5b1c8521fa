"""Online doctors of every city as bubbles: all of them, and those of high quality, on one scale.

Belongs here: the drawing. Seats lie where Albers' projection puts them; no boundary is drawn. Does not belong here:
which doctors count as high quality (places.py).
"""

import math
from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from catalog.base import Text, refuse
from models_py.figures.chart_page import LABEL, MUTED, SMALL, chart_page, inline, pixels
from models_py.figures.map_classes import albers
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLACK, BLUE, GREY, FigureError, source_note
from models_py.figures.text import width as ems_of

# Pixels: each of the two panels, what lies between them, the largest bubble's radius.
_SIDE, _BETWEEN, _LARGEST = 440, 30, 30
WIDTH, _TOP = 2 * _SIDE + _BETWEEN, 34
_LABELLED, _LEADING = 6, 15
PANELS = (
    ("doctors", Text(zh="全部在线医生", en="All online doctors")),
    (
        "high_quality",
        Text(zh="高水平：三级甲等医院主任、副主任医师", en="High quality: (deputy) chiefs, tertiary A hospitals"),
    ),
)
_PLANE = Text(
    zh="圆面积与医生数成正比，两图同一比例；圆心为城市政府驻地，不绘边界。为医生所在医院的地点，非患者所在地。",
    en="Area is proportional to the number of doctors, on one scale in both panels; centres are city seats, no "
    "boundary is drawn. Where doctors' hospitals are, not where patients are.",
)
CITY, DOCTORS = Text(zh="城市", en="City"), Text(zh="医生数", en="Doctors")


def doctor_bubbles(cities: pd.DataFrame, names: Mapping[int, Text], title: Text, data_kind: str) -> Figure:
    """`cities`: rows of online_doctor (entity_code, year, doctors, high_quality, lon, lat); `names`: by code.

    Cities without coordinates are counted in a note. Raises FigureError if no city with doctors has coordinates.
    """
    listed = cities[cities["doctors"] > 0]
    placed = listed.dropna(subset=["lon", "lat"])
    refuse((placed.empty, "no city with doctors has coordinates"), error=FigureError)
    apart = listed[~listed.index.isin(placed.index)]
    notes = _notes(placed, apart, names)
    drawn, height = _bubbles(placed)

    def chart_for(lang: Lang) -> alt.VConcatChart:
        return chart_page([_view(drawn, height, names, lang)], lang, data_kind, width=WIDTH)

    columns = ["entity_code", "year", "doctors", "high_quality", "lon", "lat"]
    data = placed[columns].rename(columns={"entity_code": "city_code"}).reset_index(drop=True)
    data.insert(1, "city", [_name(names, code).zh for code in data["city_code"]])
    return Figure(title, _alternative(placed, names), notes, data, chart_for)


def _bubbles(placed: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """code, number, panel, x, y, size (in pixels), largest first so that small ones stay visible; and the height."""
    plane = albers(placed[["lon", "lat"]].to_numpy())
    low, high = plane.min(axis=0), plane.max(axis=0)
    room = _SIDE - 2 * _LARGEST - 30
    scale = room / max(float((high - low).max()), 1.0)
    x, y = ((plane - low) * scale).T
    height = _TOP + float((high - low)[1]) * scale + 2 * _LARGEST
    area = (2 * _LARGEST) ** 2 / float(placed["doctors"].max())
    parts = [
        pd.DataFrame(
            {
                "code": placed["entity_code"].to_numpy(),
                "number": placed[column].to_numpy(),
                "panel": place,
                "x": place * (_SIDE + _BETWEEN) + _LARGEST + x,
                "y": height - _LARGEST - y,
                "size": area * placed[column].to_numpy(),
            }
        )
        for place, (column, _) in enumerate(PANELS)
    ]
    rows = pd.concat(parts, ignore_index=True).sort_values(["panel", "number", "code"], ascending=[True, False, True])
    return rows[rows["number"] > 0].reset_index(drop=True), height


def _view(drawn: pd.DataFrame, height: float, names: Mapping[int, Text], lang: Lang) -> Any:
    rows = drawn.assign(name=[said(_name(names, code), lang) for code in drawn["code"]])
    where: dict[str, Any] = {"x": pixels("x", "X"), "y": pixels("y", "Y")}
    tips = [alt.Tooltip("name:N", title=said(CITY, lang)), alt.Tooltip("number:Q", title=said(DOCTORS, lang))]
    circle = alt.Chart(inline(rows)).mark_circle(fill=BLUE, fillOpacity=0.45, stroke=BLUE, strokeWidth=1, opacity=1)
    circle = circle.encode(**where, size=alt.Size("size:Q", scale=None, legend=None), tooltip=tips)
    word = alt.Chart(inline(_labels(rows))).mark_text(align="left", baseline="middle", fontSize=SMALL, color=BLACK)
    word = word.encode(x=pixels("left", "X"), y=pixels("middle", "Y"), text="name:N")
    heads = pd.DataFrame({"text": [said(text, lang) for _, text in PANELS], "x": [0, _SIDE + _BETWEEN]})
    head = alt.Chart(inline(heads)).mark_text(align="left", baseline="top", fontSize=LABEL, color=BLACK)
    head = head.encode(x=pixels("x", "X"), y=alt.value(0), text="text:N")
    key, below = _key(drawn, height, lang)
    return alt.layer(circle, word, head, *key).properties(width=WIDTH, height=below)


def _labels(rows: pd.DataFrame) -> pd.DataFrame:
    """name, left, middle of the largest bubbles of each panel: beside a bubble, or under it where a label is there."""
    placed: list[tuple[str, float, float]] = []
    for row in rows.groupby("panel").head(_LABELLED).to_dict("records"):
        radius, wide = math.sqrt(row["size"]) / 2, ems_of(row["name"]) * SMALL
        left, middle = row["x"] + radius + 3, row["y"]
        if any(abs(middle - y) < _LEADING and left < x + ems_of(n) * SMALL and x < left + wide for n, x, y in placed):
            left, middle = row["x"] - wide / 2, row["y"] + radius + _LEADING / 2
        placed.append((row["name"], left, middle))
    return pd.DataFrame(placed, columns=["name", "left", "middle"])


def _key(drawn: pd.DataFrame, height: float, lang: Lang) -> tuple[list[Any], float]:
    """Three circles with their numbers, under the panels, and where everything ends."""
    most = int(drawn["number"].max())
    steps = sorted({_round(most), _round(most / 4), _round(most / 16)}, reverse=True)
    area = float(drawn["size"].iloc[0]) / float(drawn["number"].iloc[0])
    middle = height + _LARGEST + 6
    at = [_LARGEST + 110 * place for place in range(len(steps))]
    rows = pd.DataFrame({"x": at, "y": middle, "size": [area * step for step in steps], "label": map(str, steps)})
    rows = rows.assign(beside=rows["x"] + np.sqrt(rows["size"]) / 2 + 6)
    circle = alt.Chart(inline(rows)).mark_circle(fillOpacity=0, stroke=GREY, strokeWidth=1.2, opacity=1)
    circle = circle.encode(x=pixels("x", "X"), y=pixels("y", "Y"), size=alt.Size("size:Q", scale=None, legend=None))
    word = alt.Chart(inline(rows)).mark_text(align="left", baseline="middle", fontSize=SMALL, color=MUTED)
    word = word.encode(x=pixels("beside", "X"), y=pixels("y", "Y"), text="label:N")
    unit = alt.Chart(inline(pd.DataFrame({"text": [said(DOCTORS, lang)]})))
    unit = unit.mark_text(align="left", baseline="middle", fontSize=SMALL, color=MUTED)
    unit = unit.encode(x=alt.value(at[-1] + 90), y=alt.value(middle), text="text:N")
    return [circle, word, unit], middle + _LARGEST + 6


def _round(number: float) -> int:
    """The number with one figure that counts, at least 1."""
    size = 10 ** max(int(np.floor(np.log10(max(number, 1)))), 0)
    return max(int(number // size * size), 1)


def _name(names: Mapping[int, Text], code: int) -> Text:
    """Short, as labels are."""
    name = names.get(int(code), Text(zh=str(code), en=str(code)))
    return Text(zh=name.zh.removesuffix("市"), en=name.en)


def _notes(placed: pd.DataFrame, apart: pd.DataFrame, names: Mapping[int, Text]) -> tuple[Text, ...]:
    year = int(placed["year"].iloc[0])
    lost = [_name(names, code) for code in apart["entity_code"]]
    notes = [Text(zh=f"名单年份：{year}年。{_PLANE.zh}", en=f"List of {year}. {_PLANE.en}")]
    if lost:
        total = int(apart["doctors"].sum())
        notes.append(
            Text(
                zh=f"未绘出：{'、'.join(name.zh for name in lost)}，共{total}名医生，坐标未知。",
                en=f"Not drawn, coordinates unknown: {', '.join(name.en for name in lost)}, {total} doctors.",
            )
        )
    return (*notes, source_note("online_doctor", Text(zh=f"{len(placed)}个城市", en=f"{len(placed)} cities")))


def _alternative(placed: pd.DataFrame, names: Mapping[int, Text]) -> Text:
    top = placed.sort_values("doctors", ascending=False, kind="stable").iloc[0]
    city, most = _name(names, top["entity_code"]), int(top["doctors"])
    total, high = int(placed["doctors"].sum()), int(placed["high_quality"].sum())
    return Text(
        zh=f"{len(placed)}个城市共{total}名在线医生，其中高水平{high}名；{city.zh}最多，{most}名。",
        en=f"{total} online doctors in {len(placed)} cities, {high} of high quality; most in {city.en}, {most}.",
    )
