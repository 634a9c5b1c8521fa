"""Derived indicators by the registry's own formulas. Nothing here knows a formula itself."""

from __future__ import annotations

from functools import cache
from types import CodeType

import numpy as np

from catalog import load_registry


@cache
def _compiled() -> tuple[tuple[str, tuple[str, ...], CodeType], ...]:
    # The registry admits names of indicators, numbers and + - * / ( ) only: evaluating runs nothing else.
    derived = load_registry().derived
    return tuple((i.id, i.inputs, compile(str(i.formula), f"formula of {i.id}", "eval")) for i in derived)


def derive(reported: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every derived indicator of the registry whose inputs are all in `reported`, in canonical units."""
    return {
        name: eval(code, {"__builtins__": {}}, reported)
        for name, inputs, code in _compiled()
        if all(i in reported for i in inputs)
    }
