"""File names and numbers of tables and figures. Kept apart, so that naming them imports nothing that makes them."""

import re


def stem_of(*parts: str) -> str:
    """A file name from words: small letters, digits and underscores."""
    return "_".join("".join(c if c.isascii() and c.isalnum() else " " for c in "_".join(parts).lower()).split())


def number_of(table_no: str) -> str:
    """2 for Table 2; '' for a name that is not a number."""
    found = table_no.removeprefix("Table ")
    return found if found != table_no and re.fullmatch(r"[0-9][0-9A-Za-z.]*", found) else ""


def chinese_number(table_no: str) -> str:
    """表2 for Table 2; a name that is not a number is kept."""
    return f"表{table_no.removeprefix('Table ')}" if table_no.startswith("Table ") else table_no
