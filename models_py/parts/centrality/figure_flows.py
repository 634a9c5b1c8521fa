"""Flows between places as lines: the largest of a network, and on the page all those of a place picked from a list.

Belongs here: which flows are drawn, the drawing. Does not belong here: the numbers (table city_pair). Print shows the
largest alone; all flows lie in the page, so that a place can be picked without a server.
"""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from catalog.base import Text
from catalog.parts import network
from models_py.figures.chart_page import chart_page, inline, pixels
from models_py.figures.point_map import POINTS_NOTE, SIDE, height_of, placed
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLUE, GREY, source_note
from models_py.panel import ENTITY
from models_py.parts.centrality.tables import named, names_of
from models_py.parts.frame import Seen

# Lines drawn at once: with more no single one is seen. Of a place picked all are.
DRAWN = 800
_WIDTH, _THICKEST = SIDE + 32, 4.0
# Widths of all lines drawn, in those of the thickest.
_INK = 120
# Opacity of a line where few are drawn, and where all that may be are.
_CLEAR, _FAINT = 0.7, 0.35
_PICKED, _ALL = "picked", 0
_ENDS = ("origin_code", "destination_code")
_PICK = Text(zh="地点 ", en="Place ")
_LARGEST = Text(zh="（最大者）", en="(the largest)")
_TIP = (Text(zh="起点", en="From"), Text(zh="终点", en="To"), Text(zh="流量", en="Flow"))


def drawn_flows(seen: Seen, name: str) -> pd.DataFrame:
    """The published flows between the nodes of a network, the largest first: city_pair's rows with flows above 0."""
    source = seen.study.options(network.Options).networks[name].flows or name
    nodes, pairs = seen.rows("network_node"), seen.rows("city_pair")
    if nodes.empty or pairs.empty:
        return pairs.head(0)
    codes = set(nodes.loc[nodes["network"] == name, "city_code"].astype(int))
    own = pairs[(pairs["network"] == source) & (pairs["flow"] > 0) & pairs[list(_ENDS)].isin(codes).all(axis=1)]
    return own.sort_values(["flow", *_ENDS], ascending=[False, True, True], ignore_index=True)


def flow_map(flows: pd.DataFrame, city: pd.DataFrame, title: Text, data_kind: str) -> Figure:
    """`flows`: as of `drawn_flows`; `city`: entity_code, names, lon, lat. Raises FigureError as `placed`."""
    names = names_of(city)
    ends = sorted({int(code) for end in _ENDS for code in flows[end]})
    points = placed(city[city[ENTITY].isin(ends)].drop_duplicates(ENTITY)[[ENTITY, "lon", "lat"]])
    lines = _lines(flows, points)
    unit = str(flows["unit"].iloc[0])
    drawn, total = min(DRAWN, len(lines)), len(lines)
    kept = float(lines["flow"].head(drawn).sum() / lines["flow"].sum())
    notes = (
        Text(
            zh=f"绘出已发布的{total}条流量中最大的{drawn}条，占其合计的{100 * kept:.1f}%；网页中选择地点可见其"
            f"全部流量。线宽与流量成正比，单位 {unit}。",
            en=f"The largest {drawn} of {total} published flows, {100 * kept:.1f}% of their sum; on the page, pick a "
            f"place to see all of its own. Width is proportional to the flow, in {unit}.",
        ),
        POINTS_NOTE,
        source_note("city_pair", Text(zh=f"{total}条流量", en=f"{total} flows")),
    )

    def chart_for(lang: Lang) -> alt.VConcatChart:
        return chart_page([_view(lines, points, names, lang)], lang, data_kind, width=_WIDTH)

    data = lines[[*_ENDS, "flow"]].head(drawn)
    return Figure(title, _alternative(lines, names, len(points)), notes, data, chart_for)


