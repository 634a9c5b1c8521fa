"""Files in which a row, a cell or a document is the whole list of one place: square matrices, workbooks with an array
in a cell, and JSON answers (Amap's daily ones, Baidu's).

A row of a matrix is the list of one place (direction `in`: the row is the destination), so an empty cell is a pair the
service did not list, never a flow of zero. An array is `[["北京", 1.2], ...]` or `[{"name": "北京", "value": 1.2}]`, as
JSON or as Python prints it; it is parsed, never evaluated. Which key or position holds what is declared: `origin` or
`destination` for the partner (the end that is not the list's own) and `weight` for the figure.
"""

import ast
import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from types import NoneType
from typing import Any

from ingestion.formats.grid import address, cell_text, read_text
from ingestion.readers.base import FileLayout, Probe, Problem, Refusal, Source, Tally, given, require
from ingestion.readers.flows.declared import CELL_SUFFIXES, FlowFile, flow_file, positions
from ingestion.readers.flows.engine import engine
from ingestion.readers.flows.loading import load_raw
from ingestion.readers.flows.table import Record, Shape, fill_raw, no_data, text_lines
from ingestion.vocabulary.claims import unused_keys
from ingestion.vocabulary.numbers import is_missing, mark_key
from ingestion.vocabulary.regions import is_figure

# A cell of a workbook holds at most 32,767 characters; a JSON answer of 200 partners has 20 kB.
ARRAY_CHARACTERS = 1_000_000


def _ends(own: str, partner: str, direction: str) -> tuple[str, str]:
    """Origin and destination of one flow of the list of `own`."""
    return (partner, own) if direction == "in" else (own, partner)


def _matrix_records(file: FlowFile, direction: str, period: str) -> tuple[list[Record], Shape]:
    """One record for each filled cell. Raises Refusal for a table that is no square matrix."""
    sheet, (top, header), lines = text_lines(file)
    marks = frozenset(map(mark_key, file.source.missing_marks))
    records: list[Record] = []
    rows: list[str] = []
    broken: list[tuple[Problem, str]] = []
    empty = 0
    for row, cells in lines:
        if cells[0] not in header and not any(is_figure(text) for text in cells[1:]):
            empty += not any(cells)
            broken += [no_data(sheet, row, cells)] if any(cells) else []
            continue
        require(
            len(cells) == len(header),
            Problem("flow_row_width", str(len(cells)), str(len(header)), sheet=sheet, row=row),
        )
        rows.append(cells[0])
        filled = [(n, text) for n, text in enumerate(cells[1:], start=2) if not is_missing(text, marks)]
        empty += not filled
        records += [
            (row, address(row, column), *_ends(cells[0], header[column - 1], direction), text, period)
            for column, text in filled
        ]
    _require_square(rows, header[1:])
    return records, Shape(sheet, other_set_aside=top + empty, broken=tuple(broken))


def _require_square(rows: list[str], columns: list[str]) -> None:
    for names, what in ((columns, "twice_across"), (rows, "twice_down")):
        twice = sorted(name for name, count in Counter(names).items() if count > 1)
        require(not twice, Problem("flow_no_matrix", what, hint=", ".join(twice[:5])))
    found = f"{len(rows)} × {len(columns)}: {', '.join(sorted({*rows} ^ {*columns})[:5])}"
    require(sorted(rows) == sorted(columns) and len(rows) > 1, Problem("flow_no_matrix", found))


def _read_matrix(probe: Probe, source: Source, tally: Tally) -> None:
    file = flow_file(probe, source)
    own = file.spec.period_column is None and file.spec.direction != "both"
    require(own, Problem("flow_not_declared", expected="matrix"))
    records, shape = _matrix_records(file, file.spec.direction, file.period)
    opposite = {"in": "out", "out": "in"}[file.spec.direction]
    _load(file, tally, records, shape, lambda other: _matrix_records(other, opposite, file.period)[0])


def parse_array(text: str) -> list[Any]:
    """The list a text holds, as JSON or Python literals. Raises ValueError."""
    if len(text) <= ARRAY_CHARACTERS and text.lstrip().startswith("["):
        for parse in (_parse_json, ast.literal_eval):
            with suppress(ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
                found = parse(text.strip())
                if isinstance(found, list):
                    return found
    raise ValueError("no list")


def _parse_json(text: str) -> Any:
    """The document, its numbers as they are written."""
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)


def _pair(item: Any, partner: str, weight: str) -> tuple[str, str]:
    """Partner and figure of one item: of a mapping by key, of a pair by position. Raises ValueError."""
    name, figure = None, None
    if isinstance(item, dict):
        name, figure = item.get(partner), item.get(weight)
    elif isinstance(item, (list, tuple)) and len(item) == 2:
        name, figure = item
    told = isinstance(name, (str, int)) and isinstance(figure, (str, int, float, NoneType))
    if not told or isinstance(name, bool) or isinstance(figure, bool):
        raise ValueError("no pair")
    return cell_text(str(name)), "" if figure is None else cell_text(str(figure))


def _list_keys(file: FlowFile) -> tuple[str, str]:
    """The keys of the listed place and of its figure. Raises Refusal when the entry does not say."""
    spec = file.spec
    key, word = (spec.origin, "origin") if spec.direction == "in" else (spec.destination, "destination")
    undeclared = Problem("flow_not_declared", "", "list_keys", word)
    require(spec.direction != "both", undeclared)
    return given(key, undeclared), given(spec.weight, undeclared)


