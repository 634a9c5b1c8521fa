"""Characters that show nothing: no part of a name, a header, a figure or a declared text, wherever they stand.

Belongs here: which characters those are, and texts without them. Does not belong here: names of files, which have to
show every character they have (ingestion/paths.py).
"""

import re
from collections.abc import Collection
from typing import Any

# Soft hyphens, joiners, marks of direction, byte-order marks, selectors of a variant: they take no room.
_WITHOUT_WIDTH = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0100-\U000e01ef"
)
# Blanks of other widths, or at which no line ends; the ideographic one is U+3000.
_BLANKS = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000\u3164"
_UNSEEN = re.compile(f"([{_BLANKS}])|[{_WITHOUT_WIDTH}]")


def plain(text: str) -> str:
    """The text without characters that have no width, every other blank as an ordinary one."""
    return text if text.isascii() else _UNSEEN.sub(lambda match: " " if match[1] else "", text)


def plain_data(data: Any, but: Collection[str] = ()) -> Any:
    """The same for all texts of parsed YAML, keys included; what stands under the keys `but` is left as it is."""
    if isinstance(data, str):
        return plain(data)
    if isinstance(data, dict):
        return {plain_data(key): value if key in but else plain_data(value, but) for key, value in data.items()}
    return [plain_data(each, but) for each in data] if isinstance(data, list) else data
