"""Terms as statnet writes them, read into a name and arguments.

Belongs here: the notation and what is wrong with it. Does not belong here: what a term means (terms.py).
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.base import refuse
from models_py.network.graph import NetworkError

_CONSTANTS = {"TRUE": True, "FALSE": False, "T": True, "F": False, "NULL": None}


@dataclass(frozen=True)
class Call:
    """A term as written: `gwesp(0.5, fixed=True)` has name gwesp, positional 0.5 and named fixed; `offset` around."""

    text: str
    name: str
    positional: tuple[Any, ...]
    named: Mapping[str, Any]
    offset: bool = False


def parse(text: str) -> Call:
    """Read one term; both Python's True and R's TRUE, both a list and R's c(...) and 0:3.

    Raises NetworkError with the text and what was expected.
    """
    refuse((not isinstance(text, str), f"a term is text such as \"nodeicov('x')\", found {text!r}"), error=NetworkError)
    ranged = re.sub(r"(?<![\w.'\"])(\d+):(\d+)(?![\w.'\"])", _range, text)
    try:
        tree = ast.parse(ranged.strip(), mode="eval").body
    except SyntaxError:
        raise NetworkError(f"{text!r} is not a term in statnet's notation, such as \"nodeicov('x')\"") from None
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "offset":
        refuse(
            (len(tree.args) != 1 or tree.keywords, f"{text!r}: offset(...) holds exactly one term"), error=NetworkError
        )
        inner = _call(text, tree.args[0])
        return Call(text, inner.name, inner.positional, inner.named, offset=True)
    return _call(text, tree)


def _range(match: re.Match[str]) -> str:
    """R's 0:3 as (0, 1, 2, 3)."""
    first, last = int(match[1]), int(match[2])
    return f"({', '.join(map(str, range(first, last + 1)))},)"


def _call(text: str, tree: ast.expr) -> Call:
    if isinstance(tree, ast.Name):
        return Call(text, tree.id, (), {})
    if not (isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name)):
        raise NetworkError(f"{text!r} is not a term in statnet's notation, such as \"nodeicov('x')\"")
    return Call(
        text,
        tree.func.id,
        tuple(_value(text, one) for one in tree.args),
        {str(one.arg): _value(text, one.value) for one in tree.keywords},
    )


def _value(text: str, tree: ast.expr) -> Any:
    """A constant, or several of them as a tuple."""
    if isinstance(tree, ast.Name):
        if tree.id in _CONSTANTS:
            return _CONSTANTS[tree.id]
        raise NetworkError(f"{text!r}: write {tree.id} in quotation marks, '{tree.id}', if it is a name")
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "c" and not tree.keywords:
        return tuple(_value(text, one) for one in tree.args)
    try:
        found = ast.literal_eval(tree)
    except ValueError:
        raise NetworkError(f"{text!r}: {ast.unparse(tree)} is not a constant") from None
    return tuple(found) if isinstance(found, list) else found