def _refuse_partner(file: FlowFile, layout: str) -> None:
    """Raise Refusal for a declared partner: these layouts are held against none."""
    require(file.spec.partner is None, unused_keys(["flow: partner"], layout, ["flow"]))


def _read_cells(probe: Probe, source: Source, tally: Tally) -> None:
    """A workbook or CSV with a row for each place (and period) and its list in the column `weight`."""
    file = flow_file(probe, source)
    spec = file.spec
    _refuse_partner(file, "flow_cells")
    partner, weight = _list_keys(file)
    place, whole = given(spec.place, Problem("flow_not_declared", expected="listed_place")), file.period
    sheet, (aside, header), lines = text_lines(file, [weight], spec.period_column)
    marks = frozenset(map(mark_key, source.missing_marks))
    at = positions(header, [name for name in (place, weight, spec.period_column) if name is not None])
    records: list[Record] = []
    broken: list[tuple[Problem, str]] = []
    for row, cells in lines:
        cells = [*cells, *[""] * (len(header) - len(cells))]
        text, cell = cells[at[weight]], address(row, at[weight] + 1)
        if is_missing(text, marks) or text.replace(" ", "") == "[]":
            aside += 1  # no list, which is not a list of zeros
            continue
        try:
            pairs = [_pair(item, partner, "value") for item in parse_array(text)]
        except ValueError:
            broken.append((Problem("flow_array", text[:60], sheet=sheet, row=row, cell=cell), text[:200]))
            continue
        period = cells[at[spec.period_column]] if spec.period_column else whole
        records += [
            (row, f"{cell}:{n}", *_ends(cells[at[place]], name, spec.direction), figure, period)
            for n, (name, figure) in enumerate(pairs, 1)
        ]
    _load(file, tally, records, Shape(sheet, other_set_aside=aside, broken=tuple(broken)))


def _read_json(probe: Probe, source: Source, tally: Tally) -> None:
    """A JSON array of partners, or an object with one such array; place and period stand in its name or in it."""
    file = flow_file(probe, source)
    spec = file.spec
    _refuse_partner(file, "flow_json")
    partner, weight = _list_keys(file)
    named_place, whole = file.named.get("place"), file.period
    text, _ = read_text(probe.content, source.encoding)
    try:
        items, around = _items(_parse_json(text))
    except (ValueError, RecursionError) as error:
        raise Refusal(Problem("unreadable", str(error)[:100], "json")) from None
    records: list[Record] = []
    broken: list[tuple[Problem, str]] = []
    for number, item in enumerate(items, start=1):
        try:
            name, figure = _pair(item if isinstance(item, dict) and weight in item else None, partner, weight)
        except ValueError:
            shown = json.dumps(item, ensure_ascii=False)[:200]
            broken.append((Problem("flow_item", shown[:60], f"{partner}, {weight}", row=number), shown))
            continue
        period = whole or str(item.get(spec.period_column, "")) or str(around.get(spec.period_column or "", ""))
        place = named_place or str(around.get(spec.place or "", "")) or str(item.get(spec.place or "", ""))
        records.append((number, "", *_ends(place, name, spec.direction), figure, period))
    _load(file, tally, records, Shape("", {"o": 0}, broken=tuple(broken)))


def _items(document: Any) -> tuple[list[Any], dict[str, Any]]:
    """The array of partners and the scalars beside it. Raises Refusal when there is none, or more than one."""
    if isinstance(document, list):
        return document, {}
    found = document if isinstance(document, dict) else {}
    scalars = {key: value for key, value in found.items() if isinstance(value, (str, int, float))}
    arrays: list[Any] = [value for value in found.values() if isinstance(value, list)]
    nested = arrays or [value for value in found.values() if isinstance(value, dict)]
    if len(nested) == 1:
        items, around = _items(nested[0])
        return items, scalars | around
    raise Refusal(Problem("flow_items", json.dumps(document, ensure_ascii=False)[:60]))


def _load(
    file: FlowFile,
    tally: Tally,
    records: list[Record],
    shape: Shape,
    of_partner: Callable[[FlowFile], list[Record]] | None = None,
) -> None:
    """Load the records; `of_partner` gives those of the file they are checked against."""
    with engine() as con:
        fill_raw(con, records)
        load_raw(con, file, shape, tally, of_partner and (lambda other, _: fill_raw(con, of_partner(other))))


MATRIX = FileLayout(
    "flow_matrix",
    "Square matrix of flows, a row and a column for each place",
    "流量方阵：每个地点一行一列",
    CELL_SUFFIXES,
    lambda probe, source: source.flow is not None,
    _read_matrix,
    declared_only=True,
    asked=110,
    uses=frozenset({"flow", "key", "missing_marks"}),
    entry_key="flow",
)
CELLS = FileLayout(
    "flow_cells",
    "Workbook with the list of partners of each place in one cell",
    "每地的往来名单写在一个单元格中的表格",
    CELL_SUFFIXES,
    lambda probe, source: source.flow is not None,
    _read_cells,
    declared_only=True,
    asked=120,
    uses=frozenset({"flow", "key", "fill_down", "missing_marks"}),
    entry_key="flow",
)
JSON_LISTS = FileLayout(
    "flow_json",
    "JSON list of the partners of one place (Amap daily, Baidu)",
    "一地往来名单的 JSON（高德日度、百度）",
    frozenset({".json"}),
    lambda probe, source: source.flow is not None,
    _read_json,
    declared_only=True,
    asked=130,
    uses=frozenset({"flow", "key", "missing_marks"}),
    entry_key="flow",
)
