"""Hand-written pages in two languages: which there are, and what two pages must have in common to be twins.

Belongs here: reading Markdown as text. What single pages promise is tested in test_documents.py and
test_study_documents.py.
"""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
# Below docs/en and docs/zh. Pages that `medpanel generate` writes are made alike and tested where they are made.
TWINS = (
    "architecture.md",
    "refresh.md",
    "security.md",
    "methods/ergm.md",
    "methods/spatial-durbin.md",
    "studies/coupling.md",
    "studies/digital_finance.md",
    "studies/imbalance.md",
    "studies/inequality.md",
    "studies/mobility.md",
    "studies/mspi.md",
    "studies/your-own-study.md",
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_FENCED = re.compile(r"^ *```\w*\n.*?^ *```$", re.DOTALL | re.MULTILINE)
_HAN = re.compile("[\u4e00-\u9fff]")


def page(language: str, name: str) -> str:
    """The text of a page."""
    return (DOCS / language / name).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """A page without its code blocks."""
    return _FENCED.sub("", text)


def headings(text: str) -> list[int]:
    """The level of each heading."""
    return [len(marks) for marks in re.findall(r"^(#+) ", prose(text), re.MULTILINE)]


def code_blocks(text: str) -> list[str]:
    """Code blocks, fences included."""
    return _FENCED.findall(text)


def tables(text: str) -> list[int]:
    """The number of cells of every row of every table."""
    return [len(re.findall(r"(?<!\\)\|", row)) - 1 for row in re.findall(r"^\|.*", prose(text), re.MULTILINE)]


def items(text: str) -> tuple[int, int]:
    """Items of plain lists and of numbered ones."""
    counted = (len(re.findall(mark, prose(text), re.MULTILINE)) for mark in (r"^ *- ", r"^ *\d+\. "))
    return next(counted), next(counted)


def paragraphs(text: str) -> int:
    """Blocks of text between empty lines."""
    return len([block for block in prose(text).split("\n\n") if block.strip()])


def numbers(text: str) -> Counter[str]:
    """Every number outside code blocks and targets of links; months of English dates count as theirs."""
    said = re.sub(r"\]\([^)]*\)", "]", prose(text))
    for number, month in enumerate(_MONTHS, 1):
        said = re.sub(rf"\b{month}\b", str(number), said)
    return Counter(found.replace(",", "") for found in re.findall(r"−?\d+(?:[.,]\d+)*", said))


def code_words(text: str) -> Counter[str]:
    """Every `code` in the text; a README names the one of its language."""
    return Counter(code.replace(".zh.md", ".md") for code in re.findall(r"`([^`\n]+)`", prose(text)))


def link_targets(text: str) -> list[str]:
    """Where links lead, without the place in a page, which its headings name."""
    return re.findall(r"\]\(([^)#]*)", prose(text))


COMMON: dict[str, Callable[[str], object]] = {
    "headings": headings,
    "code blocks": code_blocks,
    "tables": tables,
    "list items": items,
    "paragraphs": paragraphs,
    "numbers": numbers,
    "code in the text": code_words,
    "links": link_targets,
}


def differences(en: str, zh: str) -> list[str]:
    """What two pages do not have in common although twins must."""
    return [name for name, part in COMMON.items() if part(en) != part(zh)]


def untranslated(language: str, text: str) -> list[str]:
    """Text in the other language: Chinese outside code and brackets, or seven English words in a row."""
    said = re.sub(r"`[^`\n]*`", "", prose(text))
    if language == "zh":
        return re.findall(r"(?:[A-Za-z]+ ){6}[A-Za-z]+", said)
    return _HAN.findall(re.sub(r"\([^()]*\)", "", said))


def anchors(text: str) -> set[str]:
    """Places in a page that links can name: its headings as GitHub and MyST write them, and explicit ones."""
    titles = re.findall(r"^#+ (.*)$", prose(text), re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))
