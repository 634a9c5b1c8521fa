"""What the columns of a sheet hold, judged by their cells, and texts of YAML: what proposals are made of."""

import json
import re
from collections.abc import Callable

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
    spare = (1 - _MOST) * len(cells)
    for text in cells:
        spare -= not fits(text)
        if spare < 0:
            return False
    return True


def is_province(text: str) -> bool:
    """Whether a cell names the nation, a province or a subtotal of them."""
    return not isinstance(region_or_problem(text), Problem)


def is_city(text: str) -> bool:
    """Whether a cell names a prefecture-level unit, by name or code."""
    if is_figure(text):
        return text.removesuffix(".0").isdigit() and _prefecture_code(int(text.removesuffix(".0")))
    return isinstance(place_or_problem(text, level="prefecture"), Place)


def _prefecture_code(code: int) -> bool:
    return any(unit.level == "prefecture" for unit in units_by_code().get(code * 100 if code < 10000 else code, ()))


def is_place(text: str) -> bool:
    """Whether a cell names a province or a prefecture-level unit."""
    return is_province(text) or is_city(text)


def yaml_text(text: str) -> str:
    """A YAML scalar; quoted wherever plain text could be read as something else."""
    plain = re.fullmatch(r"[^\W\d][\w./() -]*", text) and text.lower() not in _YAML_WORDS
    return text if plain and not text.endswith(" ") else json.dumps(text, ensure_ascii=False)
