"""Text of figures: lines that fit their space, numbers as printed.

Belongs here: breaking and formatting of text. Does not belong here: drawing (style.py).
"""

import math
import unicodedata

# No line starts with these (they close what stands before them), but after a blank.
_CLOSING = "，。；：、）》”’％！？,.;:)]%!?"


_NARROW = frozenset(" .,;:'|!()[]ijlftr-")


def width(text: str) -> float:
    """Width of a text in ems, a little generous: Chinese characters and full-width signs 1, capitals 0.68."""
    return sum(_width(character) for character in text)


def _width(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in _NARROW:
        return 0.36
    return 0.68 if character.isupper() or character in "mw%—" else 0.57


def wrapped(text: str, ems: float) -> list[str]:
    """`text` in lines of at most `ems` ems, broken at blanks and between Chinese characters.

    A word longer than a line gets a line of its own.
    """
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and width(line + piece.rstrip()) > ems:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    """The smallest unbreakable pieces of a text; a blank belongs to the piece before it and ends it."""
    pieces: list[str] = []
    for character in text:
        wide = unicodedata.east_asian_width(character) in "WF"
        joins = bool(pieces) and (
            character == " "
            or (
                not pieces[-1].endswith(" ")
                and (character in _CLOSING or not (wide or unicodedata.east_asian_width(pieces[-1][-1]) in "WF"))
            )
        )
        if joins:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def number(value: float, decimals: int = 3) -> str:
    """A number with a true minus sign; an en dash if there is none."""
    if not math.isfinite(value):
        return "–"
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def p_text(p_value: float) -> str:
    """p = 0.012, p < 0.001, or p – if a method has none; its blanks do not break."""
    if not math.isfinite(p_value):
        return "p\u00a0–"
    return "p\u00a0<\u00a00.001" if p_value < 0.0005 else f"p\u00a0=\u00a0{p_value:.3f}"
