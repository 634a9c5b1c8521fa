"""Findings of a study as cards on its page: claim, verdict, the numbers behind it; the rest unfolds.

Belongs here: rows of `finding` as HTML. Does not belong here: the findings (the parts named after a paper), their table
for print (models_py/parts/findings.py).
"""

import html
import re
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

import pandas as pd

from catalog.base import Text
from models_py.figures.show import Lang, said
from models_py.parts.findings import SYNTHETIC, VERDICTS, in_order

_LOOKS = {"holds": "good", "does not hold": "bad", "not testable": "open"}
_REST = {
    "published": Text(zh="论文所示", en="Published"),
    "implied": Text(zh="由此推出", en="Implied"),
    "observed": Text(zh="本数据", en="Here"),
}
_MORE = Text(zh="依据", en="Evidence")
_CONTRADICTED = Text(zh="本数据不支持：", en="Not found in these data: ")
# A sentence ends where another can begin: not after an abbreviation or within a number.
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9])|(?<=。)")
# Characters of a card; Chinese says as much in half of them.
_LONGEST: dict[Lang, int] = {"en": 280, "zh": 140}
# Where a long sentence may be cut, read from its end.
_BREAK: dict[Lang, str] = {"en": r"\s", "zh": r"(?=[，；：、])"}


def cards(rows: pd.DataFrame, lang: Lang) -> str:
    """A card for each finding, in order; '' without rows. Raises KeyError for an unknown verdict."""
    made = "".join(_card(row, lang) for row in in_order(rows))
    return f'<ul class="cards">\n{made}</ul>\n' if made else ""


def contradicted(rows: pd.DataFrame, lang: Lang) -> str:
    """The statements that do not hold in these data, each leading to its card; '' if there is none."""
    failing = [row for row in in_order(rows) if row["verdict"] == "does not hold"]
    items = "".join(
        f'<li><a href="#{_anchor(row)}">{html.escape(row["finding_id"])}</a> {html.escape(row[f"title_{lang}"])}</li>\n'
        for row in failing
    )
    return (
        f'<div class="key bad"><p>{html.escape(said(_CONTRADICTED, lang))}</p>\n<ul>\n{items}</ul></div>\n'
        if items
        else ""
    )


def _card(row: Mapping[Any, Any], lang: Lang) -> str:
    verdict = {text.en: text for text in VERDICTS.values()}[row["verdict"]]
    texts = {name: row[name if lang == "en" else f"{name}_zh"] for name in _REST}
    number = _number(texts["observed"], lang)
    rest = "".join(
        f"<dt>{html.escape(said(_REST[name], lang))}</dt><dd>{html.escape(text)}</dd>\n"
        for name, text in texts.items()
        if text and text != number
    )
    more = f"<details><summary>{said(_MORE, lang)}</summary>\n<dl>\n{rest}</dl></details>\n" if rest else ""
    title = html.escape(f"{row['finding_id']} {row[f'title_{lang}']}")
    return (
        f'<li class="card" id="{_anchor(row)}">\n<h3>{title}</h3>\n'
        f'<p><span class="badge {_LOOKS[row["verdict"]]}">{html.escape(said(verdict, lang))}</span></p>\n'
        f"<p>{html.escape(number)}</p>\n{more}</li>\n"
    )


def _anchor(row: Mapping[Any, Any]) -> str:
    return "finding_" + re.sub(r"[^a-z0-9]+", "_", row["finding_id"].lower())


def _number(observed: str, lang: Lang) -> str:
    """The first sentences, as many as fit, one at least; cut between words or clauses where that one is very long."""
    bare, room = observed.removesuffix(said(SYNTHETIC, lang)).strip(), _LONGEST[lang]
    sentences = [text for text in _END.split(bare) if text] or [""]
    if len(sentences[0]) > room:
        cut = re.split(_BREAK[lang], sentences[0][:room][::-1], maxsplit=1)[-1][::-1]
        return f"{cut.rstrip(' ,;:，；：、')}…"
    joined = list(accumulate(sentences, lambda before, text: f"{before}{'' if lang == 'zh' else ' '}{text}"))
    return max((text for text in joined if len(text) <= room), key=len)
