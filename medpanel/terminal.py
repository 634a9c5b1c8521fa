"""Text from files made harmless on a terminal, which obeys some of the characters that it is sent.

Belongs here: what stands in place of such a character. Tables that fit a screen: published.py.
"""

# The directions of a line, which make a text read other than it is.
_DIRECTIONS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)
# Control characters by their pictures, so that it is seen that they are there; ends of lines and tabs stay.
_PICTURES: dict[int, str] = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"},
    0x7F: "\u2421",
    **dict.fromkeys((*range(0x80, 0xA0), 0x2028, 0x2029, *_DIRECTIONS), "\ufffd"),
}


def harmless(text: str) -> str:
    """The text, with every character a terminal would obey replaced by one that it shows."""
    return text.translate(_PICTURES)
