"""File names of tables and figures. Kept apart, so that naming them imports nothing that makes them."""

from __future__ import annotations


def stem_of(*parts: str) -> str:
    """A file name from words: small letters, digits and underscores."""
    words = "_".join(parts).lower()
    return "_".join("".join(c if c.isascii() and c.isalnum() else " " for c in words).split())
