"""Quantile classes, the layout of tiles, the projection, breaking of lines."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import load_provinces
from catalog.provinces import load_adjacency
from models_py.figures.map_classes import TILES, albers, quantile_classes
from models_py.figures.style import FigureError
from models_py.figures.text import number, p_text, width, wrapped

VALUES = st.lists(st.integers(0, 8).map(lambda n: n / 8), min_size=1, max_size=40)


def test_five_even_classes():
    made = quantile_classes(range(1, 11), 5)
    assert made.index == (0, 0, 1, 1, 2, 2, 3, 3, 4, 4)
    assert made.bounds == ((1, 2), (3, 4), (5, 6), (7, 8), (9, 10))
    assert np.bincount(made.index).tolist() == [2, 2, 2, 2, 2]


def test_ties_share_a_class_and_empty_classes_are_merged():
    made = quantile_classes([0, 0, 0, 0, 0, 0, 0.2, 0.5, 0.9, 1], 5)
    assert made.index == (0, 0, 0, 0, 0, 0, 1, 1, 2, 2)
    assert len(made.bounds) == 3 and made.asked == 5


@given(VALUES, st.integers(2, 6))
def test_same_partition_as_by_hand(values, classes):
    """Cuts by the formula of type 7; a value's class is the number of cuts below it, numbered without gaps."""
    ordered, cuts = sorted(values), []
    for k in range(1, classes):
        place = (len(values) - 1) * k / classes
        low = math.floor(place)
        high = min(low + 1, len(values) - 1)
        cuts.append(ordered[low] + (place - low) * (ordered[high] - ordered[low]))
    raw = [sum(cut < value - 1e-12 for cut in cuts) for value in values]
    assert list(quantile_classes(values, classes).index) == [sorted(set(raw)).index(each) for each in raw]


@given(VALUES, st.integers(2, 6))
def test_order_and_sizes(values, classes):
    made = quantile_classes(values, classes)
    sizes = np.bincount(made.index)
    assert sum(sizes) == len(values) and min(sizes) > 0 and len(sizes) == len(made.bounds)
    for a, i in zip(values, made.index, strict=True):
        low, high = made.bounds[i]
        assert low <= a <= high
        assert all(i <= j for b, j in zip(values, made.index, strict=True) if a < b)
        assert all(i == j for b, j in zip(values, made.index, strict=True) if a == b)


@given(VALUES, st.integers(2, 6))
def test_other_values_are_classed_by_the_same_cuts(values, classes):
    made = quantile_classes(values, classes)
    assert made.index_of(values) == made.index
    assert len(made.cuts) == len(made.bounds) - 1
    below, above = min(values) - 1, max(values) + 1
    assert made.index_of([below, above, math.nan]) == (0, len(made.bounds) - 1, -1)


def test_missing_values_have_no_class():
    made = quantile_classes([1.0, math.nan, 2.0], 2)
    assert made.index == (0, -1, 1)


@pytest.mark.parametrize(
    ("values", "classes", "message"),
    [([1.0], 1, "at least 2"), ([math.nan], 5, "no value"), ([], 5, "no value"), ([1.0, math.inf], 2, "infinite")],
)
def test_refusals(values, classes, message):
    with pytest.raises(FigureError, match=message):
        quantile_classes(values, classes)


def test_a_tile_for_every_province_and_neighbours_near():
    assert set(TILES) == {p.province_code for p in load_provinces()}
    assert len(set(TILES.values())) == 31
    pairs = [(a, b) for a, b in load_adjacency() if a < b]
    apart = [max(abs(TILES[a][0] - TILES[b][0]), abs(TILES[a][1] - TILES[b][1])) for a, b in pairs]
    assert sum(gap == 1 for gap in apart) == 59 and max(apart) == 3


def test_tiles_keep_north_and_west():
    places = {p.province_code: (p.lat, p.lon) for p in load_provinces()}
    rows, columns = zip(*(TILES[code] for code in places), strict=True)
    latitudes, longitudes = zip(*places.values(), strict=True)
    assert np.corrcoef(rows, latitudes)[0, 1] < -0.9
    assert np.corrcoef(columns, longitudes)[0, 1] > 0.9


def test_albers_keeps_areas():
    """A cell of one degree has the area of the sphere between its parallels, wherever it lies."""
    from models_py.figures.map_classes import RADIUS

    for lon, lat in ((75, 20), (105, 36), (134, 53)):
        steps = np.linspace(0, 1, 200)
        ring = np.concatenate(
            [
                np.column_stack([lon + steps, np.full(200, lat)]),
                np.column_stack([np.full(200, lon + 1), lat + steps]),
                np.column_stack([lon + steps[::-1], np.full(200, lat + 1)]),
                np.column_stack([np.full(200, lon), lat + steps[::-1]]),
            ]
        )
        x, y = albers(ring).T
        area = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
        band = RADIUS**2 * np.radians(1) * (np.sin(np.radians(lat + 1)) - np.sin(np.radians(lat)))
        assert area == pytest.approx(band, rel=1e-4)


@given(st.text(alphabet="ab ,。中文（）A1", min_size=1, max_size=80), st.integers(4, 20))
def test_wrapping_loses_nothing_and_keeps_to_the_width(text, ems):
    lines = wrapped(text, ems)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert width(line) <= ems or " " not in line.strip()


def test_a_blank_before_a_closing_sign_is_a_place_to_break():
    assert wrapped("11 。。）", 4) == ["11", "。。）"]
    assert wrapped("一二三四。", 4) == ["一二三", "四。"]


def test_numbers_as_printed():
    assert [number(-0.0004), number(-1.5), number(math.nan)] == ["0.000", "−1.500", "–"]
    assert [p_text(0.0001), p_text(0.05), p_text(math.nan)] == [
        "p\u00a0<\u00a00.001",
        "p\u00a0=\u00a00.050",
        "p\u00a0–",
    ]
