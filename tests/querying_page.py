"""The blocks of code on the page about querying, in either language.

Belongs here: reading the page. What the blocks must do is tested in test_documents.py (on tables without rows) and
tests/pipeline/test_documented_queries.py (on what runs publish).
"""

import re

from tests import twin_pages


def page(language: str) -> str:
    """The text of the page."""
    return twin_pages.page(language, "querying.md")


def blocks(text: str, kind: str) -> list[str]:
    """Its blocks of a kind: sql, python, r, sh."""
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def worked(text: str) -> dict[int, str]:
    """The numbered queries, by number."""
    found = re.findall(
        r"^### (\d+)\. [^\n]+\n+(?:(?!###|```)[^\n]*\n)*```sql\n(.*?)^```", text, re.DOTALL | re.MULTILINE
    )
    return {int(number): sql for number, sql in found}
