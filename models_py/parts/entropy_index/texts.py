"""Names of the two systems and of what the part shows, and what its numbers rest on, in words."""

from collections.abc import Sequence

from catalog import load_registry
from catalog.base import Text
from catalog.parts.entropy_index import Options

SYSTEM = {
    "digital": Text(en="Digital economy", zh="数字经济"),
    "health": Text(en="Healthcare resources", zh="医疗资源"),
}
WEIGHTING = {
    "entropy": Text(en="entropy", zh="熵权"),
    "equal": Text(en="equal", zh="等权"),
    "first_component": Text(en="first component", zh="第一主成分"),
    "critic": Text(en="CRITIC", zh="CRITIC"),
}
WEIGHTS = "entropy_weights"
TITLE = Text(en="Weights of the indicators", zh="指标权重")


def indicator_name(indicator: str) -> Text:
    """The registry's label with the unit, printed and in words."""
    registry = load_registry()
    entry = registry.indicators[indicator]
    return Text(en=f"{entry.label.en} ({registry.units[entry.unit].en})", zh=f"{entry.label.zh}（{entry.unit}）")


def basis_note(options: Options, years: tuple[int, int], n: int) -> Text:
    """Over which rows minima, maxima and entropies are taken, and with which shift."""
    first, last = years
    return Text(
        en=f"All indicators run from 0 (worst) to 1 (best) over the n = {n} rows of {first}-{last} together, so that "
        f"levels can be compared over years; entropy of the shares of these values, {options.shift:g} added to each.",
        zh=f"各指标按{first}—{last}年全部{n}个观测作极差标准化（0最差，1最好），各年可比；熵值按标准化值加{options.shift:g}后的份额计算。",
    )


def ranked_note(indicators: Sequence[str]) -> Text:
    """Which indicators enter as ranks, in the study's own choice."""
    labels = [indicator_name(name) for name in indicators]
    return Text(
        en=f"Of each year its rank among the places, from 0 to 1: {'; '.join(label.en for label in labels)}.",
        zh=f"以当年各地区位次（0至1）代替数值：{'、'.join(label.zh for label in labels)}。",
    )


def carried_note(cells: int) -> Text:
    """How many cells of the first or last years take the nearest year's figure."""
    return Text(
        en=f"{cells} cells in the first or last years have no figure and take that of the nearest year.",
        zh=f"首尾年份{cells}个缺失值沿用最近年份的数值。",
    )
