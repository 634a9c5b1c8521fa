"""What coordination says and does not say, in sentences made from published rows.

Belongs here: words, names of levels. Does not belong here: drawing, computing.
"""

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from catalog.base import Text
from models_py.figures.table import number
from models_py.indices.coupling import LEVELS
from models_py.panel import ENTITY, Panel
from models_py.parts.rows import together

Scale = Literal["ten", "four"]
REGION = {
    "east": Text(en="East", zh="东部"),
    "central": Text(en="Central", zh="中部"),
    "west": Text(en="West", zh="西部"),
}
GENERATED = Text(
    en="D is made from the indicators, their bounds and their weights; nobody observed it. What explains D may only "
    "repeat what it is made of, and its values hold within this panel alone.",
    zh="D由指标、极值与权重生成，并非观测值；解释D的变量可能只是重复其构成，其数值仅在本面板内可比。",
)
FORMULA = Text(
    en="D = √(C·T), C = 2√(U₁U₂)/(U₁+U₂), T = (U₁+U₂)/2, so that D = (U₁U₂)^¼.",
    zh="D=√(C·T)，C=2√(U₁U₂)/(U₁+U₂)，T=(U₁+U₂)/2，故D=(U₁U₂)^¼。",
)
_OTHER_FORM = Text(en="D = √(C·T), with C of the form {0}.", zh="D=√(C·T)，C取{0}形式。")

_HALF = Text(
    en="C reaches 0.5 at most and D 0.707: the upper levels cannot be reached, so levels mean nothing here.",
    zh="C至多0.5，D至多0.707，上部等级不可能达到，等级划分失去意义。",
)


def formula_note(form: str) -> Text:
    """How D is made under a form of C."""
    if form == "standard":
        return FORMULA
    said = Text(en=_OTHER_FORM.en.format(form), zh=_OTHER_FORM.zh.format(form))
    return together([said, _HALF]) if form == "half" else said


def level_names(scale: Scale) -> dict[str, Text]:
    """Names of the levels by id, from the lowest."""
    return {level.id: level.name for level in LEVELS[scale]}


def shown_years(rows: pd.DataFrame) -> list[int]:
    """First, middle and last year."""
    years = sorted(int(year) for year in rows["year"].unique())
    return list(dict.fromkeys([years[0], years[len(years) // 2], years[-1]]))


def levels_in_words(rows: pd.DataFrame, scale: Scale) -> Text:
    """How many places stand on each level, from the highest down; levels without one are left out."""
    count = rows["level"].value_counts()
    held = [(name, int(count[level])) for level, name in reversed(level_names(scale).items()) if level in count]
    return Text(en="; ".join(f"{name.en} {n}" for name, n in held), zh="；".join(f"{name.zh}{n}" for name, n in held))


def places_in_words(rows: pd.DataFrame, panel: Panel, most: int = 3) -> Text:
    """The first places of `rows`, in their order, with D."""
    head = rows.head(most)
    said = [
        (panel.by_code[int(code)].name, number(float(d)))
        for code, d in zip(head[ENTITY], head["coordination_degree"], strict=True)
    ]
    return Text(en=", ".join(f"{name.en} {d}" for name, d in said), zh="、".join(f"{name.zh}{d}" for name, d in said))


def moved(first: pd.DataFrame, last: pd.DataFrame, scale: Scale, panel: Panel) -> Text:
    """How levels and D changed between two years. Both: rows of one year, of the same places."""
    order = {level: place for place, level in enumerate(level_names(scale))}
    one, other = (rows.set_index(ENTITY) for rows in (first, last))
    steps = other["level"].map(order) - one["level"].map(order).reindex(other.index)
    change = other["coordination_degree"] - one["coordination_degree"].reindex(other.index)
    start, end = int(first["year"].iloc[0]), int(last["year"].iloc[0])
    up, down, same = int((steps > 0).sum()), int((steps < 0).sum()), int((steps == 0).sum())
    least, top = (panel.by_code[int(str(code))].name for code in (change.idxmin(), change.idxmax()))
    low, high = number(float(change.min())), number(float(change.max()))
    means = [float(rows["coordination_degree"].mean()) for rows in (first, last)]
    if sorted(means) == means and change.min() > 0:
        everywhere = Text(en=" D rose everywhere.", zh="各地D均上升。")
    else:
        fell = int((change < 0).sum())
        everywhere = Text(en=f" D fell in {fell}.", zh=f"{fell}个地区D下降。") if fell else Text(en="", zh="")
    return Text(
        en=f"From {start} to {end} the mean of D went from {number(means[0])} to {number(means[1])}: {up} of "
        f"{len(steps)} moved up a level or more, {same} stayed, {down} moved down. D changed least in {least.en} "
        f"({low}), most in {top.en} ({high}).{everywhere.en}",
        zh=f"{start}—{end}年D均值由{number(means[0])}变为{number(means[1])}：{len(steps)}个地区中{up}个上升一级或以上，"
        f"{same}个不变，{down}个下降；变化最小为{least.zh}（{low}），最大为{top.zh}（{high}）。{everywhere.zh}",
    )


def levels_note(scale: Scale) -> Text:
    """The lower ends of all levels; a bound belongs to the level above."""
    listed = LEVELS[scale]
    return Text(
        en="Levels from: "
        + ", ".join(f"{level.low:g} {level.name.en}" for level in listed)
        + "; a bound belongs above.",
        zh="等级下限：" + "，".join(f"{level.low:g}{level.name.zh}" for level in listed) + "；界值归上一级。",
    )


def gaps(rows: pd.DataFrame) -> Sequence[tuple[str, float]]:
    """Mean of D by region of one year, regions without places left out. `rows`: region, coordination_degree."""
    means = rows.groupby("region")["coordination_degree"].mean()
    return [(region, float(means[region])) for region in REGION if region in means]
