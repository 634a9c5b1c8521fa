"""What a chart's specification and its SVG say, for tests: views, data rows, texts."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from models_py.figures.show import Figure, Lang, said

CHINESE = re.compile("[一-鿿]")


def views(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every view that has a mark, in the order drawn."""
    for part in (*spec.get("vconcat", ()), *spec.get("layer", ())):
        yield from views(part)
    if "mark" in spec:
        yield spec


def mark(view: dict[str, Any]) -> str:
    """The kind of mark of a view."""
    return view["mark"]["type"] if isinstance(view["mark"], dict) else view["mark"]


def rows(spec: dict[str, Any], view: dict[str, Any]) -> pd.DataFrame:
    """The rows a view is drawn from; one handed to the layers of a view is found by the view's own name."""
    return pd.read_csv(io.StringIO(spec["datasets"][view["data"]["name"]]), keep_default_na=False, na_values=[""])


def written(spec: dict[str, Any]) -> list[str]:
    """The lines of all text marks that stand in the data: mark, labels."""
    found = []
    for view in views(spec):
        if mark(view) == "text" and "data" in view:
            field = view["encoding"]["text"]["field"]
            found += [str(value) for value in rows(spec, view)[field]]
    return found


def caption(figure: Figure, lang: Lang) -> str:
    """Title and notes, which stand beside the picture."""
    return " ".join([said(figure.title, lang), *(said(note, lang) for note in figure.notes)])


def everything(spec: dict[str, Any]) -> str:
    """All text of a specification, data included, without the names of fonts."""
    return json.dumps({**spec, "config": {}}, ensure_ascii=False)


def drawn_texts(svg: str) -> list[str]:
    """The text elements of an SVG."""
    return [re.sub("<[^>]+>", "", text) for text in re.findall(r"<text[^>]*>(.*?)</text>", svg, flags=re.DOTALL)]