def _lines(flows: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """The flows whose both ends are on the map, the largest first."""
    own = flows[flows[list(_ENDS)].isin(points[ENTITY].to_list()).all(axis=1)]
    return own[[*_ENDS, "flow"]].reset_index(drop=True)


def _width(lines: pd.DataFrame) -> str:
    """The width of a line in pixels, as Vega reckons it from its flow."""
    most = float(lines["flow"].iloc[0]) if len(lines) else 1.0
    # Where all flows are nearly equal, lines as thick as the thickest would hide the map.
    thick = _THICKEST * min(1.0, _INK / max(float(lines["flow"].head(DRAWN).sum()) / most, 1.0))
    return f"round(100 * (0.4 + {thick / most:.9g} * datum.flow)) / 100"


def _seats(points: pd.DataFrame, names: Mapping[int, Text], lang: Lang) -> pd.DataFrame:
    """The places in the order of their names, numbered from 1, with their pixels."""
    called = [said(named(names, int(code)), lang) for code in points[ENTITY]]
    made = points[[ENTITY, "x", "y"]].round({"x": 1, "y": 1}).assign(name=called)
    made = made.sort_values(["name", ENTITY], ignore_index=True)
    return made.assign(place=range(1, len(made) + 1))


def _view(lines: pd.DataFrame, points: pd.DataFrame, names: Mapping[int, Text], lang: Lang) -> Any:
    seats = _seats(points, names, lang)
    bind = alt.binding_select(
        options=[_ALL, *seats["place"]],
        labels=[said(_LARGEST, lang), *seats["name"]],
        name=said(_PICK, lang),
    )
    param = alt.param(name=_PICKED, value=_ALL, bind=bind)
    wanted = f"{_PICKED} == {_ALL} ? datum.rank <= {DRAWN} : (datum.a == {_PICKED} || datum.b == {_PICKED})"
    faint = max(_FAINT, min(_CLEAR, 120 / max(min(DRAWN, len(lines)), 1)))
    # Names and pixels once for each place: in each of 80,000 rows they would be the largest part.
    listed = inline(seats[["place", "name", "x", "y"]])
    by_code = dict(zip(seats[ENTITY], seats["place"], strict=True))
    bare = pd.DataFrame({"a": lines[_ENDS[0]].map(by_code), "b": lines[_ENDS[1]].map(by_code), "flow": lines["flow"]})
    origin, destination, flow = (said(text, lang) for text in _TIP)
    held = ["name", "x", "y"]
    rule = (
        alt.Chart(inline(bare))
        .transform_window(rank="row_number()")
        .transform_filter(wanted)
        .transform_lookup("a", alt.LookupData(listed, "place", held), as_=["start", "x", "y"])
        .transform_lookup("b", alt.LookupData(listed, "place", held), as_=["end", "x2", "y2"])
        .transform_calculate(wide=_width(lines))
        .mark_rule(color=BLUE)
        .encode(
            x=pixels("x", "X"), x2="x2:Q", y=pixels("y", "Y"), y2="y2:Q",
            strokeWidth=alt.StrokeWidth("wide:Q", scale=None, legend=None),
            # Where hundreds of lines cross, none would be seen. (Opacity of a whole mark would be a layer of its own.)
            strokeOpacity=alt.condition(f"{_PICKED} == {_ALL}", alt.value(faint), alt.value(_CLEAR)),
            tooltip=[
                alt.Tooltip("start:N", title=origin), alt.Tooltip("end:N", title=destination),
                alt.Tooltip("flow:Q", title=flow),
            ],
        )
    )  # fmt: skip
    shown = points.assign(name=[said(named(names, int(code)), lang) for code in points[ENTITY]])[["name", "x", "y"]]
    dot = alt.Chart(inline(shown)).mark_circle(size=9, color=GREY, opacity=1)
    dot = dot.encode(x=pixels("x", "X"), y=pixels("y", "Y"), tooltip=alt.Tooltip("name:N", title=""))
    return alt.layer(rule, dot).properties(width=_WIDTH, height=height_of(points)).add_params(param)


def _alternative(lines: pd.DataFrame, names: Mapping[int, Text], places: int) -> Text:
    top = lines.iloc[0]
    start, end = (named(names, int(top[end])) for end in _ENDS)
    return Text(
        zh=f"{places}个地点之间的{len(lines)}条流量；最大者由{start.zh}至{end.zh}。",
        en=f"{len(lines)} flows between {places} places; the largest goes from {start.en} to {end.en}.",
    )
