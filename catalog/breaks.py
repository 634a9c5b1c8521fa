"""Breaks of series: years from which an indicator means, covers or counts something else, and what it may be used in.

Belongs here: the declarations and the rule about formulas over counts of samples. Which indicator has which breaks:
indicators.yaml. Warnings where they are used: expectations/series_break.py.
"""

import ast
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from catalog.base import Strict, Text, refuse

BreakKind = Literal["definition", "coverage", "base_year", "sample_fraction", "renamed"]
# Breaks are facts about Chinese statistics that their users know; none was looked up for this registry.
GENERAL_KNOWLEDGE = "general knowledge of Chinese statistics, not looked up"


class SeriesBreak(Strict):
    """One break. `year` is the first data year of the new meaning.

    `levels_comparable` says whether a figure before the break may be compared directly with one after it.
    """

    year: int = Field(ge=1949, le=2100)
    kind: BreakKind
    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)
    levels_comparable: bool
    source: str = GENERAL_KNOWLEDGE

    def lies_inside(self, first: int, last: int) -> bool:
        """Whether both sides of the break are among the years `first` to `last`."""
        return first < self.year <= last


def check_order(breaks: tuple[SeriesBreak, ...]) -> None:
    """Raise ValueError unless the breaks are in order of year and kind, each once."""
    order = [(item.year, item.kind) for item in breaks]
    refuse((order != sorted(set(order)), f"breaks must be in order of year and kind, each once; found {order}"))


class Sampling(Strict):
    """A survey whose indicators are counts of its sample. Only ratios of two of them are comparable over the years."""

    label: Text
    breaks: tuple[SeriesBreak, ...] = Field(min_length=1)

    def _consistent(self) -> None:
        check_order(self.breaks)
        wrong = [item.year for item in self.breaks if item.kind != "sample_fraction" or item.levels_comparable]
        refuse((wrong, f"breaks of a sampling are of the kind sample_fraction, not comparable in levels: {wrong}"))


def check_formula(formula: str, samplings: Mapping[str, str]) -> None:
    """Raise ValueError for a formula in which the fraction of some sample does not cancel out.

    `samplings`: indicator -> the sampling it counts; indicators that count no sample are absent. Every node has a
    degree in each sampling (a count 1, its inverse -1); sums need equal degrees, and the whole must have none.
    """
    try:
        tree = ast.parse(formula.strip(), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"{formula!r} is not a formula: {error.msg}") from None
    left = ", ".join(sorted(_degrees(tree.body, samplings)))
    refuse(
        (
            left,
            f"{formula!r} uses counts of the sample {left} in levels; its fraction changes, "
            "so divide by a count of the same sample",
        )
    )


def _degrees(node: ast.expr, samplings: Mapping[str, str]) -> dict[str, int]:
    """The degree of a node in each sampling in which it has one."""
    if isinstance(node, ast.Name):
        return {samplings[node.id]: 1} if node.id in samplings else {}
    if isinstance(node, ast.UnaryOp):
        return _degrees(node.operand, samplings)
    if not isinstance(node, ast.BinOp):
        return {}
    one, other = _degrees(node.left, samplings), _degrees(node.right, samplings)
    if isinstance(node.op, ast.Add | ast.Sub):
        refuse((one != other, f"{ast.unparse(node)!r} adds counts of a sample to something else"))
        return one
    sign = -1 if isinstance(node.op, ast.Div) else 1
    degrees = {name: one.get(name, 0) + sign * other.get(name, 0) for name in {*one, *other}}
    return {name: degree for name, degree in degrees.items() if degree}
