"""File names and numbers of tables and figures. Kept apart, so that naming them imports nothing that makes them."""

import re


def stem_of(*parts: str) -> str:
    """A file name from words: small letters, digits and underscores."""
    return "_".join("".join(c if c.isascii() and c.isalnum() else " " for c in "_".join(parts).lower()).split())


def number_of(table_no: str) -> str:
    """2 for Table 2; '' for a name that is not a number."""
    found = table_no.removeprefix("Table ")
    return found if found != table_no and re.fullmatch(r"[0-9][0-9A-Za-z.]*", found) else ""


# Tables that have a name in the place of a number.
_CHINESE = {
    "Event study": "事件研究",
    "Staggered adoption": "分批暴露",
    "Specification curve": "规格曲线",
    "Summary statistics": "描述性统计",
}


def chinese_number(table_no: str) -> str:
    """表2 for Table 2, 事件研究 for Event study; any other name is kept."""
    number = table_no.removeprefix("Table ")
    return f"表{number}" if number != table_no else _CHINESE.get(table_no, table_no)
