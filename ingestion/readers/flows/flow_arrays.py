"""Lists of partners inside one cell or one JSON document: array-in-cell workbooks and Amap's daily answers.

An array is `[["北京", 1.2], ...]` or `[{"name": "北京", "value": 1.2}, ...]`, as JSON or as Python prints it; it is
parsed, never evaluated. Which key or position holds what is declared: `origin` or `destination` for the partner
(the end that is not the list's own) and `weight` for the figure.
"""

from __future__ import annotations

import ast
import json
from typing import Any

from catalog import Source
from catalog.declarations.flow import FlowSpec
from ingestion.formats.grid import address, decode
from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import FileLayout
from ingestion.readers.flows.engine import engine
from ingestion.readers.flows.fates import assign_fates
from ingestion.readers.flows.flow_edges import declared
from ingestion.readers.flows.report import Shape, account
from ingestion.readers.flows.rows import fill_raw, from_file_name, positions, text_lines
from ingestion.readers.flows.scale import load_scale
from ingestion.readers.flows.sums import add_tables
from ingestion.row_account import Tally
from ingestion.vocabulary.numbers import MISSING_MARKS

# A cell of a workbook holds at most 32,767 characters; a JSON answer of 200 partners has 20 kB.
ARRAY_CHARACTERS = 1_000_000
Records = list[tuple[int, str, str, str, str, str]]


def parse_array(text: str) -> list[Any]:
    """The list a text holds, as JSON or Python literals. Raises ValueError."""
    if len(text) > ARRAY_CHARACTERS or not text.lstrip().startswith("["):
        raise ValueError("no list")
    try:
        found = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        try:
            found = ast.literal_eval(text.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            raise ValueError("no list") from None
    if not isinstance(found, list):
        raise ValueError("no list")
    return found


def _pair(item: Any, partner: str, weight: str) -> tuple[str, str]:
    """Partner and figure of one item: of a mapping by key, of a pair by position. Raises ValueError."""
    if isinstance(item, dict):
        values = (item.get(partner), item.get(weight))
    elif isinstance(item, (list, tuple)) and len(item) == 2:
        values = (item[0], item[1])
    else:
        raise ValueError("no pair")
    if not isinstance(values[0], (str, int)) or isinstance(values[0], bool):
        raise ValueError("no name")
    figure = values[1]
    if figure is not None and (isinstance(figure, bool) or not isinstance(figure, (str, int, float))):
        raise ValueError("no figure")
    return str(values[0]).strip(), "" if figure is None else str(figure)


def _partner_key(spec: FlowSpec) -> str:
    key = spec.origin if spec.direction == "in" else spec.destination
    word = "origin" if spec.direction == "in" else "destination"
    if spec.direction == "both" or key is None or spec.weight is None:
        expected = f"direction in or out, `{word}:` and `weight:`, the keys of the listed place and of its figure"
        raise Refusal(Problem("flow_not_declared", expected=expected))
    return key


def _read_cells(probe: Probe, source: Source, tally: Tally) -> None:
    """A workbook or CSV with a row for each place (and period) and its list in the column `weight`."""
    spec = declared(source, probe)
    partner = _partner_key(spec)
    fixed = from_file_name(spec, probe)
    if spec.place is None or spec.weight is None:
        raise Refusal(Problem("flow_not_declared", expected="`place:`, the header of the place whose list a row holds"))
    sheet, lines = text_lines(probe, source, spec)
    top, header = next(lines, (0, [""]))
    wanted = [name for name in (spec.place, spec.weight, spec.period_column) if name is not None]
    at = positions(header, wanted)
    records: Records = []
    broken: list[tuple[Problem, str]] = []
    aside = top
    for row, cells in lines:
        cells = [*cells, *[""] * (len(header) - len(cells))]
        text, cell = cells[at[spec.weight]], address(row, at[spec.weight] + 1)
        if text in MISSING_MARKS or text.replace(" ", "") == "[]":
            aside += 1  # no list, which is not a list of zeros
            continue
        try:
            pairs = [_pair(item, partner, "value") for item in parse_array(text)]
        except ValueError:
            problem = Problem("flow_array", text[:60], sheet=sheet, row=row, cell=cell)
            broken.append((problem, text[:200]))
            continue
        period = cells[at[spec.period_column]] if spec.period_column else spec.period or fixed["period"]
        own = cells[at[spec.place]]
        records += [(row, f"{cell}:{n}", *_ends(spec, own, name), v, period) for n, (name, v) in enumerate(pairs, 1)]
    _load(probe, source, tally, spec, records, Shape(sheet, other_set_aside=aside, broken=tuple(broken)))


def _read_json(probe: Probe, source: Source, tally: Tally) -> None:
    """A JSON array of partners, or an object with one such array; place and period stand in its name or in it."""
    spec = declared(source, probe)
    partner = _partner_key(spec)
    fixed = from_file_name(spec, probe)
    text, _ = decode(probe.content, source.encoding)
    try:
        document = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise Refusal(Problem("unreadable", str(error)[:100], "a JSON document")) from None
    items, around = _items(document)
    own = fixed.get("place") or str(around.get(spec.place or "", ""))
    records: Records = []
    broken: list[tuple[Problem, str]] = []
    for number, item in enumerate(items, start=1):
        try:
            name, figure = _pair(item, partner, spec.weight or "")
            if not isinstance(item, dict) or spec.weight not in item:
                raise ValueError("no figure")
        except ValueError:
            shown = json.dumps(item, ensure_ascii=False)[:200]
            broken.append((Problem("flow_item", shown[:60], f"{partner}, {spec.weight}", row=number), shown))
            continue
        period = spec.period or fixed.get("period") or str(item.get(spec.period_column, ""))
        period = period or str(around.get(spec.period_column or "", ""))
        place = own or str(item.get(spec.place or "", ""))
        records.append((number, "", *_ends(spec, place, name), figure, period))
    _load(probe, source, tally, spec, records, Shape("", {"o": 0}, broken=tuple(broken)))


def _items(document: Any) -> tuple[list[Any], dict[str, Any]]:
    """The array of partners and the scalars beside it. Raises Refusal when there is none, or more than one."""
    if isinstance(document, list):
        return document, {}
    if isinstance(document, dict):
        arrays = [value for value in document.values() if isinstance(value, list)]
        inner = [value for value in document.values() if isinstance(value, dict)]
        if len(arrays) == 1:
            return arrays[0], {k: v for k, v in document.items() if isinstance(v, (str, int, float))}
        if not arrays and len(inner) == 1:
            items, around = _items(inner[0])
            return items, {k: v for k, v in document.items() if isinstance(v, (str, int, float))} | around
    raise Refusal(Problem("flow_items", json.dumps(document, ensure_ascii=False)[:60]))


def _ends(spec: FlowSpec, own: str, partner: str) -> tuple[str, str]:
    return (partner, own) if spec.direction == "in" else (own, partner)


def _load(probe: Probe, source: Source, tally: Tally, spec: FlowSpec, records: Records, shape: Shape) -> None:
    with engine() as con:
        fill_raw(con, records)
        if spec.scaled:
            load_scale(con, probe, source, spec)
        ends = assign_fates(con, spec, by_name=True)
        account(con, spec, ends, shape, tally)
        add_tables(con, spec, tally)


CELLS = FileLayout(
    "flow_cells",
    "Workbook with the list of partners of each place in one cell",
    "每地的往来名单写在一个单元格中的表格",
    frozenset({".csv", ".txt", ".tsv", ".xlsx", ".xls"}),
    lambda probe, source: source.flow is not None,
    _read_cells,
    declared_only=True,
    asked=120,
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
)
