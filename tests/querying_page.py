"""The blocks of code on the page about querying, in either language.

Belongs here: reading the page. What the blocks must do is tested in test_documents.py (on tables without rows) and
tests/pipeline/test_documented_queries.py (on what runs publish).
"""

import re
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
LANGUAGES = ("en", "zh")


def page(language: str) -> str:
    """The text of the page."""
    return (DOCS / language / "querying.md").read_text(encoding="utf-8")


def blocks(text: str, kind: str) -> list[str]:
    """Its blocks of a kind: sql, python, r, sh."""
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def worked(text: str) -> dict[int, str]:
    """The numbered queries, by number."""
    found = re.findall(
        r"^### (\d+)\. [^\n]+\n+(?:(?!###|```)[^\n]*\n)*```sql\n(.*?)^```", text, re.DOTALL | re.MULTILINE
    )
    return {int(number): sql for number, sql in found}
