"""Figures against what the same row prints as derived from them: GDP and people against GDP per head."""

from __future__ import annotations

import ast
import operator
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from catalog.declarations.panel import PrintedDerived
from ingestion.formats.grid import Sheet
from ingestion.problems import Problem
from ingestion.readers.panels.panel_columns import Roles, column_of
from ingestion.row_account import Tally, convert
from ingestion.vocabulary.numbers import parse_number

_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def refuse_contradicted(sheet: Sheet, roles: Roles, printed: PrintedDerived, tally: Tally) -> None:
    """Refuse the inputs of a row that do not give the figure it prints; nothing tells which of them is wrong.

    Rows without all inputs or without a printed number are left alone. Changes the tally in place.
    """
    column = column_of(roles.headers, printed.header)
    assert column is not None, "find_roles refuses a panel without a declared column"
    indicator = tally.registry.indicators[printed.indicator]
    rows: dict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
    for record in tally.observations:
        if record["sheet"] == sheet.name and record["indicator"] in indicator.inputs:
            rows[record["row"]][record["indicator"]] = record
    doomed: dict[int, Problem] = {}
    for row, inputs in rows.items():
        figure = _number(sheet.cell(row, column), printed, tally)
        if figure is None or len(inputs) < len(indicator.inputs):
            continue
        derived = evaluate(indicator.formula or "", {name: record["value"] for name, record in inputs.items()})
        if derived is None or not 1 / printed.factor <= derived / figure <= printed.factor:
            shown = "-" if derived is None else f"{derived:.6g}"
            found = ", ".join(f"{name} {record['raw']} {record['raw_unit']}" for name, record in inputs.items())
            expected = f"{sheet.cell(row, column)} ({sheet.locate(row, column)}), {shown}, {printed.factor:g}"
            for record in inputs.values():
                place = record["sheet"], record["row"], record["cell"]
                doomed[id(record)] = Problem("contradicting_derived", found, expected, printed.indicator, *place)
    for record in [record for record in tally.observations if id(record) in doomed]:
        tally.refuse_cell(doomed[id(record)], record)
    tally.observations = [record for record in tally.observations if id(record) not in doomed]


def _number(text: str, printed: PrintedDerived, tally: Tally) -> float | None:
    try:
        number = parse_number(text)
    except ValueError:
        return None
    unit = printed.unit or tally.registry.indicators[printed.indicator].unit
    return convert(number, unit, printed.indicator, tally.registry) or None if number is not None else None


def evaluate(formula: str, values: Mapping[str, float]) -> float | None:
    """The formula of the registry (names, numbers, + - * / and brackets) with these values; None over zero."""
    try:
        return _value(ast.parse(formula, mode="eval").body, values)
    except ZeroDivisionError:
        return None


def _value(node: ast.expr, values: Mapping[str, float]) -> float:
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, values)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return float(_OPERATORS[type(node.op)](_value(node.left, values), _value(node.right, values)))
    raise ValueError(f"no formula of the registry: {ast.unparse(node)}")
