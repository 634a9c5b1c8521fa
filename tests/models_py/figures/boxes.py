"""Where the texts of an SVG stand, for tests: the box of each, measured in the font it is drawn with."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
from PIL import ImageFont

from models_py.figures.style import font_folder

_SVG = "{http://www.w3.org/2000/svg}"
_MOVE = re.compile(r"(translate|rotate|scale)\(([^)]*)\)")
# Measured at so many pixels, so that rounding is small.
_MEASURED = 100


@dataclass(frozen=True)
class Box:
    """A text and the ends of its box in pixels of the picture, `x0` left and `y0` top."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float

    def overlaps(self, other: "Box", slack: float) -> bool:
        """Whether the boxes share more than `slack` pixels both ways."""
        across = min(self.x1, other.x1) - max(self.x0, other.x0)
        down = min(self.y1, other.y1) - max(self.y0, other.y0)
        return across > slack and down > slack


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(f"{font_folder()}/NotoSansSC-Regular.ttf", _MEASURED)


@cache
def text_width(text: str) -> float:
    """Ems of a text."""
    return _font().getlength(text) / _MEASURED


def canvas(svg: str) -> tuple[float, float]:
    """Width and height of a picture."""
    root = ET.fromstring(svg)
    left, top, width, height = (float(part) for part in root.attrib["viewBox"].split())
    assert (left, top) == (0, 0)
    return width, height


def boxes(svg: str) -> list[Box]:
    """The boxes of all texts that are seen."""
    return list(_walk(ET.fromstring(svg), np.eye(3)))


def _walk(element: ET.Element, place: np.ndarray) -> Iterator[Box]:
    place = place @ _matrix(element.get("transform", ""))
    if element.tag == f"{_SVG}text":
        yield from _lines(element, place)
    else:
        for child in element:
            yield from _walk(child, place)


def _matrix(transform: str) -> np.ndarray:
    made = np.eye(3)
    for kind, given in _MOVE.findall(transform):
        numbers = [float(part) for part in re.split(r"[ ,]+", given.strip())]
        step = np.eye(3)
        if kind == "translate":
            step[:2, 2] = [*numbers, 0.0][:2]
        elif kind == "scale":
            step[0, 0], step[1, 1] = numbers[0], numbers[-1]
        else:
            turn = np.radians(numbers[0])
            step[:2, :2] = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
        made = made @ step
    return made


def _lines(element: ET.Element, place: np.ndarray) -> Iterator[Box]:
    size = float(element.get("font-size", "0").removesuffix("px"))
    if element.get("opacity") == "0" or size == 0:
        return
    spans = [child for child in element if child.tag == f"{_SVG}tspan"]
    lines = [(span.text or "", float(span.get("dy", 0) or 0)) for span in spans] or [(element.text or "", 0.0)]
    down = 0.0
    for text, step in lines:
        down += step
        if text.strip():
            yield _box(text, size, element.get("text-anchor", "start"), down, place)


def _box(text: str, size: float, anchor: str, down: float, place: np.ndarray) -> Box:
    wide = text_width(text) * size
    left = {"start": 0.0, "middle": -wide / 2, "end": -wide}[anchor]
    # Letters reach about so far over and under the baseline.
    corners = [(left + x, down + y, 1.0) for x in (0.0, wide) for y in (-0.78 * size, 0.2 * size)]
    points = np.array(corners) @ place.T
    (x0, y0), (x1, y1) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    return Box(text, float(x0), float(y0), float(x1), float(y1))


def faults(svg: str, slack: float = 1.0) -> list[str]:
    """Texts that leave the canvas, and pairs that overlap, by more than `slack` pixels.

    A text drawn twice at one place is one with a halo.
    """
    width, height = canvas(svg)
    found = boxes(svg)
    outside = [
        f"{box.text!r} leaves the canvas"
        for box in found
        if box.x0 < -slack or box.y0 < -slack or box.x1 > width + slack or box.y1 > height + slack
    ]
    on_each_other = [
        f"{one.text!r} and {other.text!r} overlap"
        for one, other in combinations(sorted(found, key=lambda box: box.x0), 2)
        if one != other and one.overlaps(other, slack)
    ]
    return [*outside, *on_each_other]
