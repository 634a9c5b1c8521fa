"""File names of a report. Kept apart, so that naming its items imports nothing that writes them."""

from __future__ import annotations


def stem_of(*parts: str) -> str:
    """A file name from words: small letters, digits and underscores."""
    words = "_".join(parts).lower()
    return "_".join("".join(c if c.isascii() and c.isalnum() else " " for c in words).split())
