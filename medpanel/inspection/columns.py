"""What the columns of a sheet hold, judged by their cells, and texts of YAML: what proposals are made of."""

import json
import re
from collections.abc import Callable
from itertools import islice

from ingestion.formats.grid import Sheet
from ingestion.places import Place, place_or_problem
from ingestion.places.units import units_by_code
from ingestion.problems import Problem
from ingestion.vocabulary.regions import is_figure, region_or_problem

BLANK = "…"
# A column holds places when nearly all its cells are some; a table has at least this many rows.
_MOST, _FEWEST_ROWS, _LOOKED_AT = 0.9, 8, 400
_YAML_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def column_of(
    sheet: Sheet, row: int, headers: tuple[str, ...], fits: Callable[[str], bool], first: int = 1
) -> int | None:
    """The first column, from `first` on, with a header (in `row`) whose cells below nearly all fit."""
    last = min(len(sheet.rows), row + _LOOKED_AT)
    for column, header in enumerate(headers[first - 1 :], start=first):
        cells = [text for r in range(row + 1, last + 1) if (text := sheet.cell(r, column))]
        if header and len(cells) >= _FEWEST_ROWS and _nearly_all(fits, cells):
            return column
    return None


def _nearly_all(fits: Callable[[str], bool], cells: list[str]) -> bool:
    """Whether nearly all cells fit; ends as soon as too many do not."""
    others = (text for text in cells if not fits(text))
    return next(islice(others, int((1 - _MOST) * len(cells)), None), None) is None


def is_province(text: str) -> bool:
    """Whether a cell names the nation, a province or a subtotal of them."""
    return not isinstance(region_or_problem(text), Problem)


def is_city(text: str) -> bool:
    """Whether a cell names a prefecture-level unit, by name or code."""
    if not is_figure(text):
        return isinstance(place_or_problem(text, level="prefecture"), Place)
    digits = text.removesuffix(".0")
    code = int(digits) if digits.isdigit() else 0
    units = units_by_code().get(code * 100 if code < 10000 else code, ())
    return any(unit.level == "prefecture" for unit in units)


def is_place(text: str) -> bool:
    """Whether a cell names a province or a prefecture-level unit."""
    return is_province(text) or is_city(text)


def yaml_text(value: str | dict[str, str]) -> str:
    """A YAML scalar, quoted wherever plain text could be read as something else, or a mapping of such in braces."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {yaml_text(text)}" for key, text in value.items()) + "}"
    plain = re.fullmatch(r"[^\W\d][\w./() -]*", value) and value.lower() not in _YAML_WORDS
    return value if plain and not value.endswith(" ") else json.dumps(value, ensure_ascii=False)
