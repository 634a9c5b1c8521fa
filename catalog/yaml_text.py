"""YAML as medpanel writes it for people to paste: scalars, and patterns that match one file or one text only."""

import glob
import json
import re

_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def yaml_text(value: str | dict[str, str]) -> str:
    """A YAML scalar, quoted if the plain text could be read as something else, or a mapping of scalars in braces."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {yaml_text(text)}" for key, text in value.items()) + "}"
    plain = re.fullmatch(r"[^\W\d][\w./() -]*", value) and value.lower() not in _WORDS
    return value if plain and not value.endswith(" ") else json.dumps(value, ensure_ascii=False)


def match_of(path: str) -> str:
    """The value of `match:` for one path, to be pasted: brackets and other marks of patterns stand for themselves."""
    return yaml_text(glob.escape(path))


def literal_pattern(text: str) -> str:
    """The regular expression of a text, quoted: what a message advises to declare."""
    return "'" + re.escape(text).replace("'", "''") + "'"
