"""Names and texts made safe for the files and scripts of a bundle.

Belongs here: identifiers valid in Stata, R and Python, text that cannot end a comment, long lists over several lines.
Does not belong here: which names there are (samples.py).
"""

import keyword
import re
import textwrap
from collections.abc import Iterable

STATA_LENGTH = 32
LABEL_LENGTH = 80
_TAKEN = """
    _all _b _coef _cons _n _N _pi _pred _rc _se _skip byte double float if in int long strL using with e r s c
    TRUE FALSE NULL NA NaN Inf NA_integer_ NA_real_ NA_complex_ NA_character_ function repeat next T F
    region_year province_code city_code entity_code year in_sample
"""
# A name that means something to one of the three languages, or is a column of every sample, is taken.
RESERVED = frozenset(name.lower() for name in (*_TAKEN.split(), *keyword.kwlist, *keyword.softkwlist))
_TREND = re.compile(r"trend_\d+|str\d+", re.IGNORECASE)


def identifiers(names: Iterable[str]) -> dict[str, str]:
    """A distinct variable name for each of `names`: at most 32 ASCII letters, digits and underscores, letter first.

    A name that already qualifies is kept. Names that differ only in case are not distinct. Same names in the same
    order, same result.
    """
    chosen: dict[str, str] = {}
    taken: set[str] = set()
    ordered = list(dict.fromkeys(names))
    # Names that need no change keep themselves, wherever they stand.
    for name in sorted(ordered, key=lambda text: text != _cleaned(text, 0)):
        base = _cleaned(name, ordered.index(name) + 1)
        suffixes = ("", *(f"_{count}" for count in range(2, len(ordered) + 1)))
        candidates = (base[: STATA_LENGTH - len(suffix)] + suffix for suffix in suffixes)
        chosen[name] = next(text for text in candidates if text.lower() not in taken)
        taken.add(chosen[name].lower())
    return {name: chosen[name] for name in ordered}


def _cleaned(name: str, position: int) -> str:
    valid = re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name)
    text = name if valid else re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_") or f"variable_{position}"
    if not text[0].isalpha() or text.lower() in RESERVED or _TREND.fullmatch(text):
        text = f"v_{text}"
    return text[:STATA_LENGTH]


def comment(text: str) -> str:
    """`text` on one line without any character special to Stata, R or Python, for comments and titles."""
    kept = (char if char.isalnum() or char in " .,:()+-_%，。：；（）、·×" else " " for char in text.replace(";", ","))
    return " ".join("".join(kept).split())


def heading(lines: Iterable[str], mark: str = "#") -> str:
    """Lines as comments."""
    return "".join(f"{mark} {comment(line)}\n" for line in lines)


def over_lines(words: Iterable[str], width: int, first: str = "") -> list[str]:
    """Words over as many lines as they need, no word broken; the first line begins with `first`."""
    lines = textwrap.wrap(
        " ".join(words),
        width,
        initial_indent=first,
        subsequent_indent="    " if first else "",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines or [first]


def label(zh: str, en: str) -> str:
    """A bilingual Stata label of at most 80 characters; only the English if both do not fit."""
    zh, en = one_line(zh), one_line(en)
    both = en if zh == en else f"{zh} {en}"
    return both if len(both) <= LABEL_LENGTH else en[:LABEL_LENGTH]


def markdown(text: str) -> str:
    """`text` as one cell of a Markdown table, with nothing in it taken as markup."""
    return re.sub(r"([\\`*_{}\[\]<>|#&$~])", r"\\\1", one_line(text))


def one_line(text: str) -> str:
    """`text` without control characters and line breaks, single spaces between words."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
